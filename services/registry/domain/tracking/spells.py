"""What a word about one day makes of the spells in which somebody is employed; never touches what others say of later days.

A file's spells may be those of several IDs. A spell that tracking wrote names its record, so that a record which no
longer stands can be undone and the later ones said again: the result is the same in whatever order they came.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

FROM_TRACKING: Final = "tracking/"


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody works: a registered enterprise, or just a division."""

    enterprise_id: str | None
    area_code: str

    def is_at(self, spell: "Spell") -> bool:
        """Whether the spell is at this place; a registered enterprise is one place wherever its gates are."""
        if self.enterprise_id or spell.enterprise_id:
            return self.enterprise_id == spell.enterprise_id
        return self.area_code == spell.area_code


@dataclass(frozen=True, slots=True)
class Spell:
    """Employed from a day on, until before another."""

    person_id: str
    valid_from: date
    valid_to: date | None
    enterprise_id: str | None
    area_code: str
    source: str

    @property
    def place(self) -> Place:
        """Where it is."""
        return Place(self.enterprise_id, self.area_code)

    def holds(self, day: date) -> bool:
        """Whether the day is one of it."""
        return self.valid_from <= day and (self.valid_to is None or self.valid_to > day)


def say(spells: Sequence[Spell], person_id: str, day: date, place: Place | None, source: str) -> list[Spell]:
    """Employed there from `day` on, or nowhere; until what another source says of a later day."""
    if place and any(place.is_at(one) for one in spells if one.holds(day)):
        return list(spells)
    until = _next_of_others(spells, day)
    kept = [_cut(one, day) for one in spells if one.valid_from < day or _is_beyond(one, until)]
    if place:
        kept.append(Spell(person_id, day, until, place.enterprise_id, place.area_code, source))
    return kept


def say_same(
    spells: Sequence[Spell], person_id: str, day: date, place: Place, source: str, *, month: date
) -> list[Spell]:
    """Still employed there: a spell that seemed to end within the month goes on; without one, one begins on `day`."""
    there = [
        one
        for one in spells
        if place.is_at(one) and one.valid_from <= day and (one.valid_to is None or one.valid_to >= month)
    ]
    if not there:
        return say(spells, person_id, day, place, source)
    last = max(there, key=lambda one: one.valid_from)
    if last.valid_to is None or last.holds(day):
        return list(spells)
    until = _next_of_others(spells, day)
    others = [one for one in spells if one is not last]
    kept = [
        _cut(one, last.valid_to) for one in others if one.valid_from < last.valid_to or _is_beyond(one, until)
    ]
    return [*kept, replace(last, valid_to=until)]


def undo(spells: Sequence[Spell], day: date, source: str, displaced: Iterable[Spell] = ()) -> list[Spell]:
    """As if what `source` said of `day` had not been said: its spell is gone, and what it cut or replaced goes on."""
    kept = [one for one in spells if one.source != source]
    for known in displaced:
        kept = [one for one in kept if (one.person_id, one.valid_from) != (known.person_id, known.valid_from)]
        kept.append(replace(known, valid_to=_sooner(known.valid_to, _next(kept, day))))
    if not any(one.holds(day) for one in kept):
        kept = [replace(one, valid_to=_next(kept, day)) if one.valid_to == day else one for one in kept]
    return kept


def displaced_by(before: Sequence[Spell], after: Sequence[Spell]) -> list[Spell]:
    """The spells of before that are gone or shorter now."""
    return [one for one in before if one not in after]


def _next_of_others(spells: Iterable[Spell], day: date) -> date | None:
    return _next((one for one in spells if not one.source.startswith(FROM_TRACKING)), day)


def _next(spells: Iterable[Spell], day: date) -> date | None:
    return min((one.valid_from for one in spells if one.valid_from > day), default=None)


def _sooner(one: date | None, other: date | None) -> date | None:
    return min((day for day in (one, other) if day), default=None)


def _is_beyond(spell: Spell, until: date | None) -> bool:
    return until is not None and spell.valid_from >= until


def _cut(spell: Spell, day: date) -> Spell:
    return replace(spell, valid_to=day) if spell.holds(day) else spell
