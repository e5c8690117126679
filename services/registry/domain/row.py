"""Knows what makes one row of a roster acceptable, alone and among the rows beside it; refuses to know files.

A row is checked to the end: it comes back with all its faults, not only the first.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from services.registry.domain.fault import Fault, fault
from services.registry.domain.identity import (
    AGE_MIN_YEARS,
    age_on,
    find_enterprise_code,
    read_name,
    read_phone,
    read_resident_id,
)
from services.registry.domain.places import Enterprise, Enterprises, Stops
from services.registry.domain.season import check_window, read_date
from shared.kernel.window import Window
from shared.roster import (
    CATEGORY_WORDS,
    COLUMNS,
    LATER_COLUMNS,
    ORGANISING_MODE_WORDS,
    Category,
    Column,
    OrganisingMode,
)

PARTY_MAX = 10
"""People in one family group: fits the smallest coach at half load (19 approved seats)."""
TEXT_MAX = 100
HEADINGS = {column.key: column for column in COLUMNS}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it was read: `number` 1 is the first line of the sheet; values are tidied text or dates by key."""

    number: int
    values: Mapping[str, str | date]
    faults: tuple[Fault, ...] = ()
    """What the reader has already found, such as a formula."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row that is well formed: a worker with a journey, not yet a request."""

    row: int
    name: str
    resident_id: str
    phone: str
    stop_code: str
    enterprise_id: str
    gate_id: str
    window: Window
    party_label: str
    category: Category
    organising_mode: OrganisingMode
    organiser_id: str | None = None


@dataclass
class Findings:
    """Takes each reading apart into a value or a fault."""

    faults: list[Fault] = field(default_factory=list)

    def take(self, reading: T | Fault) -> T | None:
        if isinstance(reading, Fault):
            self.faults.append(reading)
            return None
        return reading


def check_row(row: Row, stops: Stops, enterprises: Enterprises, today: date) -> Candidate | tuple[Fault, ...]:
    """The worker and journey of a row, or everything that is wrong with it."""
    findings = Findings(list(row.faults))
    filled = filled_of(row, (*COLUMNS, *LATER_COLUMNS), findings)
    text = {key: str(value) for key, value in filled.items()}
    name, resident_id, phone = _check_person(text, findings)
    stop, enterprise, gate = _check_places(text, stops, enterprises, findings)
    window = _check_days(filled, today, findings)
    if resident_id and window and age_on(resident_id, window.latest) < AGE_MIN_YEARS:
        findings.faults.append(fault("resident_id", "too-young", age=AGE_MIN_YEARS))
    category = _choice(text, "category", CATEGORY_WORDS, findings)
    mode = _choice(text, "organising_mode", ORGANISING_MODE_WORDS, findings)
    organiser = findings.take(_read_organiser(text["organiser"])) if "organiser" in text else None
    if findings.faults:
        return tuple(findings.faults)
    return Candidate(
        row=row.number,
        name=_sure(name),
        resident_id=_sure(resident_id),
        phone=_sure(phone),
        stop_code=_sure(stop),
        enterprise_id=_sure(enterprise).enterprise_id,
        gate_id=_sure(gate),
        window=_sure(window),
        party_label=text.get("party", ""),
        category=_sure(category),
        organising_mode=_sure(mode),
        organiser_id=organiser,
    )


def _sure(value: T | None) -> T:
    if value is None:
        raise AssertionError("a row without faults has every value")
    return value


def filled_of(row: Row, columns: Sequence[Column], findings: Findings) -> dict[str, str | date]:
    """The values that can be looked at: neither missing, nor over-long, nor already found faulty by the reader."""
    filled: dict[str, str | date] = {}
    unread = {one.field for one in row.faults}
    for column in columns:
        value = row.values.get(column.key, "")
        if column.key in unread:
            continue
        if value == "":
            if column.required:
                findings.faults.append(fault(column.key, "required", zh=column.zh, en=column.en))
        elif isinstance(value, str) and len(value) > TEXT_MAX:
            findings.faults.append(fault(column.key, "text-long", zh=column.zh, en=column.en, limit=TEXT_MAX))
        else:
            filled[column.key] = value
    return filled


def _check_person(text: Mapping[str, str], findings: Findings) -> tuple[str | None, str | None, str | None]:
    return (
        findings.take(read_name(text["name"])) if "name" in text else None,
        findings.take(read_resident_id(text["resident_id"])) if "resident_id" in text else None,
        findings.take(read_phone(text["phone"])) if "phone" in text else None,
    )


def _check_places(
    text: Mapping[str, str], stops: Stops, enterprises: Enterprises, findings: Findings
) -> tuple[str | None, Enterprise | None, str | None]:
    stop = findings.take(stops.find(text["stop"])) if "stop" in text else None
    enterprise = findings.take(enterprises.find(text["enterprise"])) if "enterprise" in text else None
    gate = None
    if enterprise is not None and "gate" in text:
        gate = findings.take(enterprises.find_gate(enterprise, text["gate"]))
    return stop, enterprise, gate


def _check_days(filled: Mapping[str, str | date], today: date, findings: Findings) -> Window | None:
    earliest, latest = (
        findings.take(read_date(key, filled[key], today)) if key in filled else None
        for key in ("earliest", "latest")
    )
    if earliest is None or latest is None:
        return None
    return findings.take(check_window(earliest, latest, today))


def _choice(text: Mapping[str, str], key: str, words: Mapping[str, T], findings: Findings) -> T | None:
    if key not in text:
        return None
    given = text[key]
    by_code = {str(value): value for value in words.values()}
    found = words.get(given) or by_code.get(given.upper())
    if found is None:
        code = key.replace("_", "-")
        findings.faults.append(fault(key, code, given=given[:20], choices="、".join(words)))
    return found


def _read_organiser(text: str) -> str | Fault:
    """The agency's code, whether it is registered here or not."""
    return find_enterprise_code(text) or fault("organiser", "credit-code")


Faults = dict[int, list[Fault]]
"""Row number -> what is wrong with it."""


def check_together(candidates: Iterable[Candidate]) -> Faults:
    """Faults between rows: the same person twice, families that are too large or do not travel as one."""
    faults: Faults = defaultdict(list)
    first_row: dict[str, int] = {}
    parties: dict[str, list[Candidate]] = defaultdict(list)
    for one in candidates:
        if one.resident_id in first_row:
            earlier = first_row[one.resident_id]
            faults[one.row].append(fault("resident_id", "duplicate-row", row=earlier))
        first_row.setdefault(one.resident_id, one.row)
        if one.party_label:
            parties[one.party_label].append(one)
    for members in parties.values():
        found = _check_party(members)
        for one in members:
            if found:
                faults[one.row].append(found)
    return faults


def _check_party(members: list[Candidate]) -> Fault | None:
    if len(members) > PARTY_MAX:
        return fault("party", "party-large", size=len(members), limit=PARTY_MAX)
    for key in ("stop_code", "gate_id", "window"):
        if len({getattr(one, key) for one in members}) > 1:
            column = HEADINGS[{"stop_code": "stop", "gate_id": "gate", "window": "earliest"}[key]]
            return fault("party", "party-differs", zh=column.zh, en=column.en)
    return None


def spread_over_parties(faults: Mapping[int, list[Fault]], labels: Mapping[int, str]) -> Faults:
    """A family never splits: where one member is refused, so are the others, naming the row to mend.

    `labels` is row -> party label for every row of the file, refused or not; empty where somebody travels alone.
    """
    refused_of: dict[str, list[int]] = defaultdict(list)
    for row in sorted(faults):
        if labels.get(row):
            refused_of[labels[row]].append(row)
    spread: Faults = {row: list(found) for row, found in faults.items()}
    for row, label in labels.items():
        if label in refused_of and row not in faults:
            rows = "、".join(map(str, refused_of[label]))
            spread[row] = [fault("party", "party-refused", rows=rows)]
    return spread
