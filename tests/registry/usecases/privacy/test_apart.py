"""Whoever erases learns nothing of a case: not from the answer, not from what happens, and the case goes on and ends as well."""

import logging
import re
import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import event, text
from ulid import ULID

from services.registry.usecases.parts import Parts
from services.registry.usecases.privacy.retention import Retaining
from services.registry.usecases.rights.documents import hand_out
from services.registry.usecases.rights.show import open_in_full
from services.registry.usecases.rights.steps import document_context, facts_context
from services.registry.usecases.rights.views import OpeningReason
from shared.kernel.clock import local_date
from shared.messaging import Cause
from shared.security import Principal, Role, SealBroken
from tests.racing import run_into
from tests.registry.conftest import LIBO, SANDU, Registry
from tests.registry.folk import Folk, add_folk, add_household
from tests.registry.rights import DONGGUAN, FACTS, JPEG, body, device, hand_over, open_on, step
from tests.registry.rosters import worker

ALL = ("52",)
CLERK = Principal("clerk", frozenset({Role.BUREAU}), (SANDU,))
OUR_IDS = re.compile(r"\b01[0-9A-HJKMNP-TV-Z]{24}\b")
"""Made anew each time, so no two registries have the same."""
TRACES = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}|csrf_token\W+value=\S+")


def erase(registry: Registry, person_id: str) -> httpx.Response:
    return registry.client(Role.OPERATOR, areas=ALL).post(f"/api/people/{person_id}/erase")


def travel(registry: Registry, one: Folk) -> str:
    """A request of theirs that was carried, alone on its trip."""
    [request_id] = registry.accept(worker(1, resident_id=one.resident_id))
    with registry.parts.database.session() as session:
        session.connection().execute(text("UPDATE travel_request SET status = 'arrived', trip_id = 'TRIP-1'"))
    return request_id


def take(registry: Registry, person_id: str, area: str = SANDU, number: int = 1, request_id: str = "") -> str:
    """A case with a document; where another county has it, it was opened there, by who called."""
    sent = body(person_id=person_id, client_id=f"client-{number:04d}", request_id=request_id)
    answer = registry.client().post("/api/cases", json=sent)
    assert answer.status_code == 201, answer.text
    case_id: str = answer.json()["case_id"]
    files = {"file": ("工资条.jpg", JPEG)}
    assert registry.client().post(f"/api/cases/{case_id}/documents", files=files).status_code == 201
    with registry.parts.database.session() as session:
        session.connection().execute(
            text("UPDATE rights_case SET place_code = :place WHERE id = :id"),
            {"place": f"{area}103", "id": case_id},
        )
    return case_id


def plain(told: str, *ids: str) -> str:
    """What was told, without the ids that are made anew for each."""
    for one in ids:
        told = told.replace(one, "PERSON").replace(one[-6:], "ENDING")
    return TRACES.sub("TRACE", OUR_IDS.sub("ID", told))


@pytest.fixture
def scene(registry: Registry, caplog: pytest.LogCaptureFixture) -> Any:
    """All that anybody who may not see the case is told, before, by and after an erasure."""

    def play(*, case: bool, task: bool, household: bool, case_area: str) -> dict[str, str]:
        registry.empty()
        kept = add_household(registry.parts, "H-1") if household or task else None
        [one] = add_folk(registry.parts, [1], household_id=kept)
        if case:
            take(registry, one.id, case_area)
        if task:
            _task(registry, kept or "")
        told = {f"before {name}": answer for name, answer in _seen(registry, one, case_area).items()}
        told_before = len(registry.told("PersonErased"))
        with caplog.at_level(logging.DEBUG, "services"):
            caplog.clear()
            for turn in (1, 2):
                answer = erase(registry, one.id)
                told[f"erase {turn}"] = _words(answer, one)
            told["logs"] = plain("\n".join(_line(record) for record in caplog.records), one.id)
        told["events"] = str(len(registry.told("PersonErased")) - told_before)
        told |= {f"after {name}": answer for name, answer in _seen(registry, one, case_area).items()}
        Retaining(registry.parts.database, registry.clock).look()
        told |= {f"later {name}": answer for name, answer in _seen(registry, one, case_area).items()}
        return told

    return play


def _task(registry: Registry, household_id: str) -> None:
    with registry.parts.database.session() as session:
        session.connection().execute(
            text(
                "INSERT INTO zero_task (id, household_id, fell_on, known_on, help_by, clear_by, opened_by, by_hand)"
                " VALUES ('Z1', :household, '2020-01-01', '2020-01-01', '2020-01-04', '2020-01-06', 'x', false)"
            ),
            {"household": household_id},
        )


def _seen(registry: Registry, one: Folk, case_area: str) -> dict[str, str]:
    """By the operator, the neighbours, and, where the case is another county's, the office of the file itself."""
    readers = [
        (Role.OPERATOR, ALL),
        (Role.FINANCE, ALL),
        (Role.BUREAU, ("522701",)),
        *([(Role.BUREAU, (SANDU,))] if case_area != SANDU else []),
    ]
    about = f"people/{one.id}"
    paths = [
        "/api/people", "/people", f"/api/{about}", f"/{about}", f"/api/{about}/accesses", f"/{about}/reveal",
        f"/api/{about}/copy", "/api/requests", "/api/cases", "/api/sites",
    ]  # fmt: skip
    return {
        f"{role} {areas} {plain(path, one.id)}": _words(registry.client(role, areas=areas).get(path), one)
        for role, areas in readers
        for path in paths
    }


def _words(answer: httpx.Response, one: Folk) -> str:
    heads = {name: value for name, value in answer.headers.items() if name not in ("date", "server")}
    return plain(f"{answer.status_code} {heads} {answer.text}", one.id)


def _line(record: logging.LogRecord) -> str:
    kept = {
        key: str(value)
        for key, value in record.__dict__.items()
        if key in ("msg", "request_id", "person_id", "status", "path", "levelname", "name")
    }
    return str(kept)


@pytest.mark.parametrize("case_area", [SANDU, LIBO])
def test_an_erasure_is_the_same_byte_for_byte_with_a_case_with_another_bond_and_with_none(
    scene: Any, case_area: str
) -> None:
    alone = scene(case=False, task=False, household=False, case_area=case_area)
    assert alone["erase 1"].startswith("200 ")
    assert scene(case=True, task=False, household=False, case_area=case_area) == alone
    bound = scene(case=False, task=True, household=True, case_area=case_area)
    assert scene(case=True, task=True, household=True, case_area=case_area) == bound
    for what in ("erase 1", "erase 2", "logs", "events"):
        assert bound[what] == alone[what]


def test_the_case_goes_on_for_whom_it_is_and_everything_else_is_gone(registry: Registry) -> None:
    [one] = add_folk(registry.parts, [1])
    case_id = take(registry, one.id, request_id=travel(registry, one))
    assert registry.sql("SELECT trip_id FROM rights_case") == [("TRIP-1",)]
    hand_over(registry, case_id)
    step(registry, case_id, "mediate", note="王五答应月底付清")
    [(key,)] = registry.sql("SELECT wrapped_key FROM person")
    assert erase(registry, one.id).status_code == 200

    readers = [registry.client(), registry.client(Role.RIGHTS, areas=(DONGGUAN,))]
    for reader in readers:
        full = reader.post(f"/api/cases/{case_id}/open", json={"reason": "handling"}).json()
        said = full["full"]
        assert (said["name"], said["phone"], said["resident_id"]) == (one.name, one.phone, one.resident_id)
        assert said["facts"] == FACTS
        assert "王五答应月底付清" in [one["note"] for one in full["steps"]]
        assert full["erasure_asked_at"] == "2020-02-19T16:00:00Z"  # the day
        [document] = full["documents"]
        path = f"/api/cases/{case_id}/documents/{document['document_id']}"
        assert reader.get(path).content == JPEG
    assert step(registry, case_id, "arbitrate")["state"] == "arbitration"
    page = registry.client().get(f"/cases/{case_id}", headers={"Accept": "text/html"})
    assert "其他资料已于 2020-02-20 删除" in page.text

    vault = registry.parts.vault
    rows = registry.sql("SELECT facts_sealed FROM rights_case")
    papers = registry.sql("SELECT id, content_sealed FROM rights_document")
    with pytest.raises(SealBroken):
        vault.open(key, rows[0][0], facts_context(case_id))
    with pytest.raises(SealBroken):
        vault.seal_of(key).open_bytes(papers[0][1], document_context(papers[0][0], "content"))
    # Nobody is led from the case to what is kept of them for the counts, nor found by their ID or phone.
    assert registry.sql("SELECT count(*) FROM rights_case WHERE person_id = :id", id=one.id) == [(0,)]
    found = str(registry.sql("SELECT fingerprint FROM person UNION SELECT value_fingerprint FROM statement"))
    for trace in (one.resident_id, f"name:{one.name}", f"phone:{one.phone}"):
        assert vault.fingerprint(trace) not in found
    assert registry.client().get(f"/api/people/{one.id}/copy").status_code == 410


def test_neither_a_journey_nor_a_moment_leads_from_the_case_to_who_was_erased(registry: Registry) -> None:
    [one] = add_folk(registry.parts, [1])
    take(registry, one.id, request_id=travel(registry, one))
    before = registry.sql("SELECT id FROM person") + registry.sql("SELECT id FROM statement")
    assert erase(registry, one.id).status_code == 200
    assert registry.sql("SELECT request_id, trip_id FROM rights_case") == [(None, None)]
    [(moment,)] = registry.sql("SELECT at FROM access_log WHERE purpose = 'erasure'")
    day = datetime(2020, 2, 19, 16, tzinfo=UTC)
    assert local_date(day) == local_date(moment)
    assert registry.sql("SELECT erasure_asked_at FROM rights_case") == [(day,)]
    asked = "SELECT p.created_at, p.id FROM person p JOIN rights_case c ON c.person_id = p.id"
    said = "SELECT s.recorded_at, s.id FROM statement s JOIN rights_case c ON c.person_id = s.person_id"
    made = registry.sql(f"{asked} UNION ALL {said}")
    assert len(made) == 3
    for at, its_id in made:
        assert (its_id,) not in before
        assert (at, ULID.from_str(its_id).datetime) == (day, day)


def test_each_of_two_cases_stands_alone_and_shows_what_its_own_county_knows(registry: Registry) -> None:
    [one] = add_folk(registry.parts, [1])
    first = take(registry, one.id)
    calls = {
        "name": "荔波来电人",
        "resident_id": one.resident_id,
        "phone": "15412345678",
        "place": "玉屏街道",
    }
    second = registry.client(areas=(LIBO,)).post("/api/cases", json=body(caller=calls)).json()["case_id"]
    assert erase(registry, one.id).status_code == 200
    assert registry.sql("SELECT count(DISTINCT person_id) FROM rights_case") == [(2,)]
    names = {}
    for case_id, area in ((first, SANDU), (second, LIBO)):
        full = registry.client(areas=(area,)).post(f"/api/cases/{case_id}/open", json={"reason": "handling"})
        names[area] = full.json()["full"]["name"]
    assert names == {SANDU: one.name, LIBO: "荔波来电人"}


def wrapped(registry: Registry) -> int:
    [(count,)] = registry.sql("SELECT count(*) FROM person WHERE wrapped_key IS NOT NULL")
    return int(count)


def test_once_the_case_is_over_it_is_destroyed_by_itself(registry: Registry) -> None:
    [one] = add_folk(registry.parts, [1])
    case_id = take(registry, one.id)
    erase(registry, one.id)
    look = Retaining(registry.parts.database, registry.clock).look
    look()
    assert wrapped(registry) == 1
    step(registry, case_id, "withdraw", note="本人撤回")
    look()
    assert wrapped(registry) == 0
    shown = registry.client().get(f"/api/cases/{case_id}").json()
    assert (shown["name"], shown["state"]) == ("—", "withdrawn")
    assert registry.sql("SELECT count(*) FROM rights_document WHERE stamp LIKE 'erased/%'") == [(1,)]
    look()
    assert step(registry, case_id, "close")["state"] == "closed"


def test_a_case_that_nobody_ends_is_destroyed_two_years_after_its_last_step(registry: Registry) -> None:
    [one] = add_folk(registry.parts, [1])
    case_id = take(registry, one.id)
    erase(registry, one.id)
    registry.clock.at = registry.clock.now().replace(year=2021)
    step(registry, case_id, "assign")
    look = Retaining(registry.parts.database, registry.clock).look
    registry.clock.at = registry.clock.now().replace(year=2023)
    look()
    assert wrapped(registry) == 1
    registry.clock.advance(seconds=1)
    look()
    assert wrapped(registry) == 0


def counts(registry: Registry) -> Any:
    return registry.client(Role.AUDIT, areas=ALL).get("/api/case-counts").json()


@pytest.mark.parametrize(
    ("acts", "state", "outcome"),
    [
        ([], "withdrawn", "withdrawn"),
        ([{"act": "assign"}, {"act": "mediate"}], "withdrawn", "withdrawn"),
        ([{"act": "assign"}, {"act": "resolve", "outcome": "unfounded"}], "closed", "unfounded"),
    ],
)
def test_a_case_that_nobody_ends_ends_when_it_is_destroyed_and_counts_as_before(
    registry: Registry, acts: list[dict[str, Any]], state: str, outcome: str
) -> None:
    [one] = add_folk(registry.parts, [1])
    case_id = take(registry, one.id)
    for act in acts:
        step(registry, case_id, **act)
    erase(registry, one.id)
    counted = counts(registry)
    assert counted["counts"]
    look = Retaining(registry.parts.database, registry.clock).look
    registry.clock.at = registry.clock.now().replace(year=2022, month=3)
    assert registry.client().get("/api/cases").json()["overdue"] == (0 if state == "closed" else 1)
    look()
    shown = registry.client().get(f"/api/cases/{case_id}").json()
    assert (shown["name"], shown["state"], shown["outcome"], shown["due_on"]) == ("—", state, outcome, None)
    assert [one["by"] for one in shown["steps"]][-1] == "retention"
    assert registry.client().get("/api/cases").json()["overdue"] == 0
    assert counts(registry) == counted
    registry.clock.at = registry.clock.now().replace(year=2027, month=2)
    look()
    assert registry.sql("SELECT id FROM rights_case") == [(case_id,)]
    registry.clock.at = registry.clock.now().replace(month=4)
    look()
    assert registry.sql("SELECT id FROM rights_case") == []
    assert counts(registry) == counted


def test_a_case_goes_on_in_which_a_step_was_faster_than_its_end(registry: Registry) -> None:
    [one] = add_folk(registry.parts, [1])
    case_id = take(registry, one.id)
    erase(registry, one.id)
    registry.clock.at = registry.clock.now().replace(year=2022, month=3)
    with registry.parts.database.session() as session:
        session.connection().execute(text("SELECT FROM rights_case FOR NO KEY UPDATE"))
        ending = run_into(registry.parts.database, Retaining(registry.parts.database, registry.clock).look)
        assert not ending.done()
        session.connection().execute(
            text(
                "INSERT INTO rights_step (case_id, number, act, from_state, to_state, day, by, at)"
                " VALUES (:id, 9, 'note', 'opened', 'opened', '2022-03-20', 'x', :at)"
            ),
            {"id": case_id, "at": registry.clock.now()},
        )
    ending.result(60)
    assert wrapped(registry) == 1
    assert registry.client().get(f"/api/cases/{case_id}").json()["state"] == "opened"


def test_a_case_that_was_over_before_is_destroyed_with_the_person(registry: Registry) -> None:
    [one] = add_folk(registry.parts, [1])
    case_id = take(registry, one.id)
    step(registry, case_id, "withdraw", note="本人撤回")
    erase(registry, one.id)
    assert wrapped(registry) == 0
    assert registry.client().get(f"/api/cases/{case_id}").json()["erasure_asked_at"] is None


def test_who_comes_again_after_an_erasure_is_somebody_new_to_the_case_as_well(registry: Registry) -> None:
    [one] = add_folk(registry.parts, [1])
    case_id = take(registry, one.id)
    erase(registry, one.id)
    [again] = add_folk(registry.parts, [1])
    assert again.id != one.id
    [(held,)] = registry.sql("SELECT person_id FROM rights_case WHERE id = :id", id=case_id)
    assert held not in (one.id, again.id)


def test_a_step_that_is_taken_while_the_worker_is_erased_is_kept_with_the_case(registry: Registry) -> None:
    [one] = add_folk(registry.parts, [1])
    case_id = take(registry, one.id)
    with registry.parts.database.session() as session:
        session.connection().execute(text("SELECT FROM rights_case FOR NO KEY UPDATE"))
        erasing = run_into(registry.parts.database, lambda: erase(registry, one.id))
        stepping = run_into(registry.parts.database, lambda: step(registry, case_id, "assign", note="先记下"))
    assert erasing.result(60).status_code == 200
    assert stepping.result(60)["state"] == "assigned"
    full = registry.client().post(f"/api/cases/{case_id}/open", json={"reason": "handling"}).json()
    assert full["full"]["facts"] == FACTS
    assert "先记下" in [one["note"] for one in full["steps"]]


def open_case_in_full(parts: Parts, case_id: str, document_id: str) -> bytes:
    with parts.database.session() as session:
        view = open_in_full(session, parts, CLERK, case_id, OpeningReason.HANDLING, Cause.fresh())
    assert view.full is not None
    return view.full.facts.encode()


def open_document(parts: Parts, case_id: str, document_id: str) -> bytes:
    return hand_out(parts, CLERK, case_id, document_id, Cause.fresh()).content


@pytest.mark.parametrize(
    ("read", "told"),
    [(open_case_in_full, FACTS.encode()), (open_document, JPEG)],
    ids=["in full", "a document"],
)
def test_an_erasure_waits_for_whoever_is_opening_the_case(
    registry: Registry, read: Callable[[Parts, str, str], bytes], told: bytes
) -> None:
    [one] = add_folk(registry.parts, [1])
    case_id = take(registry, one.id)
    [(document_id,)] = registry.sql("SELECT id FROM rights_document")
    database, here = registry.parts.database, threading.get_ident()
    erasing: list[Future[httpx.Response]] = []

    def erase_meanwhile(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        """Once whoever reads has the case and its key, and before they read what hangs on it."""
        if "FROM rights_document" in statement and threading.get_ident() == here and not erasing:
            erasing.append(run_into(database, lambda: erase(registry, one.id)))

    event.listen(database.engine, "before_cursor_execute", erase_meanwhile)
    try:
        assert read(registry.parts, case_id, document_id) == told
    finally:
        event.remove(database.engine, "before_cursor_execute", erase_meanwhile)
    assert erasing[0].result(60).status_code == 200
    assert read(registry.parts, case_id, document_id) == told


def test_the_worker_s_own_link_leads_to_the_case_as_before(registry: Registry) -> None:
    [one] = add_folk(registry.parts, [1])
    made = registry.client().post(f"/api/people/{one.id}/rights-link").json()["url"]
    case_id = take(registry, one.id)
    with registry.parts.database.session() as session:
        session.connection().execute(
            text("UPDATE rights_case SET opening = 'link/' || (SELECT jti FROM rights_link)")
        )
    path, phone = re.sub(r"^https?://[^/]+", "", made), device(registry)
    open_on(phone, path)
    assert case_id in phone.get(path).text
    erase(registry, one.id)
    assert case_id in phone.get(path).text
    assert registry.sql("SELECT count(*) FROM rights_link WHERE person_id = :id", id=one.id) == [(0,)]
