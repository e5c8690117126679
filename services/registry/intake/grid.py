"""What every reader gives: the cells of one sheet as they stand, and where something in it is not a plain value."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from services.registry.domain.identity import tidy

ROWS_MAX = 50_000
"""Rows of one file: seven times the workers of the province's busiest published day."""
FILE_BYTES_MAX = 20 * 1024 * 1024
Cell = str | int | float | bool | date | datetime | time | timedelta
"""As calamine and csv give it."""


@dataclass(frozen=True)
class Grid:
    """Rows from the first line of the sheet on; positions are (row, column), both from 0."""

    rows: list[list[Cell]]
    formulas: frozenset[tuple[int, int]] = field(default_factory=frozenset)
    merged: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = ()


def text_of(cell: Cell) -> str:
    """A cell as tidied text; whole numbers without a decimal point."""
    if isinstance(cell, str):
        return tidy(cell)
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)


def letter(column: int) -> str:
    """A column's letter: 0 is A, 26 is AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def some(names: Iterable[str], shown: int = 5) -> str:
    """The first few of many, for a message."""
    known = list(names)
    more = f" … +{len(known) - shown}" if len(known) > shown else ""
    return "、".join(known[:shown]) + more
