"""A dispatcher on real PostgreSQL with a real planner in a process of its own."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg
import pytest
from psycopg import sql

from services.dispatcher.planning.judge import Judged, judge
from services.dispatcher.planning.processes import Processes
from services.dispatcher.planning.worker import PlannerPool
from services.dispatcher.roads import TableRoads
from services.dispatcher.usecases.load_terms import load_fleet, load_policies, load_tariffs
from shared.database import Database, create_if_missing, migrate
from shared.kernel.clock import FixedClock
from tests.dispatcher.dispatch import ENTERPRISE, PROVINCE, Dispatch, coaches, fund, policy, tariffs


@pytest.fixture(scope="session")
def planners() -> Iterator[PlannerPool]:
    """Planner processes that live for the session."""
    with PlannerPool(1) as pool:
        yield pool


@pytest.fixture(scope="session")
def judges() -> Iterator[Processes[Judged]]:
    """A process that checks answers, and lives for the session."""
    with Processes(1, judge) as pool:
        yield pool


@pytest.fixture(scope="session")
def table_roads() -> TableRoads:
    """The committed roads."""
    return TableRoads()


@pytest.fixture(scope="session")
def template(postgres: str) -> str:
    """The name of a migrated database with nothing but budgets, of which each test gets a copy: migrating takes far longer."""
    url = postgres.replace("postgresql://", "postgresql+psycopg://", 1).replace("postgres:@", "postgres@")
    name = "dispatcher_template"
    migrated = url.replace("/postgres?", f"/{name}?")
    create_if_missing(migrated)
    migrate(migrated, "dispatcher")
    fund(migrated)
    return name


@contextmanager
def copy_of(postgres: str, template: str) -> Iterator[Database]:
    """A database of one's own that begins as the template is, which nobody may be connected to; dropped afterwards."""
    name = f"dispatcher_{secrets.token_hex(4)}"
    url = postgres.replace("postgresql://", "postgresql+psycopg://", 1).replace("postgres:@", "postgres@")
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
    database = Database(url.replace("/postgres?", f"/{name}?"))
    yield database
    database.dispose()
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def begin(
    database: Database, planners: PlannerPool, judges: Processes[Judged], table_roads: TableRoads
) -> Dispatch:
    """A dispatcher with fleet, tariff, policy and one enterprise, on the evening before the day."""
    clock = FixedClock(datetime(2020, 2, 23, 8, 0, tzinfo=UTC))
    made = Dispatch(database, planners, judges, table_roads, clock)
    with database.session() as session:
        load_fleet(session, PROVINCE, coaches())
        load_tariffs(session, PROVINCE, tariffs(), made.clock)
        load_policies(session, PROVINCE, [policy()], made.clock)
    made.tell(ENTERPRISE)
    return made


@pytest.fixture
def dispatch(
    postgres: str,
    template: str,
    planners: PlannerPool,
    judges: Processes[Judged],
    table_roads: TableRoads,
) -> Iterator[Dispatch]:
    """A dispatcher of the test's own."""
    with copy_of(postgres, template) as database:
        yield begin(database, planners, judges, table_roads)
