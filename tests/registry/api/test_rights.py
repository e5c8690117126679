"""Who may do what in whose case, and that a refusal tells nothing of what there is."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from services.registry.domain.rights.document import BYTES_MAX, COUNT_MAX
from services.registry.store.rights import count_open_at, hold_open_cases
from shared.security import Principal, Role
from tests.registry.conftest import LIBO, SANDU, Registry
from tests.registry.folk import TOWNSHIP, add_folk, add_helper, reading
from tests.registry.rights import (
    DONGGUAN,
    FACTS,
    JPEG,
    STATION,
    body,
    clock,
    hand_over,
    open_case,
    step,
)
from tests.registry.rosters import resident_id, worker

ABSENT = "R2222222222A"
CALLER = {"name": "独孤求薪", "resident_id": resident_id(777), "phone": "15412345678", "place": "三合街道"}
OTHERS = [role for role in Role if role not in (Role.BUREAU, Role.RIGHTS)]
ENTERPRISE = "91441900MA0000015D"


def caller(registry: Registry, role: Role, areas: tuple[str, ...] = (SANDU,)) -> httpx.Client:
    organisation = {"organisation": ENTERPRISE} if role in (Role.ENTERPRISE, Role.CARRIER) else {}
    return registry.client(role, areas=areas, **organisation)


# --- who sees it --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", OTHERS)
def test_no_other_role_sees_a_case_or_is_told_that_there_is_one(registry: Registry, role: Role) -> None:
    case_id = open_case(registry)
    client = caller(registry, role, ("52",))
    for method, path in (
        ("GET", f"/api/cases/{case_id}"),
        ("GET", "/api/cases"),
        ("POST", f"/api/cases/{case_id}/open"),
        ("POST", f"/api/cases/{case_id}/steps"),
    ):
        answers = [client.request(method, one) for one in (path, path.replace(case_id, ABSENT))]
        assert [one.status_code for one in answers] == [403, 403]
        assert answers[0].json()["code"] == "role-missing"


def test_a_case_is_its_own_county_s_until_it_is_handed_over_and_then_both_s(registry: Registry) -> None:
    case_id = open_case(registry)
    station = registry.client(Role.RIGHTS, areas=STATION)
    for client in (registry.client(areas=(LIBO,)), station, registry.client(Role.RIGHTS)):
        assert client.get(f"/api/cases/{case_id}").status_code == 404
        assert client.get("/api/cases").json()["total"] == 0
    hand_over(registry, case_id, accept=False)
    for client in (station, registry.client(), registry.client(areas=(TOWNSHIP,))):
        assert client.get(f"/api/cases/{case_id}").json()["handler_area"] == DONGGUAN
        assert client.get("/api/cases").json()["total"] == 1
    for areas in (("441300",), ("3305",)):
        assert registry.client(Role.RIGHTS, areas=areas).get(f"/api/cases/{case_id}").status_code == 404


def test_a_station_accepts_before_it_does_anything_or_returns_with_a_reason(registry: Registry) -> None:
    case_id = open_case(registry)
    hand_over(registry, case_id, accept=False)
    station = registry.client(Role.RIGHTS, areas=STATION)
    early = station.post(f"/api/cases/{case_id}/steps", json={"act": "mediate"})
    assert (early.status_code, early.json()["code"]) == (409, "not-accepted")
    assert station.post(f"/api/cases/{case_id}/return", json={"note": " "}).status_code == 422
    assert station.post(f"/api/cases/{case_id}/return", json={"note": "不属本地管辖"}).status_code == 204
    assert station.get(f"/api/cases/{case_id}").status_code == 404
    shown = registry.client().get(f"/api/cases/{case_id}").json()
    assert (shown["handler_area"], shown["steps"][-1]["act"]) == (None, "return")
    hand_over(registry, case_id)
    again = station.post(f"/api/cases/{case_id}/accept")
    assert (again.status_code, again.json()["code"]) == (409, "not-handed-over")
    assert station.post(f"/api/cases/{case_id}/steps", json={"act": "mediate"}).status_code == 200


def test_a_case_is_handed_to_a_place_that_there_is_and_whoever_had_it_has_it_no_more(
    registry: Registry,
) -> None:
    case_id = open_case(registry)
    unknown = registry.client().post(f"/api/cases/{case_id}/hand-over", json={"area": "999999"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "division-unknown")
    hand_over(registry, case_id)
    hand_over(registry, case_id, "330500")
    assert registry.client(Role.RIGHTS, areas=STATION).get(f"/api/cases/{case_id}").status_code == 404
    assert registry.client(Role.RIGHTS, areas=("3305",)).get(f"/api/cases/{case_id}").status_code == 200


# --- refusals -----------------------------------------------------------------------------------------------------


CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "", {}),
    ("POST", "/open", {"json": {"reason": "handling"}}),
    ("POST", "/steps", {"json": {"act": "assign"}}),
    ("POST", "/hand-over", {"json": {"area": DONGGUAN}}),
    ("POST", "/documents", {"files": {"file": ("x.jpg", JPEG)}}),
    ("GET", "/documents/{document_id}", {}),
    ("POST", "/accept", {}),
    ("POST", "/return", {"json": {"note": "x"}}),
]


@pytest.mark.parametrize(("method", "path", "sent"), CALLS, ids=[f"{m} {p}" for m, p, _ in CALLS])
@pytest.mark.parametrize(
    ("role", "areas"), [(Role.BUREAU, (LIBO,)), (Role.RIGHTS, STATION), (Role.ENTERPRISE, ())]
)
def test_a_case_of_others_and_none_at_all_are_refused_with_the_same_bytes_after_the_same_work(
    registry: Registry, role: Role, areas: tuple[str, ...], method: str, path: str, sent: dict[str, Any]
) -> None:
    case_id = open_case(registry)
    kept = registry.client().post(f"/api/cases/{case_id}/documents", files={"file": ("x.jpg", JPEG)})
    document_id = kept.json()["document_id"]
    client = caller(registry, role, areas)
    told, work = [], []
    for case, document in ((case_id, document_id), (ABSENT, "D00000000000000000000")):
        address = f"/api/cases/{case}{path.format(document_id=document)}"
        with registry.statements() as done:
            answer = client.request(method, address, headers={"X-Correlation-ID": "the-same"}, **sent)
        assert answer.status_code in (403, 404)
        headers = {name: value for name, value in answer.headers.items() if name != "date"}
        told.append((answer.status_code, answer.content.replace(case.encode(), b"<id>"), headers))
        work.append(list(done))
    assert told[0] == told[1]
    assert work[0] == work[1]


# --- how it is opened ---------------------------------------------------------------------------------------------


def test_the_same_opening_again_is_the_same_case(registry: Registry) -> None:
    [folk] = add_folk(registry.parts, [1])
    sent = body(person_id=folk.id)
    first, second = (registry.client().post("/api/cases", json=sent).json() for _ in range(2))
    assert first == second
    assert registry.counts()["rights_case"] == registry.counts()["rights_step"] == 1


def test_a_helper_opens_one_for_their_own_people_and_reads_none(registry: Registry) -> None:
    add_helper(registry.parts, "helper-1")
    [mine] = add_folk(registry.parts, [1], helper_id="helper-1")
    [other] = add_folk(registry.parts, [2])
    helper = registry.client(Role.HELPER, areas=(TOWNSHIP,), subject="helper-1")
    opened = helper.post("/api/cases", json=body(person_id=mine.id))
    assert opened.status_code == 201
    assert opened.json().keys() == {"case_id"}
    assert helper.get(f"/api/cases/{opened.json()['case_id']}").status_code == 403
    theirs, absent = (
        helper.post("/api/cases", json=body(person_id=one))
        for one in (other.id, "01HZZZZZZZZZZZZZZZZZZZZZZZ")
    )
    assert theirs.status_code == absent.status_code == 404
    assert helper.post("/api/cases", json=body(caller=CALLER)).status_code == 422
    shown = registry.client().get(f"/api/cases/{opened.json()['case_id']}").json()
    assert shown["channel"] == "helper"


def test_somebody_who_calls_without_a_file_gets_one_and_is_the_same_person_afterwards(
    registry: Registry,
) -> None:
    first = registry.client().post("/api/cases", json=body(caller=CALLER)).json()
    again = body(caller=CALLER | {"phone": "15499999999"}, client_id="client-0002")
    assert registry.client().post("/api/cases", json=again).status_code == 201
    assert registry.counts()["person"] == registry.counts()["person_file"] == 1
    assert registry.sql("SELECT kind, count(*) FROM statement GROUP BY kind ORDER BY kind") == [
        ("name", 1),
        ("phone", 2),
    ]
    shown = registry.client().get(f"/api/cases/{first['case_id']}").json()
    assert shown["name"] == "独**薪"


def test_who_is_in_a_neighbour_s_file_is_taken_down_here_and_nothing_of_that_is_told(
    registry: Registry,
) -> None:
    [folk] = add_folk(registry.parts, [5], place_code="522722101")
    assert registry.client().post("/api/cases", json=body(person_id=folk.id)).status_code == 404
    known = CALLER | {"name": folk.name, "resident_id": folk.resident_id, "phone": folk.phone}
    answers = [
        registry.client().post("/api/cases", json=body(caller=one, client_id=f"client-{n:04d}"))
        for n, one in enumerate((known, CALLER))
    ]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json().keys() == answers[1].json().keys()
    case_id = answers[0].json()["case_id"]
    assert registry.client().get(f"/api/cases/{case_id}").status_code == 200
    assert registry.client(areas=(LIBO,)).get(f"/api/cases/{case_id}").status_code == 404


def test_an_id_alone_tells_nobody_a_neighbour_s_name_phone_or_journey(registry: Registry) -> None:
    """The case goes by what was said on the phone here, and by nothing that the neighbour's file says."""
    [folk] = add_folk(registry.parts, [5], place_code="522722101")
    registry.accept(worker(5, resident_id=folk.resident_id, stop="玉屏街道"), areas=(LIBO,))
    made_up = CALLER | {"resident_id": folk.resident_id}
    opened = registry.client().post("/api/cases", json=body(caller=made_up))
    case_id = opened.json()["case_id"]
    hand_over(registry, case_id)
    for client in (registry.client(), registry.client(Role.RIGHTS, areas=STATION)):
        full = client.post(f"/api/cases/{case_id}/open", json={"reason": "handling"}).json()
        assert (full["full"]["name"], full["full"]["phone"]) == (CALLER["name"], CALLER["phone"])
        [line] = client.get("/api/cases").json()["items"]
        assert line["name"] == "独**薪"


def test_a_case_by_a_request_is_about_its_enterprise(registry: Registry) -> None:
    [request_id] = registry.accept(worker(1))
    opened = registry.client().post("/api/cases", json=body(request_id=request_id))
    assert opened.status_code == 201, opened.text
    shown = registry.client().get(f"/api/cases/{opened.json()['case_id']}").json()
    assert (shown["enterprise_id"], shown["request_id"]) == (ENTERPRISE, request_id)
    elsewhere = registry.client(areas=(LIBO,)).post("/api/cases", json=body(request_id=request_id))
    assert elsewhere.status_code == 404


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({}, 422, "who-not-named"),
        ({"caller": CALLER, "person_id": "x"}, 422, "who-not-named"),
        ({"caller": CALLER | {"resident_id": "123"}}, 422, "case-not-taken"),
        ({"caller": CALLER | {"phone": "12"}}, 422, "case-not-taken"),
        ({"caller": CALLER | {"place": "没有这个地方"}}, 422, "case-not-taken"),
        ({"caller": CALLER | {"place": "522722101"}}, 403, "place-not-yours"),
        ({"caller": CALLER, "enterprise": "没有登记的工厂"}, 422, "enterprise-not-known"),
        ({"caller": CALLER, "facts": "短"}, 422, "case-not-taken"),
        ({"caller": CALLER, "confirmed": False}, 422, "case-not-taken"),
        ({"caller": CALLER, "known_on": "2020-03-01"}, 422, "case-not-taken"),
        ({"caller": CALLER, "case_type": "revenge"}, 422, "fields-invalid"),
        ({"caller": CALLER, "facts": "长" * 4001}, 422, "fields-invalid"),
    ],
)
def test_what_cannot_be_is_refused_in_both_languages_and_leaves_nothing_behind(
    registry: Registry, changes: dict[str, Any], status: int, code: str
) -> None:
    before = registry.counts()
    answer = registry.client().post("/api/cases", json=body(**changes))
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json()["detail_zh"] != answer.json()["detail_en"]
    assert registry.counts() == before


# --- what is in it ------------------------------------------------------------------------------------------------


def test_a_case_is_shown_masked_and_in_full_only_to_whom_is_written_down(registry: Registry) -> None:
    [folk] = add_folk(registry.parts, [1])
    case_id = registry.client().post("/api/cases", json=body(person_id=folk.id)).json()["case_id"]
    step(registry, case_id, "assign", note="先打电话核实")
    masked = registry.client().get(f"/api/cases/{case_id}")
    for secret in (FACTS, folk.name, folk.phone, folk.resident_id, "先打电话核实"):
        assert secret not in masked.text
    before = registry.counts()["access_log"]
    full = registry.client().post(f"/api/cases/{case_id}/open", json={"reason": "hearing"}).json()
    assert full["full"]["facts"] == FACTS
    assert (full["full"]["name"], full["full"]["resident_id"]) == (folk.name, folk.resident_id)
    assert full["steps"][-1]["note"] == "先打电话核实"
    assert registry.counts()["access_log"] == before + 1
    [(purpose, people)] = registry.sql("SELECT purpose, person_ids FROM access_log ORDER BY id DESC LIMIT 1")
    assert (purpose, people) == ("rights/hearing", [folk.id])
    nothing_said = registry.client().post(f"/api/cases/{case_id}/open", json={})
    assert nothing_said.status_code == 422


def test_a_document_is_kept_sealed_once_and_handed_out_to_whom_is_written_down(registry: Registry) -> None:
    case_id = open_case(registry)
    path = f"/api/cases/{case_id}/documents"
    first, second = (
        registry.client().post(path, files={"file": (name, JPEG)}).json()
        for name in ("工资条.jpg", "again.jpg")
    )
    assert first["document_id"] == second["document_id"]
    before = registry.counts()["access_log"]
    got = registry.client().get(f"{path}/{first['document_id']}")
    assert got.content == JPEG
    assert got.headers["content-type"] == "image/jpeg"
    assert "attachment" in got.headers["content-disposition"]
    assert registry.counts()["access_log"] == before + 1
    other = open_case(registry, 2)
    assert registry.client().get(f"/api/cases/{other}/documents/{first['document_id']}").status_code == 404


def test_documents_are_limited_in_size_in_kind_and_in_number(registry: Registry) -> None:
    case_id = open_case(registry)
    path = f"/api/cases/{case_id}/documents"

    def send(content: bytes) -> httpx.Response:
        return registry.client().post(path, files={"file": ("x.jpg", content)})

    assert (send(b"MZ").status_code, send(b"").status_code) == (422, 422)
    large = send(JPEG + b"x" * BYTES_MAX)
    assert (large.status_code, large.json()["code"]) == (413, "document-too-large")
    assert all(send(JPEG + bytes([n])).status_code == 201 for n in range(COUNT_MAX))
    many = send(JPEG + b"one more")
    assert (many.status_code, many.json()["code"]) == (409, "documents-too-many")
    assert registry.counts()["rights_document"] == COUNT_MAX


def test_what_was_sealed_for_somebody_erased_opens_no_more_and_the_case_is_still_counted(
    registry: Registry,
) -> None:
    case_id = open_case(registry)
    kept = registry.client().post(f"/api/cases/{case_id}/documents", files={"file": ("x.jpg", JPEG)}).json()
    with reading(registry.parts) as session:
        session.connection().exec_driver_sql("UPDATE person SET wrapped_key = NULL")
    shown = registry.client().get(f"/api/cases/{case_id}").json()
    assert (shown["name"], shown["phone"]) == ("—", "—")
    full = registry.client().post(f"/api/cases/{case_id}/open", json={"reason": "handling"})
    assert full.json()["full"] is None
    gone = registry.client().get(f"/api/cases/{case_id}/documents/{kept['document_id']}")
    assert (gone.status_code, gone.json()["code"]) == (410, "person-erased")


def test_clocks_stand_go_again_and_begin_anew_only_with_a_reason(registry: Registry) -> None:
    case_id = open_case(registry)
    client = registry.client()
    path = f"/api/cases/{case_id}/steps"
    bare = client.post(path, json={"act": "suspend", "clock": "limit"})
    assert (bare.status_code, bare.json()["code"]) == (422, "reason-needed")
    shown = step(registry, case_id, "suspend", clock="limit", day="2020-01-24", note="疫情")
    assert (clock(shown, "limit")["is_suspended"], shown["due_on"]) == (True, None)
    # Stood from 24 January to 19 February, 27 days: 15 January 2021 and 27 days are Thursday 11 February, when the
    # Spring Festival of 2021 begins; one works again on Thursday the 18th.
    shown = step(registry, case_id, "resume", clock="limit", note="恢复上班")
    assert shown["due_on"] == "2021-02-18"
    shown = step(registry, case_id, "limit", day="2020-02-19", note="已向劳动监察投诉，时效中断")
    assert [one["ended_on"] is None for one in shown["clocks"]] == [False, True]
    assert shown["due_on"] == "2021-02-19"
    none = client.post(path, json={"act": "extend", "clock": "arbitration", "days": 1, "note": "x"})
    assert (none.status_code, none.json()["code"]) == (409, "no-such-clock")
    ahead = client.post(path, json={"act": "assign", "day": "2020-02-21"})
    assert (ahead.status_code, ahead.json()["code"]) == (422, "day-not-possible")


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"act": "close"}, 409, "act-not-possible"),
        ({"act": "resolve"}, 422, "outcome-missing"),
        ({"act": "resolve", "outcome": "judgment", "amount_fen": 1}, 422, "outcome-not-possible"),
        ({"act": "resolve", "outcome": "settled"}, 422, "amount-not-fitting"),
        ({"act": "hand_over"}, 422, "fields-invalid"),
        ({"act": "admit"}, 409, "no-such-clock"),
        ({"act": "note", "note": ""}, 422, "reason-needed"),
    ],
)
def test_a_step_that_does_not_fit_changes_nothing(
    registry: Registry, sent: dict[str, Any], status: int, code: str
) -> None:
    case_id = open_case(registry)
    step(registry, case_id, "assign")
    before = registry.counts(), registry.client().get(f"/api/cases/{case_id}").json()
    answer = registry.client().post(f"/api/cases/{case_id}/steps", json=sent)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert (registry.counts(), registry.client().get(f"/api/cases/{case_id}").json()) == before


def test_who_has_an_open_case_is_found_until_it_is_over(registry: Registry) -> None:
    case_id = open_case(registry)
    [(person_id,)] = registry.sql("SELECT person_id FROM rights_case")
    bureau = Principal("x", frozenset({Role.BUREAU}), (SANDU,))
    operator = Principal("x", frozenset({Role.OPERATOR}), ("52",))
    with reading(registry.parts) as session:
        assert [one.id for one in hold_open_cases(session, [person_id, "nobody"])] == [case_id]
        assert count_open_at(session, bureau, [TOWNSHIP]) == {TOWNSHIP: 1}
        assert count_open_at(session, operator, [TOWNSHIP]) == {}
    step(registry, case_id, "withdraw", note="本人撤回")
    with reading(registry.parts) as session:
        assert hold_open_cases(session, [person_id]) == []
        assert count_open_at(session, bureau, [TOWNSHIP]) == {}


# --- counts -------------------------------------------------------------------------------------------------------


def test_an_audit_sees_counts_alone_and_one_or_two_as_fewer_than_three(registry: Registry) -> None:
    for number in (1, 2, 3):
        open_case(registry, number)
    open_case(registry, 4, case_type="injury")
    audit = registry.client(Role.AUDIT).get("/api/case-counts").json()
    assert audit["counts"] == [
        {"county_code": SANDU, "month": "2020-02", "case_type": "injury", "count": "<3"},
        {"county_code": SANDU, "month": "2020-02", "case_type": "unpaid_wages", "count": "3"},
    ]
    assert registry.client(Role.AUDIT, areas=(LIBO,)).get("/api/case-counts").json() == {"counts": []}
    for role in set(Role) - {Role.AUDIT}:
        assert caller(registry, role).get("/api/case-counts").status_code == 403


# --- what is hostile or comes twice -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "odd", ["\x00", "x\x00y", "'; DROP TABLE rights_case; --", "%", "\ud7ff" * 40, "9" * 120]
)
def test_an_odd_id_or_name_is_refused_and_breaks_nothing(registry: Registry, odd: str) -> None:
    client = registry.client()
    for changes in (
        {"person_id": odd},
        {"request_id": odd},
        {"caller": CALLER | {"place": odd}},
        {"caller": CALLER | {"phone": odd}},
        {"caller": CALLER, "enterprise": odd},
    ):
        answer = client.post("/api/cases", json=body(**changes))
        assert answer.status_code in (403, 404, 422), (changes, answer.text)
    case_id = open_case(registry)
    for path in (quote(odd, safe=""), f"{case_id}/documents/{quote(odd, safe='')}"):
        assert client.get(f"/api/cases/{path}").status_code == 404
    assert registry.counts()["rights_case"] == 1


def test_the_same_case_sent_many_times_at_once_is_opened_once(registry: Registry) -> None:
    [folk] = add_folk(registry.parts, [1])
    clients = [registry.client() for _ in range(6)]
    sent = body(person_id=folk.id)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda client: client.post("/api/cases", json=sent), clients))
    assert {one.status_code for one in answers} == {201}
    assert len({one.json()["case_id"] for one in answers}) == 1
    assert registry.counts()["rights_case"] == registry.counts()["rights_step"] == 1


def test_steps_taken_at_once_are_taken_one_after_the_other(registry: Registry) -> None:
    case_id = open_case(registry)
    clients = [registry.client() for _ in range(6)]

    def assign(client: httpx.Client) -> int:
        return client.post(f"/api/cases/{case_id}/steps", json={"act": "assign"}).status_code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(assign, clients)) == [200, 409, 409, 409, 409, 409]
    assert [one[0] for one in registry.sql("SELECT act FROM rights_step ORDER BY number")] == [
        "open",
        "assign",
    ]


def test_once_a_case_is_over_nothing_of_it_opens_after_an_erasure(registry: Registry) -> None:
    [folk] = add_folk(registry.parts, [1])
    case_id = registry.client().post("/api/cases", json=body(person_id=folk.id)).json()["case_id"]
    operator = registry.client(Role.OPERATOR, areas=("52",))
    registry.client().post(f"/api/cases/{case_id}/documents", files={"file": ("x.jpg", JPEG)})
    step(registry, case_id, "withdraw", note="本人撤回")
    step(registry, case_id, "close")
    stamp = registry.parts.vault.stamp(JPEG)
    assert registry.sql("SELECT stamp FROM rights_document") == [(stamp,)]
    assert operator.post(f"/api/people/{folk.id}/erase").status_code == 200
    full = registry.client().post(f"/api/cases/{case_id}/open", json={"reason": "handling"})
    assert full.status_code == 404 or full.json()["full"] is None
    # Whoever has the paper finds by it no case of theirs.
    assert stamp not in str(registry.sql("SELECT stamp FROM rights_document"))
