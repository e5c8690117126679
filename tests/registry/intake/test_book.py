"""A workbook that is handed out says what was given, and does nothing."""

import io

import openpyxl

from services.registry.intake.book import CELL_MAX, Sheet, Value, write_book


def test_text_stays_text_and_a_formula_is_none() -> None:
    rows: list[list[Value]] = [["=1+1", 7, True, None], ["0123", "x" * (CELL_MAX + 5), 1.5, ""]]
    book = openpyxl.load_workbook(io.BytesIO(write_book([Sheet("一张", ["甲", "乙", "丙", "丁"], rows)])))
    sheet = book["一张"]
    assert [cell.value for cell in sheet[1]] == ["甲", "乙", "丙", "丁"]
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("=1+1", "s")
    assert (sheet["B2"].value, sheet["C2"].value, sheet["A3"].value) == (7, True, "0123")
    assert len(sheet["B3"].value) == CELL_MAX


def test_a_sheet_s_name_is_cut_to_what_a_sheet_may_have() -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_book([Sheet("名" * 40, ["甲"], [])])))
    assert book.sheetnames == ["名" * 31]
