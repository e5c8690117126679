"""Walks roster files through the services' own parts in one thread and without HTTP, with a watch on each stage.

Knows which part belongs to which stage. Reading, checking and encrypting are timed by themselves; what is left of the
import is "rows and outbox": making requests and events, and writing them. The relay is the real one, in its
thread; the loop around the reactions is that of `Consumer`.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from services.bench.intake import SampleDay
from services.dispatcher.reactions import make_reactions
from services.registry.domain.row import Candidate, check_row, check_together
from services.registry.intake.enterprises import read_enterprises
from services.registry.intake.roster import read_roster
from services.registry.usecases.county import enterprises_of, stops_of
from services.registry.usecases.import_roster import import_roster
from services.registry.usecases.register_enterprises import register_enterprises
from shared.database import Database, create_if_missing, migrate
from shared.kernel.clock import Clock, local_date
from shared.messaging import Bus, Cause
from shared.messaging.effects import take_in
from shared.messaging.inbox import Inbox
from shared.messaging.kafka import KafkaBus
from shared.messaging.relay import Relay
from shared.metrics import Metrics
from shared.security import HeldKeys, Principal, Role, Vault, make_wrapping_key
from shared.security.scope import PROVINCE

READ, CHECK, ENCRYPT, WRITE = "read the file", "check the rows", "encrypt", "rows and outbox"
RELAY, BUS, POOL = "relay to the broker", "read from the bus", "into a pool"
SECRET = b"of the bench, and of nothing else"
CONSUMER = "dispatcher"
OPERATOR = Principal("bench", frozenset({Role.OPERATOR}), (PROVINCE,))


@dataclass
class Watch:
    """Adds up seconds by stage."""

    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    @contextmanager
    def on(self, stage: str) -> Iterator[None]:
        """Time what runs inside."""
        begun = time.perf_counter()
        yield
        self.seconds[stage] += time.perf_counter() - begun


class TimedVault(Vault):
    """A vault that knows how long it has worked."""

    def __init__(self) -> None:
        super().__init__(SECRET, HeldKeys([make_wrapping_key()]))
        self.seconds = 0.0

    def new_person_key(self) -> bytes:
        begun = time.perf_counter()
        key = super().new_person_key()
        self.seconds += time.perf_counter() - begun
        return key

    def seal(self, wrapped: bytes, plaintext: str, context: str) -> bytes:
        begun = time.perf_counter()
        sealed = super().seal(wrapped, plaintext, context)
        self.seconds += time.perf_counter() - begun
        return sealed

    def fingerprint(self, resident_id: str) -> str:
        begun = time.perf_counter()
        found = super().fingerprint(resident_id)
        self.seconds += time.perf_counter() - begun
        return found


def open_fresh(url: str, service: str) -> Database:
    """A database with the service's tables and nothing in them."""
    create_if_missing(url)
    migrate(url, service)
    return Database(url, application_name="zhida-bench")


class ImportPass:
    """The registry's part of a day, file by file, in a database of its own."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database, self._clock = database, clock
        self._vault = TimedVault()
        self.watch = Watch()
        self.workers = 0
        self.whole_s = 0.0

    def register(self, sample: SampleDay) -> int:
        """The day's enterprises, which are not part of intake; how many."""
        given = read_enterprises((sample.folder / "enterprises.xlsx").read_bytes(), "enterprises.xlsx")
        with self.database.session() as session:
            cause = Cause.fresh()
            return len(register_enterprises(session, given, by=OPERATOR, clock=self._clock, cause=cause))

    def run(self, sample: SampleDay) -> None:
        """All rosters of the day."""
        for path in sample.rosters:
            self._import(path)
        seconds = self.watch.seconds
        seconds[ENCRYPT] = self._vault.seconds
        seconds[WRITE] = self.whole_s - seconds[READ] - seconds[CHECK] - seconds[ENCRYPT]

    def _import(self, path: Path) -> None:
        content, county_code = path.read_bytes(), path.name.partition("-")[0]
        begun = time.perf_counter()
        roster, _ = import_roster(
            self.database,
            content,
            file=path.name,
            county_code=county_code,
            uploaded_by="bench",
            vault=self._vault,
            clock=self._clock,
            cause=Cause.fresh(),
        )
        self.whole_s += time.perf_counter() - begun
        self.workers += roster.accepted
        with self.watch.on(READ):
            rows = read_roster(content, path.name)
        with self.watch.on(CHECK), self.database.session() as session:
            stops, enterprises = stops_of(county_code), enterprises_of(session)
            today = local_date(self._clock.now())
            checked = [check_row(row, stops, enterprises, today) for row in rows]
            check_together(one for one in checked if isinstance(one, Candidate))


class PoolPass:
    """The way from the registry's outbox into the dispatcher's pools on one bus, step by step."""

    def __init__(self, bus: Bus, database: Database, clock: Clock) -> None:
        self._reactions = make_reactions(Metrics(CONSUMER), clock)
        self._database = database
        topics = sorted({model.topic for model in self._reactions})
        self._subscription = bus.subscribe(CONSUMER, database, topics)
        self.watch = Watch()

    def take(self, events: int) -> None:
        """Take in exactly so many."""
        taken = 0
        while taken < events:
            with self.watch.on(BUS):
                messages = self._subscription.poll(0.5)
            if not messages:
                continue
            with self.watch.on(POOL), self._database.session() as session:
                effects = take_in(session, CONSUMER, self._reactions, Inbox(), messages)
                self._subscription.settle(session, messages[-1])
            with self.watch.on(BUS):
                self._subscription.acknowledge()
            taken += len(effects.consumed)

    def close(self) -> None:
        """Leave the bus."""
        self._subscription.close()


def publish_all(database: Database, bus: KafkaBus, watch: Watch) -> float:
    """Let a relay bring the whole outbox to the broker; the seconds, without connecting and ending."""
    publisher = bus.publisher()
    relay = Relay("registry", database, lambda: publisher)
    stop, pause = threading.Event(), threading.Event()
    thread = threading.Thread(target=relay.run, args=(stop,), name=relay.name, daemon=True)
    with watch.on(RELAY):
        thread.start()
        while bus.backlog(database).unpublished:
            if not thread.is_alive():
                raise RuntimeError("the relay has ended before the outbox was empty")
            pause.wait(0.01)
    stop.set()
    thread.join()
    return watch.seconds[RELAY]
