"""What a service is told before a claim is paid, and for a trace; who may ask, and what is never in it."""

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from services.registry.domain.outside import OutsideKind
from services.registry.domain.status import FactKind, Status
from services.registry.usecases.privacy.retention import Retaining
from shared.directory import Employment, HttpDirectory, Origin, OtherRequest, PersonCheck
from shared.security import Role, mask
from tests.registry.conftest import LIBO, SANDU, Registry
from tests.registry.lists import SOURCE, list_xlsx, load, load_lines
from tests.registry.rosters import ENTERPRISE_ID, resident_id, worker, xlsx

NAME, PHONE, NUMBER = "独孤求败", "15412345678", resident_id(777, date(1970, 2, 25))
DAY = date(2020, 2, 24)
UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
OTHER_ID = "91110108551385082Q"
WHY = {"day": "2020-02-24", "purpose": "precheck", "reader": "三都县财政局"}


def person(**changes: Any) -> dict[str, Any]:
    return worker(1, name=NAME, phone=PHONE, resident_id=NUMBER) | changes


@pytest.fixture
def asking(registry: Registry) -> Iterator[HttpDirectory]:
    directory = HttpDirectory(registry.url, registry.keyring, registry.clock, "dispatcher")
    yield directory
    directory.close()


def check(asking: HttpDirectory, request_id: str, day: date = DAY) -> PersonCheck:
    return asking.check_people([request_id], day, "precheck", "三都县财政局")[request_id]


def withdraw(registry: Registry, request_id: str) -> None:
    answer = registry.client(areas=("52",)).post(f"/api/requests/{request_id}/withdraw", json={})
    assert answer.status_code == 200


def seat(registry: Registry, request_id: str) -> None:
    registry.sql(
        'INSERT INTO request_fact (request_id, kind, about, value, "order", version, detail, at)'
        " VALUES (:id, :kind, 'T-1', 'released', '', 1, '{}', now()) RETURNING 1",
        id=request_id,
        kind=str(FactKind.SEAT),
    )


def test_a_person_without_any_history_has_only_their_age(registry: Registry, asking: HttpDirectory) -> None:
    [request_id] = registry.accept(person())
    [(person_id,)] = registry.sql("SELECT id FROM person")
    found = asking.check_people([request_id, UNKNOWN], DAY, "precheck", "三都县财政局")
    assert found == {request_id: PersonCheck(person_id, False, 49, True, 1, (), None, None, ())}
    assert check(asking, request_id, DAY + timedelta(days=1)).age == 50


def test_everything_is_asked_for_a_purpose_and_a_reader_and_written_down(
    registry: Registry, asking: HttpDirectory
) -> None:
    [request_id] = registry.accept(person())
    asking.check_people([request_id, UNKNOWN], DAY, "precheck", "三都县财政局")
    asking.find_origins([request_id, UNKNOWN], "省审计厅")
    assert registry.sql("SELECT subject, service, purpose, request_ids FROM access_log ORDER BY id") == [
        ("三都县财政局", "dispatcher", "precheck", [request_id]),
        ("省审计厅", "dispatcher", "trace", [request_id]),
    ]
    client = registry.client(Role.SERVICE, areas=())
    for path, lacks in (
        ("/api/people-checks", {"purpose": None}),
        ("/api/people-checks", {"day": None}),
        ("/api/people-checks", {"reader": ""}),
        ("/api/origins", {"reader": ""}),
    ):
        why = WHY if path == "/api/people-checks" else {"reader": "省审计厅"}
        assert client.post(path, json={"request_ids": [], **why}).status_code == 200
        assert client.post(path, json={"request_ids": [], **why, **lacks}).status_code == 422
        assert client.post(path, json={"request_ids": [UNKNOWN] * 501, **why}).status_code == 422


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SERVICE])
def test_nobody_but_a_service_may_ask(registry: Registry, role: Role) -> None:
    [request_id] = registry.accept(person())
    client = registry.client(role, areas=("52",))
    for path, why in (("/api/people-checks", WHY), ("/api/origins", {"reader": "x"})):
        answer = client.post(path, json={"request_ids": [request_id], **why})
        assert (answer.status_code, answer.json()["code"]) == (403, "role-missing")
        assert request_id not in answer.text
    assert registry.sql("SELECT count(*) FROM access_log") == [(0,)]


def test_no_answer_says_who_it_is(registry: Registry) -> None:
    [request_id] = registry.accept(person())
    load_lines(registry, OutsideKind.ALLOWANCE, [NUMBER, "2020", 500, SOURCE])
    load_lines(registry, OutsideKind.DECEASED, [NUMBER, "2020-02-01"])
    client = registry.client(Role.SERVICE, areas=())
    for path, why in (("/api/people-checks", WHY), ("/api/origins", {"reader": "x"})):
        answer = client.post(path, json={"request_ids": [request_id], **why})
        assert request_id in answer.text
        for trace in (NAME, PHONE, NUMBER, NUMBER[-4:], mask.name(NAME), mask.phone(PHONE), NUMBER[6:14]):
            assert trace not in answer.text
        vault = registry.parts.vault
        assert vault.fingerprint(NUMBER) not in answer.text
        assert vault.phone_fingerprint(PHONE) not in answer.text


def test_what_other_offices_say_counts_in_every_county_and_for_people_who_come_later(
    registry: Registry, asking: HttpDirectory
) -> None:
    load_lines(registry, OutsideKind.ALLOWANCE, [NUMBER, "2020-01-15", 400, SOURCE], areas=(LIBO,))
    load_lines(registry, OutsideKind.ALLOWANCE, [NUMBER, "2019", 300, "独山县人社局"], role=Role.FINANCE)
    load_lines(registry, OutsideKind.DECEASED, [NUMBER, "2020-02-02"], [NUMBER, "2020-02-01"], areas=("52",))
    load_lines(
        registry,
        OutsideKind.EMPLOYMENT,
        [NUMBER, ENTERPRISE_ID, "2020-01", "东莞市社保局"],
        [NUMBER, OTHER_ID, "2019-12", "北京市社保局"],
        [NUMBER, ENTERPRISE_ID, "2020-01", "东莞市税务局"],
    )
    mine, other = registry.accept(person(), worker(2))
    found = check(asking, mine)
    assert found.allowance == SOURCE
    assert check(asking, mine, date(2019, 6, 1)).allowance == "独山县人社局"
    assert check(asking, mine, date(2018, 6, 1)).allowance is None
    assert found.deceased_on == date(2020, 2, 1)
    assert found.employed == (Employment(OTHER_ID, "2019-12"), Employment(ENTERPRISE_ID, "2020-01"))
    clean = check(asking, other)
    assert (clean.allowance, clean.deceased_on, clean.employed) == (None, None, ())


def test_a_phone_is_counted_by_people_of_its_season_in_every_county(
    registry: Registry, asking: HttpDirectory
) -> None:
    mine, beside = registry.accept(person(), worker(2, phone=f"+86 {PHONE}"))
    registry.accept(worker(3, phone=PHONE, stop="玉屏街道"), areas=(LIBO,))
    assert check(asking, mine).phone_shared_by == 3
    withdraw(registry, beside)
    assert check(asking, mine).phone_shared_by == 2
    assert check(asking, beside).phone_shared_by == 3  # themself among the two others
    registry.accept(worker(2, phone=PHONE))
    assert check(asking, beside).phone_shared_by == 3  # once, though they have asked again
    registry.clock.advance(days=150)
    [autumn] = registry.accept(worker(4, phone=PHONE, earliest="2020-07-24", latest="2020-07-25"))
    assert (check(asking, autumn).phone_shared_by, check(asking, mine).phone_shared_by) == (1, 3)


def test_a_phone_that_is_amended_is_shared_with_nobody_any_more(
    registry: Registry, asking: HttpDirectory
) -> None:
    mine, beside = registry.accept(person(), worker(2, phone=PHONE))
    answer = registry.client().patch(f"/api/requests/{beside}", json={"phone": "154 8765 4321"})
    assert answer.status_code == 200
    assert [check(asking, one).phone_shared_by for one in (mine, beside)] == [1, 1]
    registry.accept(worker(3, phone="15487654321"))
    assert check(asking, beside).phone_shared_by == 2


def test_the_other_requests_of_a_person_are_found_in_every_county_and_season(
    registry: Registry, asking: HttpDirectory
) -> None:
    [first] = registry.accept(person(latest="2020-02-25"))
    withdraw(registry, first)
    [second] = registry.accept(person(stop="玉屏街道"), areas=(LIBO,))
    registry.accept(worker(2))
    assert check(asking, second).other_requests == ()  # it came to nothing
    seat(registry, first)
    other = OtherRequest(first, "2020-spring", SANDU, DAY, date(2020, 2, 25), Status.WITHDRAWN)
    assert check(asking, second).other_requests == (other,)
    registry.clock.advance(days=150)
    [third] = registry.accept(person(earliest="2020-07-24", latest="2020-07-25"))
    here = OtherRequest(second, "2020-spring", LIBO, DAY, date(2020, 2, 26), Status.SUBMITTED)
    assert check(asking, third).other_requests == (other, here)
    assert {check(asking, one).person for one in (first, second, third)} == {check(asking, first).person}
    assert [one.request_id for one in check(asking, first).other_requests] == [second, third]


def test_of_an_erased_person_only_what_needs_no_key_is_told(
    registry: Registry, asking: HttpDirectory
) -> None:
    [first] = registry.accept(person(latest="2020-02-25"))
    seat(registry, first)
    withdraw(registry, first)
    [second] = registry.accept(person())
    withdraw(registry, second)
    [beside] = registry.accept(worker(2, phone=PHONE))
    load_lines(
        registry, OutsideKind.ALLOWANCE, [NUMBER, "2020", 500, SOURCE], [resident_id(2), "2020", 1, "x县"]
    )
    load_lines(registry, OutsideKind.DECEASED, [NUMBER, "2020-02-01"])
    before = check(asking, second)
    answer = registry.client(Role.OPERATOR, areas=("52",)).post(f"/api/requests/{second}/erase")
    assert answer.status_code == 200
    found = check(asking, second)
    assert found == PersonCheck(before.person, True, None, None, None, before.other_requests, None, None, ())
    assert [one.request_id for one in found.other_requests] == [first]
    assert check(asking, beside).phone_shared_by == 1
    vault = registry.parts.vault
    assert registry.sql("SELECT fingerprint FROM outside_fact") == [(vault.fingerprint(resident_id(2)),)]
    assert registry.sql("SELECT count(*) FROM travel_request WHERE phone_fingerprint IS NOT NULL") == [(1,)]
    assert asking.find_origins([second], "x").keys() == {second}


def test_a_request_is_traced_to_the_row_of_its_file(registry: Registry, asking: HttpDirectory) -> None:
    content = xlsx([worker(2), person()])
    roster = registry.upload(content).json()
    ids = registry.sql("SELECT id FROM travel_request ORDER BY row")
    found = asking.find_origins([one for (one,) in ids], "省审计厅")
    assert found[ids[1][0]] == Origin(
        county_code=SANDU,
        uploaded_at=registry.clock.now(),
        uploaded_by=roster["uploaded_by"],
        roster_id=roster["roster_id"],
        sha256=hashlib.sha256(content).hexdigest(),
        row=3,
    )
    assert found[ids[0][0]].row == 2


def test_a_request_without_a_roster_is_traced_to_who_sent_it(
    registry: Registry, asking: HttpDirectory, body: dict[str, Any]
) -> None:
    client = registry.client(subject="三都县人社局")
    one = client.post("/api/requests", json=body, headers={"Idempotency-Key": "key-00001"}).json()
    batch = client.post(
        "/api/requests/batch", json={"requests": [worker(2)]}, headers={"Idempotency-Key": "key-00002"}
    ).json()
    ids = [one["request_id"], batch["accepted"][0]["request_id"]]
    origin = Origin(SANDU, registry.clock.now(), "三都县人社局", None, None, None)
    assert asking.find_origins(ids, "省审计厅") == dict.fromkeys(ids, origin)


def test_up_to_when_employment_lists_were_loaded_is_told_of_who_is_on_none_of_them(
    registry: Registry, asking: HttpDirectory
) -> None:
    mine, beside = (*registry.accept(person()), *registry.accept(worker(2, stop="玉屏街道"), areas=(LIBO,)))
    assert [check(asking, one).employment_known_to for one in (mine, beside)] == [None, None]
    registry.clock.advance(days=120)
    somebody = resident_id(3)
    load_lines(
        registry,
        OutsideKind.EMPLOYMENT,
        [somebody, ENTERPRISE_ID, "2020-04", "东莞市社保局"],
        [somebody, ENTERPRISE_ID, "2020-05", "东莞市社保局"],
    )
    assert (check(asking, mine).employed, check(asking, mine).employment_known_to) == ((), "2020-05")
    assert check(asking, beside).employment_known_to is None  # Libo has loaded none
    load_lines(
        registry, OutsideKind.EMPLOYMENT, [somebody, ENTERPRISE_ID, "2020-03", "省社保局"], areas=("52",)
    )
    assert check(asking, beside).employment_known_to == "2020-03"
    assert check(asking, mine).employment_known_to == "2020-05"


def test_a_month_that_only_a_list_told_of_which_was_withdrawn_or_forgotten_is_known_no_more(
    registry: Registry, asking: HttpDirectory
) -> None:
    [mine] = registry.accept(person())
    registry.clock.advance(days=120)
    good, bad = ([NUMBER, ENTERPRISE_ID, month, "东莞市社保局"] for month in ("2020-04", "2020-13"))
    load(registry, OutsideKind.EMPLOYMENT, list_xlsx(OutsideKind.EMPLOYMENT, good, bad))
    load_lines(registry, OutsideKind.DECEASED, [resident_id(3), "2020-05-31"])  # says nothing of work
    wrong = load_lines(registry, OutsideKind.EMPLOYMENT, [NUMBER, OTHER_ID, "2020-05", SOURCE])
    assert check(asking, mine).employment_known_to == "2020-05"
    answer = registry.client().post(f"/api/outside-lists/{wrong['list_id']}/withdraw")
    assert answer.status_code == 200
    assert check(asking, mine).employment_known_to == "2020-04"
    registry.clock.advance(days=2 * 365)
    retaining = Retaining(registry.parts.database, registry.clock)
    retaining.look()
    assert check(asking, mine).employment_known_to == "2020-04"
    registry.clock.advance(seconds=1)
    retaining.look()
    assert (check(asking, mine).employed, check(asking, mine).employment_known_to) == ((), None)
