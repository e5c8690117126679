"""When nobody has anything left to tell or to take in, and how to make everybody take in everything again."""

from contextlib import closing

from kafka import KafkaAdminClient

from shared.database import Database
from shared.events.catalogue import CONSUMED_BY
from shared.messaging.kafka import KafkaBus
from shared.messaging.kafka.clients import ClosingSocket
from tests.journeys.books import Books
from tests.journeys.parts import SERVICES, Parts
from tests.waiting import wait_until

STALE = "zhida_events_stale_total"
DUPLICATE = "zhida_events_duplicate_total"


def measure_lag(bus: KafkaBus, name: str, database: Database) -> int:
    """Messages that a service has yet to acknowledge."""
    return sum(bus.lags(name, database, sorted({model.topic for model in CONSUMED_BY[name]})).values())


def await_published(parts: Parts) -> None:
    """Wait until every outbox is empty."""
    with Books(parts.databases) as books:

        def waiting(name: str) -> int:
            (rows,) = books.column(name, "SELECT count(*) FROM outbox WHERE published_at IS NULL")
            return int(rows)

        wait_until(lambda: not sum(map(waiting, SERVICES)), "everything is published")


def await_quiet(parts: Parts, bootstrap: str) -> None:
    """Wait until every outbox is empty and every consumer's lag is 0, in one look at all of them."""
    databases = {name: Database(parts.databases[name]) for name in SERVICES}
    with closing(KafkaBus(bootstrap)) as bus:

        def quiet() -> bool:
            await_published(parts)
            return not any(measure_lag(bus, name, database) for name, database in databases.items())

        wait_until(quiet, "nobody has anything left to take in")
    for database in databases.values():
        database.dispose()


def deliver_again(parts: Parts, bootstrap: str) -> None:
    """Stop them all, forget how far they have read, start them, and wait until they have read all of it again."""
    for name in SERVICES:
        assert parts.stop(name) == 0
    with closing(KafkaAdminClient(bootstrap_servers=bootstrap, proxy_url=ClosingSocket.URL)) as broker:
        broker.delete_groups(list(SERVICES))
    for name in SERVICES:
        parts.start(name)
    for name in SERVICES:
        parts.await_ready(name)
    await_quiet(parts, bootstrap)


def figures(parts: Parts, metric: str) -> dict[str, int]:
    """A counter of each of them, in their present lives."""
    return {name: parts.figure(name, metric) for name in SERVICES}
