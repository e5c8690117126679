"""The workbook of a claim, read again by openpyxl."""

import io
from dataclasses import replace
from datetime import date

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from services.dispatcher.papers.sheets import claim_tables, foot
from services.dispatcher.papers.table import Table, width_of
from services.dispatcher.papers.xlsx import write_workbook
from tests.dispatcher.papers.claim import BOOKS_HEAD, MADE_AT, claim_papers, subsidy_fen, with_name

TITLES = ["申报表", "合同与发票", "人员名单", "乘车与到达", "计算过程", "出资明细", "核查意见"]
PAPERS = claim_papers(trips=7, people=5)


def read(*tables: Table, said: str = "页脚") -> Workbook:
    return load_workbook(io.BytesIO(write_workbook(tables, said, MADE_AT)))


def column(sheet: Worksheet, heading: str) -> list[object]:
    """The cells under a heading."""
    (place,) = [cell.column for cell in sheet[1] if cell.value == heading]
    return [sheet.cell(row, place).value for row in range(2, sheet.max_row + 1)]


@pytest.fixture(scope="module")
def book() -> Workbook:
    return read(*claim_tables(PAPERS), said=foot(PAPERS))


def test_the_seven_sheets_stand_in_the_order_of_a_review(book: Workbook) -> None:
    assert book.sheetnames == TITLES


def test_amounts_are_numbers_in_yuan_that_agree_with_the_fen_and_sum_to_their_total(book: Workbook) -> None:
    *prices, price_total = column(book["合同与发票"], "合同价（元）")
    assert [round(float(str(price)) * 100) for price in prices] == [trip.price_fen for trip in PAPERS.trips]
    assert round(float(str(price_total)) * 100) == PAPERS.form.charter_fen
    *dues, due_total = column(book["出资明细"], "应付（元）")
    assert [round(float(str(due)) * 100) for due in dues] == [line.due_fen for line in PAPERS.payers]
    assert (
        round(float(str(due_total)) * 100) == sum(map(subsidy_fen, PAPERS.trips)) == PAPERS.form.computed_fen
    )
    assert book["出资明细"]["C2"].number_format == "#,##0.00"
    results = column(book["计算过程"], "结果（元）")
    assert round(float(str(results[-1])) * 100) == PAPERS.form.computed_fen


def test_the_form_says_its_amounts_and_leaves_out_those_that_are_not_yet(book: Workbook) -> None:
    form = dict(zip(column(book["申报表"], "项目"), column(book["申报表"], "内容"), strict=True))
    assert form["审定金额（元）"] == 63900.12
    assert form["已拨付金额（元）"] is None
    assert (form["车次数"], form["名单人数"], form["计入补贴人数"]) == (7, 35, 28)
    assert form["账册摘要"] == BOOKS_HEAD
    assert form["办理记录2"] == "审核中 2020-03-03 10:00 三都县人社局 王科长 材料齐全"


def test_numbers_of_papers_are_text_and_days_are_days(book: Workbook) -> None:
    trips = book["合同与发票"]
    assert column(trips, "发票号码")[0] == "04400190010000000000"
    assert str(column(trips, "出发日期")[0]) == "2020-02-20 00:00:00"
    assert str(column(trips, "合同备案")[0]) == "2020-02-18 09:30:00"
    assert column(trips, "里程（公里）")[0] == pytest.approx(1750.321)
    assert column(book["人员名单"], "身份证后四位")[:2] == ["0000", "0037"]


def test_each_person_has_the_evidence_that_counts_them_or_the_reason_why_not(book: Workbook) -> None:
    sheet = book["乘车与到达"]
    rows = list(zip(*(column(sheet, h) for h in ("乘车", "到厂", "计入补贴", "不计入原因")), strict=True))
    assert rows[0] == ("已上车", "已到厂", "是", None)
    assert rows[4] == ("未乘车", None, "否", "无乘车记录（F04）")


@pytest.mark.parametrize("typed", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")'])
def test_what_somebody_typed_is_never_a_formula(typed: str) -> None:
    papers = replace(PAPERS, flags=(replace(PAPERS.flags[0], message=typed),))
    cell = read(*claim_tables(papers))["核查意见"]["D2"]
    assert (cell.value, cell.data_type, cell.number_format) == (typed, "s", "@")


def test_a_character_that_no_xml_may_hold_is_replaced_and_a_rare_one_is_kept() -> None:
    sheet = read(*claim_tables(with_name(PAPERS, "𠮷*\x07䶮")))["人员名单"]
    assert sheet["C2"].value == "𠮷*\ufffd䶮"


@pytest.mark.parametrize("title", TITLES)
def test_a_sheet_prints_on_a4_with_its_headings_on_each_page(book: Workbook, title: str) -> None:
    sheet = book[title]
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.page_setup.fitToHeight == 0
    assert (sheet.print_title_rows, sheet.freeze_panes) == ("$1:$1", "A2")
    assert sheet.oddFooter.left.text == f"申报编号 C-522732-2020-0007（已批准）　账册摘要 {BOOKS_HEAD}"
    assert sheet.oddFooter.right.text == "第 &P 页　共 &N 页"


@pytest.mark.parametrize("title", TITLES)
def test_columns_are_wide_enough_for_what_stands_in_them(book: Workbook, title: str) -> None:
    sheet = book[title]
    for cells in sheet.iter_cols():
        width = sheet.column_dimensions[cells[0].column_letter].width
        widest = max(width_of(str(cell.value)) for cell in cells if isinstance(cell.value, str))
        assert min(widest, 60) < width <= 62


def test_the_same_content_gives_the_same_bytes_whatever_the_clock_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = write_workbook(claim_tables(PAPERS), "页脚", MADE_AT)
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert write_workbook(claim_tables(PAPERS), "页脚", MADE_AT) == first
    assert load_workbook(io.BytesIO(first)).properties.modified == MADE_AT.replace(tzinfo=None)


def test_a_row_of_another_length_than_the_headings_is_refused() -> None:
    with pytest.raises(ValueError, match="1 cells under 2 headings"):
        Table("表", ("甲", "乙"), ((date(2020, 2, 24),),))
