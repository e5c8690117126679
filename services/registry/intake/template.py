"""Writes the roster template of a county and the refused rows of a roster; refuses to know where rows are kept.

Whatever somebody typed is written as text: a cell that begins with `=` never becomes a formula on the way back.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from services.registry.intake.grid import letter
from shared.roster import (
    CATEGORY_WORDS,
    COLUMNS,
    LATER_COLUMNS,
    ORGANISING_MODE_WORDS,
    SHEET_TITLE,
    Column,
)

_ALL_COLUMNS = (*COLUMNS, *LATER_COLUMNS)
REASON_HEADINGS = ("原因", "Reason")
_LISTS_TITLE = "名录"
_HELP_TITLE = "填写说明"
_ROWS_PREPARED = 2000
_WIDTHS = {"name": 12, "resident_id": 24, "phone": 16, "enterprise": 34, "gate": 16, "stop": 20}
_HEADING_FILL = PatternFill("solid", fgColor="DCE6F1")
_REASON_FILL = PatternFill("solid", fgColor="FDE9D9")


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row to hand back: what it said, and why it was refused, in both languages."""

    values: Mapping[str, str | date]
    reason_zh: str
    reason_en: str


def write_template(stops: Sequence[str], enterprises: Sequence[tuple[str, str]]) -> bytes:
    """An XLSX with the headings and drop-down lists of one county.

    `stops` are names; `enterprises` are pairs of an enterprise's name and one of its gates.
    """
    book = Workbook()
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        raise TypeError("a new workbook has a worksheet")
    sheet.title = SHEET_TITLE
    _write_head(sheet, _ALL_COLUMNS)
    _write_lists(book, sheet, stops, enterprises)
    _write_help(book, _ALL_COLUMNS)
    return _bytes(book)


def write_list_template(title: str, columns: Sequence[Column]) -> bytes:
    """An XLSX with the headings of a list of another office, and how to fill them."""
    book = Workbook()
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        raise TypeError("a new workbook has a worksheet")
    sheet.title = title
    _write_head(sheet, columns)
    _write_help(book, columns)
    return _bytes(book)


def _write_head(sheet: Worksheet, columns: Sequence[Column]) -> None:
    for position, column in enumerate(columns, start=1):
        cell = sheet.cell(1, position, f"{column.zh}*" if column.required else column.zh)
        cell.font, cell.fill = Font(bold=True), _HEADING_FILL
        where = letter(position - 1)
        sheet.column_dimensions[where].width = _WIDTHS.get(column.key, 18)
        sheet.column_dimensions[where].number_format = "@"
        for row in range(2, 202):  # text already, before anybody types an ID into it
            sheet.cell(row, position).number_format = "@"
    sheet.freeze_panes = "A2"


def _write_lists(
    book: Workbook, sheet: Worksheet, stops: Sequence[str], enterprises: Sequence[tuple[str, str]]
) -> None:
    lists = book.create_sheet(_LISTS_TITLE)
    choices = {
        "stop": list(stops),
        "enterprise": list(dict.fromkeys(name for name, _ in enterprises)),
        "gate": list(dict.fromkeys(gate for _, gate in enterprises)),
        "category": list(CATEGORY_WORDS),
        "organising_mode": list(ORGANISING_MODE_WORDS),
    }
    for position, (key, words) in enumerate(choices.items(), start=1):
        lists.cell(1, position, next(c.zh for c in _ALL_COLUMNS if c.key == key)).font = Font(bold=True)
        lists.column_dimensions[letter(position - 1)].width = 30
        for row, word in enumerate(words, start=2):
            _put(lists.cell(row, position), word)
    for position, column in enumerate(_ALL_COLUMNS):
        rule = _rule(column.key, choices)
        rule.promptTitle, rule.prompt = column.zh, f"{column.hint}\n{column.hint_en}"[:250]
        rule.showInputMessage = True
        rule.add(f"{letter(position)}2:{letter(position)}{_ROWS_PREPARED}")
        sheet.add_data_validation(rule)


def _rule(key: str, choices: Mapping[str, list[str]]) -> DataValidation:
    """A list to choose from; only the coded columns insist, for a place may be typed as a code too."""
    if not choices.get(key):
        return DataValidation(type=None)
    column = letter(list(choices).index(key))
    strict = key in ("category", "organising_mode")
    return DataValidation(
        type="list",
        formula1=f"'{_LISTS_TITLE}'!${column}$2:${column}${len(choices[key]) + 1}",
        allow_blank=True,
        showErrorMessage=strict,
    )


def _write_help(book: Workbook, columns: Sequence[Column]) -> None:
    sheet = book.create_sheet(_HELP_TITLE)
    for row in [
        ("列", "Column", "必填", "填写方法", "How to fill it"),
        *((c.zh, c.en, "是 yes" if c.required else "否 no", c.hint, c.hint_en) for c in columns),
    ]:
        sheet.append(row)
    for column, width in zip("ABCDE", (16, 30, 10, 44, 60), strict=True):
        sheet.column_dimensions[column].width = width
        sheet[f"{column}1"].font = Font(bold=True)


def write_refused(
    rows: Iterable[RefusedRow], title: str = SHEET_TITLE, columns: Sequence[Column] = _ALL_COLUMNS
) -> bytes:
    """An XLSX with the file's own columns and two more that say why, fit to be mended and uploaded again."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    for position, column in enumerate(columns):
        sheet.column_dimensions[letter(position)].width = _WIDTHS.get(column.key, 18)
    for position in range(len(columns), len(columns) + 2):
        sheet.column_dimensions[letter(position)].width = 70
    headings = [WriteOnlyCell(sheet, heading) for heading in (*(c.zh for c in columns), *REASON_HEADINGS)]
    for cell in headings:
        cell.font, cell.fill = Font(bold=True), _HEADING_FILL
    sheet.append(headings)
    for row in rows:
        cells = [WriteOnlyCell(sheet) for _ in headings]
        for cell, column in zip(cells, columns, strict=False):
            value = row.values.get(column.key, "")
            _put(cell, value if isinstance(value, str) else value.isoformat())
        for cell, reason in zip(cells[-2:], (row.reason_zh, row.reason_en), strict=True):
            _put(cell, reason)
            cell.fill, cell.alignment = _REASON_FILL, Alignment(wrap_text=True, vertical="top")
        sheet.append(cells)
    return _bytes(book)


def _put(cell: Cell, text: str) -> None:
    """Text as text: openpyxl takes a leading `=` for a formula unless it is told otherwise afterwards."""
    cell.value = text
    cell.data_type = "s"
    cell.number_format = "@"


def _bytes(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
