"""Knows what an enterprise may say of the workers brought to its gate, and until when it may change its mind.

Never confirms by itself: a deadline that passes leaves the worker unanswered (domain, `confirm.deadline_h`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.notifier.domain.handover_faults import FAULTS
from services.notifier.domain.trip import TripNotRunning, TripState
from services.notifier.domain.wording import hours
from shared.events import ObjectionReason, Outcome
from shared.kernel.errors import Conflict, InvalidInput

OBJECTIONS = frozenset({Outcome.REFUSED, Outcome.DISPUTED})
"""What an enterprise says against a worker or their arrival: it owes a reason."""
NOTE_LENGTH_MAX = 200
_LONG_NUMBER = re.compile(r"\d(?:(?:[^\w:：]|_)*\d){6}")
"""Seven digits with nothing but signs and spaces between them: a phone, an ID. A colon parts the hours of a day."""
SOONER = 1 / 4
"""How much of its planned time a coach may save [D]: the timetable drives highways at 80 km/h (the dispatcher's road
table) and a coach may drive 100 there, which saves a fifth; a little more is for a shorter road."""


class ConfirmationsRefused(InvalidInput):
    """{count} answers cannot be taken, so none was. See each one's fault."""

    zh = "有 {count} 条确认无法接受，因此全部未登记。请看每条的原因。"


class NotYetDeparted(Conflict):
    """Trip {trip_id} has not left yet, so nobody can have arrived. Confirm when the coach is at the gate."""

    zh = "车次 {trip_id} 尚未发车，无法确认到达。请在车辆到达后确认。"


@dataclass(frozen=True)
class Answer:
    """What the enterprise says of one worker; without outcome it has written a note and chosen none."""

    request_id: str
    outcome: Outcome | None
    note: str | None = None
    reason: ObjectionReason | None = None


@dataclass(frozen=True)
class Standing:
    """What it has said of a worker so far; `first_at` is when it first did, `due_at` when the coach is due at the gate."""

    due_at: datetime
    outcome: Outcome | None = None
    note: str | None = None
    reason: ObjectionReason | None = None
    first_at: datetime | None = None


@dataclass(frozen=True)
class Arrival:
    """What confirming needs to know of a trip."""

    trip_id: str
    state: TripState
    departs_at: datetime
    arrives_at: datetime
    departed_at: datetime | None = None


def changed_answers(
    arrival: Arrival,
    standings: Mapping[str, Standing],
    answers: Sequence[Answer],
    now: datetime,
    correctable_for: timedelta,
) -> list[Answer]:
    """The answers that change something, in order; the same answer given again changes nothing.

    `standings` are this enterprise's own riders of this trip. All or nothing: raises ConfirmationsRefused with
    `errors`, one a faulty answer; raises TripNotRunning, or NotYetDeparted before the coach has left.
    """
    if arrival.state is TripState.CANCELLED:
        raise TripNotRunning(trip_id=arrival.trip_id)
    if arrival.state is TripState.PUBLISHED and now < arrival.departs_at:
        raise NotYetDeparted(trip_id=arrival.trip_id)
    faults = []
    seen: set[str] = set()
    for index, answer in enumerate(answers):
        standing = standings.get(answer.request_id)
        fault = _fault(answer, standing, seen, arrival, now, correctable_for)
        if fault is not None:
            code, values = fault
            zh, en = (words.format(**values) for words in FAULTS[code])
            named = {"field": f"answers[{index}]", "request_id": answer.request_id, "code": code}
            faults.append({**named, "fault_zh": zh, "fault_en": en})
        seen.add(answer.request_id)
    if faults:
        raise ConfirmationsRefused(count=len(faults), errors=faults)
    return [answer for answer in answers if not _same(answer, standings[answer.request_id])]


def correctable_until(
    arrival: Arrival, first_at: datetime | None, correctable_for: timedelta
) -> datetime | None:
    """Until when an answer may be changed: counted from the arrival, or from a first answer that came later.

    None where there is no answer yet: a first answer is taken at any time.
    """
    return None if first_at is None else max(arrival.arrives_at, first_at) + correctable_for


def arrivable_from(arrival: Arrival, due_at: datetime) -> datetime:
    """When a worker can be at a gate at the earliest; `due_at` is the timetable's hour there.

    A departure that was reported late changes nothing: the coach may have left in time.
    """
    left_at = min(arrival.departed_at or arrival.departs_at, arrival.departs_at)
    return left_at + (due_at - arrival.departs_at) * (1 - SOONER)


def _same(answer: Answer, standing: Standing) -> bool:
    said = (standing.outcome, standing.note, standing.reason)
    return (answer.outcome, answer.note, answer.reason) == said


def _fault(
    answer: Answer,
    standing: Standing | None,
    seen: set[str],
    arrival: Arrival,
    now: datetime,
    correctable_for: timedelta,
) -> tuple[str, Mapping[str, object]] | None:
    """The code of what is wrong with one answer, and what its words are filled with."""
    if standing is None:
        return "not-your-rider", {}
    if answer.request_id in seen:
        return "answered-twice", {}
    if answer.outcome is None:
        return "outcome-missing", {}
    if answer.note and len(answer.note) > NOTE_LENGTH_MAX:
        return "note-too-long", {"length": NOTE_LENGTH_MAX}
    if answer.note and _LONG_NUMBER.search(answer.note):
        return "note-has-number", {}
    if answer.outcome in OBJECTIONS and not (answer.reason or answer.note):
        return "reason-missing", {}
    if answer.outcome not in OBJECTIONS and answer.reason:
        return "reason-out-of-place", {}
    if _same(answer, standing):
        return None
    earliest = arrivable_from(arrival, standing.due_at)
    if answer.outcome is Outcome.ARRIVED and now < earliest:
        return "too-early", hours(opens=earliest)
    until = correctable_until(arrival, standing.first_at, correctable_for)
    if until is not None and now > until:
        return "closed", hours(until=until)
    return None
