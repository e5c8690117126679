"""Makes the statement of accounts of one county, enterprise, carrier, payer or season: what stood, what moved, what stands.

Five figures, as the books have them: the budget, and what is reserved, committed, settled and paid.
"""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate, islice

from services.dispatcher.money.books.ledger import Balance, Kind
from services.dispatcher.money.books.words import KINDS
from services.dispatcher.papers.separated import write_csv
from services.dispatcher.papers.table import Fen, Row, Table
from services.dispatcher.papers.xlsx import write_workbook

_FIGURES = {
    "limit_fen": "预算",
    "reserved_fen": "预留",
    "committed_fen": "承诺",
    "settled_fen": "结算",
    "paid_fen": "已付",
}
"""A figure of `Balance` -> its word, in the order of the columns."""


@dataclass(frozen=True)
class StatementLine:
    """One movement: which transfer, on whose account, against whom, and what it adds to the figures
    (`ledger.effect`)."""

    at: datetime
    transfer_id: str
    kind: Kind
    account: str
    other: str
    trip_id: str
    claim_id: str
    rule: str
    change: Balance


@dataclass(frozen=True)
class Statement:
    """Movements of one subject between two days, oldest first. `subject` says what kind it is: county, enterprise ...
    `opening` and `closing` are as the books have them, so that a movement that is missing is found."""

    subject: str
    code: str
    name: str
    season: str
    first_day: date
    last_day: date
    opening: Balance
    lines: tuple[StatementLine, ...]
    closing: Balance
    books_head: str
    made_at: datetime

    def __post_init__(self) -> None:
        for figure, word in _FIGURES.items():
            moved = sum(getattr(line.change, figure) for line in self.lines)
            opening, closing = getattr(self.opening, figure), getattr(self.closing, figure)
            if opening + moved != closing:
                raise ValueError(
                    f"{figure}: {opening} and movements of {moved} fen do not make {closing}: give all movements"
                    f" / {word}：期初 {opening} 分加变动 {moved} 分不等于期末 {closing} 分，请补全明细"
                )


def statement_tables(statement: Statement) -> tuple[Table, Table]:
    """A summary, and the movements with the figures after each, from what stood to what stands."""
    return _summary(statement), _movements(statement)


def statement_xlsx(statement: Statement) -> bytes:
    """Summary and movements as a workbook."""
    foot = f"{statement.name}（{statement.code}）　账册摘要 {statement.books_head}"
    return write_workbook(statement_tables(statement), foot, statement.made_at)


def statement_csv(statement: Statement) -> bytes:
    """The movements as CSV."""
    return write_csv(_movements(statement))


def _summary(statement: Statement) -> Table:
    opening, closing = _figures(statement.opening), _figures(statement.closing)
    moved = tuple(Fen(after - before) for before, after in zip(opening, closing, strict=True))
    rows: list[Row] = [
        (item, text, *_EMPTY)
        for item, text in (
            ("对象", statement.name),
            ("代码", statement.code),
            ("返岗季", statement.season),
            ("截止时间", statement.made_at),
        )
    ]
    rows += [
        ("期初", statement.first_day, *opening),
        ("本期变动", None, *moved),
        ("期末", statement.last_day, *closing),
    ]
    headings = ("项目", "内容", *(f"{word}（元）" for word in _FIGURES.values()))
    return Table(f"{statement.subject}对账单", headings, tuple(rows))


def _movements(statement: Statement) -> Table:
    opening, closing = _figures(statement.opening), _figures(statement.closing)
    moved = tuple(Fen(after - before) for before, after in zip(opening, closing, strict=True))
    headings = (
        "序号", "时间", "类别", "账户", "对方账户", "车次", "申报编号", "规则", "分录编号",
        *(f"{word}变动（元）" for word in _FIGURES.values()),
        *(f"{word}余额（元）" for word in _FIGURES.values()),
    )  # fmt: skip
    balances = islice(
        accumulate((line.change for line in statement.lines), initial=statement.opening), 1, None
    )
    rows: list[Row] = [
        (
            number, line.at, KINDS[line.kind][0], line.account, line.other, line.trip_id, line.claim_id, line.rule,
            line.transfer_id, *_figures(line.change), *_figures(balance),
        )
        for number, (line, balance) in enumerate(zip(statement.lines, balances, strict=True), start=1)
    ]  # fmt: skip
    first: Row = (None, statement.first_day, "期初", *_BLANK, *_EMPTY, *opening)
    last: Row = (None, statement.last_day, "期末", *_BLANK, *moved, *closing)
    return Table("变动明细", headings, (first, *rows), last)


def _figures(balance: Balance) -> tuple[Fen, ...]:
    return tuple(Fen(getattr(balance, figure)) for figure in _FIGURES)


_EMPTY = (None,) * len(_FIGURES)
_BLANK = (None,) * 6
