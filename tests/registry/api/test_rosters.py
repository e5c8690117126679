"""A roster file over HTTP: what is good goes on, what is not comes back, and nothing is half done."""

import io
import threading
from typing import Any

import openpyxl

from shared.security import Role
from tests.registry.conftest import LIBO, SANDU, Registry
from tests.registry.rosters import ENTERPRISE_ID, changed, resident_id, worker, xlsx


def rows_of(registry: Registry, roster_id: str, **query: str) -> list[dict[str, Any]]:
    answer = registry.client().get(f"/api/rosters/{roster_id}", params={"size": "200"} | query).json()
    rows: list[dict[str, Any]] = answer["rows"]
    return rows


def codes_of(registry: Registry, roster_id: str) -> dict[int, list[str]]:
    refused = rows_of(registry, roster_id, outcome="refused")
    return {row["row"]: [error["code"] for error in row["errors"]] for row in refused}


GOOD = xlsx([worker(1), worker(2), worker(3)])


def test_a_good_roster_becomes_requests_and_their_events_in_one_go(registry: Registry) -> None:
    before = registry.counts()
    answer = registry.upload(GOOD)
    assert answer.status_code == 201
    roster = answer.json()
    assert (roster["accepted"], roster["refused"], roster["known"]) == (3, 0, False)
    after = registry.counts()
    grown = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    assert grown == {"person": 3, "statement": 6, "travel_request": 3, "roster": 1, "outbox": 3}
    told = registry.told("RequestSubmitted")
    assert [(one["row"], one["roster_id"]) for one in told] == [(n, roster["roster_id"]) for n in (2, 3, 4)]
    assert {one["county_code"] for one in told} == {SANDU}


def test_accepted_rows_go_on_and_refused_rows_come_back_with_their_reasons(registry: Registry) -> None:
    rows = [worker(1), worker(2, phone="123"), worker(3, gate="后门"), worker(4)]
    roster = registry.upload(xlsx(rows)).json()
    assert (roster["accepted"], roster["refused"]) == (2, 2)
    assert codes_of(registry, roster["roster_id"]) == {3: ["phone"], 4: ["unknown-gate"]}
    all_rows = rows_of(registry, roster["roster_id"])
    assert [row["outcome"] for row in all_rows] == ["accepted", "refused", "refused", "accepted"]
    sheet = openpyxl.load_workbook(
        io.BytesIO(registry.client().get(f"/api/rosters/{roster['roster_id']}/refused.xlsx").content)
    ).active
    assert [cell.value for cell in sheet[2]][:3] == [rows[1]["name"], rows[1]["resident_id"], "123"]
    assert "手机号" in sheet["M2"].value
    assert "mainland mobile" in sheet["N2"].value


def test_mended_refused_rows_can_be_sent_alone(registry: Registry) -> None:
    first = registry.upload(xlsx([worker(1), worker(2, phone="123")])).json()
    back = registry.client().get(f"/api/rosters/{first['roster_id']}/refused.xlsx").content
    mended = changed(back, C2=worker(2)["phone"])
    second = registry.upload(mended).json()
    assert (second["accepted"], second["refused"]) == (1, 0)


def test_the_same_file_sent_by_two_hands_at_once_is_taken_in_once(registry: Registry) -> None:
    content = xlsx([worker(n) for n in range(1, 60)])
    answers: list[dict[str, Any]] = []
    hands = [
        threading.Thread(target=lambda: answers.append(registry.upload(content).json())) for _ in range(4)
    ]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert len({answer["roster_id"] for answer in answers}) == 1
    assert sorted(answer["known"] for answer in answers) == [False, True, True, True]
    assert {answer["accepted"] for answer in answers} == {59}
    assert registry.counts()["travel_request"] == 59
    assert registry.counts()["person"] == 59


def test_who_travels_from_another_county_is_refused_without_a_word_of_that_county(registry: Registry) -> None:
    first = registry.upload(xlsx([worker(1)])).json()
    [request_id] = [row[0] for row in registry.sql("SELECT id FROM travel_request")]
    second = registry.upload(xlsx([worker(1, stop="玉屏街道")]), "b.xlsx", areas=(LIBO,)).json()
    answer = registry.client(areas=(LIBO,)).get(f"/api/rosters/{second['roster_id']}")
    [error] = answer.json()["rows"][0]["errors"]
    assert error["code"] == "active-elsewhere"
    for secret in (SANDU, "三都", request_id, first["roster_id"], worker(1)["phone"]):
        assert secret not in answer.text


def test_the_same_worker_again_from_the_same_bureau_is_told_which_request_stands(registry: Registry) -> None:
    [request_id] = registry.accept(worker(1))
    roster = registry.upload(xlsx([worker(1), worker(2)])).json()
    assert (roster["accepted"], roster["refused"]) == (1, 1)
    [row] = rows_of(registry, roster["roster_id"], outcome="refused")
    assert row["errors"][0]["code"] == "already-active"
    assert request_id in row["errors"][0]["fault_zh"]


def test_two_bureaus_racing_for_the_same_workers_get_each_of_them_once(registry: Registry) -> None:
    here = [worker(n) for n in range(1, 41)]
    there = [worker(n, stop="玉屏街道") for n in range(40, 0, -1)]
    answers: list[dict[str, Any]] = []

    def send(rows: list[dict[str, Any]], county: str) -> None:
        answers.append(registry.upload(xlsx(rows), f"{county}.xlsx", (county,)).json())

    hands = [
        threading.Thread(target=send, args=(rows, county)) for rows, county in ((here, SANDU), (there, LIBO))
    ]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert sum(answer["accepted"] for answer in answers) == 40
    assert sum(answer["refused"] for answer in answers) == 40
    assert registry.sql("SELECT count(*), count(DISTINCT person_id) FROM travel_request") == [(40, 40)]
    assert registry.counts()["person"] == 40
    assert len(registry.told("RequestSubmitted")) == 40


def test_a_family_with_a_member_who_travels_from_another_county_is_refused_whole(registry: Registry) -> None:
    registry.accept(worker(1, stop="玉屏街道"), areas=(LIBO,))
    before = registry.counts()
    roster = registry.upload(xlsx([worker(1, party="A"), worker(2, party="A"), worker(3)])).json()
    assert codes_of(registry, roster["roster_id"]) == {2: ["active-elsewhere"], 3: ["party-refused"]}
    grown = {name: count - before[name] for name, count in registry.counts().items()}
    assert (grown["person"], grown["travel_request"], grown["outbox"]) == (1, 1, 1)


def test_a_family_is_one_party_and_single_workers_are_their_own(registry: Registry) -> None:
    registry.accept(worker(1, party="甲"), worker(2, party="甲"), worker(3))
    told = registry.told("RequestSubmitted")
    assert [one["party_size"] for one in told] == [2, 2, 1]
    assert told[0]["party_id"] == told[1]["party_id"] != told[2]["party_id"]


def test_the_same_label_in_two_files_is_two_families(registry: Registry) -> None:
    registry.accept(worker(1, party="甲"), worker(2, party="甲"))
    registry.accept(worker(3, party="甲"), worker(4, party="甲"))
    assert len({one["party_id"] for one in registry.told("RequestSubmitted")}) == 2


def test_a_caller_with_several_counties_names_one_of_them(registry: Registry) -> None:
    files = {"file": ("a.xlsx", GOOD)}
    province = registry.client(Role.OPERATOR, areas=("52",))
    assert province.post("/api/rosters", files=files).json()["code"] == "county-not-named"
    sent = province.post("/api/rosters", files=files, data={"county_code": SANDU})
    assert sent.json()["county_code"] == SANDU


def test_a_neighbours_roster_does_not_exist(registry: Registry) -> None:
    roster_id = registry.upload(xlsx([worker(1, phone="1")])).json()["roster_id"]
    neighbour = registry.client(areas=(LIBO,))
    assert neighbour.get(f"/api/rosters/{roster_id}").status_code == 404
    assert neighbour.get(f"/api/rosters/{roster_id}/refused.xlsx").status_code == 404
    assert neighbour.get("/api/rosters").json()["total"] == 0


def test_whoever_takes_refused_rows_in_full_is_written_down(registry: Registry) -> None:
    roster_id = registry.upload(xlsx([worker(1, phone="1")])).json()["roster_id"]
    registry.client(subject="office-1").get(f"/api/rosters/{roster_id}/refused.xlsx")
    assert registry.sql("SELECT subject, purpose, request_ids FROM access_log") == [
        ("office-1", "refused-rows", [f"{roster_id}#2"])
    ]


def test_the_template_of_a_county_lists_its_own_stops(registry: Registry) -> None:
    answer = registry.client().get("/api/rosters/template.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    stops = [cell.value for cell in book["名录"]["A"]]
    assert "三合街道" in stops
    assert "玉屏街道" not in stops


def test_an_id_in_the_wrong_column_is_not_shown(registry: Registry) -> None:
    roster_id = registry.upload(xlsx([worker(1, name=resident_id(7))])).json()["roster_id"]
    assert resident_id(7)[6:14] not in registry.client().get(f"/api/rosters/{roster_id}").text


def test_a_roster_of_before_there_were_agencies_is_still_read_and_a_new_one_names_them(
    registry: Registry,
) -> None:
    old, new = worker(1), worker(2)
    registry.accept(old)
    content = changed(xlsx([new]), L1="组织机构", L2=ENTERPRISE_ID.lower())
    assert registry.upload(content).json()["accepted"] == 1
    assert registry.sql("SELECT organiser_id FROM travel_request ORDER BY id") == [(None,), (ENTERPRISE_ID,)]
    assert "organiser_id" not in registry.told("RequestSubmitted")[1]


def test_what_was_typed_into_a_refused_row_is_quoted_to_whoever_mends_it_alone(registry: Registry) -> None:
    """A cell may hold a name in the wrong column; an operator and an audit see which column, and not what is in it."""
    slipped = worker(1, stop="独孤求败", gate="15412345678", phone="1")
    roster_id = registry.upload(xlsx([slipped])).json()["roster_id"]
    for path in (f"/api/rosters/{roster_id}", f"/rosters/{roster_id}?outcome=refused"):
        for role in (Role.BUREAU, Role.OPERATOR, Role.AUDIT):
            shown = registry.client(role, areas=("52",)).get(path)
            assert shown.status_code == 200
            assert ("独孤求败" in shown.text) == (role is Role.BUREAU)
            assert "手机号不是11位大陆手机号" in shown.text
            assert "…" in shown.text or role is Role.BUREAU
