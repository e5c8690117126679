"""Seals and opens what was refused of a file, each row under a key of its own.

Cells and reasons together: a reason may quote a cell, and a cell may hold a name in the wrong column.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import TypedDict

from services.registry.domain.fault import Fault
from services.registry.domain.identity import read_resident_id
from services.registry.domain.row import Row
from shared.security import Vault


class Sealed(TypedDict):
    """The columns of a refused row, whichever file it is of."""

    row: int
    codes: list[str]
    fingerprint: str | None
    wrapped_key: bytes
    sealed: bytes


def seal_row(row: Row, faults: Sequence[Fault], vault: Vault, context: str) -> Sealed:
    """The fingerprint is that of the first cell in which a resident ID can be read, for the columns may have slipped."""
    cells = {
        key: value.isoformat() if isinstance(value, date) else value for key, value in row.values.items()
    }
    text = json.dumps({"cells": cells, "faults": [asdict(one) for one in faults]}, ensure_ascii=False)
    readings = (read_resident_id(cell) for cell in cells.values())
    resident_id = next((one for one in readings if isinstance(one, str)), None)
    key = vault.new_person_key()
    return Sealed(
        row=row.number,
        codes=[one.code for one in faults],
        fingerprint=vault.fingerprint(resident_id) if resident_id else None,
        wrapped_key=key,
        sealed=vault.seal(key, text, context),
    )


def open_row(
    wrapped_key: bytes, sealed: bytes, vault: Vault, context: str
) -> tuple[Mapping[str, str], tuple[Fault, ...]]:
    """Cells as text, and faults."""
    opened = json.loads(vault.open(wrapped_key, sealed, context))
    return opened["cells"], tuple(Fault(**found) for found in opened["faults"])
