"""One service's PostgreSQL database: its engine, its transactions, its migrations; knows nothing of its tables.

A service's `store/migrations/env.py` is one call, `run_migrations(Base.metadata)`.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar, cast

import psycopg
from alembic import command, context
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, Select, create_engine, make_url, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session

from shared.kernel.errors import Unavailable

CONNECT_S = 5
IDLE_MS = 300_000
"""A process that is stopped within a transaction must not hold its locks for ever; as long as Kafka waits for it."""
MAINTENANCE_DATABASE = "postgres"

_Query = TypeVar("_Query", bound=Select[Any])


class DatabaseUnavailable(Unavailable):
    """The database does not answer: {reason}. Check that PostgreSQL runs and that the URL is right."""

    zh = "数据库没有响应：{reason}。请检查 PostgreSQL 是否运行、地址是否正确。"


class Database:
    """A pool of connections to one database, and one transaction per `session()`.

    `url` is SQLAlchemy's, `postgresql+psycopg://...`; instants come back aware, in UTC. Connecting is left to
    the first use, so that a service starts while its database is still away.
    """

    def __init__(self, url: str, *, application_name: str = "zhida", pool_size: int = 10) -> None:
        self.url = url
        self.engine = create_engine(
            url,
            pool_size=pool_size,
            pool_pre_ping=True,
            hide_parameters=True,  # an error is logged with its statement, and what is bound to it may be a person's
            connect_args={
                "application_name": application_name,
                "connect_timeout": CONNECT_S,
                "options": f"-c TimeZone=UTC -c idle_in_transaction_session_timeout={IDLE_MS}",
            },
        )

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One transaction: committed at the end of the block, rolled back when it raises."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def ready(self) -> None:
        """Raises DatabaseUnavailable unless the database answers now."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except OperationalError as error:
            raise DatabaseUnavailable(reason=str(error.orig).strip()) from error

    def dispose(self) -> None:
        """Close the pool's connections."""
        self.engine.dispose()


def snapshot(session: Session) -> None:
    """Let all that the transaction reads be of one moment; call it before anything is read."""
    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def is_transient(error: BaseException) -> bool:
    """Whether doing it again later may help: the database is away, full or locked, or a part is unavailable."""
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return lost or isinstance(error, Unavailable | OperationalError | psycopg.OperationalError)


def locked(query: _Query, *, shared: bool = False) -> _Query:
    """The query with its rows locked until the transaction ends, and as they are once that is so: a session that has
    read a row before keeps what it read, unless told otherwise. Keys never change, so who only refers to the row (a foreign
    key is looked up again when a row is updated twice) does not wait; nor, if it is `shared`, who shares it as well."""
    return query.with_for_update(read=shared, key_share=not shared).execution_options(populate_existing=True)


def lock_key(name: str) -> int:
    """The advisory lock's number (signed, 64 bits) for a name; the same in every process."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


def hold(session: Session, name: str, *, shared: bool = False) -> None:
    """Wait for the advisory lock of this name and keep it until the transaction ends; beside others who only share it."""
    how = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    session.execute(text(f"SELECT {how}(:key)"), {"key": lock_key(name)})


@contextmanager
def try_hold(database: "Database", name: str) -> Iterator[bool]:
    """Keep other processes from what has this name for the length of a `with`; False, at once, where one is at it.

    The lock is that of a connection of its own, so the database frees it soon after its holder is gone, and at the end of the
    `with` at once: who tries again then does not meet itself.
    """
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        taken = connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": lock_key(name)})
        is_mine = bool(taken.scalar_one())
        if is_mine:
            connection.detach()  # closed for good, and the lock with it, also when it was cut off meanwhile
        try:
            yield is_mine
        finally:
            if is_mine:
                with suppress(DBAPIError):  # cut off: the lock has gone with the connection
                    connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": lock_key(name)})


def create_if_missing(url: str) -> None:
    """CREATE DATABASE, unless it is there; safe when two processes do it at once. Needs the right to create."""
    wanted = make_url(url)
    engine = create_engine(wanted.set(database=MAINTENANCE_DATABASE), isolation_level="AUTOCOMMIT")
    name = engine.dialect.identifier_preparer.quote(wanted.database or "")
    try:
        with engine.connect() as server:
            known = server.execute(
                text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": wanted.database}
            )
            if known.first() is None:
                server.execute(text(f"CREATE DATABASE {name}"))
    except DBAPIError as error:
        if not isinstance(error.orig, psycopg.errors.DuplicateDatabase | psycopg.errors.UniqueViolation):
            raise
    finally:
        engine.dispose()


def drop(url: str) -> None:
    """DROP DATABASE, whoever is still connected; nothing where there is none."""
    wanted = make_url(url)
    engine = create_engine(wanted.set(database=MAINTENANCE_DATABASE), isolation_level="AUTOCOMMIT")
    name = engine.dialect.identifier_preparer.quote(wanted.database or "")
    try:
        with engine.connect() as server:
            server.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    finally:
        engine.dispose()


def migrate(url: str, service: str) -> None:
    """Bring the database to the head of `services/<service>/store/migrations`; a second caller waits its turn."""
    upgrade(url, f"services.{service}.store:migrations")


def upgrade(url: str, script_location: str) -> None:
    """`alembic upgrade head` with the scripts of `script_location`, under an advisory lock of this database."""
    config = Config()
    config.set_main_option("script_location", script_location)
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            lock = {"key": lock_key("zhida.migrate")}
            connection.execute(text("SELECT pg_advisory_lock(:key)"), lock)
            connection.commit()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), lock)
            connection.commit()
    finally:
        engine.dispose()


def run_migrations(*metadata: MetaData) -> None:
    """The whole of an `env.py`: run the scripts on the connection of `upgrade`, one transaction for all.

    `metadata` is what `alembic revision --autogenerate` compares with; it takes the database from `-x url=...`.
    """
    connection: Connection | None = context.config.attributes.get("connection")
    if connection is not None:
        _run(connection, metadata)
        return
    engine = create_engine(context.get_x_argument(as_dictionary=True)["url"])
    with engine.connect() as fresh:
        _run(fresh, metadata)
    engine.dispose()


def _run(connection: Connection, metadata: tuple[MetaData, ...]) -> None:
    context.configure(connection=connection, target_metadata=list(metadata))
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()


def list_differences(url: str, *metadata: MetaData) -> list[Any]:
    """What alembic's autogenerate would change to make the database fit `metadata`; empty when they agree."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            aggregate = cast(MetaData, metadata)  # alembic takes several, its types do not say so
            return list(compare_metadata(MigrationContext.configure(connection), aggregate))
    finally:
        engine.dispose()
