"""Claims begin where coaches have arrived: lived through once, and copied for each test."""

from collections.abc import Iterator

import pytest

from services.dispatcher.planning.judge import Judged
from services.dispatcher.planning.processes import Processes
from services.dispatcher.planning.worker import PlannerPool
from services.dispatcher.roads import TableRoads
from tests.dispatcher.conftest import begin, copy_of
from tests.dispatcher.dispatch import Dispatch
from tests.dispatcher.usecases.claiming import Claiming, copied, live


@pytest.fixture(scope="session")
def arrived(
    postgres: str, template: str, planners: PlannerPool, judges: Processes[Judged], table_roads: TableRoads
) -> Iterator[Dispatch]:
    """Three coaches of two enterprises that have arrived; nobody stays connected, so that it can be copied."""
    with copy_of(postgres, template) as database:
        dispatch = begin(database, planners, judges, table_roads)
        live(dispatch, cap_claimant_fen=900_000)
        database.dispose()
        yield dispatch


@pytest.fixture
def claiming(postgres: str, arrived: Dispatch) -> Iterator[Claiming]:
    """A copy of it."""
    with copied(postgres, arrived) as made:
        yield made
