"""Brings a service's outbox to the broker, in sequence, marking what the broker has acknowledged.

Knows rows and a publisher; refuses to know which broker. It may send a row twice (it died between acknowledgement
and mark, or overslept its lease while another took over): never out of order for the first time, and consumers drop
the second.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from typing import Protocol

from sqlalchemy.engine import Connection

from shared.database import Database, is_transient
from shared.kernel.errors import Unavailable
from shared.messaging.backoff import BackOff
from shared.messaging.lease import Lease
from shared.messaging.listening import Listener, wait_for_news
from shared.messaging.message import Message
from shared.messaging.unpublished import (
    count_attempt,
    list_unpublished,
    mark_published,
    republish,
)

BATCH_SIZE = 1000
POLL_S = 0.5
LEASE_S = 15.0
ACKNOWLEDGEMENT_S = 30.0
log = logging.getLogger(__name__)


class NotAcknowledged(Unavailable):
    """The broker has acknowledged nothing for {seconds} s."""

    zh = "消息服务器已有 {seconds} 秒未确认。"


class LeaseLost(Unavailable):
    """Another relay of {service} has taken over."""

    zh = "{service} 的另一个转发进程已接手。"


class Receipt(Protocol):
    """What becomes of one message that was sent."""

    def wait(self, timeout_s: float) -> bool:
        """Whether it was acknowledged within the time. Raises Unavailable when it never will be."""


class Publisher(Protocol):
    """A connection to the broker that keeps the order in which it is given messages of one key."""

    def send(self, message: Message) -> Receipt:
        """Hand it over; raises Unavailable when the broker is away and too much waits already."""

    def close(self) -> None:
        """Give up what is not acknowledged; bounded in time."""


class Relay:
    """The worker that publishes the outbox of `service`; a second one waits until the first is gone."""

    def __init__(
        self,
        service: str,
        database: Database,
        connect: Callable[[], Publisher],
        *,
        lease_s: float = LEASE_S,
    ) -> None:
        self.name = f"{service} relay"
        self._service, self._database, self._connect = service, database, connect
        self._lease = Lease("relay", lease_s)

    def run(self, stop: threading.Event) -> None:
        """Publish until `stop` is set; waits while broker or database are away, raises what waiting cannot mend."""
        back_off = BackOff()
        while not stop.is_set():
            try:
                # In autocommit: a relay that is stopped in the middle of anything holds up no other by its locks.
                with closing(Listener(self._database)) as listener:
                    self._stand_by(listener, stop)
                    self._serve(listener, stop, back_off)
            except Exception as error:
                if not is_transient(error):
                    raise
                log.warning("%s waits: %s", self.name, error)
                stop.wait(back_off.next_s())

    def republish(self, *, since: datetime | None, from_seq: int) -> int:
        """Have it, or whoever holds its lease, send again what it has sent; see `unpublished.republish`."""
        with self._database.session() as session:
            return republish(session.connection(), since=since, from_seq=from_seq)

    def _stand_by(self, listener: Listener, stop: threading.Event) -> None:
        """Wait until the lease is ours."""
        while not stop.is_set() and not self._lease.hold(listener.connection):
            stop.wait(self._lease.seconds / 3)

    def _serve(self, listener: Listener, stop: threading.Event, back_off: BackOff) -> None:
        """Publish as the holder of the lease. A publisher that has failed is not used again: what it still holds
        could arrive after what is sent next."""
        if stop.is_set():
            return
        with closing(self._connect()) as publisher:
            while not stop.is_set():
                self._keep(listener.connection)
                messages = list_unpublished(listener.connection, BATCH_SIZE)
                if messages:
                    self._publish(listener.connection, publisher, messages)
                    back_off.reset()
                else:
                    wait_for_news([listener], min(POLL_S, self._lease.seconds / 3))
        self._lease.release(listener.connection)

    def _publish(self, connection: Connection, publisher: Publisher, messages: Sequence[Message]) -> None:
        """Send all, then mark those that were acknowledged, also when one in the middle was not."""
        acknowledged: list[int] = []
        try:
            receipts = [publisher.send(message) for message in messages]
            for message, receipt in zip(messages, receipts, strict=True):
                self._await(connection, receipt)
                acknowledged.append(message.offset)
        finally:
            mark_published(connection, acknowledged)
            if len(acknowledged) < len(messages):
                count_attempt(connection, [message.offset for message in messages])

    def _await(self, connection: Connection, receipt: Receipt) -> None:
        """Wait for one acknowledgement, keeping the lease meanwhile. Raises NotAcknowledged, LeaseLost."""
        deadline = time.monotonic() + ACKNOWLEDGEMENT_S
        while not receipt.wait(self._lease.seconds / 3):
            self._keep(connection)
            if time.monotonic() > deadline:
                raise NotAcknowledged(seconds=ACKNOWLEDGEMENT_S)

    def _keep(self, connection: Connection) -> None:
        if not self._lease.hold(connection):
            raise LeaseLost(service=self._service)
