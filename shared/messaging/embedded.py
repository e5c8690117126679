"""The bus for one machine and no broker: the outbox tables are the log, read in order by each consumer.

Knows the peers' databases and how far each consumer has read them; keeps no data of its own, so there is nothing to
lose in a `kill -9`.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import product
from typing import cast

import psycopg
from sqlalchemy import text
from sqlalchemy.engine import Connection, CursorResult
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlmodel import Session

from shared.database import Database, lock_key
from shared.kernel.errors import Unavailable, ZhidaError
from shared.messaging.bus import BatchLost, Place
from shared.messaging.cleaner import Cleaner
from shared.messaging.listening import Listener, close_for_good, wait_for_news
from shared.messaging.message import Message
from shared.messaging.relay import Relay
from shared.messaging.settled import Position, count_unread, is_ahead_of, read_settled
from shared.messaging.unpublished import Backlog

BATCH_SIZE = 500
LOCK_WAIT = "500ms"


class PeerNotReady(Unavailable):
    """The service {peer} has not made its tables yet. Start it, or wait until it has."""

    zh = "服务 {peer} 尚未建表。请启动该服务，或稍候。"


class ClusterChanged(ZhidaError):
    """The database of {peer} lies in another PostgreSQL cluster than when {consumer} last read it: there what is new
    would be taken for old. Do what the runbook says under "Into another cluster" (deploy/README.md), then start again."""

    zh = (
        "{peer} 的数据库已换到另一个 PostgreSQL 集群，{consumer} 上次读取的位置不再适用：新事件会被当作旧事件。"
        "请按运行手册（deploy/README.md）“Into another cluster” 一节处理后重新启动。"
    )


class EmbeddedBus:
    """Reads the outboxes of `peers`, service name to database URL; a consumer does not read its own service."""

    def __init__(self, peers: Mapping[str, str]) -> None:
        self._peers = dict(peers)
        self._databases: dict[str, Database] = {}
        self._opening = threading.Lock()

    def subscribe(self, consumer: str, database: Database, topics: Sequence[str]) -> "EmbeddedSubscription":
        peers = {peer: url for peer, url in self._peers.items() if peer != consumer}
        return EmbeddedSubscription(consumer, database, topics, peers)

    def lags(self, consumer: str, database: Database, topics: Sequence[str]) -> dict[Place, int]:
        with database.engine.connect() as own:
            positions = read_positions(own, consumer)
        found: dict[Place, int] = {}
        for peer in self._peers.keys() - {consumer}:
            position = positions.get(peer, Position.start())
            with peer_tables(peer), self._database(peer).engine.connect() as connection:
                unread = count_unread(connection, position, topics)
            found |= {(topic, peer): unread.get(topic, 0) for topic in topics}
        return found

    def _database(self, peer: str) -> Database:
        with self._opening:
            if peer not in self._databases:
                url = self._peers[peer]
                self._databases[peer] = Database(url, application_name="zhida-lag", pool_size=1)
            return self._databases[peer]

    def backlog(self, database: Database) -> Backlog:  # noqa: ARG002 - as the bus has it
        """Nothing waits: what is told is on the bus."""
        return Backlog(unpublished=0, age_s=0.0)

    def relays(self, service: str, database: Database) -> list[Relay | Cleaner]:
        return [Cleaner(service, database, marked=False)]

    def close(self) -> None:
        for database in self._databases.values():
            database.dispose()


class EmbeddedSubscription:
    """One process of a consumer reads, the others stand by: an advisory lock in the consumer's database.

    The lock saves work; what makes a second reader harmless is that the cursor moves only from where it was read.
    """

    def __init__(
        self, consumer: str, database: Database, topics: Sequence[str], peers: Mapping[str, str]
    ) -> None:
        self._consumer, self._database, self._topics = consumer, database, list(topics)
        self._peers = {
            peer: Database(url, application_name=f"zhida-bus-{consumer}", pool_size=1)
            for peer, url in peers.items()
        }
        self._lock: Connection | None = None
        self._listeners: dict[str, Listener] = {}
        self._stored: dict[str, Position | None] = {}
        self._read: dict[str, Position] = {}
        self._turn = 0

    def poll(self, timeout_s: float) -> Sequence[Message]:
        if not self._hold_lock():
            return []
        self._connect()
        messages = self._read_next()
        if not messages:
            wait_for_news(list(self._listeners.values()), timeout_s)
            messages = self._read_next()
        return messages

    def _read_next(self) -> Sequence[Message]:
        """A page of the next peer that has one; each in turn comes first, so that none starves."""
        peers = list(self._listeners)
        self._turn += 1
        for n in range(len(peers)):
            peer = peers[(self._turn + n) % len(peers)]
            with peer_tables(peer):
                messages, self._read[peer] = read_settled(
                    self._listeners[peer].connection, self._read[peer], self._topics, BATCH_SIZE, peer
                )
            if messages:
                return messages
        return []

    def _hold_lock(self) -> bool:
        if self._lock is not None:
            self._lock.execute(text("SELECT 1"))
            return True
        connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            connection.execute(text("SELECT set_config('lock_timeout', :wait, false)"), {"wait": LOCK_WAIT})
            key = lock_key(f"zhida.consumer.{self._consumer}")
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": key})
        except OperationalError as error:
            close_for_good(connection)
            if isinstance(error.orig, psycopg.errors.LockNotAvailable):
                return False
            raise
        self._lock = connection
        return True

    def _connect(self) -> None:
        if self._listeners:
            return
        with self._database.engine.connect() as own:
            stored = read_positions(own, self._consumer)
        for peer, database in self._peers.items():
            self._stored[peer] = stored.get(peer)
            self._read[peer] = stored.get(peer) or Position.start()
            self._listeners[peer] = Listener(database)
            if is_ahead_of(self._listeners[peer].connection, self._read[peer]):
                raise ClusterChanged(peer=peer, consumer=self._consumer)

    def settle(self, session: Session, last: Message) -> None:
        peer = last.partition
        reached = Position(self._read[peer].behind, self._read[peer].ahead, last.offset)
        if not move_position(session, self._consumer, peer, self._stored[peer], reached):
            raise BatchLost(consumer=self._consumer)
        self._stored[peer] = reached

    def acknowledge(self) -> None:
        """Nothing to do: the cursor has moved in the transaction of the effects."""

    def recover(self) -> None:
        """Forget all that is in memory, the lock too; the next poll starts from what is stored."""
        held = [listener.connection for listener in self._listeners.values()]
        self._listeners, self._stored, self._read = {}, {}, {}
        if self._lock is not None:
            held.append(self._lock)
            self._lock = None
        for connection in held:
            close_for_good(connection)

    def places(self) -> frozenset[Place]:
        return frozenset(product(self._topics, self._peers)) if self._lock else frozenset()

    def close(self) -> None:
        self.recover()
        for database in self._peers.values():
            database.dispose()


@contextmanager
def peer_tables(peer: str) -> Iterator[None]:
    """Raises PeerNotReady when what is read in the block is not there yet."""
    try:
        yield
    except ProgrammingError as error:
        if isinstance(error.orig, psycopg.errors.UndefinedTable):
            raise PeerNotReady(peer=peer) from error
        raise


def read_positions(connection: Connection, consumer: str) -> dict[str, Position]:
    """How far a consumer has read each of its peers."""
    query = text("SELECT source, behind, ahead, seq FROM cursor WHERE consumer = :consumer")
    rows = connection.execute(query, {"consumer": consumer})
    return {row.source: Position(row.behind, row.ahead, row.seq) for row in rows}


def move_position(
    session: Session, consumer: str, source: str, expected: Position | None, reached: Position
) -> bool:
    """Move a cursor in the caller's transaction, but only from where it is `expected`; whether it was there."""
    values = {"consumer": consumer, "source": source}
    values |= {f"new_{name}": value for name, value in vars(reached).items()}
    if expected is None:
        query = text("""
            INSERT INTO cursor (consumer, source, behind, ahead, seq)
            VALUES (:consumer, :source, :new_behind, :new_ahead, :new_seq) ON CONFLICT DO NOTHING
        """)
    else:
        values |= vars(expected)
        query = text("""
            UPDATE cursor SET behind = :new_behind, ahead = :new_ahead, seq = :new_seq
            WHERE consumer = :consumer AND source = :source
              AND behind = :behind AND ahead = :ahead AND seq = :seq
        """)
    result = cast(CursorResult[object], session.connection().execute(query, values))
    return result.rowcount == 1
