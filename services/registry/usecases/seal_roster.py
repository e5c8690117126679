"""Seals and opens what a roster holds in full: the file's name and its refused rows, each under a key of its own."""

from collections.abc import Iterator, Mapping, Sequence

from services.registry.domain.fault import Fault
from services.registry.domain.row import Row
from services.registry.store.tables import RefusedRowRow, RosterRow
from services.registry.usecases.refused_row import open_row, seal_row
from shared.security import Vault


def seal_file_name(roster_id: str, file: str, key: bytes, vault: Vault) -> bytes:
    """What the office called the file, under the roster's key."""
    return vault.seal(key, file, _name_context(roster_id))


def open_file_name(roster: RosterRow, vault: Vault) -> str | None:
    """What the office called the file; None once that is erased."""
    if roster.wrapped_key is None:
        return None
    return vault.open(roster.wrapped_key, roster.file_name_sealed, _name_context(roster.id))


def seal_refused(roster_id: str, row: Row, faults: Sequence[Fault], vault: Vault) -> RefusedRowRow:
    """A refused row as it is kept."""
    sealed = seal_row(row, faults, vault, _row_context(roster_id, row.number))
    return RefusedRowRow(roster_id=roster_id, **sealed)


def open_refused(
    rows: Sequence[RefusedRowRow], vault: Vault
) -> Iterator[tuple[int, Mapping[str, str], tuple[Fault, ...]]]:
    """Row number, cells as text and faults of each refused row that is not erased."""
    for one in rows:
        if one.wrapped_key is None:
            continue
        yield one.row, *open_row(one.wrapped_key, one.sealed, vault, _row_context(one.roster_id, one.row))


def _name_context(roster_id: str) -> str:
    return f"roster/{roster_id}/file_name"


def _row_context(roster_id: str, row: int) -> str:
    return f"roster/{roster_id}/{row}"
