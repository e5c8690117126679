"""Waiting until an outbox has something new; knows PostgreSQL's LISTEN, nothing of what is new."""

import selectors
from collections.abc import Sequence

import psycopg
from sqlalchemy import text
from sqlalchemy.engine import Connection

from shared.database import Database
from shared.messaging.outbox import CHANNEL


class Listener:
    """One connection in autocommit that listens to a database's outbox; the same connection may be read with.

    Raises OperationalError when the database is away.
    """

    def __init__(self, database: Database) -> None:
        self.connection: Connection = database.engine.connect().execution_options(
            isolation_level="AUTOCOMMIT"
        )
        self.connection.execute(text(f"LISTEN {CHANNEL}"))

    def has_heard(self) -> bool:
        """Whether something was told since the last call; does not wait."""
        return bool(list(self._driver.notifies(timeout=0)))

    def fileno(self) -> int:
        return self._driver.fileno()

    def close(self) -> None:
        close_for_good(self.connection)

    @property
    def _driver(self) -> psycopg.Connection[object]:
        driver = self.connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        return driver


def wait_for_news(listeners: Sequence[Listener], timeout_s: float) -> bool:
    """Wait until one of them has heard something, at most for the time; whether one has."""
    if _any_has_heard(listeners):
        return True
    with selectors.DefaultSelector() as selector:
        for listener in listeners:
            selector.register(listener.fileno(), selectors.EVENT_READ)
        selector.select(timeout_s)
    return _any_has_heard(listeners)


def _any_has_heard(listeners: Sequence[Listener]) -> bool:
    """Asks every one: what is left unheard would wake us for nothing."""
    heard = [listener.has_heard() for listener in listeners]
    return any(heard)


def close_for_good(connection: Connection) -> None:
    """Close without giving back to the pool what still listens or holds an advisory lock; one that is broken too."""
    connection.invalidate()
    connection.close()
