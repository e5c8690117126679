"""A household that falls to nobody employed has a task until somebody is employed again, whoever says so and in whatever order."""

from datetime import date, timedelta

import pytest

from services.registry.store.people import lock_people
from services.registry.usecases.households.fallen import household_employment_changed
from tests.racing import run_into
from tests.registry.conftest import Registry
from tests.registry.employed import begin_employment, end_employment
from tests.registry.folk import SINCE, Folk, add_folk, add_household

TODAY = date(2020, 2, 20)
WORKS_SINCE = date(2019, 3, 1)


def family(registry: Registry, numbers: tuple[int, ...] = (1, 2)) -> tuple[str, list[Folk]]:
    """A household of which all have been employed since spring."""
    household = add_household(registry.parts, "0001")
    return household, add_folk(registry.parts, numbers, household_id=household, employed_since=WORKS_SINCE)


def leave(registry: Registry, *folk: Folk, on: date, today: date = TODAY) -> None:
    """They are not employed from that day on, as became known today."""
    with registry.parts.database.session() as session:
        lock_people(session, [one.id for one in folk])
        for one in folk:
            end_employment(session, one.id, on)
        household_employment_changed(session, [one.id for one in folk], today, "helper-1")


def begin(registry: Registry, who: Folk, *, on: date, today: date = TODAY) -> None:
    """They are employed from that day on."""
    with registry.parts.database.session() as session:
        lock_people(session, [who.id])
        begin_employment(session, who.id, on, enterprise_id=None, area_code="441900", source="tracking/1")
        household_employment_changed(session, [who.id], today, "helper-1")


def tasks(registry: Registry) -> list[tuple[object, ...]]:
    return registry.sql("SELECT fell_on, known_on, outcome, ended_on FROM zero_task ORDER BY id")


def test_the_last_who_leaves_a_job_opens_the_task_and_not_the_first(registry: Registry) -> None:
    household, (one, two) = family(registry)
    leave(registry, one, on=date(2020, 2, 1))
    assert tasks(registry) == []
    leave(registry, two, on=date(2020, 2, 10))
    assert registry.sql(
        "SELECT household_id, fell_on, known_on, help_by, clear_by, opened_by, outcome FROM zero_task"
    ) == [(household, date(2020, 2, 10), TODAY, date(2020, 2, 23), date(2020, 2, 25), "helper-1", None)]


def test_to_be_told_twice_opens_one_task(registry: Registry) -> None:
    _, (one, two) = family(registry)
    for _ in range(2):
        leave(registry, one, two, on=date(2020, 2, 10))
    assert len(tasks(registry)) == 1


def test_the_task_is_cleared_when_any_member_is_employed_again(registry: Registry) -> None:
    _, (one, two) = family(registry)
    leave(registry, one, two, on=date(2020, 2, 10))
    begin(registry, two, on=date(2020, 2, 22), today=date(2020, 2, 24))
    assert tasks(registry) == [(date(2020, 2, 10), TODAY, "cleared", date(2020, 2, 22))]
    [(by, on)] = registry.sql("SELECT closed_by, closed_on FROM zero_task")
    assert (by, on) == ("helper-1", date(2020, 2, 24))


def test_when_it_falls_again_there_is_a_new_task(registry: Registry) -> None:
    _, (one, two) = family(registry)
    leave(registry, one, two, on=date(2020, 2, 10))
    begin(registry, two, on=date(2020, 2, 22), today=date(2020, 2, 24))
    leave(registry, two, on=date(2020, 3, 1), today=date(2020, 3, 2))
    assert [(fell, outcome) for fell, _, outcome, _ in tasks(registry)] == [
        (date(2020, 2, 10), "cleared"),
        (date(2020, 3, 1), None),
    ]


def test_an_employment_that_turns_out_to_have_gone_on_annuls_the_task_and_keeps_it(
    registry: Registry,
) -> None:
    _, (one,) = family(registry, (1,))
    leave(registry, one, on=date(2020, 2, 10))
    begin(registry, one, on=date(2020, 2, 10), today=date(2020, 2, 21))
    assert tasks(registry) == [(date(2020, 2, 10), TODAY, "annulled", date(2020, 2, 10))]
    leave(registry, one, on=date(2020, 2, 10), today=date(2020, 2, 22))
    assert [outcome for _, _, outcome, _ in tasks(registry)] == ["annulled", None]


def test_an_employment_that_ended_later_than_was_known_moves_the_fall_and_not_the_clocks(
    registry: Registry,
) -> None:
    _, (one,) = family(registry, (1,))
    leave(registry, one, on=date(2020, 2, 10))
    with registry.parts.database.session() as session:
        session.connection().exec_driver_sql("UPDATE employment SET valid_to = '2020-02-15'")
        household_employment_changed(session, [one.id], date(2020, 2, 21), "helper-1")
    assert tasks(registry) == [(date(2020, 2, 15), TODAY, None, None)]


def test_an_end_that_lies_ahead_opens_nothing_yet(registry: Registry) -> None:
    _, (one,) = family(registry, (1,))
    leave(registry, one, on=TODAY + timedelta(days=1))
    assert tasks(registry) == []


def test_a_member_merged_into_another_household_s_file_counts_with_the_other_id_s_employment(
    registry: Registry,
) -> None:
    _, (one,) = family(registry, (1,))
    [other] = add_folk(registry.parts, (5,), employed_since=WORKS_SINCE)
    with registry.parts.database.session() as session:
        merge = "UPDATE person SET file_id = %s WHERE id = %s"
        session.connection().exec_driver_sql(merge, (one.id, other.id))
    leave(registry, one, on=date(2020, 2, 10))
    assert tasks(registry) == []
    leave(registry, other, on=date(2020, 2, 11))
    assert tasks(registry) == [(date(2020, 2, 11), TODAY, None, None)]


@pytest.mark.parametrize("outcome", ["no_labour", "left"])
def test_a_household_without_labour_force_or_members_any_more_has_no_open_task(
    registry: Registry, outcome: str
) -> None:
    _, (one,) = family(registry, (1,))
    leave(registry, one, on=date(2020, 2, 10))
    with registry.parts.database.session() as session:
        session.connection().exec_driver_sql("UPDATE membership SET valid_to = %s", (TODAY,))
        if outcome == "no_labour":
            session.connection().exec_driver_sql(
                "INSERT INTO membership (person_id, valid_from, household_id, relation, has_labour, source)"
                " SELECT person_id, valid_to, household_id, relation, false, source FROM membership"
            )
        household_employment_changed(session, [one.id], TODAY, "import/1")
    assert tasks(registry) == [(date(2020, 2, 10), TODAY, outcome, TODAY)]


def test_who_never_was_employed_is_owed_help_since_they_belong_to_the_labour_force(
    registry: Registry,
) -> None:
    household = add_household(registry.parts, "0002")
    [one] = add_folk(registry.parts, (7,), household_id=household)
    with registry.parts.database.session() as session:
        household_employment_changed(session, [one.id], TODAY, "import/1")
    assert tasks(registry) == [(SINCE, TODAY, None, None)]


def test_two_that_leave_at_once_open_the_one_task(registry: Registry) -> None:
    """Neither sees what the other has not committed: without the household's lock both would find somebody employed."""
    _, (one, two) = family(registry)
    with registry.parts.database.session() as session:
        end_employment(session, one.id, date(2020, 2, 10))
        household_employment_changed(session, [one.id], TODAY, "helper-1")
        waiting = run_into(registry.parts.database, lambda: leave(registry, two, on=date(2020, 2, 12)))
    waiting.result(60)
    assert tasks(registry) == [(date(2020, 2, 12), TODAY, None, None)]
