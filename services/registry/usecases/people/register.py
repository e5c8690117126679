"""Writes down what a chunk of a register says of people, in the caller's transaction; refuses to know files.

Who is registered in another area is not moved by a list of this one: that would take people from a neighbour in silence.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from services.registry.domain.fault import Fault, fault
from services.registry.domain.people.register import Entry
from services.registry.domain.people.spells import Change, Spell, hear
from services.registry.store.people import Person, hold_people
from services.registry.store.register import (
    HeldHousehold,
    KeptFile,
    NewAssignment,
    NewClass,
    NewEmployment,
    NewFile,
    NewMembership,
    Writes,
    find_households,
    load_alone,
    load_classes,
    load_employments,
    load_files,
    load_memberships,
    make_households,
    move_households,
    write,
)
from services.registry.usecases.people.say import Word, say
from shared.security import Seal, Vault


class Outcome(StrEnum):
    """What an accepted row did to its person's file."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Source:
    """Who sends a register: `area_code` is for which area, `name` what the rows are marked with."""

    population_id: str
    area_code: str
    by: str

    @property
    def name(self) -> str:
        """As it stands beside what the register says."""
        return f"import/{self.population_id}"


@dataclass
class Registered:
    """Row -> outcome and person of what was accepted, row -> faults of what was not."""

    accepted: dict[int, tuple[Outcome, str]] = field(default_factory=dict)
    refused: dict[int, tuple[Fault, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Known:
    """What is known of the people of a chunk before it."""

    files: Mapping[str, KeptFile]
    memberships: Mapping[str, Sequence[Any]]
    classes: Mapping[str, Sequence[Any]]
    employments: Mapping[str, Sequence[Any]]
    alone: Mapping[str, Sequence[Any]]
    """The same of those who are of a merged file, by the words about each ID alone."""


def household_fingerprint(vault: Vault, place_code: str, number: str) -> str:
    """What finds a household: its number is a county's own."""
    return vault.fingerprint(f"household:{place_code[:6]}:{number}")


def register(
    session: Session, vault: Vault, entries: Sequence[Entry], source: Source, *, at: datetime
) -> Registered:
    """Write down what is new. The same entries a second time, and older ones, change nothing that is known."""
    result = Registered()
    homes_told = {(one.place_code, one.household) for one in entries}
    number_of = {told: household_fingerprint(vault, *told) for told in homes_told}
    numbers = {one.row: number_of[one.place_code, one.household] for one in entries}
    entries = _refuse_households(session, entries, numbers, source, result)
    fingerprints = {one.row: vault.fingerprint(one.resident_id) for one in entries}
    people = hold_people(session, vault, {fingerprints[one.row]: one.resident_id for one in entries}, at)
    person_of = {one.row: people[fingerprints[one.row]] for one in entries}
    known_ids = [one.id for one in people.values() if not one.is_fresh]
    known = _Known(
        load_files(session, known_ids),
        load_memberships(session, known_ids),
        load_classes(session, known_ids),
        load_employments(session, known_ids),
        load_alone(session, known_ids),
    )
    entries = _refuse_people(entries, person_of, known.files, source, result)
    homes = _hold_homes(session, vault, entries, numbers, source, at)
    said = _say(session, vault, entries, person_of, known_ids, source, at)
    writes, moves = Writes.none(), dict[str, str]()
    for one in entries:
        person = person_of[one.row]
        outcome = _hear(one, person.id, homes[numbers[one.row]], known, writes, moves, source, at)
        if outcome is Outcome.UNCHANGED and person.id in said:
            outcome = Outcome.CHANGED
        result.accepted[one.row] = (outcome, person.id)
    write(session, writes)
    move_households(session, moves)
    return result


def _refuse_households(
    session: Session,
    entries: Sequence[Entry],
    numbers: Mapping[int, str],
    source: Source,
    result: Registered,
) -> list[Entry]:
    """A township's list does not move a household that lives in another one of its county."""
    if len(source.area_code) <= 6:
        return list(entries)
    held = find_households(session, set(numbers.values()))
    good = []
    for one in entries:
        home = held.get(numbers[one.row])
        if home is None or home.place_code.startswith(source.area_code):
            good.append(one)
        else:
            result.refused[one.row] = (fault("household", "registered-elsewhere"),)
    return good


def _refuse_people(
    entries: Sequence[Entry],
    person_of: Mapping[int, Person],
    files: Mapping[str, KeptFile],
    source: Source,
    result: Registered,
) -> list[Entry]:
    good = []
    for one in entries:
        kept = files.get(person_of[one.row].id)
        if kept is None or kept.place_code.startswith(source.area_code):
            good.append(one)
        else:
            result.refused[one.row] = (fault("resident_id", "registered-elsewhere"),)
    return good


def _hold_homes(
    session: Session,
    vault: Vault,
    entries: Sequence[Entry],
    numbers: Mapping[int, str],
    source: Source,
    at: datetime,
) -> dict[str, HeldHousehold]:
    wanted = {numbers[one.row]: (one.household, one.place_code) for one in entries}
    homes = find_households(session, wanted)
    missing = {one: wanted[one] for one in wanted if one not in homes}
    if missing:
        make_households(session, vault, missing, source=source.name, at=at)
        homes |= find_households(session, missing)
    return homes


def _say(
    session: Session,
    vault: Vault,
    entries: Sequence[Entry],
    person_of: Mapping[int, Person],
    known: Sequence[str],
    source: Source,
    at: datetime,
) -> set[str]:
    words = []
    for one in entries:
        person = person_of[one.row]
        seal: Seal = vault.seal_of(person.wrapped_key)
        for kind, value in (("name", one.name), ("phone", one.phone), ("education", one.education)):
            if value:
                name = f"{source.population_id}-{one.row}-{kind}"
                words.append(Word(name, person.id, seal, kind, value, one.as_of))
    return say(session, vault, words, source=source.name, known=known, at=at)


def _hear(
    one: Entry,
    person_id: str,
    home: HeldHousehold,
    known: _Known,
    writes: Writes,
    moves: dict[str, str],
    source: Source,
    at: datetime,
) -> Outcome:
    kept = known.files.get(person_id)
    changes = (
        _hear_membership(one, person_id, home, kept, known, writes, source),
        _hear_classes(one, person_id, kept, known, writes, source),
        _hear_employment(one, person_id, kept, known, writes, source),
        _hear_file(one, person_id, home, kept, writes, moves, source, at),
    )
    if kept is None:
        return Outcome.NEW
    return Outcome.CHANGED if any(changes) else Outcome.UNCHANGED


def _hear_file(
    one: Entry,
    person_id: str,
    home: HeldHousehold,
    kept: KeptFile | None,
    writes: Writes,
    moves: dict[str, str],
    source: Source,
    at: datetime,
) -> bool:
    """Where the file belongs by the latest register, and a helper where it has none. Whether anything but the day changed."""
    if kept is None or kept.known_to is None or one.as_of >= kept.known_to:
        place, household, known_to = one.place_code, home.id, one.as_of
        if home.place_code != place:
            moves[home.id] = place
    else:
        place, household, known_to = kept.place_code, kept.household_id or home.id, kept.known_to
    helper = (kept.helper_id if kept else None) or one.helper_id
    if helper and not (kept and kept.helper_id):
        writes.assignments.append(NewAssignment(person_id, at, helper, source.by))
    if kept is None:
        writes.files.append(NewFile(person_id, place, household, helper, at, source.name, known_to))
        return True
    now = KeptFile(person_id, place, household, helper, known_to)
    if now != kept:
        writes.moved.append(now)
    return now[:4] != kept[:4]


def _hear_membership(
    one: Entry,
    person_id: str,
    home: HeldHousehold,
    kept: KeptFile | None,
    known: _Known,
    writes: Writes,
    source: Source,
) -> bool:
    spells = [
        Spell(row.valid_from, row.valid_to, (row.household_id, row.relation, row.has_labour))
        for row in known.memberships.get(person_id, ())
    ]
    told = (home.id, one.relation.value, one.has_labour)
    change = hear(
        spells, told, as_of=one.as_of, since=None, known_to=_known_to(kept), is_same=lambda a, b: a == b
    )
    writes.memberships_ended.extend(_ended(person_id, change))
    if change.begun:
        begun = change.begun
        writes.memberships.append(
            NewMembership(person_id, begun.valid_from, begun.valid_to, *told, source.name)
        )
    return bool(change)


def _hear_employment(
    one: Entry,
    person_id: str,
    kept: KeptFile | None,
    known: _Known,
    writes: Writes,
    source: Source,
) -> bool:
    """Of a merged file's person it is said twice: of the file, and of this ID alone."""
    if person_id in known.alone:
        rows = known.alone[person_id]
        _say_work(one, person_id, kept, rows, writes.alone, writes.alone_ended, source)
    rows = known.employments.get(person_id, ())
    return _say_work(one, person_id, kept, rows, writes.employments, writes.employments_ended, source)


def _say_work(
    one: Entry,
    person_id: str,
    kept: KeptFile | None,
    rows: Sequence[Any],
    begun: list[NewEmployment],
    ended: list[tuple[str, date, date | None]],
    source: Source,
) -> bool:
    spells = [Spell(row.valid_from, row.valid_to, (row.area_code, row.enterprise_id)) for row in rows]
    told = (one.work.area_code, one.work.enterprise_id) if one.work else None
    since = one.work.since if one.work else None
    change = hear(spells, told, as_of=one.as_of, since=since, known_to=_known_to(kept), is_same=_is_same_work)
    ended.extend(_ended(person_id, change))
    if change.begun and one.work:
        first, last = change.begun.valid_from, change.begun.valid_to
        work = (one.work.enterprise_id, one.work.area_code)
        begun.append(NewEmployment(person_id, first, last, *work, source.name))
    return bool(change)


def _is_same_work(known: Hashable, told: Hashable) -> bool:
    """The same place and employer, or a register that knows less of them: a prefecture only, or no employer."""
    if not isinstance(known, tuple) or not isinstance(told, tuple):
        raise TypeError("work is an area and an employer")
    (area, employer), (told_area, told_employer) = known, told
    if told_employer is not None:
        return bool(employer == told_employer and area == told_area)
    return bool(area == told_area or (told_area.endswith("00") and area.startswith(told_area[:4])))


def _hear_classes(
    one: Entry,
    person_id: str,
    kept: KeptFile | None,
    known: _Known,
    writes: Writes,
    source: Source,
) -> bool:
    """Each class that is named begins, if it does not go on already; one that only an earlier register gave ends where another
    is named instead. An empty cell says nothing, an older word neither.
    """
    known_to = _known_to(kept)
    if not one.categories or (known_to is not None and one.as_of < known_to):
        return False
    rows = known.classes.get(person_id, ())
    open_now = {row.category: row for row in rows if row.valid_to is None or row.valid_to > one.as_of}
    changed = False
    for category in one.categories:
        if category not in open_now:
            ended = [row.valid_to for row in rows if row.category == category]
            start = max([one.categories_from, *ended])
            writes.classes.append(NewClass(person_id, category.value, start, None, source.name))
            changed = True
    for category, row in open_now.items():
        if category not in one.categories and row.source.startswith("import/"):
            day = one.as_of if row.valid_from < one.as_of else None
            writes.classes_ended.append((person_id, category, row.valid_from, day))
            changed = True
    return changed


def _known_to(kept: KeptFile | None) -> Any:
    return kept.known_to if kept else None


def _ended(person_id: str, change: Change) -> list[tuple[str, Any, Any]]:
    if change.dropped:
        return [(person_id, change.dropped, None)]
    return [(person_id, *change.ended)] if change.ended else []
