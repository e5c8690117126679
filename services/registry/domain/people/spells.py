"""Knows what a register's word of one day does to the spells that are known; refuses to know of what they are.

A word of the latest day counts from there on. An older one, or one about a day before a spell that began since (somebody
has heard later of them), changes nothing that is known: at most it fills the time before the first spell. So registers
may come in any order, and a month that was forgotten is sent later without harm.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Spell:
    """From a day on, until another; None: it goes on. `what` is where, or with whom."""

    valid_from: date
    valid_to: date | None
    what: Hashable

    def holds(self, day: date) -> bool:
        """Whether the day is in it."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True, slots=True)
class Change:
    """What to write: the spell that ends and on which day, the one that was a mistake, the one that begins."""

    ended: tuple[date, date] | None = None
    dropped: date | None = None
    begun: Spell | None = None

    def __bool__(self) -> bool:
        return self.ended is not None or self.dropped is not None or self.begun is not None


NOTHING = Change()


def hear(
    spells: Sequence[Spell],
    what: Hashable | None,
    *,
    as_of: date,
    since: date | None,
    known_to: date | None,
    is_same: Callable[[Hashable, Hashable], bool],
) -> Change:
    """What a word changes: as things were on `as_of`, it was `what` since `since` (or had been for who knows how long), or
    nothing at all (None).

    `known_to` is the latest day of which a register has told. `is_same(known, told)`: the word adds nothing to it.
    """
    if (known_to is not None and as_of < known_to) or any(one.valid_from > as_of for one in spells):
        return _fill(spells, what, as_of, since)
    current = next((one for one in spells if one.holds(as_of)), None)
    if current is None:
        if what is None:
            return NOTHING
        ended = max((one.valid_to for one in spells if one.valid_to), default=None)
        start = since or as_of
        return Change(begun=Spell(max(start, ended) if ended else start, None, what))
    if what is not None and is_same(current.what, what):
        return NOTHING
    start = since if what is not None and since and since > current.valid_from else as_of
    begun = None if what is None else Spell(start, None, what)
    if start <= current.valid_from:
        return Change(dropped=current.valid_from, begun=begun)
    return Change(ended=(current.valid_from, start), begun=begun)


def _fill(spells: Sequence[Spell], what: Hashable | None, as_of: date, since: date | None) -> Change:
    first = min((one.valid_from for one in spells), default=None)
    if first is None or what is None or as_of >= first:
        return NOTHING
    return Change(begun=Spell(min(since or as_of, as_of), first, what))
