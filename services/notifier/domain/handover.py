"""Knows what an enterprise may say of the workers brought to its gate, and until when it may change its mind.

Never confirms by itself: a deadline that passes leaves the worker unanswered (domain, `confirm.deadline_h`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.notifier.domain.trip import TripNotRunning, TripState
from shared.events import Outcome
from shared.kernel.errors import Conflict, InvalidInput

NOTE_LENGTH_MAX = 200
_PERSONAL = re.compile(r"\d{7,}")
"""A phone or a resident ID: notes travel with the event, so they may hold neither."""


class ConfirmationsRefused(InvalidInput):
    """{count} answers cannot be taken, so none was. See each one's fault."""

    zh = "有 {count} 条确认无法接受，因此全部未登记。请看每条的原因。"


class NotYetDeparted(Conflict):
    """Trip {trip_id} has not left yet, so nobody can have arrived. Confirm when the coach is at the gate."""

    zh = "车次 {trip_id} 尚未发车，无法确认到达。请在车辆到达后确认。"


@dataclass(frozen=True)
class Answer:
    """What the enterprise says of one worker."""

    request_id: str
    outcome: Outcome
    note: str | None = None


@dataclass(frozen=True)
class Standing:
    """What it has said of a worker so far; `first_at` is when it first did."""

    outcome: Outcome | None
    note: str | None
    first_at: datetime | None


@dataclass(frozen=True)
class Arrival:
    """What confirming needs to know of a trip."""

    trip_id: str
    state: TripState
    departs_at: datetime
    arrives_at: datetime


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
            code, zh, en = fault
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


def _same(answer: Answer, standing: Standing) -> bool:
    return (answer.outcome, answer.note) == (standing.outcome, standing.note)


def _fault(
    answer: Answer,
    standing: Standing | None,
    seen: set[str],
    arrival: Arrival,
    now: datetime,
    correctable_for: timedelta,
) -> tuple[str, str, str] | None:
    """Code, Chinese and English of what is wrong with one answer."""
    if standing is None:
        return (
            "not-your-rider",
            "此人不在本车次送到贵单位的名单上。请核对编号，或刷新名单。",
            "Nobody with this number is on the list of this trip for your enterprise. Check it, or reload the list.",
        )
    if answer.request_id in seen:
        return (
            "answered-twice",
            "同一人出现两次，请只保留一条。",
            "The same worker is answered twice. Keep one.",
        )
    if answer.note and len(answer.note) > NOTE_LENGTH_MAX:
        return (
            "note-too-long",
            f"备注超过{NOTE_LENGTH_MAX}字，请缩短。",
            f"The note is longer than {NOTE_LENGTH_MAX} characters. Shorten it.",
        )
    if answer.note and _PERSONAL.search(answer.note):
        return (
            "note-has-number",
            "备注中有手机号或证件号，请删去。",
            "The note holds a phone or an ID number. Take it out.",
        )
    until = correctable_until(arrival, standing.first_at, correctable_for)
    if until is not None and now > until and not _same(answer, standing):
        return (
            "closed",
            f"更改期限已过（{until.isoformat()}）。请联系县人社局。",
            f"Answers could be changed until {until.isoformat()}. Ask the county labour bureau.",
        )
    return None
