"""Two services with a bus between them: the registry tells, the dispatcher takes in and writes down what it did."""

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlmodel import Session

from shared.database import Database
from shared.events import Event, RequestWithdrawn
from shared.kernel.clock import SystemClock
from shared.messaging import Bus, Cause, Consumer, Reactions, Relay, emit_all
from shared.messaging.effects import Guard
from shared.messaging.kafka import KafkaBus
from shared.messaging.message import Message
from shared.messaging.outbox import Row, write
from shared.messaging.tables import METADATA
from shared.runtime import Worker
from tests.waiting import PATIENCE_S, wait_until

LEASE_S = 2.0
TOPIC = RequestWithdrawn.topic
EFFECT = "CREATE TABLE effect (seq bigserial PRIMARY KEY, event_id text, key text, number int, who text)"


def withdrawn(key: str, number: int, reason: str = "test") -> RequestWithdrawn:
    return RequestWithdrawn(request_id=key, version=number, reason=reason)


def write_down(session: Session, event: Event, cause: Cause, who: str = "") -> None:
    """The effect that the tests count: one row for each time that the reaction has run and was committed."""
    session.connection().execute(
        text("INSERT INTO effect (event_id, key, number, who) VALUES (:event_id, :key, :number, :who)"),
        {"event_id": cause.event_id, "key": event.key, "number": event.version, "who": who},
    )


class NoInbox:
    """The guard taken away, for the tests that show what it is for."""

    def admit(self, session: Session, consumer: str, event_ids: list[str]) -> set[str]:
        return Always(event_ids)


class Always(set[str]):
    """A set that stays as it is: every event is new, however often it comes."""

    def remove(self, element: str) -> None:
        pass


@dataclass
class Tally:
    """An observer that counts."""

    counts: Counter[str] = field(default_factory=Counter)
    last_lag: dict[str, int] | None = None
    looks: int = 0

    def consumed(self, consumer: str, type_name: str) -> None:
        self.counts["consumed"] += 1

    def duplicate(self, consumer: str, type_name: str) -> None:
        self.counts["duplicate"] += 1

    def dead(self, consumer: str, topic: str, cause: str) -> None:
        self.counts[cause] += 1

    def retried(self, consumer: str, error: str) -> None:
        self.counts["retried"] += 1

    def lag(self, consumer: str, messages: Mapping[str, int]) -> None:
        self.last_lag = dict(messages)
        self.looks += 1


@dataclass
class World:
    """Both services on one bus."""

    bus: Bus
    urls: Mapping[str, str]
    registry: Database
    dispatcher: Database
    told: list[str] = field(default_factory=list)

    @property
    def on_kafka(self) -> bool:
        return isinstance(self.bus, KafkaBus)

    def tell(self, count: int, keys: int = 10, first: int = 0, batch: int = 500) -> list[str]:
        """The registry tells events 0, 1, 2 ... of each of so many keys, in turn."""
        events = [withdrawn(f"key-{n % keys}", n // keys) for n in range(first, first + count)]
        ids = []
        for start in range(0, count, batch):
            with self.registry.session() as session:
                ids += emit_all(
                    session,
                    events[start : start + batch],
                    source="registry",
                    cause=Cause.fresh(),
                    clock=SystemClock(),
                )
        self.told += ids
        return ids

    def put(self, messages: list[Message]) -> None:
        """Lay messages on the bus byte for byte as they are, whatever they say."""
        now = SystemClock().now()
        rows = [
            Row(f"raw-{n}-{now.timestamp()}", m.topic, m.key, None, m.value, m.headers, None, None, now)
            for n, m in enumerate(messages)
        ]
        with self.registry.session() as session:
            write(session, rows)

    def consumer(
        self,
        reaction: Callable[[Session, Event, Cause], None] = write_down,
        *,
        bus: Bus | None = None,
        observer: Tally | None = None,
        guard: Guard | None = None,
        stall_s: float = 60.0,
    ) -> Consumer:
        reactions: Reactions = {RequestWithdrawn: reaction}
        return Consumer(
            "dispatcher",
            self.dispatcher,
            bus or self.bus,
            reactions,
            SystemClock(),
            observer=observer,
            guard=guard,
            stall_s=stall_s,
        )

    def relays(self, *databases: Database) -> list[Relay]:
        """What brings the outboxes to the broker; nobody on the embedded bus. With a short lease."""
        if not isinstance(self.bus, KafkaBus):
            return []
        return [
            Relay(f"relay-{n}", database, self.bus.publisher, lease_s=LEASE_S)
            for n, database in enumerate(databases or [self.registry])
        ]

    def effects(self) -> list[str]:
        """Ids of the events that have taken effect, in that order, repeated when they did so twice."""
        with self.dispatcher.session() as session:
            return list(
                session.connection().execute(text("SELECT event_id FROM effect ORDER BY seq")).scalars()
            )

    def count_effects(self) -> int:
        with self.dispatcher.session() as session:
            count: int = session.connection().execute(text("SELECT count(*) FROM effect")).scalar_one()
            return count

    def await_effects(self, count: int, patience_s: float = PATIENCE_S) -> None:
        wait_until(lambda: self.count_effects() >= count, f"{count} effects", patience_s)

    def lag(self) -> int:
        return sum(self.bus.lags("dispatcher", self.dispatcher, [TOPIC]).values())

    def assert_delivered(self) -> None:
        """Nothing lost, nothing twice, order per key, nothing waits."""
        effects = self.effects()
        assert sorted(set(self.told) - set(effects)) == [], "lost"
        assert len(effects) == len(set(effects)), "twice"
        self.assert_order_per_key()
        wait_until(lambda: self.lag() == 0, "lag 0")

    def assert_order_per_key(self) -> None:
        with self.dispatcher.session() as session:
            rows = session.connection().execute(text("SELECT key, number FROM effect ORDER BY seq")).all()
        by_key = defaultdict(list)
        for key, number in rows:
            by_key[key].append(number)
        assert all(numbers == sorted(numbers) for numbers in by_key.values()), "order per key"


@dataclass
class Running:
    """Workers in threads of their own, and what ended them."""

    stop: threading.Event
    threads: list[threading.Thread]
    failures: list[BaseException] = field(default_factory=list)

    def end(self) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join(20)
            assert not thread.is_alive(), f"{thread.name} does not stop"


@contextmanager
def running(*workers: Worker) -> Iterator[Running]:
    """Run the workers while the block runs; an error of one is the test's error."""
    run = Running(threading.Event(), [])

    def work(worker: Worker) -> None:
        try:
            worker.run(run.stop)
        except BaseException as error:  # noqa: BLE001 - raised again below
            run.failures.append(error)

    run.threads = [threading.Thread(target=work, args=(worker,), name=worker.name) for worker in workers]
    for thread in run.threads:
        thread.start()
    try:
        yield run
    finally:
        run.end()
    if run.failures:
        raise run.failures[0]


TABLES = ("outbox", "inbox", "cursor", "dead_letter", "lease")


def make_tables(urls: Mapping[str, str]) -> None:
    """Once for each pair of databases."""
    for url in urls.values():
        database = Database(url)
        METADATA.create_all(database.engine)
        with database.session() as session:
            session.connection().execute(text(EFFECT))
        database.dispose()


@contextmanager
def make_world(urls: Mapping[str, str], bus: Bus) -> Iterator[World]:
    """Both services with empty tables."""
    registry, dispatcher = Database(urls["registry"]), Database(urls["dispatcher"])
    for database in (registry, dispatcher):
        with database.session() as session:
            for table in (*TABLES, "effect"):
                session.connection().execute(text(f"DELETE FROM {table}"))
    yield World(bus, urls, registry, dispatcher)
    bus.close()
    registry.dispose()
    dispatcher.dispose()
