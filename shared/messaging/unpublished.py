"""What the relay has yet to bring to the broker, and what it may send again; knows no broker.

Everything is one statement, so that on a connection in autocommit a process that is stopped in the middle leaves no
lock behind.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection, Result

from shared.messaging.message import Message, load_headers
from shared.messaging.outbox import CHANNEL


@dataclass(frozen=True)
class Backlog:
    """What waits for the relay: how many rows, and the age in seconds of the oldest."""

    unpublished: int
    age_s: float


def list_unpublished(connection: Connection, limit: int) -> list[Message]:
    """The first rows without a mark that are older than every running transaction, in sequence; `offset` is the
    sequence number.

    A row that has its number already may be committed late: a mark on each row and not a cursor, so that it is not
    skipped; and nothing that is younger goes before it. (A transaction that is older than all that run and writes
    later still can be overtaken; two events of one aggregate cannot, for who tells the second holds its lock.) What
    was restored from another cluster may be younger than this one has ever been: it is committed, since it is seen.
    """
    query = """
        SELECT seq, topic, key, payload, headers FROM outbox
        WHERE published_at IS NULL AND (
            xid < pg_snapshot_xmin(pg_current_snapshot()) OR xid >= pg_snapshot_xmax(pg_current_snapshot())
        )
        ORDER BY seq LIMIT :limit
    """
    return [
        Message(row.topic, "outbox", row.seq, row.key, row.payload, load_headers(row.headers))
        for row in _run(connection, query, {"limit": limit})
    ]


def mark_published(connection: Connection, seqs: Sequence[int]) -> None:
    """Note that the broker has acknowledged these rows."""
    query = """
        UPDATE outbox SET published_at = clock_timestamp(), attempts = attempts + 1
        WHERE seq = ANY(:seqs) AND published_at IS NULL
    """
    _run(connection, query, {"seqs": list(seqs)})


def count_attempt(connection: Connection, seqs: Sequence[int]) -> None:
    """Note that these rows were sent and no acknowledgement came."""
    query = "UPDATE outbox SET attempts = attempts + 1 WHERE seq = ANY(:seqs) AND published_at IS NULL"
    _run(connection, query, {"seqs": list(seqs)})


def republish(connection: Connection, *, since: datetime | None = None, from_seq: int = 0) -> int:
    """Have the relay send again what was told at or after `since` (database time), from sequence `from_seq` on; gives the count.

    For a broker that lost its log. Consumers drop what they have taken in already.
    """
    query = """
        WITH again AS (
            UPDATE outbox SET published_at = NULL
            WHERE published_at IS NOT NULL AND seq >= :from_seq
              AND written_at >= coalesce(CAST(:since AS timestamptz), CAST('-infinity' AS timestamptz))
            RETURNING seq
        )
        SELECT count(*), pg_notify(:channel, '') FROM again
    """
    count: int = _run(
        connection, query, {"since": since, "from_seq": from_seq, "channel": CHANNEL}
    ).scalar_one()
    return count


def read_backlog(connection: Connection) -> Backlog:
    """What waits for the relay now, by the database's clock."""
    query = """
        SELECT count(*) AS unpublished,
            coalesce(extract(epoch FROM clock_timestamp() - min(written_at)), 0) AS age_s
        FROM outbox WHERE published_at IS NULL
    """
    row = _run(connection, query, {}).one()
    return Backlog(unpublished=row.unpublished, age_s=max(0.0, float(row.age_s)))


def _run(connection: Connection, sql: str, values: dict[str, Any]) -> Result[Any]:
    return connection.execute(text(sql), values)
