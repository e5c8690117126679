"""What both buses promise, on real PostgreSQL and real Apache Kafka: one suite, run on each."""

import random
import threading
from collections.abc import Sequence

import pytest
from sqlalchemy import text
from sqlmodel import Session

from shared.database import Database, lock_key
from shared.events import Event
from shared.kernel.errors import Unavailable
from shared.messaging import Bus, Cause, embedded
from shared.messaging.bus import Place, Subscription
from shared.messaging.cleaner import Cleaner
from shared.messaging.message import Message
from shared.messaging.relay import Relay
from shared.messaging.unpublished import Backlog
from shared.messaging.watchdog import Stalled
from tests.shared.messaging.world import TOPIC, NoInbox, Tally, World, running, write_down
from tests.waiting import wait_until


class Crash(Exception):
    """The process would be gone at this point."""


class BreakingSubscription:
    """A subscription that breaks once, `after` so many calls of the method `at`."""

    def __init__(self, inner: Subscription, at: str, after: int) -> None:
        self._inner, self._at, self._left = inner, at, after

    def _maybe(self, at: str) -> None:
        if at == self._at:
            self._left -= 1
            if self._left < 0:
                raise Crash(at)

    def poll(self, timeout_s: float) -> Sequence[Message]:
        messages = self._inner.poll(timeout_s)
        if messages:
            self._maybe("polled")
        return messages

    def settle(self, session: Session, last: Message) -> None:
        self._maybe("before the cursor")
        self._inner.settle(session, last)
        self._maybe("before the commit")

    def acknowledge(self) -> None:
        self._maybe("after the commit")
        self._inner.acknowledge()
        self._maybe("after the offsets")

    def recover(self) -> None:
        self._inner.recover()

    def places(self) -> frozenset[Place]:
        return self._inner.places()

    def close(self) -> None:
        self._inner.close()


class BreakingBus:
    """A bus whose subscriptions break."""

    def __init__(self, inner: Bus, at: str, after: int = 0) -> None:
        self._inner, self._at, self._after = inner, at, after

    def subscribe(self, consumer: str, database: Database, topics: Sequence[str]) -> Subscription:
        return BreakingSubscription(self._inner.subscribe(consumer, database, topics), self._at, self._after)

    def lags(self, consumer: str, database: Database, topics: Sequence[str]) -> dict[Place, int]:
        return self._inner.lags(consumer, database, topics)

    def backlog(self, database: Database) -> Backlog:
        return self._inner.backlog(database)

    def relays(self, service: str, database: Database) -> list[Relay | Cleaner]:
        return self._inner.relays(service, database)

    def close(self) -> None:
        self._inner.close()


POINTS = ["polled", "before the cursor", "before the commit", "after the commit", "after the offsets"]


def test_every_event_takes_effect_once_in_the_order_of_its_key(world: World) -> None:
    tally = Tally()
    with running(world.consumer(observer=tally), *world.relays()):
        world.tell(2000, keys=50)
        world.await_effects(2000)
        world.assert_delivered()
    assert tally.counts["consumed"] == 2000


@pytest.mark.parametrize("at", POINTS)
def test_a_crash_at_any_point_neither_loses_nor_repeats(world: World, at: str) -> None:
    with running(*world.relays()):
        world.tell(700)
        with pytest.raises(Crash), running(world.consumer(bus=BreakingBus(world.bus, at))) as broken:
            wait_until(lambda: bool(broken.failures), f"the crash {at}")
        with running(world.consumer()):
            world.await_effects(700)
            world.assert_delivered()


def test_a_crash_in_the_middle_of_a_batch_rolls_its_effects_back(world: World) -> None:
    seen = 0

    def break_down(session: Session, event: Event, cause: Cause) -> None:
        nonlocal seen
        seen += 1
        write_down(session, event, cause)
        if seen == 40:
            raise Crash

    with running(*world.relays()):
        world.tell(100, keys=1)
        with pytest.raises(Crash), running(world.consumer(break_down)) as broken:
            wait_until(lambda: bool(broken.failures), "the crash")
        assert world.count_effects() < 40
        with running(world.consumer()):
            world.await_effects(100)
            world.assert_delivered()


def deliver_often(world: World, seed: int) -> None:
    """Lay 300 events on the bus two to five times each, shuffled, and across partitions."""
    lots = random.Random(seed)
    world.tell(300)
    with world.registry.session() as session:
        rows = session.connection().execute(text("DELETE FROM outbox RETURNING topic, key, payload, headers"))
        messages = [
            Message(row.topic, "", 0, b"", row.payload, tuple((n, v.encode()) for n, v in row.headers))
            for row in rows
        ]
    copies = [m for message in messages for m in [message] * lots.randint(2, 5)]
    lots.shuffle(copies)
    world.put([Message(m.topic, "", n, b"%d" % n, m.value, m.headers) for n, m in enumerate(copies)])


def test_what_is_delivered_two_to_five_times_in_any_order_takes_effect_once(world: World) -> None:
    deliver_often(world, seed=15)
    tally = Tally()
    with running(world.consumer(observer=tally), *world.relays()):
        world.await_effects(300)
        wait_until(lambda: world.lag() == 0, "lag 0")
    assert sorted(world.effects()) == sorted(world.told)
    assert tally.counts["duplicate"] > 300


def test_without_the_inbox_the_same_takes_effect_several_times(world: World) -> None:
    deliver_often(world, seed=15)
    with running(world.consumer(guard=NoInbox()), *world.relays()):
        world.await_effects(301)
        wait_until(lambda: world.lag() == 0, "lag 0")
    assert len(world.effects()) > 600


def forget_progress(world: World) -> None:
    """Take away what the bus knows of how far the consumer has read."""
    if world.on_kafka:
        from kafka import KafkaAdminClient

        from shared.messaging.kafka.clients import ClosingSocket

        admin = KafkaAdminClient(bootstrap_servers=world.bus.clients.bootstrap, proxy_url=ClosingSocket.URL)
        admin.delete_groups([f"{world.bus.clients.prefix}dispatcher"])
        admin.close()
    else:
        with world.dispatcher.session() as session:
            session.connection().execute(text("DELETE FROM cursor"))


@pytest.mark.parametrize("guard", [None, NoInbox()], ids=["inbox", "no-inbox"])
def test_reading_everything_again_from_the_start_changes_nothing_thanks_to_the_inbox(
    world: World, guard: NoInbox | None
) -> None:
    world.tell(500)
    with running(world.consumer(), *world.relays()):
        world.await_effects(500)
        wait_until(lambda: world.lag() == 0, "lag 0")
    forget_progress(world)
    tally = Tally()
    with running(world.consumer(observer=tally, guard=guard)):
        wait_until(lambda: sum(tally.counts.values()) == 500, "500 seen again")
    if guard is None:
        assert tally.counts["duplicate"] == 500
        world.assert_delivered()
    else:
        assert world.count_effects() == 1000


@pytest.mark.parametrize("failure", ["unavailable", "connection lost"])
def test_a_consumer_waits_for_what_is_away_and_then_goes_on_where_it_was(world: World, failure: str) -> None:
    left = 3

    def stumble(session: Session, event: Event, cause: Cause) -> None:
        nonlocal left
        if event.version == 5 and left:
            left -= 1
            if failure == "unavailable":
                raise Unavailable
            session.connection().execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        write_down(session, event, cause)

    tally = Tally()
    with running(world.consumer(stumble, observer=tally), *world.relays()):
        world.tell(300)
        world.await_effects(300)
        world.assert_delivered()
    assert tally.counts["retried"] >= 3


def test_the_loss_of_every_database_connection_loses_no_event(world: World) -> None:
    cut = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name AND pid <> pg_backend_pid()"
    )
    tally = Tally()
    with running(world.consumer(observer=tally), *world.relays()):
        for turn in range(3):
            world.tell(200, first=200 * turn)
            world.await_effects(200 * turn + 1)
            for database in (world.dispatcher, world.registry):
                with database.engine.connect() as connection:
                    connection.execute(cut, {"name": database.engine.url.database})
                    connection.rollback()
        world.await_effects(600)
        world.assert_delivered()


def test_an_error_of_our_own_ends_the_consumer_and_the_event_waits_for_the_next(world: World) -> None:
    def fail(session: Session, event: Event, cause: Cause) -> None:
        raise ZeroDivisionError

    with running(*world.relays()):
        world.tell(10)
        with pytest.raises(ZeroDivisionError), running(world.consumer(fail)) as broken:
            wait_until(lambda: bool(broken.failures), "the error")
        with running(world.consumer()):
            world.await_effects(10)
            world.assert_delivered()


def test_a_stopped_consumer_finishes_its_batch_and_nothing_is_delivered_again(world: World) -> None:
    pause = threading.Event()

    def dawdle(session: Session, event: Event, cause: Cause) -> None:
        pause.wait(0.002)
        write_down(session, event, cause)

    with running(*world.relays()):
        world.tell(2000)
        with running(world.consumer(dawdle)) as run:
            world.await_effects(1)
            run.end()
        assert 0 < world.count_effects() < 2000
        tally = Tally()
        with running(world.consumer(observer=tally)):
            world.await_effects(2000)
            world.assert_delivered()
    assert tally.counts["duplicate"] == 0


def test_two_members_share_the_work_and_one_takes_over_when_the_other_stops(world: World) -> None:
    def by(who: str):  # type: ignore[no-untyped-def]
        return world.consumer(lambda s, e, c: write_down(s, e, c, who))

    def workers() -> set[str]:
        with world.dispatcher.session() as session:
            return set(session.connection().execute(text("SELECT DISTINCT who FROM effect")).scalars())

    with running(*world.relays()), running(by("a")) as first:
        world.tell(300)
        world.await_effects(300)
        with running(by("b")):
            world.tell(300, first=300)
            world.await_effects(600)
            first.end()
            world.tell(300, first=600)
            world.await_effects(900)
            world.assert_delivered()
    assert workers() == {"a", "b"}


def test_the_lag_is_what_has_not_been_taken_in(world: World) -> None:
    with running(*world.relays()):
        world.tell(120)
        wait_until(lambda: world.lag() == 120, "a lag of 120")
        wait_until(lambda: world.bus.backlog(world.registry).unpublished == 0, "nothing waits for the relay")
        with running(world.consumer()):
            world.await_effects(120)
            wait_until(lambda: world.lag() == 0, "a lag of 0")


def test_a_consumer_that_hangs_with_events_waiting_ends_with_an_error(world: World) -> None:
    never = threading.Event()

    def hang(session: Session, event: Event, cause: Cause) -> None:
        never.wait()

    with running(*world.relays()):
        world.tell(5)
        with (
            pytest.raises(Stalled, match="5 messages wait"),
            running(world.consumer(hang, stall_s=1.0)) as run,
        ):
            wait_until(lambda: bool(run.failures), "the watchdog")
        never.set()
        await_loops()


def test_a_lag_that_cannot_be_measured_is_no_stall_and_is_counted(
    embedded_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def measure(consumer: str, database: Database, topics: Sequence[str]) -> dict[Place, int]:
        raise Unavailable

    monkeypatch.setattr(embedded_world.bus, "lags", measure)
    tally = Tally()
    with running(embedded_world.consumer(observer=tally, stall_s=0.5)) as run:
        wait_until(lambda: tally.counts["retried"] > 3, "several measurings in vain")
        embedded_world.tell(5)
        embedded_world.await_effects(5)
        assert not run.failures
    assert tally.last_lag is None


def await_loops() -> None:
    """Wait for the threads of consumers that ended before their loop did."""
    for thread in threading.enumerate():
        if thread.name == "dispatcher consumer":
            thread.join(10)


def test_a_consumer_that_is_given_nothing_while_nobody_gets_on_ends_with_an_error(
    embedded_world: World,
) -> None:
    embedded_world.tell(5)
    with embedded_world.dispatcher.session() as ghost:
        lock = {"key": lock_key("zhida.consumer.dispatcher")}
        ghost.connection().execute(text("SELECT pg_advisory_xact_lock(:key)"), lock)
        with (
            pytest.raises(Stalled, match="5 messages wait"),
            running(embedded_world.consumer(stall_s=1.0)) as run,
        ):
            wait_until(lambda: bool(run.failures), "the watchdog")
        await_loops()


def test_a_consumer_that_is_given_nothing_while_another_gets_on_is_no_stall(
    embedded_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Progress shows far more often than stalls are looked for.
    monkeypatch.setattr(embedded, "BATCH_SIZE", 50)
    pause = threading.Event()

    def dawdle(session: Session, event: Event, cause: Cause) -> None:
        pause.wait(0.002)
        write_down(session, event, cause)

    embedded_world.tell(2000)
    with running(embedded_world.consumer(dawdle)):
        embedded_world.await_effects(1)
        with running(embedded_world.consumer(stall_s=2.5)):
            embedded_world.await_effects(2000)
            embedded_world.assert_delivered()


def test_a_member_joins_its_group_once(kafka_world: World) -> None:
    subscription = kafka_world.bus.subscribe("dispatcher", kafka_world.dispatcher, [TOPIC])
    wait_until(lambda: not subscription.poll(0.5) and bool(subscription.places()), "a place in the group")
    assert subscription._client.group_metadata().generation_id == 1  # type: ignore[attr-defined]
    subscription.close()


def test_an_idle_consumer_is_no_stall(world: World) -> None:
    with running(world.consumer(), *world.relays()):
        world.tell(5)
        world.await_effects(5)
    tally = Tally()
    with running(world.consumer(stall_s=0.5, observer=tally)):
        wait_until(lambda: tally.looks >= 5, "it is idle for longer than a stall lasts")
    assert tally.last_lag == {TOPIC: 0}
