"""Puts together what is known of each worker from what the registry has; judges nothing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlmodel import Session

from services.registry.domain.identity import find_birth_date
from services.registry.domain.outside import OutsideKind
from services.registry.domain.rewards.facts import (
    Allowance,
    ClassSpell,
    Contract,
    Hold,
    Ride,
    Spell,
    Worker,
)
from services.registry.domain.rewards.rule import Purpose
from services.registry.store.files import persons_of
from services.registry.store.people import resident_id_context
from services.registry.store.rewards.facts import Read, read_facts
from services.registry.store.rewards.lists import holds_on
from services.registry.store.tables import PersonRow
from shared.roster import Category
from shared.security import Vault


def workers_of(
    session: Session, places: Mapping[str, str], *, vault: Vault | None = None, but: str = ""
) -> dict[str, Worker]:
    """By file: what is known, for files with their places; what holds them, `but` for one list. With a vault also the date of
    birth, from the resident ID."""
    ids = list(places)
    read = read_facts(session, ids)
    persons = persons_of(session, ids)
    outside = _outside(read)
    held = _by_file((row[0], Hold(Purpose(row[1]), *row[2:])) for row in holds_on(session, ids, but=but))
    spells = _by_file((row[0], Spell(row[1], row[2], row[3], row[4])) for row in read.spells)
    rides = _by_file((row[0], Ride(row[1], row[2] or "")) for row in read.rides)
    tracked = _by_file(read.tracked)
    classes = _classes(read)
    return {
        one: Worker(
            person_id=one,
            place_code=place,
            born=_born(persons[one][0], vault) if vault else None,
            is_erased=persons[one][0].wrapped_key is None,
            classes=tuple(classes[one]),
            spells=tuple(sorted(spells[one], key=lambda spell: spell.first)),
            tracked=frozenset(tracked[one]),
            insured_known_to=_known_to(read.insured_known_to, place),
            rides=tuple(rides[one]),
            holds=tuple(held[one]),
            **outside[one],
        )
        for one, place in places.items()
    }


def _by_file(rows: Iterable[tuple[str, Any]]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for file_id, value in rows:
        found[file_id].append(value)
    return found


def _classes(read: Read) -> dict[str, list[ClassSpell]]:
    """By the offices' lists; for whom no list says anything, as the bureau wrote it on the roster, from arrival on."""
    listed = _by_file((row[0], ClassSpell(Category(row[1]), row[2], row[3])) for row in read.classes)
    written = _by_file((row[0], ClassSpell(Category(row[1]), row[2], None)) for row in read.roster_classes)
    return defaultdict(list, written | listed)


def _outside(read: Read) -> dict[str, dict[str, Any]]:
    insured: dict[str, set[tuple[str, str]]] = defaultdict(set)
    contracts: dict[str, list[Contract]] = defaultdict(list)
    allowances: dict[str, list[Allowance]] = defaultdict(list)
    for file_id, kind, period, enterprise_id, months in read.outside:
        match kind:
            case OutsideKind.EMPLOYMENT:
                insured[file_id].add((enterprise_id or "", period))
            case OutsideKind.CONTRACT:
                contracts[file_id].append(
                    Contract(enterprise_id or "", date.fromisoformat(period), months or 0)
                )
            case OutsideKind.ALLOWANCE:
                allowances[file_id].append(Allowance(period))
    return defaultdict(
        dict,
        {
            one: {
                "insured": frozenset(insured[one]),
                "contracts": tuple(contracts[one]),
                "allowances": tuple(allowances[one]),
            }
            for one in {*insured, *contracts, *allowances}
        },
    )


def _known_to(known: Mapping[str, str], place: str) -> str | None:
    return max((month for area, month in known.items() if place.startswith(area)), default=None)


def _born(person: PersonRow, vault: Vault) -> date | None:
    if person.wrapped_key is None:
        return None
    context = resident_id_context(person.id)
    return find_birth_date(vault.open(person.wrapped_key, person.resident_id_sealed, context))


def places_of(found: Sequence[Any]) -> dict[str, str]:
    """File -> place of what was found of them."""
    return {one.file_id: one.place_code for one in found}
