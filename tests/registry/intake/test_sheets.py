"""Tables written piece by piece: Excel and our own readers see the same text in them."""

import io
import itertools

import openpyxl
from hypothesis import given
from hypothesis import strategies as st

from services.registry.intake.grid import text_of
from services.registry.intake.roster import read_grid
from services.registry.intake.sheets import write_csv, write_xlsx

HEADINGS = ["编号", "姓名", "备注"]
LINES = [["1", "=1+1", "<&\"'>"], ["010", "", "18"], ["52990019900101001X", "a,b", "一\n二"]]


def xlsx(lines: list[list[str]]) -> bytes:
    return b"".join(write_xlsx("数据", HEADINGS, lines))


def test_a_workbook_holds_text_alone() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx(LINES))).active
    rows = [[cell.value or "" for cell in row] for row in sheet.iter_rows()]
    assert (sheet.title, rows) == ("数据", [HEADINGS, *LINES])
    kinds = {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value}
    assert kinds == {"s"}
    assert sheet["A4"].number_format == "@"


@given(st.lists(st.lists(st.text(max_size=20), min_size=3, max_size=3), max_size=5))
def test_what_is_written_is_read_by_our_readers_as_it_is_kept(lines: list[list[str]]) -> None:
    """Texts are kept tidied: what is not printable is not written."""
    tidy = [[text_of(cell) for cell in line] for line in lines]
    grid = read_grid(xlsx(tidy), "x", "数据")
    found = [[text_of(cell) for cell in (*row, "", "", "")[:3]] for row in grid.rows]
    assert found[0] == HEADINGS
    assert [one for one in found[1:] if any(one)] == [one for one in tidy if any(one)]
    assert grid.formulas == frozenset()


def test_a_csv_of_either_encoding_is_read_back() -> None:
    for encoding in ("utf-8", "gb18030"):
        content = b"".join(write_csv(HEADINGS, LINES[:2], encoding))
        assert read_grid(content, "x", "").rows == [HEADINGS, *LINES[:2]]


def test_no_more_than_a_piece_is_held_at_once() -> None:
    asked = itertools.count()
    lines = ([str(next(asked)), "甲", ""] for _ in range(10_000))
    for pieces in (write_csv(HEADINGS, lines, "utf-8"), write_xlsx("数据", HEADINGS, lines)):
        next(pieces)
        next(pieces)
    assert next(asked) <= 4_000
