"""Writes a workbook of several sheets of text, whatever they are about; a cell that begins with `=` never becomes a formula."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

Value = str | int | float | bool | None
_TITLE_MAX = 31
_WIDTH = 20
CELL_MAX = 32_767
"""Characters that a cell of a sheet can hold."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its name, its headings, and its rows."""

    title: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Value]]


def write_book(sheets: Sequence[Sheet]) -> bytes:
    """The XLSX of these sheets, each with its headings in bold above rows of text and numbers."""
    book = Workbook(write_only=True)
    for one in sheets:
        sheet = book.create_sheet(one.title[:_TITLE_MAX])
        sheet.freeze_panes = "A2"
        for position in range(1, len(one.headings) + 1):
            sheet.column_dimensions[get_column_letter(position)].width = _WIDTH
        head = [WriteOnlyCell(sheet, heading) for heading in one.headings]
        for cell in head:
            cell.font = Font(bold=True)
        sheet.append(head)
        for row in one.rows:
            sheet.append([_cell(sheet, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: WriteOnlyWorksheet, value: Value) -> Value | Cell:
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, value[:CELL_MAX])
    cell.data_type = "s"
    return cell
