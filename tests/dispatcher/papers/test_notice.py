"""The public notice: page rows, XLSX and PDF of the same tables, and no more of anybody than may be shown."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from services.dispatcher.papers.notice import (
    Notice,
    NoticeClaim,
    NoticePerson,
    Objections,
    notice_paragraphs,
    notice_pdf,
    notice_tables,
    notice_xlsx,
)
from services.dispatcher.papers.table import words
from tests.dispatcher.papers.claim import ENTERPRISE

NOTICE = Notice(
    notice_id="G-522732-2020-003",
    office="三都水族自治县人力资源和社会保障局",
    season="2020春",
    policies=("《宁波市企业包车补贴办法》（甬人社发〔2023〕1号）",),
    first_day=date(2020, 3, 4),
    last_day=date(2020, 3, 10),
    workdays=5,
    objections=Objections("三都县人社局监督科", "三都县三合街道建设西路", "0854-3920000"),
    claims=(
        NoticeClaim("C-522732-2020-0007", ENTERPRISE, 2, 2, 1_680_050),
        NoticeClaim("C-522732-2020-0008", "宁波海天塑机集团有限公司", 1, 1, 990_001),
    ),
    people=(
        NoticePerson(
            "C-522732-2020-0007", "张*三", "1234", ENTERPRISE, "T-522732-20200224-003", date(2020, 2, 24)
        ),
        NoticePerson(
            "C-522732-2020-0007", "韦*", "027X", ENTERPRISE, "T-522732-20200224-003", date(2020, 2, 24)
        ),
        NoticePerson(
            "C-522732-2020-0008", "蒙*花", "5678", "宁波海天", "T-522732-20200225-001", date(2020, 2, 25)
        ),
    ),
    made_at=datetime(2020, 3, 4, tzinfo=UTC),
)


def test_the_rows_of_the_page_name_claimants_amounts_and_masked_people() -> None:
    claims, people = notice_tables(NOTICE)
    assert [words(cell) for cell in claims.rows[0]] == [
        "C-522732-2020-0007",
        ENTERPRISE,
        "2",
        "2",
        "16,800.50",
    ]
    assert claims.total is not None
    assert [words(cell) for cell in claims.total] == ["合计", "", "", "", "26,700.51"]
    assert [words(cell) for cell in people.rows[1]] == [
        "2", "韦*", "027X", ENTERPRISE, "T-522732-20200224-003", "2020-02-24", "C-522732-2020-0007",
    ]  # fmt: skip


def test_it_says_until_when_and_where_to_object() -> None:
    _, objections = notice_paragraphs(NOTICE)
    assert "2020-03-04 至 2020-03-10（5 个工作日）" in objections
    assert "三都县人社局监督科" in objections
    assert "0854-3920000" in objections


def test_the_pdf_says_all_of_it() -> None:
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(notice_pdf(NOTICE))).pages)
    joined = text.replace("\n", "")
    for said in (
        "“点对点”返岗包车补贴公示", "甬人社发〔2023〕1号", "2020年3月4日", "三都水族自治县人力资源和社会保障局",
        "26,700.51", "蒙*花 5678", "公示编号 G-522732-2020-003", "共 1 页",
    ):  # fmt: skip
        assert said in joined
    assert notice_pdf(NOTICE) == notice_pdf(NOTICE)


def test_the_workbook_has_the_same_tables() -> None:
    book = load_workbook(io.BytesIO(notice_xlsx(NOTICE)))
    assert book.sheetnames == ["拟补贴名单", "乘车人员"]
    assert [cell.value for cell in book["拟补贴名单"]["E"]] == [
        "拟补贴金额（元）",
        16800.5,
        9900.01,
        26700.51,
    ]
    assert book["乘车人员"]["C3"].value == "027X"


def test_more_of_a_person_than_may_be_shown_is_refused() -> None:
    with pytest.raises(ValueError, match="not masked"):
        replace(NOTICE.people[0], masked_name="张小三")
    with pytest.raises(ValueError, match="后 4 位"):
        replace(NOTICE.people[0], id_tail="522732199001011234")


def test_a_claim_whose_people_are_not_all_named_is_refused() -> None:
    with pytest.raises(ValueError, match="C-522732-2020-0008 counts 1 people and names 0"):
        replace(NOTICE, people=NOTICE.people[:2])
