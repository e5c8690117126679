"""The relay between outbox and broker: order, one at a time, and no harm from one that comes back late."""

import threading
from collections.abc import Callable
from contextlib import ExitStack

import pytest
from sqlalchemy import text
from sqlmodel import Session

from shared.events import RequestWithdrawn
from shared.kernel.clock import SystemClock
from shared.kernel.errors import Unavailable
from shared.messaging import Cause, emit
from shared.messaging.lease import Lease
from shared.messaging.message import Message
from shared.messaging.relay import Publisher, Receipt, Relay
from shared.messaging.unpublished import list_unpublished
from tests.shared.messaging.world import World, running, withdrawn
from tests.waiting import wait_until


class Acknowledged:
    """The receipt of a log that always answers at once, or never."""

    def __init__(self, check: Callable[[], bool]) -> None:
        self._check = check

    def wait(self, timeout_s: float) -> bool:
        return self._check() or threading.Event().wait(timeout_s)


class Log:
    """A broker of one partition, in memory; what is broken about it is set from outside."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.refuse_after: int | None = None
        self.silent = False
        self.connections = 0

    def connect(self) -> Publisher:
        self.connections += 1
        return LogPublisher(self)

    def offsets(self) -> list[int]:
        return [message.offset for message in self.messages]


class LogPublisher:
    def __init__(self, log: Log) -> None:
        self._log = log

    def send(self, message: Message) -> Receipt:
        if self._log.refuse_after is not None and len(self._log.messages) >= self._log.refuse_after:
            self._log.refuse_after = None
            raise Unavailable
        self._log.messages.append(message)
        return Acknowledged(lambda: not self._log.silent)

    def close(self) -> None:
        pass


def relay(world: World, log: Log, lease_s: float = 0.6) -> Relay:
    return Relay("registry", world.registry, log.connect, lease_s=lease_s)


def unpublished(world: World) -> int:
    with world.registry.session() as session:
        return len(list_unpublished(session.connection(), 10_000))


def attempts(world: World) -> set[int]:
    with world.registry.session() as session:
        return set(session.connection().execute(text("SELECT DISTINCT attempts FROM outbox")).scalars())


def test_everything_is_sent_in_sequence_and_marked(embedded_world: World) -> None:
    log = Log()
    with running(relay(embedded_world, log)):
        embedded_world.tell(2500)
        wait_until(lambda: unpublished(embedded_world) == 0, "all marked")
    assert len(log.messages) == 2500
    assert log.offsets() == sorted(log.offsets())
    assert attempts(embedded_world) == {1}


def test_after_a_failure_it_connects_anew_and_sends_again_from_the_first_without_a_mark(
    embedded_world: World,
) -> None:
    log = Log()
    log.refuse_after = 150
    embedded_world.tell(300)
    with running(relay(embedded_world, log)):
        wait_until(lambda: unpublished(embedded_world) == 0, "all marked")
    assert log.connections == 2
    first_seen = list(dict.fromkeys(log.offsets()))
    assert first_seen == sorted(first_seen)
    assert len(first_seen) == 300


def test_nothing_is_marked_before_the_broker_has_acknowledged_it(embedded_world: World) -> None:
    log = Log()
    log.silent = True
    embedded_world.tell(20)
    with running(relay(embedded_world, log)):
        wait_until(lambda: len(log.messages) == 20, "all sent")
        threading.Event().wait(0.5)
        assert unpublished(embedded_world) == 20
        log.silent = False
        wait_until(lambda: unpublished(embedded_world) == 0, "all marked")
    assert len(log.messages) == 20


def test_a_second_relay_waits_and_takes_over_when_the_first_stops(embedded_world: World) -> None:
    first, second = Log(), Log()
    with running(relay(embedded_world, first, lease_s=30)) as one:
        wait_until(lambda: first.connections == 1, "the first has the lease")
        with running(relay(embedded_world, second, lease_s=0.6)):
            embedded_world.tell(50)
            wait_until(lambda: unpublished(embedded_world) == 0, "all marked")
            assert (len(first.messages), second.connections) == (50, 0)
            one.end()
            embedded_world.tell(50, first=50)
            wait_until(lambda: unpublished(embedded_world) == 0, "all marked")
    assert (len(first.messages), len(second.messages)) == (50, 50)


def test_a_lease_passes_on_when_its_time_is_over_by_the_databases_clock(embedded_world: World) -> None:
    mine, yours = Lease("relay", 30), Lease("relay", 30)
    with embedded_world.registry.session() as session:
        assert mine.hold(session.connection())
        assert mine.hold(session.connection())
        assert not yours.hold(session.connection())
        session.connection().execute(text("UPDATE lease SET expires_at = clock_timestamp()"))
        assert yours.hold(session.connection())
        assert not mine.hold(session.connection())
        mine.release(session.connection())
        assert not mine.hold(session.connection())
        yours.release(session.connection())
        assert mine.hold(session.connection())


def test_an_error_that_waiting_cannot_mend_ends_the_relay(embedded_world: World) -> None:
    def connect() -> Publisher:
        raise ZeroDivisionError

    broken = Relay("registry", embedded_world.registry, connect, lease_s=1)
    with pytest.raises(ZeroDivisionError), running(broken) as run:
        wait_until(lambda: bool(run.failures), "the error")


def test_nothing_is_sent_before_what_a_running_transaction_has_numbered_already(
    embedded_world: World,
) -> None:
    with ExitStack() as stack:
        slow, quick = (stack.enter_context(Session(embedded_world.registry.engine)) for _ in range(2))
        for session, number in ((slow, 1), (quick, 2)):
            event = withdrawn("trip", number)
            emit(session, event, source="registry", cause=Cause.fresh(), clock=SystemClock())
        quick.commit()
        with embedded_world.registry.session() as session:
            seen = session.connection().execute(text("SELECT seq FROM outbox ORDER BY seq")).scalars().all()
        assert len(seen) == 1, "the negative control: by sequence alone the second would be sent first"
        assert unpublished(embedded_world) == 0
        slow.commit()
    log = Log()
    with running(relay(embedded_world, log)):
        wait_until(lambda: len(log.messages) == 2, "both sent")
    assert [RequestWithdrawn.model_validate_json(one.value or b"").version for one in log.messages] == [1, 2]


def test_what_was_restored_from_a_cluster_with_more_transactions_is_sent(embedded_world: World) -> None:
    embedded_world.tell(3)
    with embedded_world.registry.session() as session:
        session.connection().execute(text("UPDATE outbox SET xid = '4000000000000'"))
    assert unpublished(embedded_world) == 3
