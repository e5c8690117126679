"""Reads a sheet's cells as openpyxl types them, at a third of its price; refuses to judge and to measure.

openpyxl makes an object of every cell and of every string, and parses a sheet that does not tell its size once more to
learn it. What is plain text is taken as it stands; numbers, dates, formulas and formatted text are still openpyxl's.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import IO, BinaryIO
from xml.etree.ElementTree import Element, iterparse

from openpyxl.cell.text import Text
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils import column_index_from_string
from openpyxl.worksheet._reader import INLINE_STRING, ROW_TAG, VALUE_TAG, WorkSheetParser
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS

_TEXT_TAG = f"{{{SHEET_MAIN_NS}}}t"
_STRING_TAG = f"{{{SHEET_MAIN_NS}}}si"
_DIGITS = "0123456789"
ROW_NUMBER_MAX = 1_048_576
"""No spreadsheet has more: a row with a higher number would let blank ones be made without end."""


def read_cells(content: BinaryIO, path: str, columns_max: int) -> Iterator[list[object]]:
    """Every row of the sheet at `path`, left out ones too, each up to its last cell; a cell left out is None.

    Raises what openpyxl, ElementTree and zipfile do.
    """
    reader = ExcelReader(content, read_only=True, keep_links=False)
    with reader.archive as archive:
        reader.read_manifest()
        reader.read_workbook()
        apply_stylesheet(archive, reader.wb)
        shared = reader.package.find(SHARED_STRINGS)  # type: ignore[no-untyped-call]
        strings = []
        if shared is not None:
            with archive.open(shared.PartName[1:]) as part:
                strings = list(_read_strings(part))
        with archive.open(path) as part:
            parser = WorkSheetParser(
                part,
                strings,
                epoch=reader.wb.epoch,
                date_formats=reader.wb._date_formats,  # type: ignore[attr-defined] # the stubs leave it out
                timedelta_formats=reader.wb._timedelta_formats,  # type: ignore[attr-defined]
            )
            yield from _in_order(part, parser, strings, columns_max)


def _read_strings(part: IO[bytes]) -> Iterator[str]:
    for _, element in iterparse(part):  # noqa: S314 - measured, and without a DTD
        if element.tag == _STRING_TAG:
            yield _text_of(element).replace("x005F_", "")  # as openpyxl has it
            element.clear()


def _in_order(
    part: IO[bytes], parser: WorkSheetParser, strings: Sequence[str], columns_max: int
) -> Iterator[list[object]]:
    given = 0
    for _, element in iterparse(part):  # noqa: S314 - as above
        if element.tag != ROW_TAG:
            continue
        told = element.get("r")
        number = int(min(float(told), ROW_NUMBER_MAX + 1)) if told else given + 1
        if number > ROW_NUMBER_MAX:
            raise ValueError("row number")
        for _ in range(given, number - 1):
            yield []
        if number > given:
            yield _row(element, parser, strings, columns_max)
            given = number
        element.clear()


def _row(row: Element, parser: WorkSheetParser, strings: Sequence[str], columns_max: int) -> list[object]:
    values: list[object] = []
    column = 0
    for cell in row:
        place = cell.get("r")
        column = _column(place.rstrip(_DIGITS)) if place else column + 1
        if column > columns_max:
            continue
        values.extend([None] * (column - len(values)))
        values[column - 1] = _value(cell, parser, strings)
    return values


_column = cache(column_index_from_string)


def _value(cell: Element, parser: WorkSheetParser, strings: Sequence[str]) -> object:
    kind = cell.get("t")
    if len(cell) == 1 and kind in ("s", "inlineStr"):
        only = cell[0]
        if kind == "s" and only.tag == VALUE_TAG and only.text:
            return strings[int(only.text)]
        if only.tag == INLINE_STRING:
            return _text_of(only)
    return parser.parse_cell(cell)["value"]


def _text_of(element: Element) -> str:
    """What a string says, without its format and without how it is spoken."""
    if len(element) == 1 and element[0].tag == _TEXT_TAG:
        return element[0].text or ""
    return Text.from_tree(element).content  # type: ignore[union-attr, arg-type]
