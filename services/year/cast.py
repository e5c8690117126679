"""Chooses to whom of the county's people something happens; nothing depends on who it is."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.year.roll import Roll, Worker
from shared.kernel.errors import Conflict

CHANGES_IN, LOOKS_IN, LOST_IN, LATE_IN, FALLS_IN, CASE_IN, AWARD_IN = 2, 3, 4, 5, 7, 8, 10
"""In which of the twelve months what happens."""
ORGANISED = 6
"""Workers whose journey an agency organised: the first of the roster."""


class TooFewPeople(Conflict):
    """Only {people} workers of one county have arrived: too few for the year. Give more with --people."""

    zh = "同一县到达的工人只有 {people} 人，不足以演示全年。请用 --people 增加人数。"


@dataclass(frozen=True)
class Somebody:
    """One of a helper's list, and the row of the roster that they came by."""

    person_id: str
    worker: Worker


@dataclass(frozen=True)
class Cast:
    """To whom what happens."""

    arrived: int
    """How many of the county are followed, of whom these are some."""
    organised: tuple[Somebody, ...]
    changes: Somebody
    looks: Somebody
    lost: Somebody
    late: Somebody
    falls: Somebody
    """Alone in their household."""
    owed: Somebody
    forgotten: Somebody


def cast_of(roll: Roll, people: Sequence[Mapping[str, Any]]) -> Cast:
    """The cast from those who are on the helpers' lists, in the order of the roster. Raises TooFewPeople."""
    ids = {(one["name"], one["phone"]): one["person_id"] for one in people}
    found = [
        Somebody(ids[key], worker) for worker in roll.workers if (key := (worker.name, worker.phone)) in ids
    ]
    first = set(roll.workers[:ORGANISED])
    sizes = Counter(worker.household for worker in roll.workers)
    organised = tuple(one for one in found if one.worker in first)
    alone = [one for one in found if one.worker not in first and sizes[one.worker.household] == 1]
    if len(alone) < 7 or len(organised) < 2:
        raise TooFewPeople(people=len(found))
    return Cast(len(found), organised, *alone[:7])
