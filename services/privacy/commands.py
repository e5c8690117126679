"""`zhida vault` and its sub-commands, and `zhida retention`; the database is that of ZHIDA_DATABASE_URL, the key file that of ZHIDA_VAULT_KEY_FILE."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from shared.database import Database

vault = typer.Typer(
    help="The keys that open personal data: add, change and retire them, and keep everybody's apart from the backup.",
    no_args_is_help=True,
)
KeyList = Annotated[Path, typer.Argument(help="The list of everybody's wrapped key; as secret as a backup.")]


@vault.callback()
def about() -> None:
    """The keys that open personal data."""


@vault.command("keys")
def list_keys() -> None:
    """Each wrapping key, when it was made, and how many persons' and other keys it wraps."""
    from services.registry.usecases.privacy.wrapping import count_wrapped
    from shared.security import mark_of, read_vault_keys

    with _database() as database:
        counted = count_wrapped(database)
    for key in read_vault_keys(_key_file()).wrapping:
        wraps = {table: marks.get(mark_of(key.id), 0) for table, marks in counted.items()}
        told = ", ".join(f"{table} {count}" for table, count in wraps.items() if count) or "nothing"
        typer.echo(f"{key.id}  {key.made_at:%Y-%m-%d %H:%M}Z  {told}")


@vault.command("add-key")
def add_key() -> None:
    """Put a new wrapping key into the file. Running services wrap by it from now on; the old ones still open."""
    from shared.security import add_wrapping_key

    typer.echo(add_wrapping_key(_key_file()).id)


@vault.command("rewrap")
def rewrap_all() -> None:
    """Wrap everybody's key by the newest wrapping key, while services run. Stopped, it goes on when it is run again. Status 1 where some are left."""
    from services.registry.usecases.privacy.wrapping import rewrap
    from shared.security import Vault

    with _database() as database, _progress() as bar:
        task = bar.add_task("keys", total=None)
        left = rewrap(
            database,
            Vault.from_file(_key_file()),
            lambda done, total: bar.update(task, completed=done, total=total),
        )
    if left:
        typer.echo(f"{left} keys were in use just now; run it again")
        raise typer.Exit(1)
    typer.echo("all keys are wrapped by the newest")


@vault.command("retire-key")
def retire(key_id: Annotated[str, typer.Argument(help="As `zhida vault keys` lists it.")]) -> None:
    """Take a wrapping key out of the file for good; refused while it wraps anything. Who was erased is then erased from older backups too,
    once the copies of the key file that still hold it are destroyed."""
    from services.registry.usecases.privacy.wrapping import retire_key

    with _database() as database:
        retire_key(database, _key_file(), key_id)
    typer.echo(f"{key_id} is retired; destroy the copies of the key file that still hold it")


@vault.command("export-keys")
def export_list(path: KeyList) -> None:
    """Write everybody's key, wrapped by the newest wrapping key, in the place of the list before: without it, older backups are not opened."""
    from services.registry.usecases.privacy.key_list import export_keys
    from shared.security import Vault

    with _database() as database:
        typer.echo(f"{export_keys(database, Vault.from_file(_key_file()), path)} keys")


@vault.command("apply-keys")
def apply_list(path: KeyList) -> None:
    """Give everybody in a restored database the key of the list, and erase whoever is not on it. Before a service starts on it."""
    from services.registry.usecases.privacy.key_list import apply_keys
    from shared.kernel.clock import SystemClock
    from shared.messaging import Cause
    from shared.security import Vault

    with _database() as database:
        applied = apply_keys(
            database, Vault.from_file(_key_file()), path, clock=SystemClock(), cause=Cause.fresh()
        )
    typer.echo(f"{applied.keys} keys; erased {applied.people} people and {applied.others} other rows")


def _key_file() -> Path:
    return Path(os.environ.get("ZHIDA_VAULT_KEY_FILE", ".data/keys/vault.key"))


@contextmanager
def _database() -> "Iterator[Database]":
    from shared.database import Database

    database = Database(os.environ.get("ZHIDA_DATABASE_URL") or _embedded(), application_name="zhida-privacy")
    try:
        yield database
    finally:
        database.dispose()


def _embedded() -> str:
    from shared.embedded import EmbeddedPostgres

    return EmbeddedPostgres(Path(".data")).url("registry")


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True))


def retention(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only count what has had its time; destroy nothing.")
    ] = False,
) -> None:
    """Destroy what has been kept for as long as the table of retention allows, as the registry does every hour; or count it."""
    from services.registry.usecases.privacy.retention import apply_retention, list_due
    from shared.kernel.clock import SystemClock

    with _database() as database:
        found = list_due(database, SystemClock()) if dry_run else apply_retention(database, SystemClock())
        for due in found:
            length = f"{due.rule.months} months" if due.rule.months else f"{due.rule.days} days"
            typer.echo(f"{due.rule.id:24} {due.rule.zh}  {length:>10}  {due.before:%Y-%m-%d}  {due.count:>9}")
