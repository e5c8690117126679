"""What the three services have written down, read from their databases; refuses to judge it."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Self

import psycopg
from psycopg.rows import namedtuple_row

from shared.events.catalogue import CONSUMED_BY


class Books:
    """The three databases, open for reading for the length of a `with`; `urls` are SQLAlchemy's, by service."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        self._urls = urls
        self._open = ExitStack()
        self._connections: dict[str, psycopg.Connection[Any]] = {}

    def __enter__(self) -> Self:
        for service, url in self._urls.items():
            connection = psycopg.connect(url.replace("+psycopg", "", 1), row_factory=namedtuple_row)
            connection.autocommit = True
            self._connections[service] = self._open.enter_context(connection)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def rows(self, service: str, query: str) -> list[Any]:
        """The rows of a query, as named tuples."""
        return self._connections[service].execute(query.encode()).fetchall()

    def column(self, service: str, query: str) -> list[Any]:
        """The first column of a query."""
        return [row[0] for row in self.rows(service, query)]

    @contextmanager
    def undone(self, service: str, statement: str) -> Iterator[None]:
        """A change that is to be seen for the length of a `with` only."""
        connection = self._connections[service]
        with connection.transaction(force_rollback=True):
            connection.execute(statement.encode())
            yield

    def riders(self) -> list[Any]:
        """Who has a seat on a trip that stands, as the dispatcher has it."""
        return self.rows(
            "dispatcher",
            """
            SELECT rider.*, trip.carrier_id FROM rider JOIN trip USING (trip_id)
            WHERE riding AND state IN ('approved', 'departed', 'settled') ORDER BY trip_id, request_id
            """,
        )

    def told(self, service: str) -> list[tuple[str, str, dict[str, Any]]]:
        """Event id, type and content of all that a service has told."""
        return [
            (row.event_id, row.type, json.loads(row.payload))
            for row in self.rows(service, "SELECT event_id, type, payload FROM outbox ORDER BY seq")
        ]

    def missed(self, service: str) -> set[str]:
        """Ids of the events that are meant for a service and that it has not noted, or has noted and nobody told."""
        listens = {model.type_name() for model in CONSUMED_BY[service]}
        meant = {
            event_id
            for peer in self._urls
            for event_id, type_name, _ in self.told(peer)
            if type_name in listens
        }
        return meant ^ set(self.column(service, "SELECT event_id FROM inbox"))

    def riders_by_trip(self) -> dict[str, list[Any]]:
        """Trip id -> its riders, as the dispatcher has them."""
        found: dict[str, list[Any]] = defaultdict(list)
        for rider in self.riders():
            found[rider.trip_id].append(rider)
        return found
