"""Knows what a row of another office's list may say of a person, and when it can be believed; refuses to know whose list it is.

The lists are those that offices share to cross-match each other's payments: individual transport allowances
(one subsidy a worker and season), deaths, employment (social insurance or wages, month by month), and labour contracts.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from services.registry.domain.fault import Fault, fault
from services.registry.domain.identity import find_enterprise_code, read_resident_id
from services.registry.domain.row import Findings, Row, filled_of
from services.registry.domain.season import read_date
from shared.kernel.money import FEN_PER_YUAN
from shared.roster import Column


class OutsideKind(StrEnum):
    """What a list tells of people."""

    ALLOWANCE = "allowance"
    DECEASED = "deceased"
    EMPLOYMENT = "employment"
    CONTRACT = "contract"


WORDS: Final[dict[OutsideKind, tuple[str, str]]] = {
    OutsideKind.ALLOWANCE: ("个人交通补贴名单", "Individual transport allowances"),
    OutsideKind.DECEASED: ("死亡人员名单", "Deaths"),
    OutsideKind.EMPLOYMENT: ("在岗（社保）名单", "Employment"),
    OutsideKind.CONTRACT: ("劳动合同名单", "Labour contracts"),
}
_ID = Column(
    "resident_id",
    "身份证号",
    "Resident ID",
    True,
    "18位，按文本填写，末位可为X",
    "18 characters, kept as text; the last may be X",
)
_EMPLOYER = Column(
    "enterprise_id",
    "统一社会信用代码",
    "Unified social credit code",
    True,
    "用人单位的18位代码",
    "The employer's 18 characters",
)
_SOURCE = Column("source", "来源", "Source", True, "提供名单的单位名称", "The office that keeps the list")
LIST_COLUMNS: Final[dict[OutsideKind, tuple[Column, ...]]] = {
    OutsideKind.ALLOWANCE: (
        _ID,
        Column(
            "period",
            "年度或发放日期",
            "Year or day paid",
            True,
            "如 2020 或 2020-02-24",
            "Such as 2020 or 2020-02-24",
        ),
        Column("amount", "金额（元）", "Amount (yuan)", True, "如 500.00", "Such as 500.00"),
        _SOURCE,
    ),
    OutsideKind.DECEASED: (
        _ID,
        Column("period", "死亡日期", "Date of death", True, "年-月-日", "Year-month-day"),
    ),
    OutsideKind.EMPLOYMENT: (
        _ID,
        _EMPLOYER,
        Column("period", "月份", "Month", True, "如 2020-03", "Such as 2020-03"),
        _SOURCE,
    ),
    OutsideKind.CONTRACT: (
        _ID,
        _EMPLOYER,
        Column("period", "合同起始日期", "Contract from", True, "年-月-日", "Year-month-day"),
        Column(
            "months",
            "合同月数",
            "Contract months",
            True,
            "整数；无固定期限填 999",
            "A whole number; 999 for a contract without an end",
        ),
        _SOURCE,
    ),
}
"""The columns of each list, all required; further ones are left alone."""
_YEAR = re.compile(r"(\d{4})年?")
_MONTH = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?|(\d{4})(\d{2})")
_YUAN = re.compile(r"[¥￥]?(\d{1,7}(?:\.\d{1,2})?)元?")
_WHOLE = re.compile(r"([1-9]\d{0,2})(?:\.0+)?(?:个月)?")
_NUMBERED = re.compile(r"\d{11}")
_YEAR_MIN = 2000


@dataclass(frozen=True, slots=True)
class OutsideFact:
    """What one row says of whoever has this resident ID; `period` is an ISO year, month or day."""

    row: int
    resident_id: str
    period: str
    enterprise_id: str | None = None
    source: str | None = None
    amount_fen: int | None = None
    months: int | None = None


def check_fact(kind: OutsideKind, row: Row, today: date) -> OutsideFact | tuple[Fault, ...]:
    """The fact that a row tells, or everything that is wrong with it; no fault quotes what a cell says."""
    findings = Findings(list(row.faults))
    values = filled_of(row, LIST_COLUMNS[kind], findings)
    text = {key: str(value) for key, value in values.items()}
    resident_id = findings.take(read_resident_id(text["resident_id"])) if "resident_id" in text else None
    period = findings.take(_read_period(kind, values["period"], today)) if "period" in values else None
    code = findings.take(_read_code(text["enterprise_id"])) if "enterprise_id" in text else None
    source = findings.take(_read_source(text["source"])) if "source" in text else None
    amount_fen = findings.take(_read_amount(text["amount"])) if "amount" in text else None
    months = findings.take(_read_months(text["months"])) if "months" in text else None
    if findings.faults or resident_id is None or period is None:
        return tuple(findings.faults)
    return OutsideFact(row.number, resident_id, period, code, source, amount_fen, months)


def _read_period(kind: OutsideKind, value: str | date, today: date) -> str | Fault:
    """A month for employment, else a day, or a whole year for an allowance; none that has not begun yet."""
    period = _read_month(value, today) if kind is OutsideKind.EMPLOYMENT else _read_day(kind, value, today)
    if isinstance(period, str) and period > today.isoformat():
        return fault("period", "not-yet", today=today)
    return period


def _read_day(kind: OutsideKind, value: str | date, today: date) -> str | Fault:
    if kind is OutsideKind.ALLOWANCE and isinstance(value, str):
        year = _YEAR.fullmatch(value)
        if year and int(year[1]) >= _YEAR_MIN:
            return year[1]
    day = read_date("period", value, today)
    return fault("period", "day") if isinstance(day, Fault) or day.year < _YEAR_MIN else day.isoformat()


def _read_month(value: str | date, today: date) -> str | Fault:
    found = _MONTH.fullmatch(value) if isinstance(value, str) else None
    if found:
        year, month = int(found[1] or found[3]), int(found[2] or found[4])
    else:
        day = read_date("period", value, today)
        year, month = (0, 0) if isinstance(day, Fault) else (day.year, day.month)
    if year < _YEAR_MIN or not 1 <= month <= 12:
        return fault("period", "month")
    return f"{year}-{month:02}"


def _read_code(text: str) -> str | Fault:
    return find_enterprise_code(text) or fault("enterprise_id", "credit-code")


def _read_source(text: str) -> str | Fault:
    """An office's name, which is shown to whoever checks a claim; a number of somebody's must not travel in it."""
    return fault("source", "source-numbered") if _NUMBERED.search(re.sub(r"[\s\-]", "", text)) else text


def _read_amount(text: str) -> int | Fault:
    found = _YUAN.fullmatch(text.replace(",", "").replace(" ", ""))
    amount_fen = int(Decimal(found[1]) * FEN_PER_YUAN) if found else 0
    return amount_fen or fault("amount", "amount")


def _read_months(text: str) -> int | Fault:
    found = _WHOLE.fullmatch(text)
    return int(found[1]) if found else fault("months", "months")
