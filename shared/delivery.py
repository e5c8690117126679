"""Shows a service's delivery to the outside: what its consumer tells is counted, what waits is read at each scrape.

Between `messaging`, which knows no metrics, and `metrics`, which knows no messages.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from shared.database import Database
from shared.messaging import Bus
from shared.messaging.deadletters import count_open
from shared.metrics import Metrics, Reading, Watched


@dataclass(frozen=True)
class Counts:
    """The observer that counts what a consumer tells."""

    metrics: Metrics

    def consumed(self, _consumer: str, type_name: str) -> None:
        self.metrics.events_consumed.labels(type_name).inc()

    def duplicate(self, _consumer: str, type_name: str) -> None:
        self.metrics.events_duplicate.labels(type_name).inc()

    def dead(self, _consumer: str, topic: str, _cause: str) -> None:
        self.metrics.events_dead_lettered.labels(topic).inc()

    def retried(self, _consumer: str, _error: str) -> None:
        self.metrics.consumer_backoffs.inc()

    def lag(self, _consumer: str, messages: Mapping[str, int]) -> None:
        for topic, count in messages.items():
            self.metrics.consumer_lag.labels(topic).set(count)


def watch_delivery(metrics: Metrics, database: Database, bus: Bus, topics: Iterable[str]) -> None:
    """Show the outbox's backlog and the dead letters of these topics from now on."""
    metrics.watch(partial(_read, database, bus, topics))


def _read(database: Database, bus: Bus, topics: Iterable[str]) -> Iterator[Reading]:
    with database.session() as session:
        for topic, count in {**dict.fromkeys(topics, 0), **count_open(session)}.items():
            yield Reading(Watched.DEAD_LETTERS, count, (topic,))
    backlog = bus.backlog(database)
    yield Reading(Watched.OUTBOX_UNPUBLISHED, backlog.unpublished)
    yield Reading(Watched.OUTBOX_AGE_S, backlog.age_s)
