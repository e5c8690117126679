"""A sweep finds what nobody called out, changes nothing the second time, and keeps to its area."""

from datetime import date, timedelta

from services.registry.usecases.households.sweep import Sweeping, sweep
from tests.registry.conftest import LIBO, SANDU, Registry
from tests.registry.employed import begin_employment, end_employment
from tests.registry.folk import TOWNSHIP, Folk, add_folk, add_household

TODAY = date(2020, 2, 20)
WORKS_SINCE = date(2019, 3, 1)


def family(registry: Registry, number: int, place_code: str = TOWNSHIP) -> Folk:
    household = add_household(registry.parts, f"{number:04}", place_code)
    [one] = add_folk(
        registry.parts, [number], place_code=place_code, household_id=household, employed_since=WORKS_SINCE
    )
    return one


def stop_work(registry: Registry, who: Folk, on: date) -> None:
    """And nobody is told."""
    with registry.parts.database.session() as session:
        end_employment(session, who.id, on)


def tasks(registry: Registry) -> list[tuple[object, ...]]:
    return registry.sql("SELECT fell_on, outcome, opened_by FROM zero_task ORDER BY fell_on")


def test_a_sweep_opens_what_was_missed_once_and_ends_what_is_over(registry: Registry) -> None:
    one, two = family(registry, 1), family(registry, 2)
    stop_work(registry, one, date(2020, 2, 1))
    database = registry.parts.database
    assert sweep(database, TODAY, "sweep") == 1
    assert sweep(database, TODAY, "sweep") == 0
    assert tasks(registry) == [(date(2020, 2, 1), None, "sweep")]
    stop_work(registry, two, date(2020, 2, 2))
    with database.session() as session:
        begin_employment(
            session, one.id, date(2020, 2, 19), enterprise_id=None, area_code="441900", source="test"
        )
    assert sweep(database, TODAY, "sweep") == 2
    assert tasks(registry) == [
        (date(2020, 2, 1), "cleared", "sweep"),
        (date(2020, 2, 2), None, "sweep"),
    ]


def test_a_sweep_of_an_area_leaves_its_neighbour_alone(registry: Registry) -> None:
    for number, place in ((1, TOWNSHIP), (2, f"{LIBO}001")):
        stop_work(registry, family(registry, number, place), date(2020, 2, number))
    assert sweep(registry.parts.database, TODAY, "import/1", area=SANDU) == 1
    assert tasks(registry) == [(date(2020, 2, 1), None, "import/1")]


def test_who_is_employed_by_their_other_id_is_looked_at_and_left_alone(registry: Registry) -> None:
    one = family(registry, 1)
    [other] = add_folk(registry.parts, [5], employed_since=WORKS_SINCE)
    stop_work(registry, one, date(2020, 2, 1))
    with registry.parts.database.session() as session:
        merge = "UPDATE person SET file_id = %s WHERE id = %s"
        session.connection().exec_driver_sql(merge, (one.id, other.id))
    assert sweep(registry.parts.database, TODAY, "sweep") == 0
    assert tasks(registry) == []


def test_the_worker_sweeps_once_a_day_and_finds_what_lay_ahead(registry: Registry) -> None:
    stop_work(registry, family(registry, 1), TODAY + timedelta(days=1))
    worker = Sweeping(registry.parts.database, registry.clock)
    worker.look()
    assert tasks(registry) == []
    stop_work(registry, family(registry, 2), date(2020, 2, 1))
    registry.clock.advance(hours=2)
    worker.look()
    assert tasks(registry) == []
    registry.clock.advance(days=1)
    worker.look()
    assert [fell for fell, _, _ in tasks(registry)] == [date(2020, 2, 1), TODAY + timedelta(days=1)]
