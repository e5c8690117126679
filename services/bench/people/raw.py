"""Finds what the database does at best with the rows that an import wrote: one COPY a table, without keys, indexes or rules of ours."""

import tempfile
import time
from dataclasses import dataclass
from typing import IO, Any

import psycopg
from sqlalchemy import text

from shared.database import Database

_PIECE = 1 << 20
_BINARY = "(FORMAT binary)"


@dataclass(frozen=True)
class Copied:
    """What was copied in, commit included."""

    rows: dict[str, int]
    size: int
    """Bytes of PostgreSQL's binary format."""
    seconds: float


def copy_again(database: Database, tables: list[str]) -> Copied:
    """Copy all rows of the tables out to a file, and from there into bare tables of the same columns; the latter is timed."""
    rows: dict[str, int] = {}
    size, seconds = 0, 0.0
    for name in tables:
        with tempfile.TemporaryFile() as file:
            rows[name] = _copy_out(database, name, file)
            size += file.tell()
            file.seek(0)
            begun = time.perf_counter()
            with database.session() as session:
                driver = _driver(session.connection().connection.driver_connection)
                with driver.cursor() as cursor, cursor.copy(f"COPY raw_{name} FROM STDIN {_BINARY}") as copy:
                    while piece := file.read(_PIECE):
                        copy.write(piece)
            seconds += time.perf_counter() - begun
        with database.session() as session:
            session.connection().execute(text(f"DROP TABLE raw_{name}"))
    return Copied(rows, size, seconds)


def _copy_out(database: Database, name: str, file: IO[bytes]) -> int:
    """Write the table's rows to `file`, make the bare table beside it, and say how many rows there are."""
    with database.session() as session:
        session.connection().execute(text(f"CREATE TABLE raw_{name} AS TABLE {name} WITH NO DATA"))
        driver = _driver(session.connection().connection.driver_connection)
        with driver.cursor() as cursor:
            with cursor.copy(f"COPY {name} TO STDOUT {_BINARY}") as copy:
                for piece in copy:
                    file.write(piece)
            return cursor.rowcount


def _driver(connection: object) -> psycopg.Connection[Any]:
    assert isinstance(connection, psycopg.Connection)
    return connection
