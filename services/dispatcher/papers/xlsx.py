"""Writes tables as an XLSX that prints: A4 landscape, headings on each page, amounts as numbers, the rest as text.

Whatever somebody typed is text: a cell that begins with `=`, `+`, `-` or `@` never becomes a formula. The same tables
give the same bytes.
"""

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.packaging.core import DocumentProperties
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.writer.excel import ExcelWriter

from services.dispatcher.papers.table import Fen, Metres, Table, Value
from services.dispatcher.papers.zipped import add
from shared.kernel.clock import SHANGHAI
from shared.kernel.money import FEN_PER_YUAN

_Sheet = Any
"""A WriteOnlyWorksheet, whose types lack all that it borrows from Worksheet."""

_MOST = 60
_A4 = 9
_HEADING_FILL = PatternFill("solid", fgColor="DCE6F1")
_LINE = Side("thin", color="808080")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)


def write_workbook(tables: Sequence[Table], foot: str, made_at: datetime) -> bytes:
    """A sheet for each table. `foot` stands at the foot of each printed page; `made_at` is the only time in the file."""
    book = Workbook(write_only=True)
    made = made_at.astimezone(UTC).replace(tzinfo=None)
    book.properties = DocumentProperties(creator="", created=made, modified=made)
    for table in tables:
        _write(book, table, foot)
    file = io.BytesIO()
    ExcelWriter(book, ZipFile(file, "w", ZIP_DEFLATED)).save()
    return _without_clock(file)


def _write(book: Workbook, table: Table, foot: str) -> None:
    sheet = book.create_sheet(table.title)
    for position, width in enumerate(table.widths(_MOST), start=1):
        sheet.column_dimensions[get_column_letter(position)].width = width + 2
    _set_up_print(sheet, table, foot)
    heading = _styled(sheet, bold=True)
    heading.fill = _HEADING_FILL
    body, last = _Cells(sheet, bold=False), _Cells(sheet, bold=True)
    sheet.append(body.fill(heading, text) for text in table.headings)
    for row in table.rows:
        sheet.append(body.cell(value) for value in row)
    if table.total is not None:
        sheet.append(last.cell(value) for value in table.total)


def _set_up_print(sheet: _Sheet, table: Table, foot: str) -> None:
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.headings))}{len(table.rows) + 1}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", _A4
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToHeight = 0  # one page wide, as many as it takes long
    sheet.oddHeader.center.text = table.title
    sheet.oddFooter.left.text = foot.replace("&", "&&")
    sheet.oddFooter.right.text = "第 &P 页　共 &N 页"


class _Cells:
    """One styled cell for each kind of value, filled again and again: a row is written cell by cell, and styling each
    anew takes most of the time."""

    def __init__(self, sheet: _Sheet, *, bold: bool) -> None:
        self._sheet, self._bold = sheet, bold
        self._made: dict[str, Cell] = {}

    def cell(self, value: Value) -> Cell:
        number_format = _format_of(value)
        if number_format not in self._made:
            self._made[number_format] = _styled(self._sheet, bold=self._bold, number_format=number_format)
        return self.fill(self._made[number_format], value)

    @staticmethod
    def fill(cell: Cell, value: Value) -> Cell:
        match value:
            case str():
                cell.value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", value)
                cell.data_type = "s"  # after the value: openpyxl takes a leading `=` for a formula
            case Fen():
                cell.value = value / FEN_PER_YUAN
            case Metres():
                cell.value = value / 1000
            case datetime():
                cell.value = value.astimezone(SHANGHAI).replace(tzinfo=None)
            case _:
                cell.value = value
        return cell


def _styled(sheet: _Sheet, *, bold: bool, number_format: str = "@") -> Cell:
    cell = WriteOnlyCell(sheet)
    cell.number_format, cell.border, cell.font = number_format, _BOX, Font(name="宋体", size=10, bold=bold)
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    return cell


def _format_of(value: Value) -> str:
    match value:
        case Fen():
            return "#,##0.00"
        case Metres():
            return "0.0"
        case int():
            return "0"
        case datetime():
            return "yyyy-mm-dd hh:mm"
        case date():
            return "yyyy-mm-dd"
        case _:
            return "@"


def _without_clock(file: io.BytesIO) -> bytes:
    """The same archive with no time of day in its entries."""
    settled = io.BytesIO()
    with ZipFile(file) as source, ZipFile(settled, "w") as target:
        for name in source.namelist():
            add(target, name, source.read(name), ZIP_DEFLATED)
    return settled.getvalue()
