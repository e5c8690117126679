"""Walks every table that holds wrapped keys, whichever subject made it, so that none is forgotten when keys change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column, Table, bindparam, func, select, text, tuple_
from sqlmodel import Session

from services.registry.store.tables import Base

WRAPPED: Final = "wrapped_key"
_MARK_BYTES = 5
Key = tuple[Any, ...]
"""A row's primary key."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A table of rows with a wrapped key each."""

    table: Table

    @property
    def keys(self) -> list[Column[Any]]:
        """The columns of its primary key."""
        return list(self.table.primary_key.columns)

    @property
    def wrapped(self) -> Column[Any]:
        """The column of the wrapped key; empty where the row is erased."""
        return self.table.c[WRAPPED]


def holders() -> list[Holder]:
    """All of them, whoever is referred to before who refers."""
    return [Holder(table) for table in Base.metadata.sorted_tables if WRAPPED in table.c]


def count_by_mark(session: Session, holder: Holder) -> Mapping[bytes, int]:
    """How many rows there are by what their wrapped key begins with."""
    mark = func.substring(holder.wrapped, 1, _MARK_BYTES).label("mark")
    counted = select(mark, func.count()).where(holder.wrapped.is_not(None)).group_by(text("mark"))
    return {bytes(found): count for found, count in session.connection().execute(counted)}


def hold_batch(
    session: Session, holder: Holder, mark: bytes, *, after: Key | None, limit: int
) -> list[tuple[Key, bytes]]:
    """The next rows whose key does not begin with `mark`, held; those that somebody else holds are left for later.

    It never waits for a row, so it is in nobody's ring of waiting.
    """
    query = select(*holder.keys, holder.wrapped).where(
        holder.wrapped.is_not(None), func.substring(holder.wrapped, 1, _MARK_BYTES) != mark
    )
    if after is not None:
        query = query.where(tuple_(*holder.keys) > tuple_(*after))
    query = query.order_by(*holder.keys).limit(limit).with_for_update(key_share=True, skip_locked=True)
    return [(tuple(row[:-1]), bytes(row[-1])) for row in session.connection().execute(query)]


def put_keys(session: Session, holder: Holder, rows: Sequence[tuple[Key, bytes]]) -> None:
    """Write the wrapped keys of these rows; of one that is erased by now, none: it stays erased."""
    names = [f"b_key_{position}" for position in range(len(holder.keys))]
    same = [column == bindparam(name) for column, name in zip(holder.keys, names, strict=True)]
    update = holder.table.update().where(*same, holder.wrapped.is_not(None))
    values = [dict(zip(names, key, strict=True)) | {"b_wrapped": wrapped} for key, wrapped in rows]
    if values:
        session.connection().execute(update.values({WRAPPED: bindparam("b_wrapped")}), values)


def erase_rows(session: Session, holder: Holder, keys: Sequence[Key]) -> None:
    """Destroy the keys of these rows; a row that is nothing without its key goes itself."""
    if not keys:
        return
    these = tuple_(*holder.keys).in_(keys)
    if holder.wrapped.nullable:
        session.connection().execute(holder.table.update().where(these).values({WRAPPED: None}))
    else:
        session.connection().execute(holder.table.delete().where(these))


def has_work_from_before(session: Session, seconds: float) -> bool:
    """Whether another transaction in this database is older than that: it may hold a key that is written only when it ends."""
    query = text("""
        SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
                       AND xact_start < clock_timestamp() - make_interval(secs => :seconds))
    """)
    return bool(session.connection().execute(query, {"seconds": seconds}).scalar_one())
