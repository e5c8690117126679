"""What a try to reach somebody can find, and what the month's task adds up to; the latest word stands.

Who was reached was reached: a call of the same day that failed says nothing against it, whichever came first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from shared.kernel.clock import local_date


class Finding(StrEnum):
    """How somebody is found in a month."""

    SAME = "same"
    CHANGED = "changed"
    LOOKING = "looking"
    HOME = "home"
    NOT_REACHED = "not_reached"


FINDING_WORDS: Final[dict[str, tuple[str, str]]] = {
    Finding.SAME: ("仍在原单位", "Same employer"),
    Finding.CHANGED: ("换了单位", "Changed employer"),
    Finding.LOOKING: ("正在找工作", "Looking for work"),
    Finding.HOME: ("已返乡", "Returned home"),
    Finding.NOT_REACHED: ("联系不上", "Not reached"),
}
EMPLOYED: Final = frozenset({Finding.SAME, Finding.CHANGED})
NOT_EMPLOYED: Final = frozenset({Finding.LOOKING, Finding.HOME})


class WageBand(StrEnum):
    """What somebody earns in a month, in yuan."""

    BELOW_2000 = "below_2000"
    FROM_2000 = "from_2000"
    FROM_3000 = "from_3000"
    FROM_4000 = "from_4000"
    FROM_5000 = "from_5000"


WAGE_WORDS: Final[dict[str, tuple[str, str]]] = {
    WageBand.BELOW_2000: ("不到2000元", "Below ¥2,000"),
    WageBand.FROM_2000: ("2000–2999元", "¥2,000–2,999"),
    WageBand.FROM_3000: ("3000–3999元", "¥3,000–3,999"),
    WageBand.FROM_4000: ("4000–4999元", "¥4,000–4,999"),
    WageBand.FROM_5000: ("5000元以上", "¥5,000 and more"),
}


@dataclass(frozen=True, slots=True)
class Try:
    """One record of a task, as far as it decides how the task stands."""

    id: str
    finding: Finding
    tried_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class TaskStanding:
    """How a task stands: its outcome, None while it is open; the record that stands; the days on which nobody was reached."""

    outcome: Finding | None
    record_id: str | None
    tries: int


def reached_on(tries: Iterable[Try]) -> frozenset[date]:
    """The days on which somebody was reached."""
    return frozenset(local_date(one.tried_at) for one in tries if one.finding is not Finding.NOT_REACHED)


def failed_on(tries: Sequence[Try]) -> frozenset[date]:
    """The days on which nobody was reached, however often it was tried."""
    return frozenset(local_date(one.tried_at) for one in tries) - reached_on(tries)


def speaking(tries: Iterable[Try]) -> frozenset[str]:
    """Which of a task's records say where somebody worked in the month, in whatever order they came.

    Of each day the latest word. One day's does not undo another's, for somebody may come home on the 5th and work again
    on the 9th; but who is later found at the same employer had not left, whatever was understood before.
    """
    said: list[Try] = []
    for one in _in_order(one for one in tries if one.finding is not Finding.NOT_REACHED):
        said = [known for known in said if local_date(known.tried_at) != local_date(one.tried_at)]
        while one.finding is Finding.SAME and said and said[-1].finding in NOT_EMPLOYED:
            said.pop()
        said.append(one)
    return frozenset(one.id for one in said)


def standing_of(tries: Iterable[Try], tries_needed: int) -> TaskStanding:
    """What a task's records add up to, in whatever order they came.

    The latest by `recorded_at` stands, but for calls that failed on a day on which somebody was reached. "Not reached"
    is an outcome only after tries on so many different days; until then the task stays open.
    """
    known = _in_order(tries)
    reached, days = reached_on(known), failed_on(known)
    known = [
        one
        for one in known
        if one.finding is not Finding.NOT_REACHED or local_date(one.tried_at) not in reached
    ]
    if not known:
        return TaskStanding(None, None, 0)
    last = known[-1]
    is_open = last.finding is Finding.NOT_REACHED and len(days) < tries_needed
    return TaskStanding(None if is_open else last.finding, last.id, len(days))


def _in_order(tries: Iterable[Try]) -> list[Try]:
    return sorted(tries, key=lambda one: (one.recorded_at, one.id))
