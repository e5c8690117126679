"""Gives a bench an empty database of a service, on a PostgreSQL of its own that is gone afterwards; measures nothing."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import text

from shared.database import Database, create_if_missing, migrate
from shared.embedded import EmbeddedPostgres


@contextmanager
def fresh_database(service: str) -> Iterator[Database]:
    """Its tables as the service's migrations make them, for the length of a `with`."""
    folder = Path(tempfile.mkdtemp(prefix="zhida-bench-"))
    with ExitStack() as closing:
        closing.callback(shutil.rmtree, folder, ignore_errors=True)
        server = EmbeddedPostgres(folder)
        closing.callback(server.stop)
        url = server.url(service)
        create_if_missing(url)
        migrate(url, service)
        database = Database(url, application_name="zhida-bench")
        closing.callback(database.dispose)
        yield database


def vacuum(database: Database) -> None:
    """What the server does by itself within minutes of a great change: figures must not depend on when."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
