"""Knows by which day something in a case must have happened, from rules that are dated data with their source.

A period begins on the day after what sets it off. Days on which it is suspended do not count. One that would end on
a day of rest ends on the next working day, by the State Council's calendar; in a year whose calendar is not published
yet Monday to Friday count as working days, and the day is provisional.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal

import chinese_calendar
from pydantic import BaseModel, ConfigDict, PositiveInt

from services.registry.domain.months import add_months
from services.registry.domain.rights.case import CaseType
from shared.kernel.errors import Conflict, InvalidInput

_FRIDAY = 4
_DAY = timedelta(days=1)


class ClockKind(StrEnum):
    """What there is a time for."""

    LIMIT = "limit"
    MEDIATION = "mediation"
    ACCEPTANCE = "acceptance"
    ARBITRATION = "arbitration"
    INSPECTION = "inspection"
    SUIT = "suit"


class ClockRule(BaseModel):
    """How long something may take, and by how much that may be extended."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    length: PositiveInt
    unit: Literal["day", "workday", "year"]
    extension_max: PositiveInt | None = None
    mark: Literal["S", "R"]
    source: str


class ClockRules(BaseModel):
    """The clocks in force from a day on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    version: PositiveInt
    valid_from: date
    valid_to: date | None = None
    """The last day."""
    source: str
    limit_types: frozenset[CaseType]
    no_limit_while_employed: frozenset[CaseType]
    clocks: Mapping[ClockKind, ClockRule]

    @property
    def key(self) -> str:
        """`labour-disputes/1`."""
        return f"{self.id}/{self.version}"


class ClockNotExtendable(InvalidInput):
    """The clock {kind} can be extended by {most} day(s) in all, and has been by {had}. Give at most what is left."""

    zh = "“{kind}”期限累计最多延长 {most} 天，已延长 {had} 天。请不超过剩余天数。"


class ClockSuspended(Conflict):
    """The clock {kind} is suspended. Resume it first."""

    zh = "“{kind}”期限已中止。请先恢复。"


class ClockRunning(Conflict):
    """The clock {kind} is not suspended."""

    zh = "“{kind}”期限没有中止。"


@dataclass(frozen=True, slots=True)
class Pause:
    """Days that do not count: from `begins_on` up to the day before `ends_on`, or until further notice."""

    begins_on: date
    ends_on: date | None = None

    def holds(self, day: date) -> bool:
        """Whether the clock stands on that day."""
        return self.begins_on <= day and (self.ends_on is None or day < self.ends_on)


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of a case as it stands; `begins_on` is the day of what sets it off, which does not count."""

    kind: ClockKind
    begins_on: date
    extension: int = 0
    pauses: Sequence[Pause] = field(default=())

    @property
    def is_suspended(self) -> bool:
        return bool(self.pauses) and self.pauses[-1].ends_on is None


@dataclass(frozen=True, slots=True)
class Due:
    """The last day; provisional where the calendar of its year is not published yet."""

    day: date
    is_provisional: bool = False


def find_rules(versions: Iterable[ClockRules], day: date) -> ClockRules:
    """The rules in force on `day`; the earliest for a day before all of them."""
    known = sorted(versions, key=lambda one: (one.valid_from, one.version))
    holding = [
        one for one in known if one.valid_from <= day and (one.valid_to is None or day <= one.valid_to)
    ]
    return holding[-1] if holding else known[0]


def due_of(rule: ClockRule, clock: Clock) -> Due | None:
    """By which day; None as long as the clock is suspended."""
    if clock.is_suspended:
        return None
    if rule.unit == "workday":
        return _count(clock, rule.length + clock.extension, workdays=True)
    length = rule.length
    if rule.unit == "year":
        length = (add_months(clock.begins_on, 12 * rule.length) - clock.begins_on).days
    return _off_rest(_count(clock, length + clock.extension, workdays=False))


def begin_limit(
    rules: ClockRules, case_type: CaseType, known_on: date, *, is_employed: bool, employed_until: date | None
) -> Clock | None:
    """The time for an application to arbitration; None where there is none, or none as long as the employment lasts."""
    if case_type not in rules.limit_types:
        return None
    if case_type not in rules.no_limit_while_employed:
        return Clock(ClockKind.LIMIT, known_on)
    if is_employed:
        return None
    return Clock(ClockKind.LIMIT, employed_until or known_on)


def extend(rule: ClockRule, clock: Clock, days: int) -> Clock:
    """The clock with so many days more. Raises ClockNotExtendable, ClockSuspended."""
    if clock.is_suspended:
        raise ClockSuspended(kind=clock.kind)
    most = rule.extension_max or 0
    if clock.extension + days > most:
        raise ClockNotExtendable(field="days", kind=clock.kind, most=most, had=clock.extension)
    return Clock(clock.kind, clock.begins_on, clock.extension + days, clock.pauses)


def suspend(clock: Clock, day: date) -> Clock:
    """The clock standing from that day on. Raises ClockSuspended."""
    if clock.is_suspended:
        raise ClockSuspended(kind=clock.kind)
    return Clock(clock.kind, clock.begins_on, clock.extension, (*clock.pauses, Pause(day)))


def resume(clock: Clock, day: date) -> Clock:
    """The clock going again from that day on, which counts. Raises ClockRunning."""
    if not clock.is_suspended:
        raise ClockRunning(kind=clock.kind)
    last = Pause(clock.pauses[-1].begins_on, max(day, clock.pauses[-1].begins_on))
    return Clock(clock.kind, clock.begins_on, clock.extension, (*clock.pauses[:-1], last))


def _count(clock: Clock, length: int, *, workdays: bool) -> Due:
    """The day on which `length` days have gone by that count."""
    day, left, is_provisional = clock.begins_on, length, False
    while left:
        day += _DAY
        if any(pause.holds(day) for pause in clock.pauses):
            continue
        counts, guessed = is_workday(day) if workdays else (True, False)
        left -= counts
        is_provisional |= guessed
    return Due(day, is_provisional)


def _off_rest(due: Due) -> Due:
    """The day itself, or the next working day after a day of rest."""
    day = due.day
    while True:
        works, guessed = is_workday(day)
        if works:
            return Due(day, due.is_provisional or guessed)
        day += _DAY


def is_workday(day: date) -> tuple[bool, bool]:
    """Whether one works on that day, and whether that is a guess."""
    try:
        return chinese_calendar.is_workday(day), False
    except NotImplementedError:
        return day.weekday() <= _FRIDAY, True
