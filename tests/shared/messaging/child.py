"""A process of its own that kills itself with -9 at a named point; run by test_kill.py, never imported.

`python -m tests.shared.messaging.child SETTINGS`, SETTINGS as JSON: role, at, after, urls, bootstrap, prefix, lease_s.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session

from shared.database import Database
from shared.events import Event, RequestWithdrawn
from shared.kernel.clock import SystemClock
from shared.messaging import Bus, Cause, Consumer, Relay, emit
from shared.messaging.bus import Place, Subscription
from shared.messaging.embedded import EmbeddedBus
from shared.messaging.kafka import KafkaBus
from shared.messaging.message import Message
from shared.messaging.relay import Publisher, Receipt
from tests.shared.messaging.world import withdrawn, write_down


class Fuse:
    """kill -9 of this process at the point `at`, when it is passed for the `after`-th time."""

    def __init__(self, at: str, after: int) -> None:
        self._at, self._left = at, after

    def pass_by(self, point: str) -> None:
        if point == self._at:
            self._left -= 1
            if self._left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)


class FusedPublisher:
    def __init__(self, inner: Publisher, fuse: Fuse) -> None:
        self._inner, self._fuse = inner, fuse

    def send(self, message: Message) -> Receipt:
        self._fuse.pass_by("before the send")
        return FusedReceipt(self._inner.send(message), self._fuse)

    def close(self) -> None:
        self._inner.close()


class FusedReceipt:
    def __init__(self, inner: Receipt, fuse: Fuse) -> None:
        self._inner, self._fuse = inner, fuse

    def wait(self, timeout_s: float) -> bool:
        acknowledged = self._inner.wait(timeout_s)
        if acknowledged:
            self._fuse.pass_by("acknowledged, not marked")
        return acknowledged


class FusedSubscription:
    def __init__(self, inner: Subscription, fuse: Fuse) -> None:
        self._inner, self._fuse = inner, fuse

    def poll(self, timeout_s: float) -> Sequence[Message]:
        return self._inner.poll(timeout_s)

    def settle(self, session: Session, last: Message) -> None:
        self._inner.settle(session, last)

    def acknowledge(self) -> None:
        self._fuse.pass_by("committed, offsets not")
        self._inner.acknowledge()

    def recover(self) -> None:
        self._inner.recover()

    def places(self) -> frozenset[Place]:
        return self._inner.places()

    def close(self) -> None:
        self._inner.close()


class FusedBus:
    def __init__(self, inner: Bus, fuse: Fuse) -> None:
        self._inner, self._fuse = inner, fuse

    def subscribe(self, consumer: str, database: Database, topics: Sequence[str]) -> Subscription:
        return FusedSubscription(self._inner.subscribe(consumer, database, topics), self._fuse)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def make_bus(settings: Mapping[str, Any]) -> EmbeddedBus | KafkaBus:
    if settings["bootstrap"] is None:
        return EmbeddedBus(settings["urls"])
    return KafkaBus(settings["bootstrap"], prefix=settings["prefix"])


def consume(settings: Mapping[str, Any], fuse: Fuse) -> None:
    def react(session: Session, event: Event, cause: Cause) -> None:
        fuse.pass_by("in the middle of a batch")
        write_down(session, event, cause)

    database = Database(settings["urls"]["dispatcher"])
    bus: Any = FusedBus(make_bus(settings), fuse)
    Consumer("dispatcher", database, bus, {RequestWithdrawn: react}, SystemClock()).run(threading.Event())


def relay(settings: Mapping[str, Any], fuse: Fuse) -> None:
    bus = make_bus(settings)
    assert isinstance(bus, KafkaBus)
    database = Database(settings["urls"]["registry"])
    lease_s = settings["lease_s"]
    Relay("registry", database, lambda: FusedPublisher(bus.publisher(), fuse), lease_s=lease_s).run(
        threading.Event()
    )


def tell(settings: Mapping[str, Any], fuse: Fuse) -> None:
    """One transaction of 100 events."""
    with Database(settings["urls"]["registry"]).session() as session:
        for number in range(100):
            emit(
                session,
                withdrawn("teller", number),
                source="registry",
                cause=Cause.fresh(),
                clock=SystemClock(),
            )
            fuse.pass_by("told, not committed")


ROLES = {"consumer": consume, "relay": relay, "teller": tell}

if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    ROLES[given["role"]](given, Fuse(given["at"], given["after"]))
