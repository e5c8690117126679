"""Reads a table of people that is too large to be held at once, row by row; refuses to judge what a row says.

It is looked through once before any row counts, so that a damaged file is refused as a whole.
"""

import csv
import io
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import BinaryIO

from services.registry.domain.fault import Fault, fault
from services.registry.domain.row import Row
from services.registry.intake.csv import BOMS, DELIMITERS, plain_of, unknown_file
from services.registry.intake.errors import CellsMerged, FileDamaged, FileEmpty, FileTooLarge
from services.registry.intake.grid import Cell, Grid, some, text_of
from services.registry.intake.roster import TITLE_ROWS_MAX, find_table
from services.registry.intake.sniff import Kind, kind_of_stream
from services.registry.intake.workbook import Measure, measure, stream_cells
from shared.roster import Column

STREAM_ROWS_MAX = 1_000_000
STREAM_BYTES_MAX = 400 * 1024 * 1024
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class Table:
    """A file that can be read: of what kind, where its columns are, and how many rows its sheet has."""

    kind: Kind
    columns: dict[str, int]
    first_row: int
    """Index of the first row below the headings."""
    rows: int
    encoding: str = ""
    delimiter: str = ","
    sheet: str = ""
    """The path of the worksheet in the workbook."""


def open_table(content: BinaryIO, file: str, title: str, columns: Sequence[Column]) -> Table:
    """What the file is. Raises the errors of `intake.errors`."""
    kind = kind_of_stream(content, file)
    if content.seek(0, io.SEEK_END) > STREAM_BYTES_MAX:
        limit = f"{STREAM_BYTES_MAX >> 20} MB"
        raise FileTooLarge(file=file, limit=limit, limit_zh=limit)
    table = (
        _measure_xlsx(content, file, title, columns)
        if kind == "xlsx"
        else _measure_csv(content, file, columns)
    )
    if table.rows <= table.first_row:
        raise FileEmpty(file=file)
    if table.rows - table.first_row > STREAM_ROWS_MAX:
        limit, limit_zh = f"{STREAM_ROWS_MAX:,} rows", f"{STREAM_ROWS_MAX:,}行"
        raise FileTooLarge(file=file, limit=limit, limit_zh=limit_zh)
    return table


def read_table(content: BinaryIO, file: str, table: Table) -> Generator[Row, None, None]:
    """The filled rows below the headings, in order. Raises FileDamaged."""
    places = list(table.columns.items())
    with closing(_cells(content, file, table.kind, table.encoding, table.delimiter, table.sheet)) as cells_of:
        for number, cells in enumerate(islice(cells_of, table.first_row, None), start=table.first_row + 1):
            row = _row(number, cells, places)
            if row is not None:
                yield row


def _measure_csv(content: BinaryIO, file: str, columns: Sequence[Column]) -> Table:
    encoding = _encoding_of(content, file)
    content.seek(0)
    head_text = content.read(4 * 4096).decode(encoding, errors="ignore")
    if any(ord(sign) < 32 and sign not in "\t\r\n\f\x1a" for sign in head_text[:4096]):
        raise unknown_file(file)
    delimiter = max(DELIMITERS, key=head_text[:4096].count)
    with closing(_lines(content, file, encoding, delimiter)) as lines:
        head: list[list[Cell]] = [[plain_of(cell) for cell in line] for line in islice(lines, TITLE_ROWS_MAX)]
        found = find_table(Grid(head, _formulas(head)), columns, file)
        rows = len(head) + sum(1 for _ in lines)
    return Table("csv", found.columns, found.first_row, rows, encoding, delimiter)


def _measure_xlsx(content: BinaryIO, file: str, title: str, columns: Sequence[Column]) -> Table:
    measured: Measure = measure(content, file, title)
    head = list(islice(stream_cells(content, file, measured.sheet), TITLE_ROWS_MAX))
    found = find_table(Grid(head, _formulas(head)), columns, file)
    if measured.merged_below(found.first_row):
        raise CellsMerged(file=file, ranges=some(measured.merged_below(found.first_row)))
    return Table("xlsx", found.columns, found.first_row, measured.rows, sheet=measured.sheet)


def _formulas(rows: Sequence[Sequence[Cell]]) -> frozenset[tuple[int, int]]:
    return frozenset(
        (number, position)
        for number, cells in enumerate(rows)
        for position, cell in enumerate(cells)
        if isinstance(cell, str) and cell.startswith("=")
    )


def _encoding_of(content: BinaryIO, file: str) -> str:
    """By its byte order mark, else UTF-8 where it is that to the end, else GB18030."""
    content.seek(0)
    head = content.read(4)
    named = next((encoding for bom, encoding in BOMS if head.startswith(bom)), None)
    for encoding in [named] if named else ["utf-8", "gb18030"]:
        content.seek(0)
        text = io.TextIOWrapper(content, encoding=encoding, newline="")
        try:
            while text.read(_BLOCK_BYTES):
                pass
        except UnicodeDecodeError:
            continue
        finally:
            text.detach()
        return encoding
    raise unknown_file(file)


def _cells(
    content: BinaryIO, file: str, kind: Kind, encoding: str, delimiter: str, sheet: str
) -> Generator[list[Cell], None, None]:
    """Every row of the sheet, blank ones too."""
    if kind == "xlsx":
        yield from stream_cells(content, file, sheet)
        return
    with closing(_lines(content, file, encoding, delimiter)) as lines:
        for line in lines:
            yield [plain_of(cell) for cell in line]


def _lines(content: BinaryIO, file: str, encoding: str, delimiter: str) -> Generator[list[str], None, None]:
    content.seek(0)
    text = io.TextIOWrapper(content, encoding=encoding, newline="")
    try:
        yield from csv.reader(text, delimiter=delimiter)
    except (csv.Error, UnicodeDecodeError) as error:
        raise FileDamaged(file=file, reason=type(error).__name__) from error
    finally:
        text.detach()


def _row(number: int, cells: Sequence[Cell], places: Sequence[tuple[str, int]]) -> Row | None:
    """None for a blank row."""
    values: dict[str, str | date] = {}
    faults: list[Fault] = []
    width, is_blank = len(cells), True
    for key, position in places:
        cell = cells[position] if position < width else ""
        if isinstance(cell, str):
            value: str | date = text_of(cell)
            if cell.startswith("="):
                faults.append(fault(key, "formula"))
        elif isinstance(cell, date):
            value = cell.date() if isinstance(cell, datetime) else cell
        else:
            value = text_of(cell)
            if key == "resident_id":
                faults.append(fault(key, "id-number"))
        if value != "":
            is_blank = False
        values[key] = value
    return None if is_blank else Row(number, values, tuple(faults))
