"""One migrated database for these tests, emptied before each, and the outboxes of its peers."""

import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from shared.database import Database, migrate
from shared.messaging.tables import METADATA
from tests.notifier.running import Notifier, running_notifier
from tests.notifier.world import World


@pytest.fixture(scope="session")
def notifier_urls(postgres: str) -> Iterator[Mapping[str, str]]:
    """Service -> SQLAlchemy URL: the notifier's database, migrated, and two outboxes to read."""
    tag = secrets.token_hex(4)
    names = {service: f"{service}_{tag}" for service in ("notifier", "registry", "dispatcher")}
    with psycopg.connect(postgres, autocommit=True) as server:
        for name in names.values():
            server.execute(f"CREATE DATABASE {name}")
        urls = {
            service: postgres.replace("postgresql://", "postgresql+psycopg://", 1)
            .replace("postgres:@", "postgres@")
            .replace("/postgres?", f"/{name}?")
            for service, name in names.items()
        }
        migrate(urls["notifier"], "notifier")
        for peer in ("registry", "dispatcher"):
            database = Database(urls[peer])
            METADATA.create_all(database.engine)
            database.dispose()
        yield urls
        for name in names.values():
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def empty_urls(notifier_urls: Mapping[str, str]) -> Mapping[str, str]:
    """The same databases with nothing in them."""
    for url in notifier_urls.values():
        database = Database(url)
        with database.session() as session:
            names = text(
                "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables "
                "WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
            )
            tables = session.connection().execute(names).scalar_one()
            session.connection().execute(text(f"TRUNCATE {tables}"))
        database.dispose()
    return notifier_urls


@pytest.fixture
def world(empty_urls: Mapping[str, str]) -> Iterator[World]:
    """The notifier's use cases with nothing stored, a day before the sample's coach leaves."""
    database = Database(empty_urls["notifier"])
    yield World(database)
    database.dispose()


@pytest.fixture
def notifier(empty_urls: Mapping[str, str], tmp_path: Path) -> Iterator[Notifier]:
    """A notifier that runs, and the world around it."""
    with running_notifier(empty_urls, tmp_path) as made:
        yield made
