"""Knows a table of a paper: typed cells, how wide they are, and how they read; XLSX, CSV and PDF are all made of it."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from shared.kernel.clock import SHANGHAI
from shared.kernel.money import yuan


class Fen(int):
    """An amount: fen inside, yuan with two decimals on paper."""


class Metres(int):
    """A distance: metres inside, kilometres with one decimal on paper."""


Value = Fen | Metres | int | str | date | datetime | None
"""A cell. A plain int is a count; an instant is shown in China's time; None is empty."""

Row = tuple[Value, ...]


@dataclass(frozen=True)
class Table:
    """Rows under headings. `stacked`: which columns the PDF sets under one another, so that a wide table fits the page;
    empty: each stands alone. `blanks` are headings of more columns of the PDF, to be filled in by hand."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    total: Row | None = None
    stacked: tuple[tuple[int, ...], ...] = ()
    blanks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for row in (*self.rows, *([self.total] if self.total is not None else [])):
            if len(row) != len(self.headings):
                raise ValueError(f"{self.title}: {len(row)} cells under {len(self.headings)} headings: {row}")

    def widths(self, most: int) -> list[int]:
        """The width of each column in half-width characters: that of its widest cell, `most` at most."""
        lines = [self.headings, *self.rows, *([self.total] if self.total is not None else [])]
        columns = zip(*lines, strict=True)
        return [min(most, max(width_of(words(value)) for value in column)) for column in columns]


def total_of(rows: Sequence[Row]) -> Row | None:
    """The row that sums all columns of amounts; the first cell says so, the others are empty. None for no rows."""
    if not rows:
        return None
    sums: list[Value] = []
    for column in islice(zip(*rows, strict=True), 1, None):
        amounts = [value for value in column if isinstance(value, Fen)]
        sums.append(Fen(sum(amounts)) if amounts else None)
    return ("合计", *sums)


def words(value: Value) -> str:
    """A cell as people read it."""
    match value:
        case None:
            return ""
        case Fen():
            return yuan(value)
        case Metres():
            return f"{value / 1000:.1f}"
        case datetime():
            return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        case date():
            return value.isoformat()
        case _:
            return str(value)


def width_of(text: str) -> int:
    """How many half-width characters a text is wide: a Chinese character, or a mark that Chinese fonts make as wide, is two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)
