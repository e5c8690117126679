"""Two transactions at once, in a fixed order: one holds its locks, and another runs into them; or its holder is cut off."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import text

from shared.database import Database, lock_key
from tests.waiting import wait_until

_T = TypeVar("_T")

_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
_CUT_OFF = text(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks"
    " WHERE locktype = 'advisory' AND (classid, objid) = (:high, :low)"
)


def cut_off_holder(database: Database, name: str) -> None:
    """As the database sees it when the process that holds this name is killed: its connection is gone."""
    high, low = divmod(lock_key(name) % 2**64, 2**32)
    with database.session() as session:
        cut = session.connection().execute(_CUT_OFF, {"high": high, "low": low}).all()
    assert cut == [(True,)]


def run_into(database: Database, act: Callable[[], _T]) -> Future[_T]:
    """Do `act` in a thread; returns once it waits for a lock that the caller holds, or has ended without."""
    thread = ThreadPoolExecutor(1)
    act_done = thread.submit(act)
    thread.shutdown(wait=False)

    def blocked() -> bool:
        with database.engine.connect() as connection:
            return act_done.done() or bool(connection.execute(_WAITING).scalar())

    wait_until(blocked, "it waits for a lock")
    return act_done
