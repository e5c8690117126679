"""Knows what makes a row of the register of a population acceptable; refuses to know files and what is stored.

A row is checked to the end: it comes back with all its faults, and none quotes a name, an ID or a phone.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.registry.domain.fault import Fault, fault
from services.registry.domain.identity import find_enterprise_code, read_name, read_phone, read_resident_id
from services.registry.domain.people.columns import (
    POPULATION_COLUMNS,
    RELATION_WORDS,
    YES_NO,
    Relation,
)
from services.registry.domain.row import Findings, Row, filled_of
from services.registry.domain.season import read_date
from shared.roster import CATEGORY_WORDS, Category

_BETWEEN = re.compile(r"[、,，;；/\s]+")
_CODES: Final = {one.value: one for one in Category}
YEAR_MIN: Final = 1950


@dataclass(frozen=True, slots=True)
class Work:
    """Where somebody works, and since when if that is told."""

    area_code: str
    enterprise_id: str | None
    since: date | None


@dataclass(frozen=True, slots=True)
class Entry:
    """What one row says of whoever has this resident ID, as things were on `as_of`."""

    row: int
    name: str
    resident_id: str
    phone: str | None
    household: str
    relation: Relation
    has_labour: bool
    categories: tuple[Category, ...]
    categories_from: date
    place_code: str
    work: Work | None
    education: str | None
    helper_id: str | None
    as_of: date


@dataclass(frozen=True)
class Places:
    """How words of an office become codes: each gives a code, or a fault that offers what may have been meant."""

    find_place: Callable[[str], str | Fault]
    find_area: Callable[[str], str | Fault]
    has_helper: Callable[[str], bool]


def check_entry(row: Row, places: Places, today: date) -> Entry | tuple[Fault, ...]:
    """The entry of a row, or everything that is wrong with it."""
    findings = Findings(list(row.faults))
    take = findings.take
    filled = filled_of(row, POPULATION_COLUMNS, findings)
    text = {key: str(value) for key, value in filled.items()}
    name = take(read_name(text["name"])) if "name" in text else None
    resident_id = take(read_resident_id(text["resident_id"])) if "resident_id" in text else None
    phone = take(read_phone(text["phone"])) if "phone" in text else None
    household = take(_read_household(text["household"])) if "household" in text else None
    relation = take(_read_relation(text["relation"])) if "relation" in text else None
    has_labour = take(_read_yes_no("has_labour", text["has_labour"])) if "has_labour" in text else None
    place = take(places.find_place(text["place"])) if "place" in text else None
    as_of = take(_read_day("as_of", filled["as_of"], today)) if "as_of" in filled else None
    categories = take(_read_categories(text["category"])) if "category" in text else ()
    since = (
        take(_read_day("category_from", filled["category_from"], today))
        if "category_from" in filled
        else None
    )
    work = _check_work(filled, text, places, as_of, today, findings)
    helper_id = take(_read_helper(text["helper"], places)) if "helper" in text else None
    if findings.faults or not (name and resident_id and household and relation and place and as_of):
        return tuple(findings.faults)
    return Entry(
        row=row.number,
        name=name,
        resident_id=resident_id,
        phone=phone,
        household=household,
        relation=relation,
        has_labour=bool(has_labour),
        categories=categories or (),
        categories_from=since or as_of,
        place_code=place,
        work=work,
        education=text.get("education"),
        helper_id=helper_id,
        as_of=as_of,
    )


def _check_work(
    filled: Mapping[str, str | date],
    text: Mapping[str, str],
    places: Places,
    as_of: date | None,
    today: date,
    findings: Findings,
) -> Work | None:
    """None where not employed: what is written beside a No is left alone."""
    employed = findings.take(_read_yes_no("employed", text["employed"])) if "employed" in text else None
    if not employed:
        return None
    code = findings.take(_read_employer(text["employer"])) if "employer" in text else None
    since = None
    if "employed_since" in filled:
        since = findings.take(_read_day("employed_since", filled["employed_since"], today))
    if since and as_of and since > as_of:
        findings.faults.append(fault("employed_since", "after-as-of"))
    if "work_area" not in text:
        findings.faults.append(fault("work_area", "work-area"))
        return None
    area = findings.take(places.find_area(text["work_area"]))
    return Work(area, code, since) if area else None


def _read_household(text: str) -> str | Fault:
    """Of 1 to 40 letters, digits and dashes: a number, never a name or a sentence."""
    compact = text.replace(" ", "")
    known = compact.isascii() and len(compact) <= 40 and any(one.isdigit() for one in compact)
    return compact.upper() if known else fault("household", "household-number")


def _read_relation(text: str) -> Relation | Fault:
    found = RELATION_WORDS.get(text) or RELATION_WORDS.get(text.upper())
    return found or fault("relation", "relation", choices="、".join(list(RELATION_WORDS)[:12:2]))


def _read_yes_no(key: str, text: str) -> bool | Fault:
    found = YES_NO.get(text.upper())
    return fault(key, "yes-no") if found is None else found


def _read_categories(text: str) -> tuple[Category, ...] | Fault:
    """Every class that is named; 普通 is none."""
    found = []
    for word in _BETWEEN.split(text):
        one = CATEGORY_WORDS.get(word) or _CODES.get(word.upper())
        if one is None:
            return fault("category", "category", given=word[:20], choices="、".join(CATEGORY_WORDS))
        found.append(one)
    return tuple(dict.fromkeys(one for one in found if one is not Category.ORDINARY))


def _read_day(key: str, value: str | date, today: date) -> date | Fault:
    """A day that has come, with its year."""
    day = read_date(key, value, today)
    if isinstance(day, Fault) or day.year < YEAR_MIN:
        return fault(key, "day")
    return fault(key, "not-yet", today=today) if day > today else day


def _read_employer(text: str) -> str | Fault:
    return find_enterprise_code(text) or fault("employer", "credit-code")


def _read_helper(text: str, places: Places) -> str | Fault:
    return text if places.has_helper(text) else fault("helper", "unknown-helper")
