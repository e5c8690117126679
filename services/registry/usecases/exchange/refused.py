"""Seals and opens the refused lines of the provincial system's files, each under a key of its own."""

from collections.abc import Iterator, Mapping, Sequence

from services.registry.domain.fault import Fault
from services.registry.domain.row import Row
from services.registry.store.tables import RefusedLineRow
from services.registry.usecases.refused_row import open_row, seal_row
from shared.security import Vault


def seal_line(import_id: str, row: Row, faults: Sequence[Fault], vault: Vault) -> RefusedLineRow:
    """A refused line as it is kept."""
    sealed = seal_row(row, faults, vault, _context(import_id, row.number))
    return RefusedLineRow(import_id=import_id, **sealed)


def open_lines(
    rows: Sequence[RefusedLineRow], vault: Vault
) -> Iterator[tuple[int, Mapping[str, str], tuple[Fault, ...]]]:
    """Row number, cells as text and faults of each that is not erased."""
    for one in rows:
        if one.wrapped_key is not None:
            yield one.row, *open_row(one.wrapped_key, one.sealed, vault, _context(one.import_id, one.row))


def _context(import_id: str, row: int) -> str:
    return f"province_refused/{import_id}/{row}/sealed"
