"""A planner's queue on real PostgreSQL."""

from collections.abc import Callable, Iterator

import pytest

from shared.database import Database, migrate


@pytest.fixture
def queue(make_database: Callable[[str], str]) -> Iterator[Database]:
    """An empty queue."""
    url = make_database("planner")
    migrate(url, "planner")
    database = Database(url)
    yield database
    database.dispose()
