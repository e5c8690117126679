"""Apache Kafka as the bus, through kafka-python; the one module that imports it.

Knows topics, groups, offsets and this client's traps; refuses to know what a message means. Kafka's own transactions
are not used: the effects live in a database, which they do not cover.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import (
    CommitFailedError,
    IllegalGenerationError,
    KafkaError,
    KafkaTimeoutError,
    RebalanceInProgressError,
    TopicAlreadyExistsError,
    UnknownMemberIdError,
)
from kafka.structs import OffsetAndMetadata
from sqlmodel import Session

from shared.database import Database
from shared.events import TOPICS
from shared.kernel.errors import Unavailable
from shared.messaging.bus import BatchLost, Place
from shared.messaging.message import Message
from shared.messaging.poison import DEAD_LETTER_TOPIC
from shared.messaging.relay import Relay
from shared.messaging.unpublished import Backlog, read_backlog

BATCH_SIZE = 500
PARTITIONS = 3
SESSION_MS = 10_000
CLOSE_S = 5
CALL_MS = 10_000
BOOTSTRAP_MS = 5_000
RECONNECT_MS = 2_000
METADATA_MS = 30_000
DELIVERY_MS = 120_000
"""Longer than the relay waits, so that a message expires only in a producer that is given up."""
REQUEST_BYTES_MAX = 2 * 1024 * 1024
"""A dead letter is the original with some headers more: it must fit where the original did."""
REASSIGNED = (CommitFailedError, IllegalGenerationError, RebalanceInProgressError, UnknownMemberIdError)
log = logging.getLogger(__name__)


class BrokerUnavailable(Unavailable):
    """Apache Kafka at {bootstrap} does not answer: {reason}."""

    zh = "Apache Kafka（{bootstrap}）没有响应：{reason}。"


class KafkaBus:
    """The broker at `bootstrap` (`host:port,...`). `prefix` stands before every topic and group on the broker, so
    that several installations, or tests, can share one."""

    def __init__(self, bootstrap: str, *, prefix: str = "") -> None:
        self.bootstrap, self.prefix = bootstrap, prefix
        self._measuring = threading.Lock()
        self._meters: dict[str, KafkaConsumer] = {}

    def subscribe(
        self,
        consumer: str,
        database: Database,  # noqa: ARG002 - as the bus has it
        topics: Sequence[str],
    ) -> "KafkaSubscription":
        return KafkaSubscription(self, consumer, topics)

    def relays(self, service: str, database: Database) -> list[Relay]:
        return [Relay(service, database, self.publisher)]

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
        with self._measuring, self.calls(consumer):
            try:
                return self._measure(consumer, topics)
            except KafkaError:
                if consumer in self._meters:
                    self._meters.pop(consumer).close(timeout_ms=0)
                raise

    def _measure(self, group: str, topics: Sequence[str]) -> dict[Place, int]:
        """End offsets minus committed ones, by a client that reads nothing and is no member of the group."""
        if group not in self._meters:
            self._meters[group] = self.open_consumer(group)
        meter = self._meters[group]
        places = [
            TopicPartition(self.prefix + topic, partition)
            for topic in topics
            for partition in meter.partitions_for_topic(self.prefix + topic) or ()
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
        return partition.topic.removeprefix(self.prefix), str(partition.partition)

    def ensure_topics(self) -> None:
        """Make the catalogue's topics and the dead letters' that are missing; replication is the broker's default."""
        wanted = {
            topic: {"num_partitions": PARTITIONS, "configs": {"max.message.bytes": str(REQUEST_BYTES_MAX)}}
            for topic in (self.prefix + name for name in (*TOPICS, DEAD_LETTER_TOPIC))
        }
        admin = KafkaAdminClient(
            bootstrap_servers=self.bootstrap.split(","),
            bootstrap_timeout_ms=BOOTSTRAP_MS,
            request_timeout_ms=CALL_MS,
        )
        with closing(admin):
            missing = {topic: wanted[topic] for topic in wanted.keys() - set(admin.list_topics())}
            try:
                if missing:
                    admin.create_topics(missing, timeout_ms=CALL_MS, wait_for_metadata=True)
            except TopicAlreadyExistsError:
                admin.wait_for_topics(list(missing), timeout_ms=CALL_MS)  # another process was quicker

    def open_consumer(self, group: str) -> KafkaConsumer:
        """A client with our settings: from the earliest message, no offset committed but by us."""
        return KafkaConsumer(
            bootstrap_servers=self.bootstrap.split(","),
            group_id=self.prefix + group,
            client_id=f"zhida-{group}",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            session_timeout_ms=SESSION_MS,
            max_poll_records=BATCH_SIZE,
            max_partition_fetch_bytes=REQUEST_BYTES_MAX,
            allow_auto_create_topics=False,
            metadata_max_age_ms=METADATA_MS,
            bootstrap_timeout_ms=BOOTSTRAP_MS,
            reconnect_backoff_max_ms=RECONNECT_MS,
        )

    def open_producer(self) -> KafkaProducer:
        """A client with our settings: idempotent, acknowledged by all replicas."""
        return KafkaProducer(
            bootstrap_servers=self.bootstrap.split(","),
            acks="all",
            enable_idempotence=True,
            linger_ms=5,
            max_block_ms=CALL_MS,
            max_request_size=REQUEST_BYTES_MAX,
            delivery_timeout_ms=DELIVERY_MS,
            allow_auto_create_topics=False,
            metadata_max_age_ms=METADATA_MS,
            bootstrap_timeout_ms=BOOTSTRAP_MS,
            reconnect_backoff_max_ms=RECONNECT_MS,
        )

    @contextmanager
    def calls(self, consumer: str) -> Iterator[None]:
        """Turn the client's errors into ours: BatchLost, BrokerUnavailable; what no waiting mends stays as it is."""
        try:
            yield
        except REASSIGNED as error:
            raise BatchLost(consumer=consumer) from error
        except KafkaError as error:
            if not error.retriable:
                raise
            raise BrokerUnavailable(bootstrap=self.bootstrap, reason=describe(error)) from error


class KafkaReceipt:
    """The acknowledgement of one message."""

    def __init__(self, bus: KafkaBus, future: Any) -> None:  # its class has no types
        self._bus, self._future = bus, future

    def wait(self, timeout_s: float) -> bool:
        with self._bus.calls("publisher"):
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
        with bus.calls("publisher"):
            bus.ensure_topics()
            self._producer: Any = bus.open_producer()  # for the thread of it, which its types do not show

    def send(self, message: Message) -> KafkaReceipt:
        with self._bus.calls("publisher"):
            future = self._producer.send(
                self._bus.prefix + message.topic,
                key=message.key if message.key is not None or message.value is not None else b"",
                value=message.value,
                headers=list(message.headers),
            )
        return KafkaReceipt(self._bus, future)

    def close(self) -> None:
        """Drop what is not acknowledged. The client's own `close` first flushes, and when that fails it raises and
        leaves its thread sending: so its thread is told before to give up."""
        self._producer._sender.force_close()
        self._producer.close(timeout=CLOSE_S)


class KafkaSubscription:
    """A member of a consumer group. Partitions move only inside `poll`, so a batch that was polled is worked on
    whole; whether it was still ours shows when its offsets are committed."""

    def __init__(self, bus: KafkaBus, consumer: str, topics: Sequence[str]) -> None:
        self._bus, self._consumer = bus, consumer
        self._topics = [bus.prefix + topic for topic in topics]
        self._client: KafkaConsumer | None = None
        self._first: dict[TopicPartition, int] = {}
        self._next: dict[TopicPartition, OffsetAndMetadata] = {}
        self._places: frozenset[Place] = frozenset()

    def poll(self, timeout_s: float) -> Sequence[Message]:
        with self._bus.calls(self._consumer):
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
            self._bus.ensure_topics()
            self._client = self._bus.open_consumer(self._consumer)
            self._client.subscribe(self._topics)
        return self._client

    def settle(self, session: Session, last: Message) -> None:
        """Nothing to do: offsets are the broker's, and are committed after the transaction."""

    def acknowledge(self) -> None:
        if self._client is None or not self._next:
            return
        with self._bus.calls(self._consumer):
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


def describe(error: KafkaError) -> str:
    """The client's error for people, in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())
