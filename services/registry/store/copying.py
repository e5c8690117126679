"""Writes many rows by one COPY; knows nothing of what they say."""

from collections.abc import Iterable, Sequence
from itertools import chain
from operator import attrgetter

from sqlmodel import Session


def copy_rows(session: Session, table: str, columns: Sequence[str], rows: Iterable[object]) -> None:
    """All rows, by the attributes that are named as the columns are; nothing is asked of the database for none.

    A key twice raises psycopg's UniqueViolation.
    """
    left = iter(rows)
    if (first := next(left, None)) is None:
        return
    connection = session.connection().connection.driver_connection
    if connection is None:
        raise RuntimeError("the session has no connection")
    values = attrgetter(*columns)
    copying = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(copying) as copy:
        for row in chain([first], left):
            copy.write_row(values(row))
