"""Knows who may be marked as boarded, and until when; refuses to know who the escort is.

Nobody boards after departure (domain invariant 4; China's rule of March 2020: no boarding en route). A phone
without a network may send its marks late: what counts is the hour at which the mark was made.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from services.notifier.domain.trip import TripNotRunning, TripState
from services.notifier.domain.wording import hours
from shared.kernel.errors import Conflict, InvalidInput

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far a phone's clock may be ahead of ours."""


ORDER_TOLERANCE = timedelta(minutes=1)
"""Marks closer than this are taken in the order in which they come: a slow network blurs the hour of each."""


EARLY_TOLERANCE = timedelta(hours=2)
"""How much earlier than its timetable a coach may leave [D]: because all are on it, or were called to come sooner. One
that is gone earlier than this has left people behind who were told an hour, and nobody should believe it by itself."""


class BoardingClosed(Conflict):
    """Trip {trip_id} left at {departed_at}; a mark made after that does not count. Ask the dispatcher."""

    zh = "车次 {trip_id} 已于 {departed_at} 发车，此后的登记无效，请联系调度员。"


class ClockAhead(InvalidInput):
    """The phone's clock is ahead: it says {at}. Set the phone's time to automatic and mark again."""

    zh = "手机时间偏快（{at}）。请把手机时间设为自动后重新登记。"


class TooEarlyToLeave(Conflict):
    """Trip {trip_id} leaves its last stop at {departs_en}, and cannot have left at {at_en}. Report the departure once the coach has left; if the timetable is wrong, ask the dispatcher."""

    zh = "车次 {trip_id} 应于 {departs_zh} 离开最后一个上车点，不可能在 {at_zh} 已发车。请在发车后报告；时刻有误请联系调度员。"


class Presence(StrEnum):
    """What the escort says of a worker: nothing yet, on the coach, or did not come."""

    EXPECTED = "expected"
    BOARDED = "boarded"
    NO_SHOW = "no_show"


@dataclass(frozen=True)
class Boarding:
    """A worker's mark; `at` is the instant at which it was made, by the phone's clock."""

    presence: Presence = Presence.EXPECTED
    at: datetime | None = None


@dataclass(frozen=True)
class Run:
    """What boarding needs to know of a trip."""

    trip_id: str
    state: TripState
    departs_at: datetime
    departed_at: datetime | None = None


def mark(boarding: Boarding, presence: Presence, at: datetime, run: Run, now: datetime) -> Boarding:
    """The mark after the escort says `presence` at the instant `at`; the same object where nothing changes.

    A mark clearly older than the one that stands has come late and changes nothing. Raises TripNotRunning,
    BoardingClosed or ClockAhead.
    """
    _check_instant(at, run, now)
    if run.departed_at is not None and at > run.departed_at:
        raise BoardingClosed(trip_id=run.trip_id, departed_at=run.departed_at.isoformat())
    late = boarding.at is not None and at < boarding.at - ORDER_TOLERANCE
    return boarding if late or presence is boarding.presence else Boarding(presence, at)


def depart(run: Run, at: datetime, now: datetime) -> Run:
    """The trip after its escort reports that it has left; a second report changes nothing.

    Raises TripNotRunning, ClockAhead or TooEarlyToLeave.
    """
    _check_instant(at, run, now)
    if run.departed_at:
        return run
    if at < run.departs_at - EARLY_TOLERANCE:
        raise TooEarlyToLeave(trip_id=run.trip_id, **hours(departs=run.departs_at, at=at))
    return replace(run, state=TripState.DEPARTED, departed_at=at)


def _check_instant(at: datetime, run: Run, now: datetime) -> None:
    if run.state is TripState.CANCELLED:
        raise TripNotRunning(trip_id=run.trip_id)
    if at > now + CLOCK_TOLERANCE:
        raise ClockAhead(at=at.isoformat())
