"""Reads all wrapped keys out, and puts a list of them in the place of those that a restored database has."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Text, cast, func, select, text
from sqlmodel import Session

from services.registry.store.privacy.keys import Holder, holders

_AT_ONCE = 5000
Entry = tuple[str, str, bytes]
"""Table, the row's primary key as a JSON list, and its wrapped key."""

_MAKE = "CREATE TEMPORARY TABLE key_list (table_name text, key text, wrapped bytea) ON COMMIT DROP"
_LATEST = text("""
    SELECT greatest((SELECT max(created_at) FROM person), (SELECT max(uploaded_at) FROM roster),
                    (SELECT max(at) FROM access_log))
""")


def read_keys(session: Session) -> Iterator[Entry]:
    """Every wrapped key, as a stream."""
    for holder in holders():
        query = select(_key(holder), holder.wrapped).where(holder.wrapped.is_not(None))
        found = session.connection().execute(
            query.order_by(*holder.keys), execution_options={"yield_per": _AT_ONCE}
        )
        for key, wrapped in found:
            yield holder.table.name, key, bytes(wrapped)


def find_latest(session: Session) -> datetime | None:
    """The last moment that the database knows anything of."""
    found: datetime | None = session.connection().execute(_LATEST).scalar_one()
    return found


def put_list(session: Session, entries: Iterable[Entry]) -> None:
    """Keep the list in the transaction, and give each row that it names the key it has there."""
    session.connection().execute(text(_MAKE))
    connection = session.connection().connection.driver_connection
    if connection is None:
        raise RuntimeError("the session has no connection")
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY key_list (table_name, key, wrapped) FROM STDIN") as copy,
    ):
        for entry in entries:
            copy.write_row(entry)
    session.connection().execute(text("CREATE UNIQUE INDEX ON key_list (table_name, key)"))
    session.connection().execute(text("ANALYZE key_list"))
    for holder in holders():
        name = holder.table.name
        session.connection().execute(
            text(f"""
                UPDATE {name} SET wrapped_key = l.wrapped FROM key_list l
                WHERE l.table_name = :name AND l.key = {_key_sql(holder)} AND {name}.wrapped_key IS NOT NULL
            """),  # noqa: S608 - our own tables' names
            {"name": name},
        )


def list_missing(session: Session, holder: Holder) -> list[tuple[object, ...]]:
    """The primary keys of rows that have a key and are not on the list."""
    named = text(f"""
        SELECT {", ".join(f"{holder.table.name}.{column.name}" for column in holder.keys)} FROM {holder.table.name}
        WHERE wrapped_key IS NOT NULL AND NOT EXISTS (
            SELECT FROM key_list l WHERE l.table_name = :name AND l.key = {_key_sql(holder)})
    """)  # noqa: S608 - our own tables' names
    return [tuple(row) for row in session.connection().execute(named, {"name": holder.table.name})]


def _key(holder: Holder) -> ColumnElement[str]:
    return cast(func.json_build_array(*holder.keys), Text)


def _key_sql(holder: Holder) -> str:
    return str(_key(holder).compile())
