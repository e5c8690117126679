"""Cells that are read as openpyxl reads them, and workbooks that say what no workbook can."""

import io
import re
import zipfile
from datetime import datetime
from typing import Any

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.utils.datetime import MAC_EPOCH
from openpyxl.worksheet.formula import ArrayFormula

from services.registry.intake.cells import read_cells
from services.registry.intake.errors import FileDamaged
from services.registry.intake.workbook import measure, stream_cells
from tests.registry.rosters import save

SHEET = "xl/worksheets/sheet1.xml"
STRINGS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
RICH = CellRichText("王", TextBlock(InlineFont(b=True), "大"), "明")
KINDS: list[list[Any]] = [
    ["文字", " 留空 ", "a<&>\"'", "第一行\n第二行", ""],
    [7, 0.5, -3, 15700001234, 529900199001010010],
    [True, False, None, "#N/A", "2020-02-24"],
    [],
    [None, None, datetime(2020, 2, 24), datetime(2020, 2, 24, 8, 30)],  # noqa: DTZ001 - cells
    ['="1"&"2"', ArrayFormula("B6", "=A1:A3"), RICH],
]


def changed(content: bytes, *changes: tuple[str, str, str], **parts: str) -> bytes:
    """The workbook with a part's text replaced by a pattern, and parts added."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(kept, "w") as made:
        for name in given.namelist():
            text = given.read(name).decode()
            for part, pattern, put in changes:
                text = re.sub(pattern, put, text) if part == name else text
            made.writestr(name, text)
        for name, text in parts.items():
            made.writestr(f"xl/{name}.xml", text)
    return kept.getvalue()


def shared(content: bytes, index: str = r"\1") -> bytes:
    """With its text in a table of strings, as office programs keep it: a text of one digit is its place there."""
    said = '<si><t>甲</t></si><si><r><t>乙</t></r><r><t xml:space="preserve"> 丙</t></r><rPh sb="0" eb="1"><t>yi</t></rPh></si>'
    return changed(
        content,
        (SHEET, r't="inlineStr"><is><t>(\d)</t></is>', f't="s"><v>{index}</v>'),
        (
            "[Content_Types].xml",
            "</Types>",
            f'<Override PartName="/xl/sharedStrings.xml" ContentType="{STRINGS_TYPE}"/></Types>',
        ),
        sharedStrings=f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{said}</sst>',
    )


def book(rows: list[list[Any]], *, since_1904: bool = False) -> bytes:
    made = openpyxl.Workbook()
    if since_1904:
        made.epoch = MAC_EPOCH
    for row in rows:
        made.active.append(row)
    return save(made)


def read(content: bytes) -> list[list[object]]:
    return [list(row) for row in read_cells(io.BytesIO(content), SHEET, 60)]


def as_openpyxl(content: bytes) -> list[list[object]]:
    sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=True).worksheets[0]
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def bare(rows: list[list[object]]) -> list[list[object]]:
    """Without what is empty at the end of a row, and formulas of arrays by their text."""
    kept = []
    for row in rows:
        cells = [one.text if isinstance(one, ArrayFormula) else one for one in row]
        while cells and cells[-1] is None:
            cells.pop()
        kept.append(cells)
    return kept


@pytest.mark.parametrize("since_1904", [False, True])
def test_cells_of_every_kind_are_what_openpyxl_makes_of_them(since_1904: bool) -> None:
    content = book(KINDS, since_1904=since_1904)
    assert bare(read(content)) == bare(as_openpyxl(content))
    assert read(content)[5][2] == "王大明"


def test_strings_of_a_table_are_found_by_their_place_and_told_without_format() -> None:
    content = shared(book([["0", "1"], ["1", "0"]]))
    assert read(content) == [["甲", "乙 丙"], ["乙 丙", "甲"]]
    assert read(content) == as_openpyxl(content)


def test_rows_and_cells_that_are_left_out_or_not_numbered_keep_their_places() -> None:
    full = book([["a", "b", "c"], ["d", "e", "f"]])
    gaps = changed(
        full,
        (SHEET, '<row r="2">', '<row r="4">'),
        (SHEET, r'<c r="[AB]2"', '<c r="C4"'),
        (SHEET, r' r="([ABC])1"', ""),
    )
    assert read(gaps) == [["a", "b", "c"], [], [], [None, None, "f"]]


def test_what_is_right_of_all_columns_is_left_alone() -> None:
    content = changed(book([["a", "b"]]), (SHEET, 'r="B1"', 'r="XFD1"'))
    assert read(content) == [["a"]]


@pytest.mark.parametrize(
    "content",
    [
        changed(book([["a"]]), (SHEET, '<row r="1"', '<row r="999999999999"')),
        changed(book([["a"]]), (SHEET, '<row r="1"', '<row r="1e999"')),
        changed(book([["a"]]), (SHEET, '<row r="1"', '<row r="one"')),
        changed(book([["a"]]), (SHEET, 'r="A1"', 'r="ABCDE1"')),
        shared(book([["0"]]), "9"),
        shared(book([["0"]]), "x"),
    ],
    ids=["row-beyond", "row-endless", "row-named", "column-beyond", "string-beyond", "string-named"],
)
def test_a_workbook_that_contradicts_itself_is_damaged(content: bytes) -> None:
    sheet = measure(io.BytesIO(content), "a.xlsx", "?").sheet
    with pytest.raises(FileDamaged):
        list(stream_cells(io.BytesIO(content), "a.xlsx", sheet))
