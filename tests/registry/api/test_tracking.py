"""A month over HTTP: a helper's own list, records that come twice, late and out of order, and who may see what."""

import itertools
from datetime import date
from typing import Any

import httpx
import pytest

from services.registry.store.tables import TrackingTaskRow
from shared.security import Role
from tests.registry.conftest import LIBO, SANDU, Registry
from tests.registry.employed import begin_employment
from tests.registry.folk import TOWNSHIP, add_folk, add_helper
from tests.registry.rosters import ENTERPRISE, ENTERPRISE_ID
from tests.registry.tracked import (
    HELPER,
    MARCH,
    MARCH_12,
    OTHER,
    SINCE,
    a_list,
    a_record,
    as_helper,
    follow,
    results_of,
    send,
)
from tests.waiting import PATIENCE_S


def jobs(registry: Registry) -> list[tuple[Any, ...]]:
    return registry.sql("SELECT valid_from, valid_to, enterprise_id, area_code FROM employment ORDER BY 1")


def task(registry: Registry) -> tuple[Any, ...]:
    [row] = registry.sql("SELECT outcome, tries FROM tracking_task")
    return row


def test_a_helper_sees_their_own_people_in_full_and_that_is_written_down(registry: Registry) -> None:
    one, two = a_list(registry, 2, enterprise_id=ENTERPRISE_ID)
    [stranger] = a_list(registry, 1, 5, helper_id=OTHER)
    found = as_helper(registry).get("/api/tracking/my-list").json()
    assert (found["month"], found["ends_at"]) == ("2020-03-01", "2020-04-01T00:00:00+08:00")
    assert {(line["name"], line["phone"]) for line in found["people"]} == {
        (p.name, p.phone) for p in (one, two)
    }
    first = found["people"][0]
    assert (first["enterprise_name"], first["area_name"]) == (ENTERPRISE, "东莞市")
    assert (first["due_on"], first["closes_on"], first["outcome"]) == ("2020-03-25", "2020-04-10", None)
    [logged] = registry.sql("SELECT subject, purpose, person_ids FROM access_log")
    assert logged == (HELPER, "monthly list", sorted([one.id, two.id]))
    assert stranger.id not in str(found)


def test_a_record_says_how_somebody_is_found_and_stays_one_when_it_comes_again(registry: Registry) -> None:
    [one] = a_list(registry, 1)
    sent = a_record(one, wage_band="from_3000")
    helper = as_helper(registry)
    assert results_of(helper, sent, sent) == ["accepted", "known"]
    assert results_of(helper, sent) == ["known"]
    assert registry.counts()["tracking_record"] == 1
    assert task(registry) == ("same", 0)
    assert jobs(registry) == [(SINCE, None, None, "441900")]
    [line] = helper.get("/api/tracking/my-list").json()["people"]
    assert line["outcome"] == "same"


def test_something_else_under_the_same_id_is_refused_and_changes_nothing(registry: Registry) -> None:
    [one] = a_list(registry, 1)
    sent = a_record(one)
    helper = as_helper(registry)
    assert results_of(helper, sent) == ["accepted"]
    assert results_of(helper, sent | {"outcome": "home"}) == ["id-in-use"]
    assert task(registry) == ("same", 0)


@pytest.mark.parametrize(
    ("outcome", "more", "then"),
    [
        ("same", {}, [(SINCE, None, None, "441900")]),
        (
            "changed",
            {"area_code": "330000"},
            [(SINCE, date(2020, 3, 12), None, "441900"), (date(2020, 3, 12), None, None, "330000")],
        ),
        (
            "changed",
            {"enterprise_id": ENTERPRISE_ID},
            [(SINCE, date(2020, 3, 12), None, "441900"), (date(2020, 3, 12), None, ENTERPRISE_ID, "441900")],
        ),
        ("looking", {}, [(SINCE, date(2020, 3, 12), None, "441900")]),
        ("home", {}, [(SINCE, date(2020, 3, 12), None, "441900")]),
        ("not_reached", {}, [(SINCE, None, None, "441900")]),
    ],
)
def test_what_is_found_sets_the_employment_from_the_day_of_the_try(
    registry: Registry, outcome: str, more: dict[str, str], then: list[tuple[Any, ...]]
) -> None:
    [one] = a_list(registry, 1)
    assert results_of(as_helper(registry), a_record(one, outcome, **more)) == ["accepted"]
    assert jobs(registry) == then


def test_not_reached_needs_two_days(registry: Registry) -> None:
    [one] = a_list(registry, 1)
    helper = as_helper(registry)
    send(helper, a_record(one, "not_reached", at="2020-03-11T09:00:00+08:00"))
    send(helper, a_record(one, "not_reached", at="2020-03-11T18:00:00+08:00"))
    assert task(registry) == (None, 1)
    send(helper, a_record(one, "not_reached"))
    assert task(registry) == ("not_reached", 2)


def test_a_call_that_failed_on_the_day_they_were_reached_undoes_nothing_in_whatever_order_they_come(
    registry: Registry,
) -> None:
    people = a_list(registry, 6)
    story = [
        ("not_reached", "2020-03-11T08:00:00+08:00"),
        ("looking", "2020-03-11T09:00:00+08:00"),
        ("not_reached", "2020-03-11T18:00:00+08:00"),
    ]
    helper = as_helper(registry)
    for person, order in zip(people, itertools.permutations(story), strict=True):
        for outcome, at in order:
            assert results_of(helper, a_record(person, outcome, at=at)) == ["accepted"]
    assert registry.sql("SELECT DISTINCT outcome, tries FROM tracking_task") == [("looking", 0)]
    assert set(jobs(registry)) == {(SINCE, date(2020, 3, 11), None, "441900")}
    [line, *_] = helper.get("/api/tracking/my-list").json()["people"]
    assert (line["reached_on"], line["failed_on"]) == (["2020-03-11"], [])
    send(helper, a_record(people[0], "not_reached"))
    found = helper.get("/api/tracking/my-list").json()["people"]
    [line] = [one for one in found if one["person_id"] == people[0].id]
    assert (line["outcome"], line["tries"], line["failed_on"]) == (None, 1, ["2020-03-12"])


def test_two_helpers_and_two_devices_lose_nothing_and_the_latest_stands_in_any_order(
    registry: Registry,
) -> None:
    [one] = a_list(registry, 1, place_code=TOWNSHIP)
    helper, bureau = as_helper(registry), registry.client(Role.BUREAU, areas=(TOWNSHIP,))
    first = a_record(one, "looking", at="2020-03-10T09:00:00+08:00")
    latest = a_record(one, "same", at="2020-03-11T09:00:00+08:00")
    assert results_of(bureau, latest) == ["accepted"]
    assert results_of(helper, first) == ["accepted"]
    assert task(registry) == ("same", 0)
    assert jobs(registry) == [(SINCE, None, None, "441900")]
    [months] = bureau.get(f"/api/tracking/people/{one.id}").json()["months"]
    assert months["stands"] == latest["record_id"]
    assert [record["outcome"] for record in months["records"]] == ["same", "looking"]


def test_a_month_s_records_make_the_same_employment_in_whatever_order_they_come(registry: Registry) -> None:
    people = a_list(registry, 6)
    story = [
        ("looking", "2020-03-03T09:00:00+08:00", {}),
        ("changed", "2020-03-05T09:00:00+08:00", {"area_code": "330000"}),
        ("same", "2020-03-08T09:00:00+08:00", {"area_code": "441900"}),
    ]
    helper = as_helper(registry)
    for person, order in zip(people, itertools.permutations(story), strict=True):
        for outcome, at, more in order:
            assert results_of(helper, a_record(person, outcome, at=at, **more)) == ["accepted"]
    for person in people:
        spells = registry.sql(
            "SELECT valid_from, valid_to, area_code FROM employment WHERE person_id = :id ORDER BY 1",
            id=person.id,
        )
        assert spells == [(SINCE, None, "441900")]


def test_who_comes_home_and_works_again_within_a_month_was_not_employed_between(registry: Registry) -> None:
    people = a_list(registry, 2)
    story = [
        ("home", "2020-03-05T09:00:00+08:00", {}),
        ("changed", "2020-03-09T09:00:00+08:00", {"area_code": "330500"}),
    ]
    for person, order in zip(people, (story, story[::-1]), strict=True):
        for outcome, at, more in order:
            assert results_of(as_helper(registry), a_record(person, outcome, at=at, **more)) == ["accepted"]
        spells = registry.sql(
            "SELECT valid_from, valid_to, area_code FROM employment WHERE person_id = :id ORDER BY 1",
            id=person.id,
        )
        assert spells == [(SINCE, date(2020, 3, 5), "441900"), (date(2020, 3, 9), None, "330500")]


def test_a_late_record_of_an_earlier_month_does_not_undo_a_later_one(registry: Registry) -> None:
    [one] = a_list(registry, 1)
    registry.clock.at = MARCH_12.replace(month=4, day=2)
    helper = as_helper(registry)
    registry.client(Role.OPERATOR).post("/api/tracking/months")
    april = a_record(one, "changed", at="2020-04-02T09:00:00+08:00", area_code="330000")
    march = a_record(one, "looking", at="2020-03-31T09:00:00+08:00")
    assert results_of(helper, april | {"month": "2020-04-01"}) == ["accepted"]
    assert results_of(helper, march) == ["accepted"]
    assert jobs(registry) == [
        (SINCE, date(2020, 3, 31), None, "441900"),
        (date(2020, 4, 2), None, None, "330000"),
    ]


def test_what_another_source_says_of_a_later_day_stays(registry: Registry) -> None:
    [one] = a_list(registry, 1)
    with registry.parts.database.session() as session:
        begin_employment(
            session, one.id, date(2020, 3, 12), enterprise_id=None, area_code="350500", source="import/1"
        )
    record = a_record(one, "looking", at="2020-03-05T09:00:00+08:00")
    assert results_of(as_helper(registry), record) == ["accepted"]
    assert jobs(registry)[-1] == (date(2020, 3, 12), None, None, "350500")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"month": "2020-01-05"}, "not-on-your-list"),
        ({"month": "2020-04-01"}, "not-on-your-list"),
        ({"person_id": "01HZZZZZZZZZZZZZZZZZZZZZZY"}, "not-on-your-list"),
        ({"recorded_at": "2020-03-12T11:00:00+08:00"}, "clock-ahead"),
        ({"tried_at": "2020-02-29T12:00:00+08:00"}, "try-outside-month"),
        ({"tried_at": "2020-03-12T10:05:00+08:00"}, "try-outside-month"),
        ({"outcome": "changed"}, "area-needed"),
        ({"outcome": "changed", "enterprise_id": "nobody"}, "enterprise-unknown"),
        ({"outcome": "home", "area_code": "441900"}, "not-employed-there"),
        ({"outcome": "not_reached", "wage_band": "from_3000"}, "not-employed-there"),
    ],
)
def test_a_record_that_cannot_be_taken_says_why_and_holds_up_no_other(
    registry: Registry, changes: dict[str, str], code: str
) -> None:
    wrong, right = a_list(registry, 2)
    helper = as_helper(registry)
    assert results_of(helper, a_record(wrong) | changes, a_record(right)) == [code, "accepted"]
    assert registry.counts()["tracking_record"] == 1


def test_a_month_takes_records_until_it_closes_and_none_before_it_begins(registry: Registry) -> None:
    [one] = a_list(registry, 1)
    helper = as_helper(registry)
    with registry.parts.database.session() as session:
        session.add(
            TrackingTaskRow(month=date(2020, 4, 1), person_id=one.id, place_code=TOWNSHIP, due_on=MARCH)
        )
    assert results_of(helper, a_record(one) | {"month": "2020-04-01"}) == ["month-to-come"]
    registry.clock.at = MARCH_12.replace(month=4, day=10)
    assert results_of(as_helper(registry), a_record(one)) == ["accepted"]
    registry.clock.at = MARCH_12.replace(month=4, day=11)
    late = a_record(one, "home", at="2020-04-11T00:00:01+08:00")
    assert results_of(as_helper(registry), late) == ["month-closed"]


def test_what_was_recorded_in_time_without_network_is_taken_for_a_month_after_the_month_closed(
    registry: Registry,
) -> None:
    [one] = a_list(registry, 1)
    last = "2020-04-10T23:59:59+08:00"
    registry.clock.at = MARCH_12.replace(month=5, day=11)
    assert results_of(as_helper(registry), a_record(one, "home", at=last)) == ["accepted"]
    assert task(registry)[0] == "home"
    registry.clock.at = MARCH_12.replace(month=5, day=12)
    assert results_of(as_helper(registry), a_record(one, "same", at=last)) == ["month-closed"]


def test_the_same_employer_of_somebody_without_any_is_refused(registry: Registry) -> None:
    [one] = a_list(registry, 1, employed_since=None)
    assert results_of(as_helper(registry), a_record(one)) == ["nowhere-employed"]


def test_nobody_records_for_another_s_list_or_area(registry: Registry) -> None:
    [one] = a_list(registry, 1)
    add_helper(registry.parts, OTHER)
    for client in (
        as_helper(registry, OTHER),
        as_helper(registry, "nobody"),
        registry.client(Role.BUREAU, areas=(LIBO,)),
        registry.client(Role.BUREAU, areas=("522732104",)),
        registry.client(Role.BUREAU, areas=()),
    ):
        assert results_of(client, a_record(one)) == ["not-on-your-list"]
    for role in (Role.ENTERPRISE, Role.AUDIT, Role.OPERATOR, Role.RIGHTS):
        assert registry.client(role).post("/api/tracking/records", json={"records": []}).status_code == 403
    assert registry.counts()["tracking_record"] == 0


def test_a_list_is_handed_over_in_one_step_and_open_tasks_go_along(registry: Registry) -> None:
    done, open_one, kept = a_list(registry, 3)
    add_helper(registry.parts, OTHER)
    assert results_of(as_helper(registry), a_record(done)) == ["accepted"]
    bureau = registry.client(Role.BUREAU)
    path = f"/api/helpers/{HELPER}/hand-over"
    chosen = {"to": OTHER, "person_ids": [done.id, open_one.id]}
    assert bureau.post(path, json=chosen).json() == {"people": 2}
    tasks = dict(registry.sql("SELECT person_id, helper_id FROM tracking_task"))
    assert tasks == {done.id: HELPER, open_one.id: OTHER, kept.id: HELPER}
    assert bureau.post(path, json={"to": OTHER}).json() == {"people": 1}
    assert bureau.post(path, json={"to": OTHER}).json() == {"people": 0}
    assert as_helper(registry).get("/api/tracking/my-list").json()["people"] == []
    assert len(as_helper(registry, OTHER).get("/api/tracking/my-list").json()["people"]) == 3
    assert registry.sql("SELECT helper_id, count(*) FROM assignment GROUP BY 1 ORDER BY 1") == [
        (HELPER, 3),
        (OTHER, 3),
    ]
    assert bureau.post(path, json=chosen).json()["code"] == "people-not-on-list"


def test_what_was_recorded_before_a_list_was_handed_over_is_still_taken(registry: Registry) -> None:
    [one] = a_list(registry, 1)
    add_helper(registry.parts, OTHER)
    bureau = registry.client(Role.BUREAU)
    assert bureau.post(f"/api/helpers/{HELPER}/hand-over", json={"to": OTHER}).json() == {"people": 1}
    registry.clock.advance(hours=2)
    before = a_record(one, "not_reached", at="2020-03-12T09:59:00+08:00")
    after = a_record(one, "not_reached", at="2020-03-12T10:01:00+08:00")
    assert results_of(as_helper(registry), before, after) == ["accepted", "not-on-your-list"]


@pytest.mark.parametrize("area", ["52", "5227", SANDU, TOWNSHIP])
def test_late_tasks_are_counted_by_place_and_helper_with_whom_they_have_climbed_to(
    registry: Registry, area: str
) -> None:
    done, *_ = a_list(registry, 3)
    a_list(registry, 2, 5, helper_id=OTHER)
    send(as_helper(registry), a_record(done))
    for day, level in ((25, None), (26, "helper"), (28, "township"), (31, "township")):
        registry.clock.at = MARCH_12.replace(day=day)
        bureau = registry.client(Role.BUREAU, areas=(area,))
        whole = bureau.get("/api/tracking/overview").json()["whole"]
        late = dict.fromkeys(("helper", "township", "county"), 0) | ({level: 4} if level else {})
        assert (whole["tasks"], whole["done"], whole["late"]) == (5, 1, late)
        assert whole["in_time"] == (0 if level else 4)
    registry.clock.at = MARCH_12.replace(month=4, day=1)
    bureau = registry.client(Role.BUREAU, areas=(area,))
    found = bureau.get("/api/tracking/overview", params={"month": "2020-03-01"}).json()
    assert found["whole"]["late"]["county"] == 4
    assert found["earlier"] == {}
    present = bureau.get("/api/tracking/overview").json()
    assert {month: one["late"]["county"] for month, one in present["earlier"].items()} == {"2020-03-01": 4}
    assert "2020-03 还有 4 人逾期未登记" in bureau.get("/tracking", headers={"Accept": "text/html"}).text
    assert found["outcomes"] == {"same": 1}
    assert [(one["code"], one["late"]["county"]) for one in found["helpers"]] == [(HELPER, 2), (OTHER, 2)]
    assert found["helpers"][0]["name"] == "帮扶甲"
    [place] = found["places"]
    assert place["code"] == (SANDU if len(area) < 6 else TOWNSHIP)
    tasks = bureau.get("/api/tracking/tasks", params={"month": "2020-03-01", "helper_id": HELPER}).json()
    assert [one["late"] for one in tasks["items"]].count("county") == 2
    assert tasks["total"] == 3


def test_the_service_s_figures_tell_how_many_are_late_and_whose_they_are_until_the_month_is_closed(
    registry: Registry,
) -> None:
    done, merged, kept, erased, _other = a_list(registry, 5)
    send(as_helper(registry), a_record(done))
    sql = registry.sql
    sql("UPDATE person SET file_id = :into WHERE id = :id RETURNING id", into=kept.id, id=merged.id)
    sql("UPDATE person SET wrapped_key = NULL WHERE id = :id RETURNING id", id=erased.id)

    def late(month: int, day: int) -> list[int]:
        registry.clock.at = MARCH_12.replace(month=month, day=day)
        lines = httpx.get(f"{registry.url}/metrics", timeout=PATIENCE_S).text.splitlines()
        told = dict(line.rsplit(" ", 1) for line in lines if line.startswith("zhida_late_tasks{"))
        names = [f'zhida_late_tasks{{level="{level}"}}' for level in ("helper", "township", "county")]
        assert set(told) == set(names)
        return [int(float(told[name])) for name in names]

    assert late(3, 25) == [0, 0, 0]
    assert late(3, 26) == [2, 0, 0]
    assert late(3, 28) == [0, 2, 0]
    assert late(4, 1) == late(4, 10) == [0, 0, 2]
    assert late(4, 11) == [0, 0, 0]


def test_an_area_s_list_shows_nobody_s_name_and_no_neighbour_s_people(registry: Registry) -> None:
    people = a_list(registry, 3)
    text = registry.client(Role.BUREAU).get("/api/tracking/tasks").text
    assert all(one.id in text and one.name not in text and one.phone not in text for one in people)
    neighbour = registry.client(Role.BUREAU, areas=(LIBO,))
    assert neighbour.get("/api/tracking/tasks").json()["total"] == 0
    assert neighbour.get("/api/tracking/overview").json()["whole"]["tasks"] == 0
    assert neighbour.get("/api/helpers").json()["items"] == []
    theirs, absent = (neighbour.get(f"/api/tracking/people/{one}") for one in (people[0].id, "nobody"))
    assert theirs.status_code == absent.status_code == 404
    assert theirs.json()["detail"].replace(people[0].id, "") == absent.json()["detail"].replace("nobody", "")


def test_milestones_of_a_month_are_told_with_whether_they_are_held(registry: Registry) -> None:
    stays, leaves = a_list(registry, 2, enterprise_id=ENTERPRISE_ID)
    registry.clock.at = MARCH_12.replace(day=5)
    send(as_helper(registry), a_record(leaves, "looking", at="2020-03-05T10:00:00+08:00"))
    bureau = registry.client(Role.BUREAU)
    early = bureau.get("/api/tracking/milestones").json()["items"]
    assert [(one["months"], one["due_on"], one["held"]) for one in early] == [(1, "2020-03-10", None)] * 2
    registry.clock.at = MARCH_12
    bureau = registry.client(Role.BUREAU)
    held = {one["person_id"]: one["held"] for one in bureau.get("/api/tracking/milestones").json()["items"]}
    assert held == {stays.id: True, leaves.id: False}
    for month, months in (("2020-05-01", 3), ("2020-08-01", 6), ("2021-02-01", 12)):
        due = bureau.get("/api/tracking/milestones", params={"month": month}).json()
        assert (due["total"], due["items"][0]["months"]) == (2, months)
        assert due["items"][0]["due_on"] == f"{month[:8]}10"
    assert bureau.get("/api/tracking/milestones", params={"month": "2020-04-01"}).json()["total"] == 0


def test_who_is_followed_no_more_has_no_milestone_from_that_day_on_and_who_was_merged_away_none_beside_the_file(
    registry: Registry,
) -> None:
    kept, merged, ended, erased, back = a_list(registry, 5, enterprise_id=ENTERPRISE_ID)
    bureau, operator = registry.client(Role.BUREAU), registry.client(Role.OPERATOR, areas=("52",))
    sql = registry.sql
    sql("UPDATE tracking SET taken_back_at = now() WHERE person_id = :id RETURNING id", id=back.id)
    merging = {"into_id": kept.id, "reason": "同一人两个身份证号"}
    assert bureau.post(f"/api/people/{merged.id}/merge", json=merging).status_code == 200
    assert bureau.post(f"/api/tracking/people/{ended.id}/stop").json() == {"ended": 1}
    assert operator.post(f"/api/people/{erased.id}/erase").status_code == 200

    def due(month: str) -> list[tuple[str, int]]:
        found = bureau.get("/api/tracking/milestones", params={"month": month}).json()
        assert found["total"] == len(found["items"])
        return sorted((one["person_id"], one["months"]) for one in found["items"])

    assert due("2020-03-01") == sorted([(kept.id, 1), (ended.id, 1)])  # on the 10th: it ended on the 12th
    for month, months in (("2020-05-01", 3), ("2020-08-01", 6), ("2021-02-01", 12)):
        assert due(month) == [(kept.id, months)]


def test_a_milestone_of_a_month_s_last_day_falls_on_the_next_one_s(registry: Registry) -> None:
    add_helper(registry.parts)
    people = add_folk(registry.parts, [1, 2], helper_id=HELPER, employed_since=date(2020, 1, 1))
    follow(registry.parts, people[:1], since=date(2020, 1, 31))
    follow(registry.parts, people[1:], since=date(2020, 8, 31))
    client = registry.client(Role.BUREAU)

    def due(month: str) -> list[tuple[int, str]]:
        items = client.get("/api/tracking/milestones", params={"month": month}).json()["items"]
        return [(one["months"], one["due_on"]) for one in items]

    assert due("2020-02-01") == [(1, "2020-02-29")]
    assert due("2020-04-01") == [(3, "2020-04-30")]
    assert due("2020-09-01") == [(1, "2020-09-30")]
    assert due("2021-02-01") == [(6, "2021-02-28")]
    assert due("2021-01-01") == [(12, "2021-01-31")]


def test_a_clerk_follows_who_works_outside_the_county_once(registry: Registry) -> None:
    away = add_folk(registry.parts, [1, 2], employed_since=SINCE)
    add_folk(registry.parts, [3])
    with registry.parts.database.session() as session:
        for one in add_folk(registry.parts, [4]):
            begin_employment(session, one.id, SINCE, enterprise_id=None, area_code=SANDU, source="import/1")
    add_folk(registry.parts, [5], place_code="522722100", employed_since=SINCE)
    bureau = registry.client(Role.BUREAU)
    asked = {"area_code": TOWNSHIP, "since": "2020-02-15"}
    assert bureau.post("/api/tracking/areas", json=asked).json() == {"people": 2}
    assert bureau.post("/api/tracking/areas", json={"area_code": SANDU}).json() == {"people": 0}
    followed = registry.sql("SELECT person_id, opened_on, area_code FROM tracking")
    assert sorted(followed) == sorted((one.id, date(2020, 2, 15), "441900") for one in away)
    for area in ("52", LIBO):
        assert bureau.post("/api/tracking/areas", json={"area_code": area}).json()["code"] == "area-not-yours"


def test_a_helper_is_registered_sealed_and_only_in_one_s_own_area(registry: Registry) -> None:
    bureau = registry.client(Role.BUREAU)
    sent = {"helper_id": "h.wang", "name": "独孤求败", "phone": "15412345678", "place_code": "522732001"}
    made = bureau.post("/api/helpers", json=sent)
    assert made.status_code == 201
    assert (made.json()["name"], made.json()["phone"]) == ("独孤求败", "154****5678")
    again = bureau.post("/api/helpers", json=sent | {"name": "王小二"}).json()
    assert again["name"] == "王小二"
    assert [one["helper_id"] for one in bureau.get("/api/helpers").json()["items"]] == ["h.wang"]
    stored = b"".join(
        bytes(value) for row in registry.sql("SELECT name_sealed, phone_sealed FROM helper") for value in row
    )
    assert "王小二".encode() not in stored
    assert b"15412345678" not in stored
    neighbour = registry.client(Role.BUREAU, areas=(LIBO,))
    assert neighbour.post("/api/helpers", json=sent).json()["code"] == "place-not-yours"
    taken = neighbour.post("/api/helpers", json=sent | {"place_code": "522722101"})
    assert taken.json()["code"] == "helper-elsewhere"
    assert bureau.post("/api/helpers", json=sent | {"phone": "123"}).json()["code"] == "helper-unreadable"


def test_a_helper_s_people_are_counted_as_far_as_they_are_one_s_own(registry: Registry) -> None:
    add_helper(registry.parts, "h.x")
    add_folk(registry.parts, [1], helper_id="h.x")
    add_folk(registry.parts, [2, 3, 4], helper_id="h.x", place_code="522732104")
    counts = {}
    for area in (TOWNSHIP, SANDU):
        bureau = registry.client(Role.BUREAU, areas=(area,))
        [listed] = bureau.get("/api/helpers").json()["items"]
        counts[area] = listed["people"]
    assert counts == {TOWNSHIP: 1, SANDU: 4}


def test_a_list_goes_only_from_and_to_helpers_of_one_s_own_area(registry: Registry) -> None:
    a_list(registry, 1)
    add_helper(registry.parts, "elsewhere", "522722100")
    bureau = registry.client(Role.BUREAU)
    for helper_id, to in (("elsewhere", HELPER), (HELPER, "elsewhere"), (HELPER, "nobody")):
        answer = bureau.post(f"/api/helpers/{helper_id}/hand-over", json={"to": to})
        assert (answer.status_code, answer.json()["code"]) == (404, "helper-unknown")


def test_who_is_erased_is_on_no_list_and_nobody_is_late_for_them(registry: Registry) -> None:
    done, erased, _kept = a_list(registry, 3)
    assert results_of(as_helper(registry), a_record(done)) == ["accepted"]
    with registry.parts.database.session() as session:
        for one in (done, erased):
            session.connection().exec_driver_sql(
                "UPDATE person SET wrapped_key = NULL WHERE id = %s", (one.id,)
            )
    assert len(as_helper(registry).get("/api/tracking/my-list").json()["people"]) == 1
    assert results_of(as_helper(registry), a_record(erased)) == ["not-on-your-list"]
    whole = registry.client(Role.BUREAU).get("/api/tracking/overview").json()["whole"]
    assert (whole["tasks"], whole["done"], whole["in_time"]) == (2, 1, 1)
    assert registry.client(Role.BUREAU).get("/api/tracking/tasks").json()["total"] == 2


def test_a_merged_person_is_once_on_the_list_and_recorded_for_the_file(registry: Registry) -> None:
    one, other = a_list(registry, 2)
    with registry.parts.database.session() as session:
        session.connection().exec_driver_sql(
            "UPDATE person SET file_id = %s WHERE id = %s", (one.id, other.id)
        )
    [line] = as_helper(registry).get("/api/tracking/my-list").json()["people"]
    assert line["person_id"] == one.id
    assert results_of(as_helper(registry), a_record(other, "looking")) == ["accepted"]
    # Said of that ID alone too, for the day on which the two are parted.
    found = registry.sql("SELECT person_id, outcome FROM tracking_task")
    assert sorted(found) == sorted([(one.id, "looking"), (other.id, "looking")])
    assert [row[1] for row in jobs(registry)] == [date(2020, 3, 12)] * 2
    assert registry.client(Role.BUREAU).get("/api/tracking/overview").json()["whole"]["tasks"] == 1
