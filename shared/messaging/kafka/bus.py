"""Apache Kafka as the bus: publishing, reading as a member of a group, and how far a group has come.

Knows topics, groups and offsets; refuses to know what a message means. Kafka's own transactions are not used: the
effects live in a database, which they do not cover.
"""

import logging
import threading
from collections.abc import Sequence
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError, KafkaTimeoutError
from kafka.structs import OffsetAndMetadata
from sqlmodel import Session

from shared.database import Database
from shared.messaging.bus import Place
from shared.messaging.cleaner import Cleaner
from shared.messaging.kafka.clients import CALL_MS, CLOSE_S, Clients, discard
from shared.messaging.message import Message
from shared.messaging.relay import Relay
from shared.messaging.unpublished import Backlog, read_backlog

log = logging.getLogger(__name__)


class KafkaBus:
    """The broker at `bootstrap` (`host:port,...`). `prefix` stands before every topic and group on the broker, so
    that several installations, or tests, can share one."""

    def __init__(self, bootstrap: str, *, prefix: str = "") -> None:
        self.clients = Clients(bootstrap, prefix)
        self._measuring = threading.Lock()
        self._meters: dict[str, KafkaConsumer] = {}

    def subscribe(
        self,
        consumer: str,
        database: Database,  # noqa: ARG002 - as the bus has it
        topics: Sequence[str],
    ) -> "KafkaSubscription":
        return KafkaSubscription(self, consumer, topics)

    def relays(self, service: str, database: Database) -> list[Relay | Cleaner]:
        return [Relay(service, database, self.publisher), Cleaner(service, database, marked=True)]

    def publisher(self) -> "KafkaPublisher":
        """A producer of its own; makes the topics that are missing. Raises BrokerUnavailable."""
        return KafkaPublisher(self)

    def backlog(self, database: Database) -> Backlog:
        with database.engine.connect() as connection:
            return read_backlog(connection)

    def lags(
        self,
        consumer: str,
        database: Database,  # noqa: ARG002 - as the bus has it
        topics: Sequence[str],
    ) -> dict[Place, int]:
        with self._measuring, self.clients.calls(consumer):
            try:
                return self._measure(consumer, topics)
            except KafkaError:
                if consumer in self._meters:
                    self._meters.pop(consumer).close(timeout_ms=0)
                raise

    def _measure(self, group: str, topics: Sequence[str]) -> dict[Place, int]:
        """End offsets minus committed ones, by a client that reads nothing and is no member of the group."""
        if group not in self._meters:
            self._meters[group] = self.clients.open_consumer(group)
        meter = self._meters[group]
        places = [
            TopicPartition(self.clients.prefix + topic, partition)
            for topic in topics
            for partition in meter.partitions_for_topic(self.clients.prefix + topic) or ()
        ]
        starts = meter.beginning_offsets(places, timeout_ms=CALL_MS)
        ends = meter.end_offsets(places, timeout_ms=CALL_MS)
        lags = {}
        for place in places:
            done = meter.committed(place, timeout_ms=CALL_MS)
            lags[self.place(place)] = max(0, ends[place] - max(starts[place], int(done or 0)))
        return lags

    def close(self) -> None:
        with self._measuring:
            while self._meters:
                self._meters.popitem()[1].close(timeout_ms=0)

    def place(self, partition: TopicPartition) -> Place:
        """A partition as the rest of the house names it."""
        return partition.topic.removeprefix(self.clients.prefix), str(partition.partition)


class KafkaReceipt:
    """The acknowledgement of one message."""

    def __init__(self, bus: KafkaBus, future: Any) -> None:  # its class has no types
        self._bus, self._future = bus, future

    def wait(self, timeout_s: float) -> bool:
        with self._bus.clients.calls("publisher"):
            try:
                self._future.get(timeout_s)
            except KafkaTimeoutError:
                if self._future.is_done:
                    raise
                return False
            return True


class KafkaPublisher:
    """An idempotent producer: what it has sent of one key lies in the log in that order, once."""

    def __init__(self, bus: KafkaBus) -> None:
        self._bus = bus
        with bus.clients.calls("publisher"):
            bus.clients.ensure_topics()
            self._producer = bus.clients.open_producer()

    def send(self, message: Message) -> KafkaReceipt:
        with self._bus.clients.calls("publisher"):
            future = self._producer.send(
                self._bus.clients.prefix + message.topic,
                key=message.key if message.key is not None or message.value is not None else b"",
                value=message.value,
                headers=list(message.headers),
            )
        return KafkaReceipt(self._bus, future)

    def close(self) -> None:
        discard(self._producer)


class KafkaSubscription:
    """A member of a consumer group. Partitions move only inside `poll`, so a batch that was polled is worked on
    whole; whether it was still ours shows when its offsets are committed."""

    def __init__(self, bus: KafkaBus, consumer: str, topics: Sequence[str]) -> None:
        self._bus, self._consumer = bus, consumer
        self._topics = [bus.clients.prefix + topic for topic in topics]
        self._client: KafkaConsumer | None = None
        self._first: dict[TopicPartition, int] = {}
        self._next: dict[TopicPartition, OffsetAndMetadata] = {}
        self._places: frozenset[Place] = frozenset()

    def poll(self, timeout_s: float) -> Sequence[Message]:
        with self._bus.clients.calls(self._consumer):
            client = self._connected()
            found = client.poll(timeout_ms=int(timeout_s * 1000))
            self._places = frozenset(map(self._bus.place, client.assignment()))
        messages = []
        for partition, records in found.items():
            topic, number = self._bus.place(partition)
            self._first[partition] = records[0].offset
            self._next[partition] = OffsetAndMetadata(records[-1].offset + 1, "", -1)
            messages += [Message(topic, number, r.offset, r.key, r.value, tuple(r.headers)) for r in records]
        return messages

    def _connected(self) -> KafkaConsumer:
        if self._client is None:
            self._bus.clients.ensure_topics()
            self._client = self._bus.clients.open_consumer(self._consumer)
            self._client.subscribe(self._topics)
            # The topics' metadata before the first join: a member that first learns of them as it leads a group joins
            # a second time, and kafka-python 3.0.12 forgets such a join when it takes longer than a poll.
            self._client.topics()
        return self._client

    def settle(self, session: Session, last: Message) -> None:
        """Nothing to do: offsets are the broker's, and are committed after the transaction."""

    def acknowledge(self) -> None:
        if self._client is None or not self._next:
            return
        with self._bus.clients.calls(self._consumer):
            self._client.commit(self._next, timeout_ms=CALL_MS)
        self._first, self._next = {}, {}

    def recover(self) -> None:
        first, self._first, self._next = self._first, {}, {}
        for partition, offset in first.items():
            try:
                if self._client is not None:
                    self._client.seek(partition, offset)
            except ValueError:
                log.info("%s no longer reads %s", self._consumer, partition)

    def places(self) -> frozenset[Place]:
        return self._places

    def close(self) -> None:
        if self._client is not None:
            self._client.close(autocommit=False, timeout_ms=CLOSE_S * 1000)
            self._client = None
