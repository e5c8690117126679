"""Seals and opens what a roster holds in full: the file's name and its refused rows, each under a key of its own."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date

from services.registry.domain.fault import Fault
from services.registry.domain.identity import read_resident_id
from services.registry.domain.row import Row
from services.registry.store.tables import RefusedRowRow, RosterRow
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
    """Cells and reasons together: a reason may quote a cell, and a cell may hold a name in the wrong column.

    The fingerprint is that of the first cell in which a resident ID can be read, for the columns may have slipped.
    """
    cells = {
        key: value.isoformat() if isinstance(value, date) else value for key, value in row.values.items()
    }
    text = json.dumps({"cells": cells, "faults": [asdict(one) for one in faults]}, ensure_ascii=False)
    readings = (read_resident_id(cell) for cell in cells.values())
    resident_id = next((one for one in readings if isinstance(one, str)), None)
    key = vault.new_person_key()
    return RefusedRowRow(
        roster_id=roster_id,
        row=row.number,
        codes=[one.code for one in faults],
        fingerprint=vault.fingerprint(resident_id) if resident_id else None,
        wrapped_key=key,
        sealed=vault.seal(key, text, _row_context(roster_id, row.number)),
    )


def open_refused(
    rows: Sequence[RefusedRowRow], vault: Vault
) -> Iterator[tuple[int, Mapping[str, str], tuple[Fault, ...]]]:
    """Row number, cells as text and faults of each refused row that is not erased."""
    for one in rows:
        if one.wrapped_key is None:
            continue
        opened = json.loads(vault.open(one.wrapped_key, one.sealed, _row_context(one.roster_id, one.row)))
        yield one.row, opened["cells"], tuple(Fault(**found) for found in opened["faults"])


def _name_context(roster_id: str) -> str:
    return f"roster/{roster_id}/file_name"


def _row_context(roster_id: str, row: int) -> str:
    return f"roster/{roster_id}/{row}"
