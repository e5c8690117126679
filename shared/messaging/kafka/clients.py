"""Clients of one Apache Kafka with our settings, their errors turned into ours, their leaks stopped.

Knows kafka-python's defaults and faults; refuses to know what is sent. Version 3.0.12 needs five remedies: a client
that meets no broker is not made (`_require_listener`) or closed from within (`_open`), for its thread would try for
ever; a refused connection's socket is closed (`ClosingSocket`), and so is one that the client has lost hold of while it
was closed or its broker died (`OwnSocket`); a producer's thread is told to give up before it is
closed (`discard`), for `close` first flushes, raises when that fails, and leaves the thread sending.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any, TypeVar

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.errors import (
    CommitFailedError,
    IllegalGenerationError,
    InvalidProducerEpochError,
    KafkaError,
    OutOfOrderSequenceNumberError,
    RebalanceInProgressError,
    TopicAlreadyExistsError,
    UnknownMemberIdError,
    UnknownProducerIdError,
)
from kafka.net.compat import KafkaNetClient
from kafka.net.inet import KafkaNetSocket

from shared.events import TOPICS
from shared.kernel.errors import Unavailable
from shared.messaging.bus import BatchLost
from shared.messaging.poison import DEAD_LETTER_TOPIC

BATCH_SIZE = 500
PARTITIONS = 3
SESSION_MS = 10_000
CLOSE_S = 5
CALL_MS = 10_000
CONNECT_S = 2
BOOTSTRAP_MS = 5_000
RECONNECT_MS = 2_000
METADATA_MS = 30_000
DELIVERY_MS = 120_000
"""Longer than the relay waits, so that a message expires only in a producer that is given up."""
REQUEST_BYTES_MAX = 2 * 1024 * 1024
"""A dead letter is the original with some headers more: it must fit where the original did."""
REASSIGNED = (CommitFailedError, IllegalGenerationError, RebalanceInProgressError, UnknownMemberIdError)
FORGOTTEN = (InvalidProducerEpochError, OutOfOrderSequenceNumberError, UnknownProducerIdError)
"""The broker has lost what it knew of a producer: a new one mends it."""
Client = TypeVar("Client")


class BrokerUnavailable(Unavailable):
    """Apache Kafka at {bootstrap} does not answer: {reason}."""

    zh = "Apache Kafka（{bootstrap}）没有响应：{reason}。"


class OwnSocket(socket.socket):
    """Closes itself when nobody holds it any more."""

    def __del__(self) -> None:
        self.close()


class ClosingSocket(KafkaNetSocket):
    """Connects as the client does without a proxy, but closes the socket of a connection that fails or is forgotten."""

    SCHEMES = ("direct",)
    URL = "direct://"

    def socket(
        self,
        family: int = socket.AF_UNSPEC,
        sock_type: int = socket.SOCK_STREAM,
        proto: int = socket.IPPROTO_TCP,
    ) -> socket.socket:
        return OwnSocket(family, sock_type, proto)

    async def sock_connect(self, net: Any, sock: Any, sockaddr: Any, timeout_at: float | None = None) -> Any:
        try:
            connect: Any = super().sock_connect  # it has no types
            return await connect(net, sock, sockaddr, timeout_at=timeout_at)
        except BaseException:
            sock.close()
            raise


class Clients:
    """Makes the clients of the broker at `bootstrap`; `prefix` stands before every topic and group there."""

    def __init__(self, bootstrap: str, prefix: str) -> None:
        self.bootstrap, self.prefix = bootstrap, prefix

    def ensure_topics(self) -> None:
        """Make the catalogue's topics and the dead letters' that are missing; replication is the broker's default."""
        wanted = {
            topic: {"num_partitions": PARTITIONS, "configs": {"max.message.bytes": str(REQUEST_BYTES_MAX)}}
            for topic in (self.prefix + name for name in (*TOPICS, DEAD_LETTER_TOPIC))
        }
        admin = self._open(KafkaAdminClient, request_timeout_ms=CALL_MS)
        with closing(admin):
            missing = {topic: wanted[topic] for topic in wanted.keys() - set(admin.list_topics())}
            try:
                if missing:
                    admin.create_topics(missing, timeout_ms=CALL_MS, wait_for_metadata=True)
            except TopicAlreadyExistsError:
                admin.wait_for_topics(list(missing), timeout_ms=CALL_MS)  # another process was quicker

    def open_consumer(self, group: str) -> KafkaConsumer:
        """A client with our settings: from the earliest message, no offset committed but by us."""
        return self._open(
            KafkaConsumer,
            group_id=self.prefix + group,
            client_id=f"zhida-{group}",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            session_timeout_ms=SESSION_MS,
            max_poll_records=BATCH_SIZE,
            max_partition_fetch_bytes=REQUEST_BYTES_MAX,
            allow_auto_create_topics=False,
            metadata_max_age_ms=METADATA_MS,
        )

    def open_producer(self) -> KafkaProducer:
        """A client with our settings: idempotent, acknowledged by all replicas."""
        return self._open(
            KafkaProducer,
            acks="all",
            enable_idempotence=True,
            linger_ms=5,
            max_block_ms=CALL_MS,
            max_request_size=REQUEST_BYTES_MAX,
            delivery_timeout_ms=DELIVERY_MS,
            allow_auto_create_topics=False,
            metadata_max_age_ms=METADATA_MS,
        )

    def _open(self, make: Callable[..., Client], **settings: Any) -> Client:
        """A client of that class. Raises BrokerUnavailable, KafkaError; then nothing of it is left."""
        self._require_listener()
        inner: list[KafkaNetClient] = []

        def remember(**given: Any) -> KafkaNetClient:
            inner.append(KafkaNetClient(**given))
            return inner[-1]

        try:
            return make(
                bootstrap_servers=self.bootstrap.split(","),
                bootstrap_timeout_ms=BOOTSTRAP_MS,
                reconnect_backoff_max_ms=RECONNECT_MS,
                kafka_client=remember,
                proxy_url=ClosingSocket.URL,
                **settings,
            )
        except KafkaError:
            for client in inner:
                client.close()
            raise

    def _require_listener(self) -> None:
        """Raises BrokerUnavailable when no broker's port can be reached."""
        failure = ""
        for address in self.bootstrap.split(","):
            host, _, port = address.strip().rpartition(":")
            try:
                socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_S).close()
            except OSError as error:
                failure = str(error)
            else:
                return
        raise BrokerUnavailable(bootstrap=self.bootstrap, reason=failure)

    @contextmanager
    def calls(self, consumer: str) -> Iterator[None]:
        """Turn the client's errors into ours: BatchLost, BrokerUnavailable; what no waiting mends stays as it is."""
        try:
            yield
        except REASSIGNED as error:
            raise BatchLost(consumer=consumer) from error
        except KafkaError as error:
            if not error.retriable and not isinstance(error, FORGOTTEN):
                raise
            raise BrokerUnavailable(bootstrap=self.bootstrap, reason=describe(error)) from error


def discard(producer: KafkaProducer) -> None:
    """Close a producer within CLOSE_S; what is not acknowledged is not sent any more."""
    inner: Any = producer
    inner._sender.force_close()
    producer.close(timeout=CLOSE_S)


def describe(error: KafkaError) -> str:
    """The client's error for people, in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())
