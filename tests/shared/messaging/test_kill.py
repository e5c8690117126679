"""Real processes, really killed with -9, or stopped and continued: nothing lost, nothing twice, in order.

Rows 1 to 4, 13, 14 and 21 of the fault matrix. Rows 6 and 19 are in test_away, 15 to 17 and 20 in test_delivery and
test_poison; 5, 23 and 24, and 13 once more, in tests/faults with whole services. The others have no test of their own yet.
"""

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from deploy.kafka.broker import Broker
from shared.kernel.errors import Unavailable
from shared.messaging import relay
from shared.messaging.kafka import KafkaBus
from shared.messaging.unpublished import list_unpublished, republish
from tests.shared.messaging.world import (
    LEASE_S,
    NoInbox,
    Tally,
    World,
    make_world,
    running,
)
from tests.waiting import wait_until


@contextmanager
def child(world: World, role: str, at: str = "", after: int = 1) -> Iterator[subprocess.Popen[bytes]]:
    bus = world.bus
    settings = {
        "role": role,
        "at": at,
        "after": after,
        "urls": dict(world.urls),
        "bootstrap": bus.clients.bootstrap if isinstance(bus, KafkaBus) else None,
        "prefix": bus.clients.prefix if isinstance(bus, KafkaBus) else "",
        "lease_s": LEASE_S,
    }
    command = [sys.executable, "-m", "tests.shared.messaging.child", json.dumps(settings)]
    process = subprocess.Popen(command, cwd=Path(__file__).parents[3])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def killed(world: World, role: str, at: str, after: int = 1) -> None:
    """Run a child until it has killed itself at that point."""
    with child(world, role, at, after) as process:
        assert process.wait(60) == -signal.SIGKILL


def unpublished(world: World) -> int:
    with world.registry.session() as session:
        return len(list_unpublished(session.connection(), 10_000))


def test_a_relay_killed_after_the_acknowledgement_and_before_the_mark_sends_again_in_vain(
    kafka_world: World,
) -> None:
    kafka_world.tell(2000, keys=50)
    killed(kafka_world, "relay", "acknowledged, not marked", after=500)
    assert unpublished(kafka_world) == 2000
    tally = Tally()
    with running(kafka_world.consumer(observer=tally), *kafka_world.relays()):
        kafka_world.await_effects(2000)
        wait_until(lambda: unpublished(kafka_world) == 0, "all marked")
        kafka_world.assert_delivered()
    assert tally.counts["duplicate"] >= 500


def test_without_the_inbox_what_the_relay_sends_again_takes_effect_again(kafka_world: World) -> None:
    kafka_world.tell(600)
    killed(kafka_world, "relay", "acknowledged, not marked", after=500)
    with running(kafka_world.consumer(guard=NoInbox()), *kafka_world.relays()):
        kafka_world.await_effects(1100)


def test_a_relay_killed_before_it_sends_leaves_everything_to_the_next(kafka_world: World) -> None:
    kafka_world.tell(2000, keys=50)
    killed(kafka_world, "relay", "before the send", after=700)
    with running(kafka_world.consumer(), *kafka_world.relays()):
        kafka_world.await_effects(2000)
        kafka_world.assert_delivered()


def test_a_service_killed_before_its_commit_has_told_nothing(world: World) -> None:
    killed(world, "teller", "told, not committed", after=60)
    with running(world.consumer(), *world.relays()):
        world.tell(10)
        world.await_effects(10)
        world.assert_delivered()
    with world.registry.session() as session:
        assert session.connection().execute(text("SELECT count(*) FROM outbox")).scalar_one() == 10


@pytest.mark.parametrize(("at", "after"), [("committed, offsets not", 2), ("in the middle of a batch", 1234)])
def test_a_consumer_killed_around_its_commit_neither_loses_nor_repeats(
    world: World, at: str, after: int
) -> None:
    with running(*world.relays()):
        world.tell(5000, keys=50)
        killed(world, "consumer", at, after)
        done = world.count_effects()
        assert 0 < done < 5000
        tally = Tally()
        with running(world.consumer(observer=tally)):
            world.await_effects(5000)
            world.assert_delivered()
    if world.on_kafka and at == "committed, offsets not":
        assert tally.counts["duplicate"] > 0


def test_a_relay_stopped_past_its_lease_and_continued_does_no_harm(kafka_world: World) -> None:
    with child(kafka_world, "relay") as sleeper, running(kafka_world.consumer()):
        kafka_world.tell(1000, keys=50)
        kafka_world.await_effects(100)
        sleeper.send_signal(signal.SIGSTOP)
        kafka_world.tell(1000, keys=50, first=1000)
        with running(*kafka_world.relays()):
            kafka_world.await_effects(2000)
            sleeper.send_signal(signal.SIGCONT)
            kafka_world.tell(1000, keys=50, first=2000)
            kafka_world.await_effects(3000)
            wait_until(lambda: unpublished(kafka_world) == 0, "all marked")
            threading.Event().wait(LEASE_S)
            assert sleeper.poll() is None
            kafka_world.assert_delivered()


@pytest.mark.kafka
def test_a_broker_that_is_killed_and_then_loses_its_data_costs_no_event(
    urls: Mapping[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "ACKNOWLEDGEMENT_S", 5.0)
    broker = Broker(tmp_path / "first")
    broker.start()
    bus = KafkaBus(broker.bootstrap)
    with make_world(urls, bus) as world, running(world.consumer(), *world.relays()):
        world.tell(500, keys=50)
        world.await_effects(100)
        broker.kill()
        world.tell(500, keys=50, first=500)
        broker.start()
        world.await_effects(1000)
        world.assert_delivered()

        broker.stop()
        empty = Broker(tmp_path / "second", port=broker.port)
        empty.start()
        try:
            world.tell(500, keys=50, first=1000)
            with world.registry.session() as session:
                assert republish(session.connection()) >= 1000
            world.await_effects(1500)
            world.assert_delivered()
        finally:
            empty.stop()


def kafka_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("kafka")]


@pytest.mark.parametrize("listens", [False, True])
def test_a_broker_that_does_not_answer_is_a_reason_to_wait_and_leaves_no_thread_trying(
    embedded_world: World, listens: bool
) -> None:
    before = kafka_threads()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        bus = KafkaBus(f"127.0.0.1:{silent.getsockname()[1] if listens else 9}")
        with pytest.raises(Unavailable, match="does not answer"):
            bus.lags("dispatcher", embedded_world.dispatcher, ["zhida.requests"])
        bus.close()
    assert kafka_threads() == before
