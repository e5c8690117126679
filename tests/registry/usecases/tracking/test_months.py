"""A month's tasks are made once each, in order, also after an outage, and by whoever comes first."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

from services.registry.usecases.tracking.months import make_months
from services.registry.usecases.tracking.open_area import stop_following
from shared.security import Principal, Role
from tests.registry.conftest import SANDU, Registry
from tests.registry.folk import TOWNSHIP, add_folk, add_helper
from tests.registry.tracked import HELPER, follow

BUREAU = Principal("三都县人社局", frozenset({Role.BUREAU}), (SANDU,))


def tasks(registry: Registry) -> dict[date, int]:
    return dict(registry.sql("SELECT month, count(*) FROM tracking_task GROUP BY 1 ORDER BY 1"))


def on(registry: Registry, month: int, day: int, year: int = 2020) -> dict[date, int]:
    registry.clock.at = datetime(year, month, day, 4, tzinfo=UTC)
    return make_months(registry.parts.database, registry.clock)


def test_the_first_task_is_the_month_s_after_the_arrival_due_on_its_25th(empty_registry: Registry) -> None:
    add_helper(empty_registry.parts)
    [one] = add_folk(empty_registry.parts, [1], helper_id=HELPER)
    follow(empty_registry.parts, [one], since=date(2020, 2, 29))
    assert on(empty_registry, 2, 29) == {}
    assert on(empty_registry, 3, 1) == {date(2020, 3, 1): 1}
    assert empty_registry.sql(
        "SELECT person_id, helper_id, place_code, due_on, outcome FROM tracking_task"
    ) == [(one.id, HELPER, TOWNSHIP, date(2020, 3, 25), None)]


def test_a_month_is_made_once_and_those_missed_are_made_in_order(empty_registry: Registry) -> None:
    follow(empty_registry.parts, add_folk(empty_registry.parts, [1, 2]))
    assert on(empty_registry, 3, 1) == {date(2020, 3, 1): 2}
    assert on(empty_registry, 3, 1) == {}
    made = on(empty_registry, 2, 1, year=2021)
    assert list(made) == [date(2020, month, 1) for month in range(4, 13)] + [
        date(2021, 1, 1),
        date(2021, 2, 1),
    ]
    assert set(made.values()) == {2}
    assert len(tasks(empty_registry)) == 12


def test_who_is_known_late_to_have_arrived_before_the_month_joins_it_the_next_day(
    empty_registry: Registry,
) -> None:
    follow(empty_registry.parts, add_folk(empty_registry.parts, [1]))
    assert on(empty_registry, 3, 1) == {date(2020, 3, 1): 1}
    follow(empty_registry.parts, add_folk(empty_registry.parts, [2]), since=date(2020, 2, 28))
    follow(empty_registry.parts, add_folk(empty_registry.parts, [3]), since=date(2020, 3, 2))
    assert on(empty_registry, 3, 3) == {date(2020, 3, 1): 1}
    assert on(empty_registry, 4, 1) == {date(2020, 4, 1): 3}


def test_two_ids_of_one_human_being_are_one_task(empty_registry: Registry) -> None:
    one, other = add_folk(empty_registry.parts, [1, 2])
    follow(empty_registry.parts, [one, other])
    with empty_registry.parts.database.session() as session:
        session.connection().exec_driver_sql(
            "UPDATE person SET file_id = %s WHERE id = %s", (one.id, other.id)
        )
    on(empty_registry, 3, 1)
    assert empty_registry.sql("SELECT person_id FROM tracking_task") == [(one.id,)]


def test_who_is_followed_no_more_or_erased_has_no_task(empty_registry: Registry) -> None:
    closed, taken_back, erased = add_folk(empty_registry.parts, [1, 2, 3])
    follow(empty_registry.parts, [closed, taken_back, erased])
    with empty_registry.parts.database.session() as session:
        run = session.connection().exec_driver_sql
        run("UPDATE tracking SET closed_on = '2020-02-20' WHERE person_id = %s", (closed.id,))
        run("UPDATE tracking SET taken_back_at = now() WHERE person_id = %s", (taken_back.id,))
        run("UPDATE person SET wrapped_key = NULL WHERE id = %s", (erased.id,))
    assert on(empty_registry, 3, 1) == {date(2020, 3, 1): 0}


def test_the_task_of_who_is_followed_no_more_does_not_come_back_the_next_day(
    empty_registry: Registry,
) -> None:
    one, other = add_folk(empty_registry.parts, [1, 2])
    follow(empty_registry.parts, [one, other])
    assert on(empty_registry, 3, 12) == {date(2020, 3, 1): 2}
    assert stop_following(empty_registry.parts, BUREAU, one.id) == 1
    assert on(empty_registry, 3, 13) == {date(2020, 3, 1): 0}
    assert empty_registry.sql("SELECT person_id FROM tracking_task") == [(other.id,)]


def test_two_processes_make_a_month_together_once(empty_registry: Registry) -> None:
    follow(empty_registry.parts, add_folk(empty_registry.parts, range(1, 40)))
    empty_registry.clock.at = datetime(2020, 4, 1, tzinfo=UTC)
    with ThreadPoolExecutor(4) as pool:
        made = [
            pool.submit(make_months, empty_registry.parts.database, empty_registry.clock) for _ in range(4)
        ]
    assert sum(sum(one.result().values()) for one in made) == 78
    assert tasks(empty_registry) == {date(2020, 3, 1): 39, date(2020, 4, 1): 39}
