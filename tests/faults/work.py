"""What the three services have to do, seen from outside, and what was delivered to them, from the books they keep."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

import psycopg

from shared.database import Database
from shared.events.catalogue import CONSUMED_BY
from shared.messaging.kafka import KafkaBus
from tests.faults.blows import Sight
from tests.faults.booked import BOOK
from tests.journeys.books import Books
from tests.journeys.parts import SERVICES, Parts
from tests.journeys.quiet import measure_lag

_UNPUBLISHED = "outbox WHERE published_at IS NULL"
_PUBLISHED = "outbox WHERE published_at IS NOT NULL"
_TAKEN_IN = "delivery"
_OPEN = "pg_stat_activity WHERE datname = current_database() AND application_name = '{}' AND xact_start IS NOT NULL"
_OWN = {
    "dispatcher": "round WHERE state IN ('requested', 'planning')",
    "notifier": "notice WHERE state = 'pending'",
}
"""What a service has to do besides telling and taking in."""


class Work:
    """Looks at services; at their lives too, when they run as `tests.faults.booked`. Made by `watching`."""

    def __init__(self, parts: Parts, bus: KafkaBus, books: Books) -> None:
        self._bus, self._books = bus, books
        self._databases = {name: Database(parts.databases[name]) for name in SERVICES}
        self._seen: Counter[str] = Counter()

    def look(self, name: str) -> Sight:
        """What the service has to do now: events that wait, or work of its own."""
        waiting = self._count(name, _UNPUBLISHED) + measure_lag(self._bus, name, self._databases[name])
        own = name in _OWN and self._count(name, _OWN[name]) > 0
        return Sight(waiting > 0 or own, waiting, self._count(name, _OPEN.format(name)))

    def look_at_life(self, name: str) -> Sight:
        """`look`, but at work is only who has got on with it since the last `forget`."""
        sight = self.look(name)
        return replace(sight, at_work=sight.at_work and self._progress(name) > self._seen[name])

    def forget(self, name: str) -> None:
        """Begin a new life of the service."""
        self._seen[name] = self._progress(name)

    def _progress(self, name: str) -> int:
        planned = self._count(name, "pool_plan WHERE plan IS NOT NULL") if name == "dispatcher" else 0
        return self._count(name, _TAKEN_IN) + self._count(name, _PUBLISHED) + planned

    def _count(self, name: str, rows: str) -> int:
        return int(self._books.column(name, f"SELECT count(*) FROM {rows}")[0])

    def close(self) -> None:
        for database in self._databases.values():
            database.dispose()


def make_books(parts: Parts) -> None:
    """The empty books, before the services start."""
    for url in parts.databases.values():
        with psycopg.connect(url.replace("+psycopg", "", 1)) as connection:
            connection.execute(BOOK)


@contextmanager
def watching(parts: Parts, bootstrap: str) -> Iterator[Work]:
    """Look at the services while the block runs."""
    with (
        closing(KafkaBus(bootstrap)) as bus,
        Books(parts.databases) as books,
        closing(Work(parts, bus, books)) as work,
    ):
        yield work


def count_dropped(books: Books) -> int:
    """Deliveries of what had taken effect before, and so had none."""
    query = "SELECT count(*) FROM delivery WHERE NOT took_effect"
    return sum(int(books.column(name, query)[0]) for name in SERVICES)


def list_meant(books: Books, name: str) -> dict[str, str]:
    """Id -> type of all events that were told and that a service listens to."""
    listens = {model.type_name() for model in CONSUMED_BY[name]}
    told = (event for peer in SERVICES for event in books.told(peer))
    return {event_id: type_name for event_id, type_name, _ in told if type_name in listens}


def list_wrong_effects(books: Books) -> list[str]:
    """Events whose reaction was not committed once and once only, over all lives of each service."""
    found = []
    for name in SERVICES:
        meant = list_meant(books, name)
        effects = Counter(books.column(name, "SELECT event_id FROM delivery WHERE took_effect"))
        found += [
            f"{meant.get(event_id)} {event_id} took effect {effects[event_id]} times in {name}"
            for event_id in sorted(meant.keys() | effects.keys())
            if effects[event_id] != 1
        ]
    return found
