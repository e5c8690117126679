"""Two transactions at once, in a fixed order: one holds its locks, and another runs into them."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import text

from shared.database import Database
from tests.journeys.waiting import wait_until

_T = TypeVar("_T")

_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def run_into(database: Database, act: Callable[[], _T]) -> Future[_T]:
    """Do `act` in a thread; returns once it waits for a lock that the caller holds, or has ended without."""
    thread = ThreadPoolExecutor(1)
    act_done = thread.submit(act)
    thread.shutdown(wait=False)

    def blocked() -> bool:
        with database.engine.connect() as connection:
            return act_done.done() or bool(connection.execute(_WAITING).scalar())

    wait_until(blocked, "it waits for a lock", every_s=0.02)
    return act_done
