from collections.abc import Callable
from datetime import UTC, date, datetime

import httpx
import pytest
from fastapi import Depends, FastAPI, Request
from pydantic import BaseModel

from shared import logs
from shared.directory import (
    REQUEST_IDS_MAX,
    Contact,
    DirectoryAnswer,
    Employment,
    HttpDirectory,
    Origin,
    OriginsAnswer,
    OtherRequest,
    PeopleAnswer,
    PersonCheck,
    RegistryAway,
)
from shared.kernel.clock import FixedClock
from shared.security import Keyring, Principal, Role, allow

Up = Callable[..., httpx.Client]


class Question(BaseModel):
    request_ids: list[str]
    purpose: str
    reader: str


@pytest.fixture
def asked(app: FastAPI) -> list[dict[str, object]]:
    """A registry that knows every odd request, and what it was asked."""
    calls: list[dict[str, object]] = []

    @app.post("/api/directory")
    def directory(
        body: Question, request: Request, caller: Principal = Depends(allow(Role.SERVICE))
    ) -> DirectoryAnswer:
        calls.append(
            {
                "count": len(body.request_ids),
                "purpose": body.purpose,
                "reader": body.reader,
                "caller": caller.subject,
                "correlation": request.scope["state"]["correlation_id"],
            }
        )
        contact = {"name": "张小三", "phone": "13800005678", "resident_id_tail": "002X"}
        return DirectoryAnswer.model_validate(
            {"contacts": {key: contact for key in body.request_ids if int(key[1:]) % 2}}
        )

    return calls


def test_names_are_asked_of_the_registry_for_a_purpose(
    app: FastAPI, up: Up, asked: list[dict[str, object]], keyring: Keyring, clock: FixedClock
) -> None:
    directory = HttpDirectory(str(up(app).base_url), keyring, clock, "notifier")
    with logs.correlation("c-1"):
        found = directory.lookup(["r1", "r2"], "boarding", "link:01H")
    directory.close()
    assert found == {"r1": Contact("张小三", "13800005678", "002X")}
    why = {"purpose": "boarding", "reader": "link:01H"}
    assert asked == [{"count": 2, **why, "caller": "notifier", "correlation": "c-1"}]


def test_many_are_asked_for_in_parts(
    app: FastAPI, up: Up, asked: list[dict[str, object]], keyring: Keyring, clock: FixedClock
) -> None:
    directory = HttpDirectory(str(up(app).base_url), keyring, clock)
    found = directory.lookup([f"r{n}" for n in range(REQUEST_IDS_MAX + 1)], "manifest", "d1")
    directory.close()
    assert [call["count"] for call in asked] == [REQUEST_IDS_MAX, 1]
    assert len(found) == REQUEST_IDS_MAX // 2


def test_a_registry_that_is_away_is_said_to_be_away(keyring: Keyring, clock: FixedClock) -> None:
    directory = HttpDirectory("http://127.0.0.1:9", keyring, clock)
    with pytest.raises(RegistryAway, match="ConnectError"):
        directory.lookup(["r1"], "sms", "notifier")
    directory.close()


def test_a_registry_that_refuses_us_is_away_with_its_status(
    app: FastAPI, up: Up, asked: list[dict[str, object]], clock: FixedClock
) -> None:
    directory = HttpDirectory(str(up(app).base_url), Keyring.from_bytes(b"x" * 32), clock)
    with pytest.raises(RegistryAway, match="HTTP 401"):
        directory.lookup(["r1"], "sms", "notifier")
    directory.close()


def test_an_answer_of_another_shape_names_nobody_in_the_error(
    app: FastAPI, up: Up, keyring: Keyring, clock: FixedClock
) -> None:
    @app.post("/api/directory")
    def directory(caller: Principal = Depends(allow(Role.SERVICE))) -> dict[str, object]:
        return {"contacts": {"r1": {"name": "张小三"}}}

    asking = HttpDirectory(str(up(app).base_url), keyring, clock)
    with pytest.raises(RegistryAway) as caught:
        asking.lookup(["r1"], "sms", "notifier")
    asking.close()
    assert "张小三" not in caught.value.message("zh")
    assert caught.value.__cause__ is None


CHECK = PersonCheck(
    person="01HPERSON",
    erased=False,
    age=41,
    resident_id_valid=True,
    phone_shared_by=6,
    other_requests=(
        OtherRequest("r9", "2019-spring", "522722", date(2019, 2, 11), date(2019, 2, 12), "arrived"),
    ),
    allowance="三都县乡村振兴局",
    deceased_on=date(2020, 3, 1),
    employed=(Employment("91441900MA0000015D", "2020-03"),),
)
ORIGIN = Origin("522732", datetime(2020, 2, 20, 1, tzinfo=UTC), "三都县人社局", "01HROSTER", "ab" * 32, 17)


def test_what_is_known_of_people_and_rows_comes_back_whole_and_in_parts(
    app: FastAPI, up: Up, keyring: Keyring, clock: FixedClock
) -> None:
    asked: list[tuple[int, dict[str, object]]] = []

    def note(body: dict[str, object]) -> list[str]:
        ids = body.pop("request_ids")
        assert isinstance(ids, list)
        asked.append((len(ids), body))
        return [str(one) for one in ids]

    @app.post("/api/people-checks")
    def check(body: dict[str, object], caller: Principal = Depends(allow(Role.SERVICE))) -> PeopleAnswer:
        return PeopleAnswer(people=dict.fromkeys(note(body), CHECK))

    @app.post("/api/origins")
    def find(body: dict[str, object], caller: Principal = Depends(allow(Role.SERVICE))) -> OriginsAnswer:
        return OriginsAnswer(origins=dict.fromkeys(note(body), ORIGIN))

    directory = HttpDirectory(str(up(app).base_url), keyring, clock)
    ids = [f"r{n}" for n in range(REQUEST_IDS_MAX + 1)]
    checks = directory.check_people(ids, date(2020, 2, 24), "precheck", "finance 522732")
    origins = directory.find_origins(ids, "audit 52")
    directory.close()
    assert checks == dict.fromkeys(ids, CHECK)
    assert origins == dict.fromkeys(ids, ORIGIN)
    precheck = {"day": "2020-02-24", "purpose": "precheck", "reader": "finance 522732"}
    assert asked == [
        (REQUEST_IDS_MAX, precheck),
        (1, precheck),
        (REQUEST_IDS_MAX, {"reader": "audit 52"}),
        (1, {"reader": "audit 52"}),
    ]


def test_a_registry_that_is_away_checks_and_traces_nobody(keyring: Keyring, clock: FixedClock) -> None:
    directory = HttpDirectory("http://127.0.0.1:9", keyring, clock)
    with pytest.raises(RegistryAway, match="ConnectError"):
        directory.check_people(["r1"], date(2020, 2, 24), "precheck", "d1")
    with pytest.raises(RegistryAway, match="ConnectError"):
        directory.find_origins(["r1"], "d1")
    directory.close()
