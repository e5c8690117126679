"""Turns the bytes of a roster file into rows by field; refuses to judge what a row says.

Headings may stand below a few lines of title, in any order, in either language; further columns are left alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.registry.domain.fault import Fault, fault
from services.registry.domain.identity import tidy
from services.registry.domain.row import Row
from services.registry.intake.csv import read_csv
from services.registry.intake.errors import (
    CellsMerged,
    ColumnsMissing,
    ColumnTwice,
    FileEmpty,
    FileTooLarge,
    HeadingIsFormula,
)
from services.registry.intake.grid import FILE_BYTES_MAX, ROWS_MAX, Cell, Grid, letter, some, text_of
from services.registry.intake.sniff import kind_of
from services.registry.intake.xlsx import read_xlsx, too_many_rows
from shared.roster import COLUMNS, LATER_COLUMNS, SHEET_TITLE, Column

TITLE_ROWS_MAX = 10
_ORNAMENT = re.compile(r"[\s*＊:：]|[(（](?:必填|选填|required|optional)[)）]", re.IGNORECASE)


@dataclass(frozen=True)
class Sheet:
    """A table that was found in a file: where each column is, and the rows below the headings."""

    columns: dict[str, int]
    first_row: int
    """Index of the first row below the headings."""
    grid: Grid


def read_roster(content: bytes, file: str) -> list[Row]:
    """The filled rows of a roster, XLSX or CSV, in order. Raises the errors of `intake.errors`, all before any row."""
    return read_rows(content, file, SHEET_TITLE, COLUMNS, LATER_COLUMNS)


def read_rows(
    content: bytes, file: str, title: str, columns: Sequence[Column], later: Sequence[Column] = ()
) -> list[Row]:
    """The filled rows of any table of people that has these columns, and perhaps `later` ones; raises as `read_roster`."""
    sheet = find_table(read_grid(content, file, title), columns, file, later)
    rows = [
        _row(number, cells, sheet)
        for number, cells in enumerate(sheet.grid.rows[sheet.first_row :], start=sheet.first_row)
        if any(cell != "" and text_of(cell) for cell in cells)
    ]
    if not rows:
        raise FileEmpty(file=file)
    if len(rows) > ROWS_MAX:
        raise too_many_rows(file)
    return rows


def read_grid(content: bytes, file: str, title: str) -> Grid:
    """The cells of a file, whichever kind it is. Raises FileTooLarge and what the readers raise."""
    if len(content) > FILE_BYTES_MAX:
        limit = f"{FILE_BYTES_MAX >> 20} MB"
        raise FileTooLarge(file=file, limit=limit, limit_zh=limit)
    if kind_of(content, file) == "xlsx":
        return read_xlsx(content, file, title)
    return read_csv(content, file)


def find_table(grid: Grid, columns: Sequence[Column], file: str, later: Sequence[Column] = ()) -> Sheet:
    """Where the headings are. Raises ColumnsMissing, ColumnTwice, HeadingIsFormula, CellsMerged."""
    keys = {_plain(word): column.key for column in (*columns, *later) for word in (column.zh, column.en)}
    lines = [[_plain(text_of(cell)) for cell in cells] for cells in grid.rows[:TITLE_ROWS_MAX]]
    if not lines:
        raise FileEmpty(file=file)
    at = max(range(len(lines)), key=lambda i: (len({keys[w] for w in lines[i] if w in keys}), -i))
    found: dict[str, int] = {}
    for position, word in enumerate(lines[at]):
        key = keys.get(word)
        if key is not None and found.setdefault(key, position) != position:
            raise ColumnTwice(file=file, heading=text_of(grid.rows[at][position]))
    missing = [column for column in columns if column.key not in found]
    if missing:
        _explain_missing(grid, at if found else None, missing, file)
    last_row = len(grid.rows)
    ranges = [
        f"{letter(left)}{top + 1}:{letter(right)}{bottom + 1}"
        for (top, left), (bottom, right) in grid.merged
        if bottom >= at and top < last_row
    ]
    if ranges:
        raise CellsMerged(file=file, ranges=some(ranges))
    return Sheet(found, at + 1, grid)


def _explain_missing(grid: Grid, at: int | None, missing: Sequence[Column], file: str) -> None:
    if at is None:  # no line looks like headings: show the first that says anything
        at = next((i for i, cells in enumerate(grid.rows) if any(map(text_of, cells))), 0)
    formulas = [f"{letter(column)}{row + 1}" for row, column in sorted(grid.formulas) if row == at]
    if formulas:
        raise HeadingIsFormula(file=file, cells=some(formulas))
    raise ColumnsMissing(
        file=file,
        missing="、".join(column.zh for column in missing),
        missing_en=", ".join(f"{column.zh} ({column.en})" for column in missing),
        found=some([text_of(cell)[:20] for cell in grid.rows[at] if text_of(cell)], 15) or "—",
    )


def _plain(heading: str) -> str:
    return _ORNAMENT.sub("", tidy(heading)).lower()


def _row(number: int, cells: Sequence[Cell], sheet: Sheet) -> Row:
    values: dict[str, str | date] = {}
    faults: list[Fault] = []
    for key, position in sheet.columns.items():
        cell = cells[position] if position < len(cells) else ""
        if (number, position) in sheet.grid.formulas:
            faults.append(fault(key, "formula"))
        elif key == "resident_id" and isinstance(cell, int | float):
            faults.append(fault(key, "id-number"))
        if isinstance(cell, datetime):
            values[key] = cell.date()
        else:
            values[key] = cell if isinstance(cell, date) else text_of(cell)
    return Row(number + 1, values, tuple(faults))
