"""Turns a table of enterprises, one line a gate, into enterprises with their gates; refuses to judge what it says."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.registry.intake.errors import FileEmpty
from services.registry.intake.grid import text_of
from services.registry.intake.roster import find_table, read_grid
from shared.roster import ENTERPRISE_COLUMNS, ENTERPRISE_SHEET_TITLE


@dataclass(frozen=True)
class GivenGate:
    """A gate as somebody wrote it; `where` names its line or place in the list."""

    where: str
    name: str
    town_code: str
    lon: str
    lat: str


@dataclass(frozen=True)
class GivenEnterprise:
    """An enterprise as somebody wrote it, with its gates."""

    where: str
    enterprise_id: str
    name: str
    email: str
    gates: tuple[GivenGate, ...]


def read_enterprises(content: bytes, file: str) -> list[GivenEnterprise]:
    """The enterprises of an XLSX or CSV, in order. Raises the errors of `intake.errors`."""
    sheet = find_table(read_grid(content, file, ENTERPRISE_SHEET_TITLE), ENTERPRISE_COLUMNS, file)
    lines: dict[str, list[tuple[str, Mapping[str, str]]]] = {}
    for number, cells in enumerate(sheet.grid.rows[sheet.first_row :], start=sheet.first_row + 1):
        line = {key: text_of(cells[at]) if at < len(cells) else "" for key, at in sheet.columns.items()}
        if any(line.values()):
            lines.setdefault(line["uscc"], []).append((f"row {number}", line))
    if not lines:
        raise FileEmpty(file=file)
    return [_enterprise(own) for own in lines.values()]


def _enterprise(lines: list[tuple[str, Mapping[str, str]]]) -> GivenEnterprise:
    where, first = lines[0]
    gates = tuple(
        GivenGate(at, line["gate"], line["town_code"], line["lon"], line["lat"]) for at, line in lines
    )
    return GivenEnterprise(where, first["uscc"], first["enterprise"], first["email"], gates)
