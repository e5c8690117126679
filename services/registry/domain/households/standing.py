"""Knows whether a household has labour force and somebody employed, day by day; refuses to know who they are.

It has labour force on a day when one of its members counts as labour force on it, and is employed when any of its
members is. A member is a file: who was merged from two IDs has the spells of both.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Standing(StrEnum):
    """What a household is on a day. GONE: nobody belongs to it."""

    EMPLOYED = "employed"
    ZERO = "zero"
    NO_LABOUR = "no_labour"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Spell:
    """Days from `first` to before `end`; without an end it goes on."""

    first: date
    end: date | None = None

    def holds(self, day: date) -> bool:
        """Whether the day is one of them."""
        return self.first <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Belonging(Spell):
    """Days on which a member belongs to the household, as labour force or not."""

    has_labour: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """One file: when it belongs to the household, and when it is employed, wherever."""

    belongs: tuple[Belonging, ...]
    works: tuple[Spell, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """From `first` on the household stands so, until the next run begins."""

    first: date
    standing: Standing


def standing_on(members: Iterable[Member], day: date) -> Standing:
    """What the household is on that day."""
    here = [(one, [spell for spell in one.belongs if spell.holds(day)]) for one in members]
    here = [(one, spells) for one, spells in here if spells]
    if not here:
        return Standing.GONE
    if not any(spell.has_labour for _, spells in here for spell in spells):
        return Standing.NO_LABOUR
    works = any(spell.holds(day) for one, _ in here for spell in one.works)
    return Standing.EMPLOYED if works else Standing.ZERO


def runs_until(members: Sequence[Member], day: date) -> list[Run]:
    """How the household stood from its beginning to `day`; the last run is the one that holds `day`."""
    spells: list[Spell] = [spell for one in members for spell in (*one.belongs, *one.works)]
    turns = {turn for spell in spells for turn in (spell.first, spell.end) if turn and turn <= day}
    runs: list[Run] = []
    for turn in sorted(turns) or [day]:
        standing = standing_on(members, turn)
        if not runs or runs[-1].standing is not standing:
            runs.append(Run(turn, standing))
    return runs
