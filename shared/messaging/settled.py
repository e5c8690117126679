"""Reading an outbox in order and without a gap, for the embedded bus; knows rows and snapshots, not who reads."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from sqlalchemy import text
from sqlalchemy.engine import Connection

from shared.messaging.message import Message, load_headers


@dataclass(frozen=True)
class Position:
    """How far an outbox has been read: all that snapshot `behind` sees, and of `ahead` up to `seq`.

    Snapshots are PostgreSQL's `pg_snapshot` as text.
    """

    behind: str
    ahead: str
    seq: int

    @classmethod
    def start(cls) -> Self:
        """Before the first row: no transaction is visible in either snapshot."""
        return cls(behind="1:1:", ahead="1:1:", seq=0)


_PAGE = text("""
    SELECT seq, topic, key, payload, headers FROM outbox
    WHERE seq > :seq AND topic = ANY(:topics)
      AND xid >= pg_snapshot_xmin(CAST(:behind AS pg_snapshot))
      AND NOT pg_visible_in_snapshot(xid, CAST(:behind AS pg_snapshot))
      AND pg_visible_in_snapshot(xid, CAST(:ahead AS pg_snapshot))
    ORDER BY seq LIMIT :limit
""")

_FIRST_SEQ = text("""
    WITH newer AS MATERIALIZED (  -- else the planner may walk the primary key from the first row on
        SELECT seq FROM outbox WHERE xid >= pg_snapshot_xmin(CAST(:behind AS pg_snapshot))
    )
    SELECT coalesce(min(seq), 0) FROM newer
""")

_LAG = text("""
    SELECT topic, count(*) FROM outbox
    WHERE topic = ANY(:topics)
      AND xid >= pg_snapshot_xmin(CAST(:behind AS pg_snapshot))
      AND NOT pg_visible_in_snapshot(xid, CAST(:behind AS pg_snapshot))
      AND NOT (pg_visible_in_snapshot(xid, CAST(:ahead AS pg_snapshot)) AND seq <= :seq)
    GROUP BY topic
""")


def read_settled(
    connection: Connection, position: Position, topics: Sequence[str], limit: int, source: str
) -> tuple[list[Message], Position]:
    """The next messages after `position`, and the position after them; none when all is read.

    Sequence numbers are handed out before commit, so a reader that goes by them alone skips the row of a transaction
    that commits late. This one goes from snapshot to snapshot: what `ahead` sees and `behind` did not is a closed
    set, however long a transaction has been running, and within it sequence order is told order. (Waiting for rows
    to be older than every running transaction is weaker: a transaction may have its xid long before its first row,
    so by xid two events of one key can change places; and one long transaction would hold up everybody.)
    """
    rows = _page(connection, position, topics, limit)
    if not rows:
        ahead = connection.execute(text("SELECT CAST(pg_current_snapshot() AS text)")).scalar_one()
        if ahead == position.ahead:
            return [], position
        behind = {"behind": position.ahead}
        first = connection.execute(_FIRST_SEQ, behind).scalar_one()
        position = Position(behind=position.ahead, ahead=ahead, seq=max(0, first - 1))
        rows = _page(connection, position, topics, limit)
    messages = [
        Message(row.topic, source, row.seq, row.key, row.payload, load_headers(row.headers)) for row in rows
    ]
    return messages, replace(position, seq=messages[-1].offset) if messages else position


def _page(connection: Connection, position: Position, topics: Sequence[str], limit: int) -> Sequence[Any]:
    return connection.execute(_PAGE, {**asdict(position), "topics": list(topics), "limit": limit}).all()


def is_ahead_of(connection: Connection, position: Position) -> bool:
    """Whether the position knows of transactions that this cluster has not begun: it comes from another one."""
    query = """
        SELECT pg_snapshot_xmax(pg_current_snapshot()) < pg_snapshot_xmax(CAST(:ahead AS pg_snapshot))
    """
    ahead: bool = connection.execute(text(query), {"ahead": position.ahead}).scalar_one()
    return ahead


def count_unread(connection: Connection, position: Position, topics: Sequence[str]) -> dict[str, int]:
    """How many messages lie after `position`, by topic; a topic without any is left out."""
    rows = connection.execute(_LAG, {**asdict(position), "topics": list(topics)})
    return {topic: count for topic, count in rows}  # noqa: C416 - rows are no pairs to mypy
