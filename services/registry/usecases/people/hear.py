"""What one row of a register makes of what is known of its person: memberships, classes, employment, and where the file is.

The same word a second time, and an older one, change nothing.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from services.registry.domain.people.register import Entry
from services.registry.domain.people.spells import Change, Spell, hear
from services.registry.store.register import (
    HeldHousehold,
    KeptFile,
    NewAssignment,
    NewClass,
    NewEmployment,
    NewFile,
    NewMembership,
    Writes,
)


@dataclass(frozen=True)
class Known:
    """What is known of the people of a chunk before it, by person id."""

    files: Mapping[str, KeptFile]
    memberships: Mapping[str, Sequence[Any]]
    classes: Mapping[str, Sequence[Any]]
    employments: Mapping[str, Sequence[Any]]
    alone: Mapping[str, Sequence[Any]]
    """The employments of those who are of a merged file, by the words about each ID alone."""


@dataclass
class Hearing:
    """Hears rows, told by `source` and sent by `by` at `at`; what is to be written gathers in `writes`, and in `moves` where
    households moved to (id -> place)."""

    known: Known
    source: str
    by: str
    at: datetime
    writes: Writes = field(default_factory=Writes.none)
    moves: dict[str, str] = field(default_factory=dict)

    def hear(self, one: Entry, person_id: str, home: HeldHousehold) -> bool:
        """What the row says of this person, who lives in `home`. Whether anything but days changed."""
        kept = self.known.files.get(person_id)
        changes = (
            self._membership(one, person_id, home, kept),
            self._classes(one, person_id, kept),
            self._employment(one, person_id, kept),
            self._file(one, person_id, home, kept),
        )
        return any(changes)

    def _file(self, one: Entry, person_id: str, home: HeldHousehold, kept: KeptFile | None) -> bool:
        """Where the file belongs by the latest register, and a helper where it has none. Whether anything but the day changed."""
        if kept is None or kept.known_to is None or one.as_of >= kept.known_to:
            place, household, known_to = one.place_code, home.id, one.as_of
            if home.place_code != place:
                self.moves[home.id] = place
        else:
            place, household, known_to = kept.place_code, kept.household_id or home.id, kept.known_to
        helper = (kept.helper_id if kept else None) or one.helper_id
        if helper and not (kept and kept.helper_id):
            self.writes.assignments.append(NewAssignment(person_id, self.at, helper, self.by))
        if kept is None:
            self.writes.files.append(
                NewFile(person_id, place, household, helper, self.at, self.source, known_to)
            )
            return True
        now = KeptFile(person_id, place, household, helper, known_to)
        if now != kept:
            self.writes.moved.append(now)
        return now[:4] != kept[:4]

    def _membership(self, one: Entry, person_id: str, home: HeldHousehold, kept: KeptFile | None) -> bool:
        spells = [
            Spell(row.valid_from, row.valid_to, (row.household_id, row.relation, row.has_labour))
            for row in self.known.memberships.get(person_id, ())
        ]
        told = (home.id, one.relation.value, one.has_labour)
        change = hear(
            spells, told, as_of=one.as_of, since=None, known_to=_known_to(kept), is_same=lambda a, b: a == b
        )
        self.writes.memberships_ended.extend(_ended(person_id, change))
        if change.begun:
            begun = change.begun
            self.writes.memberships.append(
                NewMembership(person_id, begun.valid_from, begun.valid_to, *told, self.source)
            )
        return bool(change)

    def _employment(self, one: Entry, person_id: str, kept: KeptFile | None) -> bool:
        """Of a merged file's person it is said twice: of the file, and of this ID alone."""
        known, writes = self.known, self.writes
        if person_id in known.alone:
            self._work(one, person_id, kept, known.alone[person_id], writes.alone, writes.alone_ended)
        rows = known.employments.get(person_id, ())
        return self._work(one, person_id, kept, rows, writes.employments, writes.employments_ended)

    def _work(
        self,
        one: Entry,
        person_id: str,
        kept: KeptFile | None,
        rows: Sequence[Any],
        begun: list[NewEmployment],
        ended: list[tuple[str, date, date | None]],
    ) -> bool:
        spells = [Spell(row.valid_from, row.valid_to, (row.area_code, row.enterprise_id)) for row in rows]
        told = (one.work.area_code, one.work.enterprise_id) if one.work else None
        since = one.work.since if one.work else None
        change = hear(
            spells, told, as_of=one.as_of, since=since, known_to=_known_to(kept), is_same=_is_same_work
        )
        ended.extend(_ended(person_id, change))
        if change.begun and one.work:
            first, last = change.begun.valid_from, change.begun.valid_to
            work = (one.work.enterprise_id, one.work.area_code)
            begun.append(NewEmployment(person_id, first, last, *work, self.source))
        return bool(change)

    def _classes(self, one: Entry, person_id: str, kept: KeptFile | None) -> bool:
        """Each class that is named begins, if it does not go on already; one that only an earlier register gave ends where another
        is named instead. An empty cell says nothing, an older word neither.
        """
        known_to = _known_to(kept)
        if not one.categories or (known_to is not None and one.as_of < known_to):
            return False
        rows = self.known.classes.get(person_id, ())
        open_now = {row.category: row for row in rows if row.valid_to is None or row.valid_to > one.as_of}
        changed = False
        for category in one.categories:
            if category not in open_now:
                ended = [row.valid_to for row in rows if row.category == category]
                start = max([one.categories_from, *ended])
                self.writes.classes.append(NewClass(person_id, category.value, start, None, self.source))
                changed = True
        for category, row in open_now.items():
            if category not in one.categories and row.source.startswith("import/"):
                day = one.as_of if row.valid_from < one.as_of else None
                self.writes.classes_ended.append((person_id, category, row.valid_from, day))
                changed = True
        return changed


def _is_same_work(known: Hashable, told: Hashable) -> bool:
    """The same place and employer, or a register that knows less of them: a prefecture only, or no employer."""
    if not isinstance(known, tuple) or not isinstance(told, tuple):
        raise TypeError("work is an area and an employer")
    (area, employer), (told_area, told_employer) = known, told
    if told_employer is not None:
        return bool(employer == told_employer and area == told_area)
    return bool(area == told_area or (told_area.endswith("00") and area.startswith(told_area[:4])))


def _known_to(kept: KeptFile | None) -> Any:
    return kept.known_to if kept else None


def _ended(person_id: str, change: Change) -> list[tuple[str, Any, Any]]:
    if change.dropped:
        return [(person_id, change.dropped, None)]
    return [(person_id, *change.ended)] if change.ended else []
