"""Writes down what a chunk of a register says of people, in the caller's transaction; refuses to know files.

Who is registered in another area is not moved by a list of this one: that would take people from a neighbour in silence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session

from services.registry.domain.fault import Fault, fault
from services.registry.domain.people.register import Entry
from services.registry.store.people import Person, hold_people
from services.registry.store.register import (
    HeldHousehold,
    KeptFile,
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
from services.registry.usecases.people.hear import Hearing, Known
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
    known = Known(
        load_files(session, known_ids),
        load_memberships(session, known_ids),
        load_classes(session, known_ids),
        load_employments(session, known_ids),
        load_alone(session, known_ids),
    )
    entries = _refuse_people(entries, person_of, known.files, source, result)
    homes = _hold_homes(session, vault, entries, numbers, source, at)
    said = _say(session, vault, entries, person_of, known_ids, source, at)
    hearing = Hearing(known, source.name, source.by, at)
    for one in entries:
        person_id = person_of[one.row].id
        is_changed = hearing.hear(one, person_id, homes[numbers[one.row]]) or person_id in said
        is_new = person_id not in known.files
        outcome = Outcome.NEW if is_new else Outcome.CHANGED if is_changed else Outcome.UNCHANGED
        result.accepted[one.row] = (outcome, person_id)
    write(session, hearing.writes)
    move_households(session, hearing.moves)
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
