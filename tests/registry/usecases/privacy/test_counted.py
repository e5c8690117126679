"""Months of tracking and cases are destroyed by age and stay counted; who has an open case or is held by a list keeps theirs."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text

from services.registry.usecases.privacy import retention
from services.registry.usecases.privacy.retention import Retaining, list_due
from shared.security import Role
from tests.registry.conftest import LIBO, SANDU, Registry
from tests.registry.folk import Folk
from tests.registry.rights import JPEG, body, open_case, step
from tests.registry.rosters import AGENCY_ID, worker
from tests.registry.tracked import MARCH, a_list, a_record, as_helper, send

TABLES = ("tracking", "tracking_task", "tracking_record")
LIBO_TOWNSHIP = "522722101"
HOLD = """
    INSERT INTO reward_rule (id, area_code, rule_id, version, digest, body, loaded_by, loaded_at)
        VALUES ('R', '52', 'r', 1, 'd', '{}', 'x', now());
    INSERT INTO reward_list (id, reward_rule_id, digest, area_code, claimant_id, first_day, last_day, as_of, state, heads,
        refused, total_fen, counted_lists, before_heads, before_fen, difference_fen, made_by, made_at)
        VALUES ('L', 'R', 'd', '522732', :agency, '2020-02-01', '2020-02-29', '2020-07-01', 'confirmed', 1, 0, 0,
        '[]', 0, 0, 0, 'x', now());
    INSERT INTO reward_hold (person_id, purpose, period, part, list_id, rule_id, claimant_id, area_code)
        VALUES (:person, 'p', '', '', 'L', 'r', :agency, '522732')
"""


def at(registry: Registry, when: str) -> None:
    """A moment in China."""
    registry.clock.at = datetime.fromisoformat(f"{when}+08:00")


def due(registry: Registry) -> dict[str, int]:
    """What would go, of what this file is about."""
    rules = ("tracking", "tracking-paid", "rights-cases", "rights-rulings")
    found = {one.rule.id: one.count for one in list_due(registry.parts.database, registry.clock)}
    return {rule: found[rule] for rule in rules if found[rule]}


def look(registry: Registry) -> None:
    Retaining(registry.parts.database, registry.clock).look()


def run(registry: Registry, statements: str, **values: Any) -> None:
    with registry.parts.database.session() as session:
        for statement in statements.split(";"):
            session.connection().execute(text(statement), values)


def stop_following(registry: Registry, day: str = "2020-03-20") -> None:
    run(registry, "UPDATE tracking SET closed_on = :day", day=day)


def left(registry: Registry, person: Folk) -> list[int]:
    """How much is left of somebody in each table of tracking."""
    count = "SELECT count(*) FROM {} WHERE person_id = :person"
    return [registry.sql(count.format(table), person=person.id)[0][0] for table in TABLES]


def figures(registry: Registry, area: str) -> dict[str, Any]:
    """All that the area's overview of March tells, but for whose lists they are on."""
    answer = registry.client(areas=(area,)).get("/api/tracking/overview", params={"month": "2020-03-01"})
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    del told["helpers"]
    return told


@pytest.fixture
def march(registry: Registry) -> list[Folk]:
    """Three of a township whose month came out as three things, and one of another county; nobody is followed any more."""
    people = a_list(registry, 3) + a_list(registry, 1, 4, place_code=LIBO_TOWNSHIP, helper_id="helper-2")
    send(as_helper(registry), a_record(people[0]), a_record(people[1], "not_reached"))
    stop_following(registry)
    return people


def test_a_month_is_kept_for_three_years_from_its_end_to_the_day_and_then_only_counted(
    registry: Registry, march: list[Folk]
) -> None:
    areas = ("52", SANDU, LIBO, LIBO_TOWNSHIP)
    at(registry, "2023-03-20T23:59:59")
    assert due(registry) == {}
    at(registry, "2023-03-21T00:00:00")
    assert due(registry) == {"tracking": 4}  # the trackings, which ended on the 20th
    at(registry, "2023-04-01T23:59:59")
    look(registry)
    assert [left(registry, one) for one in march[:3]] == [[0, 1, 1], [0, 1, 1], [0, 1, 0]]

    at(registry, "2023-04-02T00:00:00")
    before = {area: figures(registry, area) for area in areas}
    assert before[SANDU]["whole"]["tasks"] == 3
    assert before[SANDU]["outcomes"] == {"same": 1}
    assert (before["52"]["whole"]["tasks"], before["52"]["whole"]["late"]["county"]) == (4, 3)
    assert due(registry) == {"tracking": 6}
    assert due(registry) == {"tracking": 6}  # counting destroys nothing
    look(registry)
    assert due(registry) == {}
    assert [left(registry, one) for one in march] == [[0, 0, 0]] * 4
    assert {area: figures(registry, area) for area in areas} == before
    assert registry.sql("SELECT count(*) FROM person_file") == [(4,)]  # the file itself stays
    look(registry)
    assert {area: figures(registry, area) for area in areas} == before


def test_who_is_still_followed_loses_the_old_months_alone(registry: Registry) -> None:
    [one] = a_list(registry, 1)
    at(registry, "2023-04-02T00:00:00")
    look(registry)
    assert left(registry, one) == [1, 0, 0]


def test_nothing_of_a_tracking_goes_while_its_journey_stays_somebody_s(
    registry: Registry, march: list[Folk]
) -> None:
    [request_id] = registry.accept(
        worker(9, resident_id=march[0].resident_id, earliest="2020-03-20", latest="2020-03-21")
    )
    run(
        registry,
        "UPDATE tracking SET request_id = :id WHERE person_id = :one",
        id=request_id,
        one=march[0].id,
    )
    at(registry, "2023-03-21T00:00:00")
    assert due(registry) == {"tracking": 3}


def test_nothing_goes_of_who_has_an_open_case_until_it_is_over(registry: Registry, march: list[Folk]) -> None:
    sent = body(person_id=march[0].id)
    case_id = registry.client().post("/api/cases", json=sent).json()["case_id"]
    at(registry, "2023-04-02T00:00:00")
    look(registry)
    assert [left(registry, one) for one in march[:2]] == [[1, 1, 1], [0, 0, 0]]
    step(registry, case_id, "withdraw")
    look(registry)
    assert left(registry, march[0]) == [0, 0, 0]


def test_of_whom_a_list_of_rewards_holds_it_is_kept_for_ten_years_and_until_the_list_is_handed_over(
    registry: Registry, march: list[Folk]
) -> None:
    run(registry, HOLD, person=march[0].id, agency=AGENCY_ID)
    at(registry, "2023-04-02T00:00:00")
    look(registry)
    assert [left(registry, one) for one in march[:2]] == [[1, 1, 1], [0, 0, 0]]
    run(registry, "UPDATE reward_list SET state = 'handed_over'")
    at(registry, "2030-04-01T00:00:00")
    assert due(registry) == {"tracking-paid": 1}
    at(registry, "2030-04-02T00:00:00")
    run(registry, "UPDATE reward_list SET state = 'confirmed'")
    assert due(registry) == {}
    run(registry, "UPDATE reward_list SET state = 'handed_over'")
    assert due(registry) == {"tracking-paid": 3}
    look(registry)
    assert left(registry, march[0]) == [0, 0, 0]


def test_more_than_one_batch_goes_and_is_counted_once(
    registry: Registry, march: list[Folk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "LOOKED_AT", 2)
    at(registry, "2023-04-02T00:00:00")
    before = figures(registry, "52")
    look(registry)
    assert [left(registry, one) for one in march] == [[0, 0, 0]] * 4
    assert figures(registry, "52") == before
    assert registry.sql("SELECT sum(tasks) FROM tracking_past") == [(4,)]


def test_a_batch_goes_on_after_what_has_to_stay_and_comes_back_to_it_in_the_next_hour(
    registry: Registry, march: list[Folk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "LOOKED_AT", 1)
    run(registry, "UPDATE tracking SET closed_on = NULL, taken_back_at = '2020-03-20T00:00:00+08:00'")
    first, *others = sorted(march, key=lambda one: one.id)
    sent = body(person_id=first.id)
    case_id = registry.client().post("/api/cases", json=sent).json()["case_id"]
    at(registry, "2023-04-02T00:00:00")
    kept = left(registry, first)
    look(registry)
    assert [left(registry, one) for one in (first, *others)] == [kept] + [[0, 0, 0]] * 3
    step(registry, case_id, "withdraw")
    look(registry)
    assert left(registry, first) == [0, 0, 0]
    assert registry.sql("SELECT sum(tasks) FROM tracking_past") == [(4,)]


def counts(registry: Registry, area: str = SANDU) -> Any:
    return registry.client(Role.AUDIT, areas=(area,)).get("/api/case-counts").json()["counts"]


def parts_of_cases(registry: Registry) -> list[int]:
    tables = ("rights_case", "rights_step", "rights_clock", "rights_document", "rights_consent")
    return [registry.counts()[table] for table in tables]


def test_a_closed_case_is_kept_for_five_years_with_its_papers_and_then_only_counted(
    registry: Registry,
) -> None:
    closed, open_, again = (open_case(registry, number) for number in (1, 2, 3))
    added = registry.client().post(
        f"/api/cases/{closed}/documents", files={"file": ("工资条.jpg", JPEG, "image/jpeg")}
    )
    assert added.status_code == 201, added.text
    at(registry, "2020-03-10T12:00:00")
    for case_id in (closed, again):
        step(registry, case_id, "withdraw")
    step(registry, closed, "close")
    [(person_id,)] = registry.sql("SELECT person_id FROM rights_case WHERE id = :id", id=again)
    sent = body(person_id=person_id, client_id="another-0001", case_type="injury")
    assert registry.client().post("/api/cases", json=sent).status_code == 201
    at(registry, "2025-03-10T12:00:00")
    assert due(registry) == {}
    registry.clock.advance(seconds=1)
    assert due(registry) == {"rights-cases": 1}  # not of who has another open, nor the open one
    told = {area: counts(registry, area) for area in ("52", SANDU, LIBO)}
    assert [one["count"] for one in told[SANDU] if one["case_type"] == "unpaid_wages"] == ["3"]
    look(registry)
    assert sorted(registry.sql("SELECT id FROM rights_case WHERE case_type = 'unpaid_wages'")) == sorted(
        [(open_,), (again,)]
    )
    assert registry.counts()["rights_document"] == 0
    assert registry.client().get(f"/api/cases/{closed}").status_code == 404
    assert {area: counts(registry, area) for area in ("52", SANDU, LIBO)} == told
    look(registry)
    assert {area: counts(registry, area) for area in ("52", SANDU, LIBO)} == told


def test_a_case_that_was_withdrawn_and_never_closed_is_as_old_as_its_last_step(registry: Registry) -> None:
    case_id = open_case(registry)
    at(registry, "2020-03-10T12:00:00")
    step(registry, case_id, "withdraw")
    at(registry, "2025-03-10T12:00:01")
    assert due(registry) == {"rights-cases": 1}
    look(registry)
    assert parts_of_cases(registry) == [0, 0, 0, 0, 0]


def test_a_case_with_an_award_is_kept_for_ten_years(registry: Registry) -> None:
    case_id = open_case(registry)
    for act in ("assign", "arbitrate"):
        step(registry, case_id, act)
    step(registry, case_id, "resolve", outcome="award", amount_fen=1_234_567)
    step(registry, case_id, "close")
    ended = registry.clock.now()
    registry.clock.at = ended.replace(year=2030)
    assert due(registry) == {}
    registry.clock.advance(seconds=1)
    assert due(registry) == {"rights-rulings": 1}
    look(registry)
    assert parts_of_cases(registry) == [0, 0, 0, 0, 0]
    assert counts(registry)[0]["month"] == "2020-02"


def test_the_month_of_a_case_that_is_no_more_is_china_s(registry: Registry) -> None:
    at(registry, "2020-03-01T00:30:00")  # in UTC it is still February
    case_id = open_case(registry)
    step(registry, case_id, "withdraw")
    told = counts(registry)
    at(registry, "2025-03-02T00:00:00")
    look(registry)
    assert parts_of_cases(registry) == [0, 0, 0, 0, 0]
    assert counts(registry) == told
    assert told[0]["month"] == "2020-03"
    assert registry.sql("SELECT month FROM rights_past") == [(MARCH,)]
