"""Finds what the machine does at best of the two kinds of work that intake comes down to: rows stored, messages sent.

The rows and messages are those of the stage pass, so they are as wide as ours. Knows no rule of ours: a table without
keys or indexes, a topic that nobody reads.
"""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import psycopg
from sqlalchemy import text

from services.bench.figures import Limit
from shared.database import Database
from shared.messaging.kafka import KafkaBus
from shared.messaging.message import Message, load_headers
from shared.messaging.relay import ACKNOWLEDGEMENT_S

ROWS_AN_INSERT = 500
ROWS_MIN = 20_000
_WIDE = """
    SELECT r.*, p.fingerprint, p.wrapped_key, p.resident_id_sealed, p.created_at
    FROM travel_request r JOIN person p ON p.id = r.person_id
"""
_TYPES = """
    SELECT format_type(atttypid, atttypmod) FROM pg_attribute
    WHERE attrelid = 'raw_row'::regclass AND attnum > 0 ORDER BY attnum
"""


def measure_database(database: Database, runs: int) -> list[Limit]:
    """COPY and multi-row INSERT of rows as wide as a person and a request together, commit included."""
    with database.session() as session:
        session.connection().execute(text(f"CREATE TABLE raw_row AS {_WIDE} WITH NO DATA"))
        driver = _driver(session.connection().connection.driver_connection)
        with driver.cursor() as cursor, cursor.copy(f"COPY ({_WIDE}) TO STDOUT") as copy:
            once = b"".join(copy)
        rows = driver.execute(_WIDE).fetchall()
        types = [name for (name,) in driver.execute(_TYPES).fetchall()]
        [(row_bytes,)] = driver.execute(f"SELECT avg(pg_column_size(wide.*))::int FROM ({_WIDE}) wide")  # noqa: S608 - ours
    times = -(-ROWS_MIN // len(rows))
    many = rows * times
    arrays = ", ".join(f"%s::{name}[]" for name in types)
    insert = f"INSERT INTO raw_row SELECT * FROM unnest({arrays})"  # noqa: S608 - ours

    def copy_all(connection: psycopg.Connection[Any]) -> None:
        with connection.cursor() as cursor, cursor.copy("COPY raw_row FROM STDIN") as copy:
            for _ in range(times):
                copy.write(once)

    def insert_all(connection: psycopg.Connection[Any]) -> None:
        for at in range(0, len(many), ROWS_AN_INSERT):
            columns = zip(*many[at : at + ROWS_AN_INSERT], strict=True)
            connection.execute(insert, [list(column) for column in columns])

    work = {"PostgreSQL COPY": copy_all, f"PostgreSQL INSERT, {ROWS_AN_INSERT} rows each": insert_all}
    return [_limit(name, row_bytes, database, do, runs, len(many)) for name, do in work.items()]


def _limit(
    name: str,
    row_bytes: int,
    database: Database,
    work: Callable[[psycopg.Connection[Any]], None],
    runs: int,
    rows: int,
) -> Limit:
    rates = []
    for _ in range(runs):
        with database.session() as session:
            session.connection().execute(text("TRUNCATE raw_row"))
        begun = time.perf_counter()
        with database.session() as session:
            work(_driver(session.connection().connection.driver_connection))
        rates.append(rows / (time.perf_counter() - begun))
    return Limit(name, "row", row_bytes, median(rates), rates)


def _driver(connection: object) -> psycopg.Connection[Any]:
    assert isinstance(connection, psycopg.Connection)
    return connection


def measure_kafka(database: Database, bootstrap: str, runs: int) -> Limit:
    """Messages of the outbox sent by one idempotent producer, until the broker has acknowledged all (acks=all)."""
    with database.session() as session:
        query = text(
            "SELECT seq, topic, key, payload, headers FROM outbox WHERE type LIKE '%RequestSubmitted%'"
        )
        once = [
            Message(row.topic, "raw", row.seq, row.key, row.payload, load_headers(row.headers))
            for row in session.connection().execute(query)
        ]
    messages = once * -(-ROWS_MIN // len(once))
    publisher = KafkaBus(bootstrap, prefix="raw.").publisher()
    rates = []
    for _ in range(runs):
        begun = time.perf_counter()
        for receipt in [publisher.send(message) for message in messages]:
            receipt.wait(ACKNOWLEDGEMENT_S)
        rates.append(len(messages) / (time.perf_counter() - begun))
    publisher.close()
    size = sum(map(_size, once)) // len(once)
    return Limit("Kafka produce, acks=all, idempotent", "message", size, median(rates), rates)


def _size(message: Message) -> int:
    """Bytes of key, value and headers."""
    headers = sum(len(name) + len(value) for name, value in message.headers)
    return len(message.key or b"") + len(message.value or b"") + headers
