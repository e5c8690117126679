"""The tables that delivery needs in every service's database; knows nothing of what is delivered.

`create(op)` is what a service's first migration calls. A later change here comes with a function of its own for
the migrations that follow: what is published is not edited.
"""

from typing import Any, Protocol

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.engine import Connection
from sqlalchemy.types import UserDefinedType

METADATA = MetaData()


class Xid8(UserDefinedType[str]):
    """PostgreSQL's 64-bit transaction id, which does not wrap around."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "XID8"


ischema_names["xid8"] = Xid8  # so that reflection, and so alembic's comparison, knows the type


def _instant(name: str, **options: Any) -> Column[Any]:
    return Column(name, DateTime(timezone=True), **options)


outbox = Table(
    "outbox",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=True),
    Column("event_id", Text, nullable=False, unique=True),
    Column("topic", Text, nullable=False),
    Column("key", LargeBinary),
    Column("type", Text),
    Column("payload", LargeBinary),
    Column("headers", JSON, nullable=False),
    Column("correlation_id", Text),
    Column("causation_id", Text),
    _instant("occurred_at", nullable=False),
    _instant("written_at", nullable=False, server_default=func.now()),
    Column("xid", Xid8, nullable=False, server_default=text("pg_current_xact_id()")),
    _instant("published_at"),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Index("outbox_by_transaction", "xid", "seq"),
    Index("outbox_unpublished", "seq", postgresql_where=text("published_at IS NULL")),
)
"""What this service tells. `payload`, `key` and `headers` are as they go on the wire (headers: name and Latin-1
value, in order); `occurred_at` is the service's clock, `written_at` the database's; `xid` is the transaction that wrote the row, see `outbox.read_settled`."""

inbox = Table(
    "inbox",
    METADATA,
    Column("consumer", Text, primary_key=True),
    Column("event_id", Text, primary_key=True),
    _instant("at", nullable=False, server_default=func.now()),
    Index("inbox_by_time", "consumer", "at"),
)
"""What a consumer has taken in: written in the transaction of the effect, so that there is no second effect."""

cursor = Table(
    "cursor",
    METADATA,
    Column("consumer", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("behind", Text, nullable=False),
    Column("ahead", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
)
"""Embedded bus: how far a consumer has read a peer's outbox, see `outbox.Position`."""

dead_letter = Table(
    "dead_letter",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("consumer", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("partition", Text, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("key", LargeBinary),
    Column("value", LargeBinary),
    Column("headers", JSON, nullable=False),
    Column("cause", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("correlation_id", Text),
    _instant("at", nullable=False, server_default=func.now()),
    _instant("replayed_at"),
    Index("dead_letter_open", "consumer", "at", postgresql_where=text("replayed_at IS NULL")),
)
"""What a consumer could not use, with the original bytes; `replayed_at` is set once it has been taken in."""

lease = Table(
    "lease",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    _instant("expires_at", nullable=False),
)
"""Who may do what only one may do at a time, by the database's clock."""


class Operations(Protocol):
    """The part of alembic's `op` that is used here."""

    def get_bind(self) -> Connection: ...


def create(op: Operations) -> None:
    """Make the messaging tables; called once, by a service's first migration."""
    METADATA.create_all(op.get_bind(), checkfirst=False)


def drop(op: Operations) -> None:
    """Undo `create`."""
    METADATA.drop_all(op.get_bind(), checkfirst=False)
