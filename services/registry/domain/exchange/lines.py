"""Writes what is known of a person's month as a line of the other system's file, and reads such a line back.

Reading is to the end: a line comes back with all its faults. What stands in a line is text; codes, months and numbers
are ours again once it is read.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.registry.domain.exchange.faults import fault as own_fault
from services.registry.domain.exchange.fields import CODES, LISTED, Change, Field
from services.registry.domain.exchange.mapping import MappedColumn, Sheet
from services.registry.domain.fault import Fault, fault
from services.registry.domain.identity import (
    find_enterprise_code,
    read_name,
    read_phone,
    read_resident_id,
)
from services.registry.domain.row import Findings, Row, filled_of
from services.registry.domain.season import read_date
from shared.roster import Column

Facts = Mapping[Field, str]
"""What is known, by field: our codes, months as YYYY-MM; a field that says nothing is left out."""
BETWEEN = "、"
_LIST = re.compile(r"[、,;，；/|]")
_MONTH = re.compile(r"(\d{4})(?:\s*[-/.年]\s*(\d{1,2})(?:\s*月|[-/.]\d{1,2}|\s*月\s*\d{1,2}\s*日)?|(\d{2}))")
_AREA = re.compile(r"[1-9]\d{5}")
_NUMBER = re.compile(r"(?=[!-~]*[0-9])[!-~]{1,40}")
_YEAR_MIN = 2000
_OF_REMOVALS = frozenset({Field.CHANGE, Field.MONTH, Field.RESIDENT_ID})


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is well formed: its number in the file, and what it says."""

    row: int
    facts: Facts


def write_line(sheet: Sheet, facts: Facts) -> list[str]:
    """The cells of a line, in the order of the columns."""
    return [_write(column, facts.get(column.field, "")) for column in sheet.columns]


def _write(column: MappedColumn, value: str) -> str:
    if not value:
        return ""
    if column.format is not None:
        return column.format.replace("YYYY", value[:4]).replace("MM", value[5:7])
    if column.field in LISTED:
        return BETWEEN.join(column.codes[one] for one in value.split(BETWEEN))
    return column.codes.get(value, value)


def read_line(sheet: Sheet, row: Row, today: date) -> Line | tuple[Fault, ...]:
    """What a row of their file says, or everything that is wrong with it."""
    findings = Findings(list(row.faults))
    asked: Sequence[Column] = sheet.needed
    if _is_removal(sheet, row):  # it says who and when, and nothing else of them is asked
        asked = [one for one in asked if one.key in _OF_REMOVALS]
    filled = filled_of(row, [*asked, *sheet.more], findings)
    facts: dict[Field, str] = {}
    for column in sheet.columns:
        if column.field in filled:
            value = findings.take(_read(column, filled[column.field], today))
            if value is not None:
                facts[column.field] = value
    return tuple(findings.faults) if findings.faults else Line(row.number, facts)


def _is_removal(sheet: Sheet, row: Row) -> bool:
    words = [one.codes[Change.REMOVE] for one in sheet.columns if one.field is Field.CHANGE]
    return bool(words) and row.values.get(Field.CHANGE) in words


def _read(column: MappedColumn, value: str | date, today: date) -> str | Fault:
    match column.field:
        case Field.MONTH:
            return _read_month(value, today)
        case Field.NAME:
            return read_name(str(value))
        case Field.RESIDENT_ID:
            return read_resident_id(str(value))
        case Field.PHONE:
            return read_phone(str(value))
        case Field.HOUSEHOLD:
            number = str(value).replace(" ", "").upper()
            return number if _NUMBER.fullmatch(number) else fault(column.field, "household-number")
        case Field.EMPLOYER_CODE:
            return find_enterprise_code(str(value)) or fault(column.field, "credit-code")
        case Field.AREA:
            return str(value) if _AREA.fullmatch(str(value)) else own_fault(column.field, "work-area")
    return _read_code(column, str(value))


def _read_month(value: str | date, today: date) -> str | Fault:
    found = _MONTH.fullmatch(value) if isinstance(value, str) else None
    if found:
        year, month = int(found[1]), int(found[2] or found[3])
    else:
        day = read_date(Field.MONTH, value, today) if isinstance(value, date) else fault(Field.MONTH, "month")
        year, month = (0, 0) if isinstance(day, Fault) else (day.year, day.month)
    if year < _YEAR_MIN or not 1 <= month <= 12:
        return fault(Field.MONTH, "month")
    if (year, month) > (today.year, today.month):
        return fault(Field.MONTH, "not-yet", today=today)
    return f"{year}-{month:02}"


def _read_code(column: MappedColumn, text: str) -> str | Fault:
    """Codes of ours for words of theirs; where no table is needed, a word that is not in it stands as it is."""
    if not column.codes:
        return text
    strict = column.field in CODES
    words = [one.strip() for one in _LIST.split(text)] if column.field in LISTED else [text]
    codes = [column.ours.get(word, None if strict else word) for word in words if word]
    known = [one for one in codes if one is not None]
    if len(known) < len(codes):
        return own_fault(
            column.field, "word-unknown", heading=column.heading, choices="、".join(column.codes.values())
        )
    return BETWEEN.join(sorted(known)) if column.field in LISTED else known[0]


def check_together(lines: list[Line]) -> Iterator[tuple[int, Fault]]:
    """The same person's same month twice in one file: the later line is refused."""
    first: dict[tuple[str, str], int] = {}
    for line in lines:
        key = (line.facts.get(Field.RESIDENT_ID, ""), line.facts.get(Field.MONTH, ""))
        if first.setdefault(key, line.row) != line.row:
            yield line.row, fault(Field.RESIDENT_ID, "duplicate-row", row=first[key])
