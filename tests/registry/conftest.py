"""A registry on real PostgreSQL, wired as in production, emptied between tests."""

import secrets
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql
from sqlalchemy import event, text

from services.registry.service import build
from services.registry.settings import RegistrySettings
from services.registry.store.tables import Base
from services.registry.usecases.parts import Parts
from shared.kernel.clock import FixedClock
from shared.messaging import tables
from shared.runtime import Service, running
from shared.security import Keyring, Principal, Role, tokens, write_keys
from tests.registry.rosters import ENTERPRISE, ENTERPRISE_ID, GATE, worker, xlsx
from tests.waiting import PATIENCE_S

NOW = datetime(2020, 2, 20, 1, 0, tzinfo=UTC)
PLAIN_HTTP = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Unused on http://, and made once: httpx would read all the world's certificates for every client."""
SANDU, LIBO = "522732", "522722"
TABLES = [*Base.metadata.sorted_tables, *tables.METADATA.sorted_tables]


@dataclass
class Registry:
    """The service, its parts, and callers."""

    service: Service
    parts: Parts
    clock: FixedClock
    keyring: Keyring
    url: str
    vault_key_file: Path
    clients: list[httpx.Client] = field(default_factory=list)

    def token(self, *roles: Role, areas: tuple[str, ...] = (SANDU,), subject: str = "", **more: Any) -> str:
        principal = Principal(subject or f"{'-'.join(roles)} {areas}", frozenset(roles), areas, **more)
        return tokens.issue(self.keyring, principal, timedelta(hours=1), self.clock)

    def client(self, *roles: Role, areas: tuple[str, ...] = (SANDU,), **more: Any) -> httpx.Client:
        """An HTTP client with that caller's token."""
        headers = {"Authorization": f"Bearer {self.token(*(roles or (Role.BUREAU,)), areas=areas, **more)}"}
        client = httpx.Client(base_url=self.url, headers=headers, timeout=PATIENCE_S, verify=PLAIN_HTTP)
        self.clients.append(client)
        return client

    def upload(
        self, content: bytes, name: str = "花名册.xlsx", areas: tuple[str, ...] = (SANDU,)
    ) -> httpx.Response:
        return self.client(areas=areas).post("/api/rosters", files={"file": (name, content)})

    def accept(self, *rows: dict[str, Any], areas: tuple[str, ...] = (SANDU,)) -> list[str]:
        """Upload rows that are all accepted; their request ids in the order of the rows."""
        roster = self.upload(xlsx(rows), f"{secrets.token_hex(4)}.xlsx", areas).json()
        assert (roster["accepted"], roster["refused"]) == (len(rows), 0), roster
        ids = self.sql(
            "SELECT id FROM travel_request WHERE roster_id = :id ORDER BY row", id=roster["roster_id"]
        )
        return [row[0] for row in ids]

    def sql(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        with self.parts.database.session() as session:
            return [tuple(row) for row in session.connection().execute(text(statement), values)]

    def counts(self) -> dict[str, int]:
        """Rows by table: what half of a thing done would change."""
        return {table.name: self.sql(f'SELECT count(*) FROM "{table.name}"')[0][0] for table in TABLES}

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """What the database is asked meanwhile."""
        asked: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            asked.append(statement)

        engine = self.parts.database.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield asked
        finally:
            event.remove(engine, "before_cursor_execute", note)

    def empty(self, *kept: str) -> None:
        """Delete whatever is in the tables, but for those that are kept."""
        with self.parts.database.session() as session:
            for table in reversed(TABLES):  # quicker than TRUNCATE, which makes every file anew
                if table.name not in kept:
                    session.connection().execute(table.delete())

    def told(self, type_name: str) -> list[dict[str, Any]]:
        """The payloads of the events of that type, in order."""
        rows = self.sql(
            "SELECT convert_from(payload, 'UTF8')::json FROM outbox WHERE type = :type ORDER BY seq",
            type=f"zhida.{type_name}.v1",
        )
        return [row[0] for row in rows]


@pytest.fixture(scope="session")
def one_registry(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    name = f"registry_{secrets.token_hex(4)}"
    url = (
        postgres.replace("postgresql://", "postgresql+psycopg://", 1)
        .replace("postgres:@", "postgres@")
        .replace("/postgres?", f"/{name}?")
    )
    keys: Path = tmp_path_factory.mktemp("keys")
    signing, vault = write_keys(keys)
    clock = FixedClock(NOW)
    settings = RegistrySettings(
        database_url=url,
        signing_key_file=signing,
        vault_key_file=vault,
        registry_database_url=url,
    )
    service = build(settings, clock=clock)
    keyring = Keyring.from_file(signing)
    with running({"": Service("registry", service.app)}, "127.0.0.1", 0) as up:
        yield Registry(service, service.app.state.parts, clock, keyring, up.url, vault)
    service.close()
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def empty_registry(one_registry: Registry) -> Iterator[Registry]:
    """The registry without anything in it."""
    one_registry.clock.at = NOW
    yield one_registry
    while one_registry.clients:
        one_registry.clients.pop().close()
    one_registry.empty()


def enterprise(**changes: Any) -> dict[str, Any]:
    """An enterprise as JSON, at a real town."""
    gate = {"name": GATE, "town_code": "441900003", "lon": 113.79, "lat": 23.04}
    known = {
        "enterprise_id": ENTERPRISE_ID,
        "name": ENTERPRISE,
        "email": "hr@example.com",
        "gates": [gate, gate | {"name": "西门"}],
    }
    return known | changes


@pytest.fixture
def registry(empty_registry: Registry) -> Registry:
    """The registry with one enterprise of two gates."""
    answer = empty_registry.client(Role.OPERATOR, areas=("52",)).post(
        "/api/enterprises", json={"enterprises": [enterprise()]}
    )
    assert answer.status_code == 200, answer.text
    return empty_registry


@pytest.fixture
def body() -> dict[str, Any]:
    """A request as JSON that is accepted."""
    return {key: value for key, value in worker(1).items() if key != "party"}
