"""One migrated database for these tests, emptied before each."""

import secrets
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import text

from shared.database import Database, migrate
from tests.notifier.world import World


@pytest.fixture(scope="session")
def notifier_url(postgres: str) -> Iterator[str]:
    """The SQLAlchemy URL of a database with the notifier's tables."""
    name = f"notifier_{secrets.token_hex(4)}"
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        url = (
            postgres.replace("postgresql://", "postgresql+psycopg://", 1)
            .replace("postgres:@", "postgres@")
            .replace("/postgres?", f"/{name}?")
        )
        migrate(url, "notifier")
        yield url
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def world(notifier_url: str) -> Iterator[World]:
    """The notifier with nothing in it, a day before the sample's coach leaves."""
    database = Database(notifier_url)
    with database.session() as session:
        names = text(
            "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        )
        tables = session.connection().execute(names).scalar_one()
        session.connection().execute(text(f"TRUNCATE {tables}"))
    yield World(database)
    database.dispose()
