"""A dispatcher on real PostgreSQL with a real planner in a process of its own."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from services.dispatcher.planning.worker import PlannerPool
from services.dispatcher.roads import TableRoads
from services.dispatcher.usecases.load_terms import load_fleet, load_policy, load_tariff
from shared.database import Database, migrate
from shared.kernel.clock import FixedClock
from tests.dispatcher.dispatch import ENTERPRISE, PROVINCE, Dispatch, coaches, policy, tariffs


@pytest.fixture(scope="session")
def planners() -> Iterator[PlannerPool]:
    """Planner processes that live for the session."""
    with PlannerPool(1) as pool:
        yield pool


@pytest.fixture(scope="session")
def table_roads() -> TableRoads:
    """The committed roads."""
    return TableRoads()


@pytest.fixture
def dispatch(
    make_database: Callable[[str], str], planners: PlannerPool, table_roads: TableRoads
) -> Iterator[Dispatch]:
    """A dispatcher with fleet, tariff, policy and one enterprise, on the evening before the day."""
    url = make_database("dispatcher")
    migrate(url, "dispatcher")
    database = Database(url)
    made = Dispatch(database, planners, table_roads, FixedClock(datetime(2020, 2, 23, 8, 0, tzinfo=UTC)))
    with database.session() as session:
        load_fleet(session, PROVINCE, coaches())
        for tariff in tariffs():
            load_tariff(session, tariff, made.clock)
        load_policy(session, policy(), made.clock)
    made.tell(ENTERPRISE)
    yield made
    database.dispose()
