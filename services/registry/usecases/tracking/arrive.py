"""Follows whoever arrived, as escort and enterprise together say, and takes it back where they say otherwise later."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from sqlmodel import Session

from services.registry.domain.tracking.spells import Place, Spell, displaced_by, say, undo
from services.registry.store.files import file_of, open_files, persons_of
from services.registry.store.people import lock_people
from services.registry.store.tables import EmploymentAloneRow, EmploymentRow, FileRow, PersonRow, TrackingRow
from services.registry.store.tracking.files import (
    Arrival,
    arrivals_no_more,
    arrivals_of,
    arrivals_to_follow,
    drop_unasked,
    find_trackings,
)
from services.registry.store.tracking.spells import SpellTable, save_spells, spells_of
from services.registry.usecases.tracking.effects import after_employment_changed, say_again
from services.registry.usecases.tracking.standing import standing_records
from shared.kernel.clock import Clock, local_date
from shared.kernel.ids import new_id

BY_ARRIVAL = "arrival"
"""Whose word it was that somebody is employed: the escort's and the enterprise's, together."""


@dataclass(frozen=True, slots=True)
class _SaidOf:
    """Which spells an arrival is said of, and where it notes what it replaced of them."""

    of: SpellTable
    displaced: str


_OF_FILES = _SaidOf(EmploymentRow, "displaced")
_ALONE = _SaidOf(EmploymentAloneRow, "displaced_alone")
Changed = dict[str, date | None]
"""By file: the first day on which its employment is not what it was; None where nothing changed."""


def follow_arrivals(session: Session, request_ids: Sequence[str], clock: Clock) -> None:
    """Open what these requests' standings call for, and take back what they no longer do. The caller holds the requests."""
    arrived = arrivals_to_follow(session, request_ids)
    gone = arrivals_no_more(session, request_ids)
    if not arrived and not gone:
        return
    people = lock_people(session, {*(one.person_id for one in arrived), *(row.person_id for row in gone)})
    changed = dict(_take_back(session, people[row.person_id], row, clock) for row in gone)
    # While we waited for them, some may have been erased, who are not followed, or become of another's file.
    arrived = [
        replace(one, file_id=people[one.person_id].file_id)
        for one in arrived
        if people[one.person_id].wrapped_key
    ]
    changed |= _open(session, arrived, clock)
    days = {file_id: day for file_id, day in changed.items() if day}
    if days:
        today = local_date(clock.now())
        after_employment_changed(session, list(days), min(days.values()), today=today, by=BY_ARRIVAL)


def say_arrivals_again(
    session: Session, spells: Sequence[Spell], person_ids: Sequence[str], since: date
) -> list[Spell]:
    """The spells after it has been said once more who of these persons arrived from `since` on."""
    told = list(spells)
    for row in arrivals_of(session, person_ids, since):
        place, source = Place(row.enterprise_id, row.area_code or ""), arrival_source(row.request_id or "")
        told = say(told, row.person_id, row.opened_on, place, source)
    return told


def arrival_source(request_id: str) -> str:
    """What a spell of employment is marked with that an arrival began."""
    return f"arrival/{request_id}"


def _open(session: Session, arrived: Sequence[Arrival], clock: Clock) -> Changed:
    _open_files(session, arrived, clock)
    known = find_trackings(session, [one.request_id for one in arrived])
    rows = {one.request_id: known.get(one.request_id) or _tracking(one, clock) for one in arrived}
    families = persons_of(session, {one.file_id for one in arrived})
    changed = _say(session, arrived, rows, families, _OF_FILES)
    for row in rows.values():
        row.displaced_alone = row.displaced
    merged = [one for one in arrived if len(families[one.file_id]) > 1]
    if merged:
        by_id = {person.id: [person] for family in families.values() for person in family}
        own = [replace(one, file_id=one.person_id) for one in merged]
        _say(session, own, rows, {one.file_id: by_id[one.file_id] for one in own}, _ALONE)
    for one in arrived:
        rows[one.request_id].taken_back_at, rows[one.request_id].opened_on = None, one.day
    session.add_all(rows.values())
    session.flush()
    return changed


def _say(
    session: Session,
    arrived: Sequence[Arrival],
    rows: dict[str, TrackingRow],
    families: dict[str, list[PersonRow]],
    kept: _SaidOf,
) -> Changed:
    """Say of these files, or of each ID alone, where its persons arrived."""
    stored = _by_file(session, families, kept.of)
    spells, changed = dict(stored), Changed()
    records = standing_records(session, families)
    for one in arrived:
        place, source = Place(one.enterprise_id, one.area_code), arrival_source(one.request_id)
        said = say(spells[one.file_id], one.person_id, one.day, place, source)
        displaced = [_stored(spell) for spell in displaced_by(spells[one.file_id], said)]
        setattr(rows[one.request_id], kept.displaced, displaced)
        spells[one.file_id] = say_again(said, records[one.file_id], one.file_id, one.day)
        changed[one.file_id] = one.day
    for file_id, after in spells.items():
        if not save_spells(session, stored[file_id], after, kept.of):
            del changed[file_id]
    return changed


def _open_files(session: Session, arrived: Sequence[Arrival], clock: Clock) -> None:
    """A file for who has none, at the place they left from."""
    mine = {person_id: one for one in arrived for person_id in (one.person_id, one.file_id)}
    open_files(
        session,
        [
            FileRow(
                person_id=person_id,
                place_code=one.stop_code,
                opened_at=clock.now(),
                opened_by=one.request_id,
            )
            for person_id, one in sorted(mine.items())
        ],
    )


def _tracking(one: Arrival, clock: Clock) -> TrackingRow:
    return TrackingRow(
        id=new_id(),
        person_id=one.person_id,
        request_id=one.request_id,
        enterprise_id=one.enterprise_id,
        area_code=one.area_code,
        opened_on=one.day,
        opened_at=clock.now(),
        opened_by=one.request_id,
    )


def _take_back(
    session: Session, person: PersonRow, row: TrackingRow, clock: Clock
) -> tuple[str, date | None]:
    """What helpers and others have recorded meanwhile stays, and is said again of how things were without the arrival."""
    families = persons_of(session, [person.file_id])
    day = row.opened_on if _unsay(session, row, families, _OF_FILES) else None
    if len(families[person.file_id]) > 1:
        _unsay(session, row, {person.id: [person]}, _ALONE)
    row.taken_back_at = clock.now()
    session.add(row)
    session.flush()
    drop_unasked(session, person.file_id)
    return person.file_id, day


def _unsay(session: Session, row: TrackingRow, family: dict[str, list[PersonRow]], kept: _SaidOf) -> bool:
    [(file_id, before)] = _by_file(session, family, kept.of).items()
    displaced = map(_as_spell, getattr(row, kept.displaced))
    after = undo(before, row.opened_on, arrival_source(row.request_id or ""), displaced)
    after = say_again(after, standing_records(session, family)[file_id], file_id, row.opened_on)
    return save_spells(session, before, after, kept.of)


def _by_file(
    session: Session, families: dict[str, list[PersonRow]], of: SpellTable
) -> dict[str, list[Spell]]:
    whose = file_of(families)
    found: dict[str, list[Spell]] = {file_id: [] for file_id in families}
    for spell in spells_of(session, whose, of):
        found[whose[spell.person_id]].append(spell)
    return found


def _stored(spell: Spell) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(spell).items()
    }


def _as_spell(stored: dict[str, Any]) -> Spell:
    ends = stored["valid_to"]
    days = {
        "valid_from": date.fromisoformat(stored["valid_from"]),
        "valid_to": date.fromisoformat(ends) if ends else None,
    }
    return Spell(**stored | days)
