"""Statements of accounts: what stood, what moved, what stands."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from openpyxl import load_workbook

from services.dispatcher.money.books.ledger import Balance, Kind
from services.dispatcher.money.books.words import KINDS
from services.dispatcher.papers.statement import (
    Statement,
    StatementLine,
    statement_csv,
    statement_tables,
    statement_xlsx,
)
from services.dispatcher.papers.table import Fen

TRIP = "T-522732-20200224-003"


def line(number: int, kind: Kind, claim_id: str = "", **change: int) -> StatementLine:
    return StatementLine(
        at=datetime(2020, 2, 24, number, tzinfo=UTC),
        transfer_id=f"01J{number:05d}",
        kind=kind,
        account="三都县财政",
        other="黔南汽运",
        trip_id=TRIP,
        claim_id=claim_id,
        rule="guizhou-2020@1",
        change=Balance(**change),
    )


STATEMENT = Statement(
    subject="出资方",
    code="522732",
    name="三都水族自治县财政局",
    season="2020春",
    first_day=date(2020, 2, 1),
    last_day=date(2020, 2, 29),
    opening=Balance(limit_fen=10_000_000, settled_fen=250_033),
    lines=(
        line(1, Kind.RESERVE, reserved_fen=840_001),
        line(2, Kind.COMMIT, reserved_fen=-840_001, committed_fen=840_001),
        line(3, Kind.SETTLE, committed_fen=-800_000, settled_fen=800_000),
        line(4, Kind.RELEASE, committed_fen=-40_001),
        line(5, Kind.PAY, "C-522732-2020-0007", paid_fen=800_000),
    ),
    closing=Balance(limit_fen=10_000_000, settled_fen=1_050_033, paid_fen=800_000),
    books_head="9f2c" * 16,
    made_at=datetime(2020, 3, 1, tzinfo=UTC),
)


def test_every_kind_of_transfer_has_its_word() -> None:
    assert set(KINDS) == set(Kind)


def test_the_figures_after_each_movement_lead_from_what_stood_to_what_stands() -> None:
    _, movements = statement_tables(STATEMENT)
    settled = movements.headings.index("结算余额（元）")
    rows = [*movements.rows, movements.total or ()]
    assert [row[settled] for row in rows] == [Fen(n) for n in (250_033, 250_033, 250_033, 1_050_033, 1_050_033, 1_050_033, 1_050_033)]  # fmt: skip
    committed = movements.headings.index("承诺余额（元）")
    assert [row[committed] for row in rows] == [Fen(n) for n in (0, 0, 840_001, 40_001, 0, 0, 0)]


def test_the_workbook_sums_up_opening_movements_and_closing() -> None:
    book = load_workbook(io.BytesIO(statement_xlsx(STATEMENT)))
    assert book.sheetnames == ["出资方对账单", "变动明细"]
    rows = {row[0]: row[1:] for row in book["出资方对账单"].iter_rows(values_only=True)}
    assert rows["项目"] == ("内容", "预算（元）", "预留（元）", "承诺（元）", "结算（元）", "已付（元）")
    assert rows["期初"][1:] == (100_000, 0, 0, 2500.33, 0)
    assert rows["本期变动"][1:] == (0, 0, 0, 8000, 8000)
    assert rows["期末"][1:] == (100_000, 0, 0, 10500.33, 8000)
    assert rows["代码"][0] == "522732"


def test_the_csv_has_each_movement_between_opening_and_closing() -> None:
    text = statement_csv(STATEMENT).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["类别"] for row in rows] == ["期初", "预留", "签约锁定", "结算", "释放", "支付", "期末"]
    assert rows[1]["预留变动（元）"] == "8400.01"
    assert rows[2]["预留变动（元）"] == "-8400.01"
    assert rows[-1]["结算变动（元）"] == "8000.00"
    assert (rows[5]["车次"], rows[5]["申报编号"]) == (TRIP, "C-522732-2020-0007")


def test_a_movement_that_is_missing_is_found() -> None:
    with pytest.raises(ValueError, match=r"committed_fen: .* make 0: give .*变动 840001 分.*请补全明细"):
        replace(STATEMENT, lines=STATEMENT.lines[:2])


def test_a_period_without_movements_is_a_statement_too() -> None:
    quiet = replace(STATEMENT, lines=(), closing=STATEMENT.opening)
    assert len(statement_csv(quiet).decode().splitlines()) == 3
