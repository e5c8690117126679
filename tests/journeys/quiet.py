"""When nobody has anything left to tell or to take in, and how to make everybody take in everything again."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from kafka import KafkaAdminClient

from shared.database import Database
from shared.events.catalogue import topics_of
from shared.messaging.kafka import KafkaBus
from tests.journeys.parts import SERVICES, Parts
from tests.journeys.waiting import wait_until

STALE = "zhida_events_stale_total"
DUPLICATE = "zhida_events_duplicate_total"


def await_quiet(parts: Parts, bootstrap: str) -> None:
    """Wait until every outbox is empty and every consumer's lag is 0."""
    with closing(KafkaBus(bootstrap)) as bus:
        for name in SERVICES:
            with _database(parts.databases[name]) as database:

                def quiet(name: str = name, database: Database = database) -> bool:
                    waiting = bus.backlog(database).unpublished
                    return waiting + sum(bus.lags(name, database, topics_of(name)).values()) == 0

                wait_until(quiet, f"{name} has nothing left to tell or to take in", every_s=0.3)


def deliver_again(parts: Parts, bootstrap: str) -> None:
    """Stop the three, forget how far they have read, start them, and wait until they have read all of it again."""
    for name in SERVICES:
        assert parts.stop(name) == 0
    with closing(KafkaAdminClient(bootstrap_servers=bootstrap)) as broker:
        broker.delete_groups(list(SERVICES))
    for name in SERVICES:
        parts.start(name)
    for name in SERVICES:
        parts.await_ready(name)
    await_quiet(parts, bootstrap)


def figures(parts: Parts, metric: str) -> dict[str, int]:
    """A counter of each of the three, in their present lives."""
    return {name: parts.figure(name, metric) for name in SERVICES}


@contextmanager
def _database(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        database.dispose()
