"""Every figure that the services show to the outside, by name; refuses to know how any of them comes about.

The one module that imports prometheus_client. What a process counts itself is an attribute of `Metrics`;
what lies in the database (and so survives the process) is a `Watched`, read at each scrape.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_HTTP_BUCKETS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_PLANNING_BUCKETS_S = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0)
_GAP_BUCKETS = (0.0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5)

log = logging.getLogger(__name__)


class Watched(Enum):
    """A figure that is read from the database at each scrape: name, meaning, labels."""

    OUTBOX_AGE_S = ("zhida_outbox_age_seconds", "Age of the oldest event not yet published", ())
    OUTBOX_UNPUBLISHED = ("zhida_outbox_unpublished", "Events not yet published", ())
    DEAD_LETTERS = ("zhida_dead_letters", "Events put aside as invalid, not yet dealt with", ("topic",))
    REQUESTS = ("zhida_requests", "Travel requests by status", ("status",))
    LATE_TASKS = (
        "zhida_late_tasks",
        "Tasks of monthly tracking that are late, by whose they are",
        ("level",),
    )
    TRIPS = ("zhida_trips", "Trips by state", ("state",))
    UNSERVED = ("zhida_unserved_requests", "Requests that no round could carry, by rule", ("rule",))
    JOBS = ("zhida_planner_jobs", "Pools to be planned: waiting, held by a planner", ("state",))
    FEN = ("zhida_ledger_fen", "Ledger by account, in fen: reserved, settled", ("account", "balance"))
    NOTICES = ("zhida_notices", "Notices by channel and outcome", ("channel", "outcome"))
    CONFIRMATIONS = ("zhida_confirmations", "Workers confirmed at the gate, by outcome", ("outcome",))

    def __init__(self, metric: str, meaning: str, labels: tuple[str, ...]) -> None:
        self.metric = metric
        self.meaning = meaning
        self.labels = labels


@dataclass(frozen=True)
class Reading:
    """One value of a watched figure; `labels` are the values of its labels, in order."""

    watched: Watched
    value: float
    labels: tuple[str, ...] = ()


@dataclass
class Metrics:
    """The figures of one service, in a registry of its own, so that three services fit in one process."""

    service: str
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        self._watchers: list[Callable[[], Iterable[Reading]]] = []
        self.requests_in = self._counter(
            "zhida_requests_in", "Travel requests received, by outcome: accepted, refused, known", "outcome"
        )
        self.http_requests = self._counter(
            "zhida_http_requests", "HTTP requests answered", "method", "route", "status"
        )
        self.http_duration_s = self._histogram(
            "zhida_http_request_duration_seconds", "Time to answer", _HTTP_BUCKETS_S, "method", "route"
        )
        self.events_consumed = self._counter("zhida_events_consumed", "Events taken in", "type")
        self.events_duplicate = self._counter(
            "zhida_events_duplicate", "Events that came again and changed nothing", "type"
        )
        self.events_stale = self._counter(
            "zhida_events_stale", "Events older than what was known already", "type"
        )
        self.events_dead_lettered = self._counter(
            "zhida_events_dead_lettered", "Events put aside as invalid", "topic"
        )
        self.consumer_backoffs = self._counter(
            "zhida_consumer_backoffs",
            "Times that a consumer, or who measures its lag, met a part that was away",
        )
        self.consumer_lag = Gauge(
            "zhida_consumer_lag",
            "Events that wait in what this process reads, as its consumer last measured them",
            ["topic"],
            registry=self.registry,
        )
        self.planning_duration_s = self._histogram(
            "zhida_planning_duration_seconds", "Time to plan one pool", _PLANNING_BUCKETS_S
        )
        self.planning_gap = self._histogram(
            "zhida_planning_gap_ratio", "(cost - bound) / bound of a plan, 0 is proven best", _GAP_BUCKETS
        )
        self.rounds = self._counter("zhida_rounds", "Planning rounds that ended, by state", "state")
        self.watch_failures = self._counter(
            "zhida_watch_failures", "Scrapes in which figures could not be read from the database"
        )
        ready = Gauge("zhida_info", "Which service this is", ["service"], registry=self.registry)
        ready.labels(self.service).set(1)
        self.registry.register(_WatchCollector(self))

    def watch(self, read: Callable[[], Iterable[Reading]]) -> None:
        """Call `read` at each scrape, in the scraping thread, and show its readings."""
        self._watchers.append(read)

    def readings(self) -> list[Reading]:
        """What all watchers see now. One that fails is logged and counted, and hides no other figure."""
        found: list[Reading] = []
        for read in self._watchers:
            try:
                found.extend(read())
            except Exception:
                self.watch_failures.inc()
                log.exception("figures could not be read for the scrape")
        return found

    def render(self) -> bytes:
        """The Prometheus text format."""
        return generate_latest(self.registry)

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(name, meaning, labels, registry=self.registry)

    def _histogram(self, name: str, meaning: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(name, meaning, labels, buckets=buckets, registry=self.registry)


class _WatchCollector(Collector):
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Names only, so that registering reads no database."""
        return [_family(watched) for watched in Watched]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        families: dict[Watched, GaugeMetricFamily] = {}
        for reading in self._metrics.readings():
            family = families.setdefault(reading.watched, _family(reading.watched))
            family.add_metric(reading.labels, reading.value)
        yield from families.values()


def _family(watched: Watched) -> GaugeMetricFamily:
    return GaugeMetricFamily(watched.metric, watched.meaning, labels=watched.labels)
