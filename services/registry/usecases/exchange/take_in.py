"""Takes in a file of the provincial system: what it says of people becomes statements of that source, beside ours.

Nothing of ours is overwritten: a name or phone that differs waits for a clerk, a month that differs stands beside the
helper's record, and what we do not know is added. The same file twice, or our own file, changes nothing.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from services.registry.domain.exchange.faults import fault
from services.registry.domain.exchange.fields import Change, Field
from services.registry.domain.exchange.incoming import Outcome
from services.registry.domain.exchange.lines import Line, check_together, read_line
from services.registry.domain.exchange.mapping import Sheet
from services.registry.domain.fault import Fault
from services.registry.domain.row import Row
from services.registry.store.exchange.imports import (
    close_import,
    find_import,
    insert_import,
    places_of,
)
from services.registry.store.people import hold_people
from services.registry.store.tables import ProvinceImportRow
from services.registry.usecases.exchange.apply import Entry, apply
from services.registry.usecases.exchange.area import area_for
from services.registry.usecases.exchange.files import read_mapped
from services.registry.usecases.exchange.mappings import get_mapping
from services.registry.usecases.exchange.refused import seal_line
from services.registry.usecases.households.fallen import household_employment_changed
from services.registry.usecases.parts import Parts
from shared.kernel.clock import local_date
from shared.kernel.ids import new_id
from shared.reference import find_county, find_stop
from shared.security import Principal

log = logging.getLogger(__name__)
CHUNK = 1000
Refused = dict[int, tuple[Fault, ...]]


@dataclass(frozen=True)
class TakenIn:
    """What became of a file: its counts, whether these bytes are new, its refused lines and what the others did."""

    row: ProvinceImportRow
    is_new: bool
    refused: Mapping[int, tuple[Fault, ...]]
    outcomes: Mapping[int, Outcome]


def take_in(
    parts: Parts,
    principal: Principal,
    content: bytes,
    *,
    file: str,
    mapping_id: str | None,
    area_code: str | None,
) -> TakenIn:
    """Take in a file in the name of one of the caller's areas, in one transaction.

    Raises the errors of `intake.errors` before anything is written, ExchangeAreaNotYours, ExchangeAreaNotNamed,
    MappingUnknown.
    """
    area = area_for(principal, area_code)
    now = parts.clock.now()
    with parts.database.session() as session:
        mapping = get_mapping(session, mapping_id)
        rows = read_mapped(content, file, mapping.rows)
        row = ProvinceImportRow(
            id=new_id(),
            area_code=area,
            stamp=parts.vault.stamp(content),
            mapping_id=mapping.id,
            mapping_version=mapping.version,
            fresh=0,
            changed=0,
            unchanged=0,
            conflicts=0,
            refused=0,
            imported_by=principal.subject,
            imported_at=now,
        )
        good, refused = check_lines(mapping.rows, rows, area, local_date(now))
        if not insert_import(session, row):
            first = find_import(session, row)
            if first is None:
                raise RuntimeError("an import that was in the way is gone")
            return TakenIn(first, False, refused, {})
        outcomes: dict[int, Outcome] = {}
        touched: set[str] = set()
        for chunk in _chunks(parts, good):
            outcomes |= _take_chunk(session, parts, row, chunk, refused, touched, mapping.rows)
        household_employment_changed(session, sorted(touched), local_date(now), row.id)
        _count(row, outcomes, refused)
        lines = {one.number: one for one in rows}
        sealed = [seal_line(row.id, lines[one], refused[one], parts.vault) for one in sorted(refused)]
        close_import(session, row, sealed)
    about = {"import_id": row.id, "area_code": area, "refused": row.refused, "conflicts": row.conflicts}
    log.info("province file taken in", extra={"subject": principal.subject, **about})
    return TakenIn(row, True, refused, outcomes)


def check_lines(
    sheet: Sheet, rows: Sequence[Row], area: str, today: date
) -> tuple[list[tuple[Line, str]], Refused]:
    """Lines with the code of their place, and what is wrong with the others."""
    refused: Refused = {}
    lines: list[Line] = []
    for row in rows:
        line = read_line(sheet, row, today)
        if not isinstance(line, Line):
            refused[row.number] = line
        elif line.facts.get(Field.CHANGE) == Change.REMOVE:
            refused[row.number] = (fault(Field.CHANGE, "removal"),)
        else:
            lines.append(line)
    for number, found in check_together(lines):
        refused[number] = (found,)
    good: list[tuple[Line, str]] = []
    for line in lines:
        if line.row not in refused:
            place = find_place(line, area)
            if place is None:
                refused[line.row] = (fault(Field.PLACE, "place-unknown"),)
            else:
                good.append((line, place))
    return good, refused


def find_place(line: Line, area: str) -> str | None:
    """The code of the place that a line names, if it lies in the area."""
    given = line.facts.get(Field.COUNTY_CODE) or line.facts.get(Field.COUNTY) or area[:6]
    county = find_county(given)
    if county is None:
        return None
    for field in (Field.PLACE_CODE, Field.PLACE):
        stop = find_stop(county.code, line.facts[field]) if field in line.facts else None
        if stop is not None:
            return stop.code if stop.code.startswith(area) else None
    return None


def _chunks(parts: Parts, good: Sequence[tuple[Line, str]]) -> Iterator[dict[str, tuple[Line, str]]]:
    """By fingerprint and in its order, so that two files never wait for each other's people in a ring."""
    by_person: dict[str, list[tuple[Line, str]]] = {}
    for line, place in good:
        by_person.setdefault(parts.vault.fingerprint(line.facts[Field.RESIDENT_ID]), []).append((line, place))
    turn = 0
    while by_person:  # a person's second month goes with the second round
        keys = sorted(key for key, lines in by_person.items() if len(lines) > turn)
        if not keys:
            return
        for start in range(0, len(keys), CHUNK):
            yield {key: by_person[key][turn] for key in keys[start : start + CHUNK]}
        turn += 1


def _take_chunk(
    session: Session,
    parts: Parts,
    row: ProvinceImportRow,
    chunk: Mapping[str, tuple[Line, str]],
    refused: Refused,
    touched: set[str],
    sheet: Sheet,
) -> dict[int, Outcome]:
    numbers = {key: line.facts[Field.RESIDENT_ID] for key, (line, _) in chunk.items()}
    people = hold_people(session, parts.vault, numbers, row.imported_at)
    where = places_of(session, sorted({one.file_id for one in people.values()}))
    entries: list[Entry] = []
    for key, (line, place) in chunk.items():
        person = people[key]
        if not where.get(person.file_id, row.area_code).startswith(row.area_code):
            refused[line.row] = (fault(Field.RESIDENT_ID, "not-your-file"),)
        else:
            entries.append(Entry(line, place, person, person.file_id not in where))
    return apply(session, parts.vault, entries, sheet, row, touched)


def _count(row: ProvinceImportRow, outcomes: Mapping[int, Outcome], refused: Refused) -> None:
    found = list(outcomes.values())
    row.fresh, row.changed = found.count(Outcome.FRESH), found.count(Outcome.CHANGED)
    row.unchanged, row.conflicts = found.count(Outcome.UNCHANGED), found.count(Outcome.CONFLICT)
    row.refused = len(refused)
