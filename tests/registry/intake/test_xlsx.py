"""What a workbook must be to be read, and what refuses it before a row is looked at."""

import contextlib
import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from services.registry.intake import grid, xlsx
from services.registry.intake.errors import (
    CellsMerged,
    ColumnsMissing,
    ColumnTwice,
    FileDamaged,
    FileEmpty,
    FileTooLarge,
    HeadingIsFormula,
)
from services.registry.intake.roster import read_roster
from shared.kernel.errors import ZhidaError
from tests.registry.rosters import HEADINGS, lines, pack, save, worker
from tests.registry.rosters import xlsx as roster


def open_book(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def test_rows_are_read_with_the_number_that_excel_shows() -> None:
    rows = read_roster(roster([worker(1), worker(2)], above=["三都县花名册"]), "a.xlsx")
    assert [row.number for row in rows] == [3, 4]
    assert rows[0].values["name"] == worker(1)["name"]


def test_empty_rows_are_passed_over_and_the_numbers_stay() -> None:
    book = open_book(roster([worker(1)]))
    book.active.append([" ", "\u3000", None])
    book.active.append(lines([worker(2)])[0])
    assert [row.number for row in read_roster(save(book), "a.xlsx")] == [2, 4]


def test_columns_may_come_in_any_order_in_either_language_with_others_between() -> None:
    book = openpyxl.Workbook()
    english = ["Name", "备注", *reversed(HEADINGS[1:])]
    book.active.append(english)
    line = lines([worker(1)])[0]
    book.active.append([line[0], "x", *reversed(line[1:])])
    assert read_roster(save(book), "a.xlsx")[0].values == read_roster(roster([worker(1)]), "b.xlsx")[0].values


def test_spaces_and_full_width_digits_are_made_plain() -> None:
    row = read_roster(roster([worker(1, phone="　１５４００００１２３４ ", name=" 张三\u200b ")]), "a.xlsx")[
        0
    ]
    assert (row.values["phone"], row.values["name"]) == ("15400001234", "张三")


def test_dates_may_be_cells_or_text() -> None:
    given = worker(1, earliest=datetime(2020, 2, 24), latest=date(2020, 2, 25))  # noqa: DTZ001 - a cell
    row = read_roster(roster([given]), "a.xlsx")[0]
    assert (row.values["earliest"], row.values["latest"]) == (date(2020, 2, 24), date(2020, 2, 25))


def test_a_phone_kept_as_a_number_is_whole_and_an_id_is_not() -> None:
    row = read_roster(roster([worker(1, phone=15400001234, resident_id=529900199001010010)]), "a.xlsx")[0]
    assert row.values["phone"] == "15400001234"
    assert [(fault.field, fault.code) for fault in row.faults] == [("resident_id", "id-number")]


def test_a_formula_refuses_its_row_alone_even_when_it_has_a_value() -> None:
    rows = read_roster(roster([worker(1), worker(2, phone='="1540000"&"1234"')]), "a.xlsx")
    assert [[fault.code for fault in row.faults] for row in rows] == [[], ["formula"]]
    assert rows[1].faults[0].field == "phone"


def test_a_missing_column_is_named_beside_the_headings_that_were_found() -> None:
    book = open_book(roster([worker(1)]))
    book.active["C1"] = "联系电话"
    with pytest.raises(ColumnsMissing) as raised:
        read_roster(save(book), "a.xlsx")
    assert "手机号" in raised.value.message("zh")
    assert "Mobile phone" in raised.value.message("en")
    assert "联系电话" in raised.value.message("zh")


def test_a_heading_that_is_a_formula_is_not_taken_for_a_missing_one() -> None:
    book = open_book(roster([worker(1)]))
    book.active["C1"] = '="手机号"'
    with pytest.raises(HeadingIsFormula, match="C1"):
        read_roster(save(book), "a.xlsx")


def test_a_heading_twice_is_refused() -> None:
    book = open_book(roster([worker(1)]))
    book.active["L1"] = "姓名"
    with pytest.raises(ColumnTwice):
        read_roster(save(book), "a.xlsx")


def test_merged_cells_among_the_rows_are_named() -> None:
    book = open_book(roster([worker(1), worker(2)]))
    book.active.merge_cells("D2:D3")
    with pytest.raises(CellsMerged, match="D2:D3"):
        read_roster(save(book), "a.xlsx")


def test_a_merged_title_above_the_headings_does_no_harm() -> None:
    book = open_book(roster([worker(1)], above=["三都水族自治县返岗人员花名册"]))
    book.active.merge_cells("A1:K1")
    assert len(read_roster(save(book), "a.xlsx")) == 1


def test_headings_without_rows_are_an_empty_file() -> None:
    with pytest.raises(FileEmpty):
        read_roster(roster([]), "a.xlsx")


def test_a_file_of_more_than_20_mb_is_not_even_opened() -> None:
    with pytest.raises(FileTooLarge, match="20 MB"):
        read_roster(b"PK" + b"x" * grid.FILE_BYTES_MAX, "a.xlsx")


def test_a_small_file_that_unpacks_to_gigabytes_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "INFLATED_MAX_BYTES", 4 << 20)
    with zipfile.ZipFile(io.BytesIO(roster([worker(1)]))) as small:
        parts = {name: small.read(name) for name in small.namelist()}
    parts["xl/sharedStrings.xml"] = b" " * (5 << 20)
    content = pack(parts)
    assert len(content) < 100_000
    with pytest.raises(FileTooLarge, match="4 MB when unpacked"):
        read_roster(content, "a.xlsx")


@pytest.mark.parametrize("reference", [b'r="XFD2"', b'r="A1048576"', b'x="1"', b"r='XFD1048576'"])
def test_a_stray_cell_in_the_far_corner_does_not_ask_for_gigabytes(reference: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(roster([worker(1)]))) as small:
        parts = {name: small.read(name) for name in small.namelist()}
    path = "xl/worksheets/sheet1.xml"
    parts[path] = parts[path].replace(b'<c r="K2"', b"<c " + reference, 1)
    with pytest.raises(FileDamaged):
        read_roster(pack(parts), "a.xlsx")


def test_a_document_type_declaration_is_refused() -> None:
    with zipfile.ZipFile(io.BytesIO(roster([worker(1)]))) as small:
        parts = {name: small.read(name) for name in small.namelist()}
    bomb = b'<!DOCTYPE lolz [<!ENTITY lol "lol">]>'
    parts["xl/workbook.xml"] = bomb + parts["xl/workbook.xml"]
    with pytest.raises(FileDamaged):
        read_roster(pack(parts), "a.xlsx")


def test_a_file_cut_short_or_spoilt_anywhere_is_an_error_of_ours_and_no_other() -> None:
    content = roster([worker(1), worker(2)])
    read = 0
    for at in range(0, len(content), 97):
        spoilt = bytearray(content)
        spoilt[at] ^= 0xFF
        for variant in (content[:at], bytes(spoilt)):
            with contextlib.suppress(ZhidaError):
                read += len(read_roster(variant, "a.xlsx"))
    assert read < len(content) / 97  # most are refused; what still opens has lost nothing that counts
