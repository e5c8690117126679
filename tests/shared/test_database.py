"""A service's database: one transaction a session, made and migrated once however many ask for it."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, make_url, text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from shared.database import (
    Database,
    create_if_missing,
    hold,
    is_transient,
    list_differences,
    lock_key,
    try_hold,
    upgrade,
)
from shared.kernel.errors import Conflict, Unavailable
from shared.messaging.tables import METADATA
from tests.racing import cut_off_holder

ENV = "from shared.database import run_migrations\nfrom shared.messaging.tables import METADATA\nrun_migrations(METADATA)\n"
FIRST = """
from alembic import op
from shared.messaging import tables
revision = "0001"
down_revision = None
def upgrade():
    tables.create(op)
def downgrade():
    tables.drop(op)
"""


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    with made.session() as session:
        session.connection().execute(text("CREATE TABLE seen (id integer PRIMARY KEY)"))
    yield made
    made.dispose()


@pytest.fixture
def scripts(tmp_path: Path) -> str:
    (tmp_path / "versions").mkdir()
    (tmp_path / "env.py").write_text(ENV)
    (tmp_path / "versions" / "0001_messaging.py").write_text(FIRST)
    return str(tmp_path)


def count(database: Database) -> int:
    with database.session() as session:
        found: int = session.connection().execute(text("SELECT count(*) FROM seen")).scalar_one()
        return found


def test_a_session_is_one_transaction_committed_at_its_end(database: Database) -> None:
    with database.session() as session:
        session.connection().execute(text("INSERT INTO seen VALUES (1)"))
        assert count(database) == 0
    assert count(database) == 1


def test_an_error_rolls_the_session_back(database: Database) -> None:
    def fail() -> None:
        with database.session() as session:
            session.connection().execute(text("INSERT INTO seen VALUES (1)"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert count(database) == 0


def test_instants_come_back_aware_in_utc(database: Database) -> None:
    with database.session() as session:
        query = text("SELECT CAST('2020-02-24T08:00:00+08' AS timestamptz)")
        assert session.connection().execute(query).scalar_one() == datetime(2020, 2, 24, tzinfo=UTC)
        assert session.connection().execute(query).scalar_one().tzinfo.utcoffset(None).total_seconds() == 0


def test_a_connection_that_was_cut_is_replaced_by_the_pool(database: Database) -> None:
    cut = text("SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(OperationalError), database.session() as session:
        session.connection().execute(cut)
    assert count(database) == 0


def test_a_database_that_answers_is_ready_and_one_that_does_not_says_why(database: Database) -> None:
    database.ready()
    away = Database("postgresql+psycopg://nobody@127.0.0.1:9/nowhere")
    with pytest.raises(Unavailable, match="Check that PostgreSQL runs"):
        away.ready()
    away.dispose()


def test_an_error_does_not_tell_the_values_that_were_bound(database: Database) -> None:
    with (
        pytest.raises(ProgrammingError, match="INSERT INTO nowhere") as failed,
        database.session() as session,
    ):
        session.connection().execute(text("INSERT INTO nowhere VALUES (:name)"), {"name": "独孤求败"})
    assert "独孤求败" not in str(failed.value)


def test_a_stopped_process_does_not_hold_its_locks_for_ever(database: Database) -> None:
    with database.session() as session:
        limit = session.connection().execute(text("SHOW idle_in_transaction_session_timeout")).scalar_one()
    assert limit == "5min"


def test_what_may_pass_is_told_from_what_stays_wrong() -> None:
    cut = OperationalError("SELECT 1", {}, Exception())
    assert is_transient(cut)
    assert is_transient(Unavailable())
    assert not is_transient(ProgrammingError("SELECT 1", {}, Exception()))
    assert not is_transient(IntegrityError("SELECT 1", {}, Exception()))
    assert not is_transient(Conflict())
    assert not is_transient(ValueError())


def test_a_lock_has_the_same_number_in_every_process() -> None:
    assert lock_key("zhida.migrate") == lock_key("zhida.migrate")
    assert lock_key("zhida.migrate") != lock_key("zhida.consumer.registry")
    assert -(2**63) <= lock_key("x") < 2**63


@pytest.mark.parametrize("shared", [False, True])
def test_what_is_held_is_free_for_others_who_share_it_or_once_the_transaction_ends(
    database: Database, shared: bool
) -> None:
    def free(how: str) -> bool:
        with database.session() as other:
            query = text(f"SELECT pg_try_advisory_xact_lock{how}(:key)")
            got: bool = other.connection().execute(query, {"key": lock_key("x")}).scalar_one()
            return got

    with database.session() as session:
        hold(session, "x", shared=shared)
        assert (free(""), free("_shared")) == (False, shared)
    assert free("")


def test_a_missing_database_is_made_once_though_two_ask_at_once(make_database: Callable[[str], str]) -> None:
    there = make_url(make_database("near"))
    wanted = there.set(database=f"{there.database}_made").render_as_string(hide_password=False)
    failures: list[Exception] = []

    def create() -> None:
        try:
            create_if_missing(wanted)
        except Exception as error:  # noqa: BLE001 - asserted below
            failures.append(error)

    askers = [threading.Thread(target=create) for _ in range(4)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert failures == []
    made = Database(wanted)
    made.ready()
    made.dispose()
    server = create_engine(there, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{there.database}_made" WITH (FORCE)'))
    server.dispose()


def test_migrations_agree_with_the_tables_and_a_second_run_changes_nothing(
    database_url: str, scripts: str
) -> None:
    for _ in range(2):
        upgrade(database_url, scripts)
        assert list_differences(database_url, METADATA) == []


def test_a_table_without_its_migration_is_a_difference(database_url: str, scripts: str) -> None:
    upgrade(database_url, scripts)
    more = MetaData()
    Table("forgotten", more, Column("id", Integer, primary_key=True))
    [difference] = list_differences(database_url, METADATA, more)
    assert difference[0] == "add_table"


def test_whoever_lets_go_of_a_name_can_hold_it_again_at_once(database: Database) -> None:
    for turn in range(100):
        with try_hold(database, "a register") as is_mine, try_hold(database, "a register") as is_theirs:
            assert (turn, is_mine, is_theirs) == (turn, True, False)


def test_whoever_was_cut_off_while_holding_a_name_ends_quietly(database: Database) -> None:
    with try_hold(database, "a register"):
        cut_off_holder(database, "a register")
    with try_hold(database, "a register") as is_mine:
        assert is_mine


def test_two_processes_that_migrate_at_once_take_turns(database_url: str, scripts: str) -> None:
    failures: list[Exception] = []
    holder = create_engine(database_url)

    def run() -> None:
        try:
            upgrade(database_url, scripts)
        except Exception as error:  # noqa: BLE001 - asserted below
            failures.append(error)

    with holder.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": lock_key("zhida.migrate")})
        waiting = threading.Thread(target=run)
        waiting.start()
        waiting.join(1)
        assert waiting.is_alive()
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": lock_key("zhida.migrate")})
        waiting.join(30)
    holder.dispose()
    assert failures == []
    assert list_differences(database_url, METADATA) == []
