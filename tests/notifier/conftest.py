"""One migrated database for these tests, emptied before each, and the outboxes of its peers."""

import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
import pytest

from services.notifier.store.tables import Base
from shared.database import Database, migrate
from shared.messaging.tables import METADATA
from tests.notifier.running import Notifier, Site, registry_answer, running_notifier, site_of
from tests.notifier.world import START, World


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


@pytest.fixture(scope="session")
def databases(notifier_urls: Mapping[str, str]) -> Iterator[Mapping[str, Database]]:
    """The same, opened once."""
    opened = {service: Database(url) for service, url in notifier_urls.items()}
    yield opened
    for database in opened.values():
        database.dispose()


@pytest.fixture
def empty_databases(databases: Mapping[str, Database]) -> Mapping[str, Database]:
    """The same with nothing in them."""
    for service, database in databases.items():
        own = Base.metadata.sorted_tables if service == "notifier" else []
        with database.session() as session:
            for table in reversed([*METADATA.sorted_tables, *own]):
                session.connection().execute(table.delete())
    return databases


@pytest.fixture
def world(empty_databases: Mapping[str, Database]) -> World:
    """The notifier's use cases with nothing stored, a day before the sample's coach leaves."""
    return World(empty_databases["notifier"])


@pytest.fixture
def notifier(
    empty_databases: Mapping[str, Database], notifier_urls: Mapping[str, str], tmp_path: Path
) -> Iterator[Notifier]:
    """A notifier that runs, and the world around it."""
    with running_notifier(notifier_urls, tmp_path) as made:
        yield made


@pytest.fixture(scope="session")
def served(
    databases: Mapping[str, Database],
    notifier_urls: Mapping[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """The notifier's pages and API, served once for all tests; take `site`."""
    folder = tmp_path_factory.mktemp("notifier")
    with site_of(notifier_urls["notifier"], World(databases["notifier"]), folder) as made:
        yield made


@pytest.fixture
def site(empty_databases: Mapping[str, Database], served: Site) -> Iterator[Site]:
    """The notifier's pages and API with nothing stored, which send nothing by themselves."""
    served.world.clock.at = START
    served.registry.answer = registry_answer
    with served.clients:
        yield served
