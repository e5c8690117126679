"""The migrations make the tables that the code has."""

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect

from services.registry.store.tables import Base
from shared.database import list_differences, migrate
from shared.messaging import tables


def test_the_migrations_agree_with_the_tables(database_url: str) -> None:
    migrate(database_url, "registry")
    assert list_differences(database_url, Base.metadata, tables.METADATA) == []


def test_a_table_that_the_migrations_forgot_would_be_seen(database_url: str) -> None:
    migrate(database_url, "registry")
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE roster DROP COLUMN refused")
    engine.dispose()
    assert list_differences(database_url, Base.metadata, tables.METADATA)


def test_the_first_migration_can_be_undone(database_url: str) -> None:
    migrate(database_url, "registry")
    config = Config()
    config.set_main_option("script_location", "services.registry.store:migrations")
    engine = create_engine(database_url)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
    engine.dispose()
