"""Knows when what a worker says of their case is complete and can be; refuses to know whether it is so."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from services.registry.domain.fault import Fault
from services.registry.domain.identity import tidy
from services.registry.domain.rights.case import CaseType
from services.registry.domain.season import read_date
from shared.kernel.money import FEN_PER_YUAN

FACTS_MAX: Final = 4000
FACTS_MIN: Final = 5
AMOUNT_MAX_FEN: Final = 100_000_000_00
_EARLIEST: Final = date(2000, 1, 1)
_YUAN: Final = re.compile(r"[0-9]{1,10}(?:\.[0-9]{1,2})?")
_WORDS: Final[dict[str, tuple[str, str, str, str]]] = {
    "case-type": ("没有选择问题类型", "No kind of problem is chosen", "请选择一种", "Choose one"),
    "facts-short": (
        "没有写明经过",
        "What happened is not told",
        f"请至少写{FACTS_MIN}个字",
        f"Write at least {FACTS_MIN} characters",
    ),
    "facts-long": (
        "经过写得太长",
        "What happened is told at too great a length",
        f"请不超过{FACTS_MAX}个字，其余作为材料上传",
        f"Keep it to {FACTS_MAX} characters and add the rest as a document",
    ),
    "day": (
        "不是可识别的日期",
        "Not a date that can be read",
        "请写成 年-月-日，如 2020-02-24",
        "Write year-month-day, such as 2020-02-24",
    ),
    "day-ahead": ("日期在今天以后", "A day after today", "请检查年份和月份", "Check year and month"),
    "day-old": ("日期早于2000年", "A day before the year 2000", "请检查年份", "Check the year"),
    "employed-until": (
        "离职日期与“仍在该企业”矛盾",
        "A last day at work does not go with still being employed there",
        "请选择已离开，或清空离职日期",
        "Say that you have left, or empty the day",
    ),
    "amount": (
        "金额不是元数（最多两位小数）",
        "Not an amount in yuan with two decimals at most",
        "请只写数字，如 12000 或 12000.50；不清楚可不填",
        "Write digits alone, such as 12000 or 12000.50, or leave it empty",
    ),
}


@dataclass(frozen=True, slots=True)
class Complaint:
    """What somebody says happened to them. `known_on` is when they knew of it."""

    case_type: CaseType
    facts: str
    known_on: date
    is_employed: bool
    employed_until: date | None = None
    claimed_fen: int | None = None


def read_complaint(said: Mapping[str, str], today: date) -> Complaint | tuple[Fault, ...]:
    """What a form or a program sent as `case_type`, `facts`, `known_on`, `is_employed` (`yes`), `employed_until` and
    `amount_yuan`, or everything that is wrong with it; no fault quotes it."""
    faults: list[Fault] = []
    text = {key: value.strip() for key, value in said.items()}
    kind = text.get("case_type", "")
    if kind not in set(CaseType):
        faults.append(_fault("case_type", "case-type"))
    facts = text.get("facts", "")
    if not FACTS_MIN <= len(facts) <= FACTS_MAX:
        faults.append(_fault("facts", "facts-short" if len(facts) < FACTS_MIN else "facts-long"))
    known_on = _day("known_on", text.get("known_on", ""), today, faults)
    until_text, is_employed = text.get("employed_until", ""), text.get("is_employed", "") == "yes"
    until = _day("employed_until", until_text, today, faults) if until_text else None
    if is_employed and until_text:
        faults.append(_fault("employed_until", "employed-until"))
    claimed_fen = _amount(text.get("amount_yuan", ""), faults)
    if faults or known_on is None:
        return tuple(faults)
    return Complaint(CaseType(kind), facts, known_on, is_employed, until, claimed_fen)


def _day(field: str, text: str, today: date, faults: list[Fault]) -> date | None:
    day = read_date(field, tidy(text), today)
    if isinstance(day, Fault):
        faults.append(_fault(field, "day"))
        return None
    if day > today or day < _EARLIEST:
        faults.append(_fault(field, "day-ahead" if day > today else "day-old"))
    return day


def _amount(text: str, faults: list[Fault]) -> int | None:
    read = read_yuan(text)
    if isinstance(read, Fault):
        faults.append(read)
        return None
    return read


def read_yuan(text: str) -> int | Fault | None:
    """An amount in fen as people write yuan, None where nothing is written, or what is wrong with it."""
    plain = tidy(text).replace(",", "").removeprefix("¥").removesuffix("元").strip()
    if not plain:
        return None
    found = _YUAN.fullmatch(plain)
    fen = int(Decimal(plain) * FEN_PER_YUAN) if found else -1
    return fen if 0 <= fen <= AMOUNT_MAX_FEN else _fault("amount_yuan", "amount")


def _fault(field: str, code: str) -> Fault:
    return Fault(field, code, *_WORDS[code])
