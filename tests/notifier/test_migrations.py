"""The migrations make what the models say, and can be undone."""

from collections.abc import Callable

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect

from services.notifier.store.tables import Base
from shared.database import list_differences, migrate
from shared.messaging.tables import METADATA


def test_after_the_migrations_nothing_is_left_to_generate(make_database: Callable[[str], str]) -> None:
    url = make_database("migrated")
    migrate(url, "notifier")
    assert list_differences(url, Base.metadata, METADATA) == []


def test_the_migrations_can_be_undone(make_database: Callable[[str], str]) -> None:
    url = make_database("undone")
    migrate(url, "notifier")
    config = Config()
    config.set_main_option("script_location", "services.notifier.store:migrations")
    engine = create_engine(url)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        connection.commit()
        assert inspect(connection).get_table_names() == ["alembic_version"]
    engine.dispose()
