"""CSV as Excel in China opens it."""

import csv
import io
from datetime import UTC, date, datetime

import pytest

from services.dispatcher.papers.separated import write_csv
from services.dispatcher.papers.table import Fen, Metres, Table, Value


def cells(*values: Value) -> list[str]:
    """What a program reads of one row."""
    table = Table("表", tuple(f"列{n}" for n in range(len(values))), (values,))
    return list(csv.reader(io.StringIO(write_csv(table).decode("utf-8-sig"), newline="")))[1]


def test_the_file_begins_with_the_mark_that_tells_excel_its_encoding_and_ends_lines_as_windows_does() -> None:
    content = write_csv(Table("表", ("姓名", "金额"), (("张*", Fen(1)),), ("合计", Fen(1))))
    assert content == "\ufeff姓名,金额\r\n张*,0.01\r\n合计,0.01\r\n".encode()


def test_amounts_have_no_thousands_separators_and_lose_no_fen() -> None:
    assert cells(Fen(123_456_789), Fen(-1_005), Fen(0)) == ["1234567.89", "-10.05", "0.00"]


def test_days_instants_distances_counts_and_nothing() -> None:
    instant = datetime(2020, 2, 24, 16, 30, tzinfo=UTC)
    read = cells(date(2020, 2, 24), instant, Metres(1_750_321), 40, None)
    assert read == ["2020-02-24", "2020-02-25 00:30", "1750.3", "40", ""]


@pytest.mark.parametrize("typed", ["=1+1", "+86", "-2", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")'])
def test_what_excel_would_run_is_kept_from_it(typed: str) -> None:
    assert cells(typed) == ["'" + typed]


@pytest.mark.parametrize("number", ["913302001445970270", "0037", "2020-1", "3/12", "1E5", "522732"])
def test_what_excel_would_make_a_number_or_day_of_stays_as_it_is(number: str) -> None:
    assert cells(number) == ["\t" + number]


@pytest.mark.parametrize("text", ["贵J10000", "T-522732-20200224-003", "ningbo-2023@1", "张*三, 等"])
def test_other_text_is_written_as_it_is(text: str) -> None:
    assert cells(text) == [text]
