"""Checks whether somebody rode and arrived, line by line."""

from collections.abc import Iterator
from datetime import date, timedelta

from services.dispatcher.domain.trip import Answer
from services.dispatcher.money.claims.checks.flag import Cause, Flag, Severity
from services.dispatcher.money.claims.facts import BOARDED, ClaimFacts, Seat, TripFacts
from shared.kernel.clock import local_date

NO_SEAT = Cause(
    "F04",
    "no_seat",
    Severity.BLOCK_LINE,
    zh="申请 {requests} 在本申报的班次中没有座位；未乘车的人员不予补贴。请核对班次和花名册，或将其移出本次申报。",
    en="Request {requests} has no seat on any trip of this claim; who did not ride is not paid for. Check trip and roster, or take it out of the claim.",
)
NOT_BOARDED = Cause(
    "F04",
    "not_boarded",
    Severity.BLOCK_LINE,
    zh="申请 {requests} 在班次 {trip_id} 没有上车记录（随车人员标记：{boarding}）；无上车记录的不予补贴。请随车人员补交上车凭证，或将其移出本次申报。",
    en="Request {requests} has no boarding record on trip {trip_id} (the escort marked: {boarding}); without one nothing is paid. Have the escort bring the boarding list, or take it out of the claim.",
)
UNCONFIRMED = Cause(
    "F05",
    "unconfirmed",
    Severity.HOLD_LINE,
    zh="申请 {requests} 已乘班次 {trip_id}，企业 {enterprise_id} 尚未确认到岗；应在 {due_on}（到达后 {confirm_days} 天）前确认。请企业确认，确认前暂缓。",
    en="Request {requests} rode on trip {trip_id} and enterprise {enterprise_id} has not confirmed the arrival; it is due by {due_on}, {confirm_days} days after arrival. Have it confirm; until then the line is held.",
)
NOT_ARRIVED = Cause(
    "F05",
    "not_arrived",
    Severity.HOLD_LINE,
    zh="申请 {requests} 已乘班次 {trip_id}，但结果是“{outcome}”，不是到岗。请企业更正，或将其移出本次申报。",
    en="Request {requests} rode on trip {trip_id} and what became of it is {outcome}, not arrived. Have the enterprise correct its answer, or take it out of the claim.",
)
CONFIRMED_BY_OTHER = Cause(
    "F05",
    "confirmed_by_other",
    Severity.HOLD_LINE,
    zh="申请 {requests}（班次 {trip_id}）由企业 {confirmed_by} 确认，而其用工企业是 {enterprise_id}。请由用工企业确认，或更正花名册上的企业。",
    en="Request {requests} on trip {trip_id} was confirmed by enterprise {confirmed_by}; its employer is {enterprise_id}. Have the employer confirm, or correct the enterprise on the roster.",
)
CONFIRMED_LATE = Cause(
    "F05",
    "confirmed_late",
    Severity.HOLD_LINE,
    zh="申请 {requests}（班次 {trip_id}）于 {confirmed_on} 确认，晚于期限 {due_on}（到达后 {confirm_days} 天）。请企业说明原因并补交到岗凭证。",
    en="Request {requests} on trip {trip_id} was confirmed on {confirmed_on}, after {due_on}, {confirm_days} days after arrival. Have the enterprise say why and bring evidence of the arrival.",
)


def f04_not_boarded(facts: ClaimFacts) -> list[Flag]:
    """Claimed without the escort's boarding mark, whatever the enterprise says, or without a seat on these trips
    (`domain.md` §2.5 F04; §6 invariant 6: what is paid is boarded)."""
    seated = {seat.request_id for _, seats in facts.claimed_seats for seat in seats}
    flags = [NO_SEAT.flag(None, (request_id,)) for request_id in facts.claimed_requests - seated]
    flags += [
        NOT_BOARDED.flag(trip.trip_id, (seat.request_id,), boarding=seat.boarding or "-")
        for trip, seats in facts.claimed_seats
        for seat in seats
        if seat.boarding != BOARDED
    ]
    return flags


def f05_not_confirmed(facts: ClaimFacts) -> list[Flag]:
    """Boarded, and the enterprise has not confirmed that they arrived, did so after the policy's days, or another enterprise
    did (`domain.md` §2.5 F05). Days are Shanghai's; the last is in time. What is not confirmed yet is held from the first
    day on: nothing is paid before. Another enterprise's word is refused where words come in already (`record_handover`), so
    no trip of ours has one; a claim is held to the whole of the rule nonetheless.
    """
    flags: list[Flag] = []
    for trip, seats in facts.claimed_seats:
        due_on = local_date(trip.arrives_at) + timedelta(days=facts.policy.confirm_days)
        for seat in seats:
            if seat.boarding == BOARDED:
                flags += _doubts(facts.policy.confirm_days, due_on, trip, seat)
    return flags


def _doubts(confirm_days: int, due_on: date, trip: TripFacts, seat: Seat) -> Iterator[Flag]:
    about = (trip.trip_id, (seat.request_id,))
    answer = seat.answer
    if answer is Answer.OPEN or seat.confirmed_at is None:
        yield UNCONFIRMED.flag(
            *about, enterprise_id=seat.enterprise_id, due_on=due_on, confirm_days=confirm_days
        )
        return
    if answer is not Answer.ARRIVED:
        yield NOT_ARRIVED.flag(*about, outcome=seat.outcome)
    if seat.confirmed_by != seat.enterprise_id:
        yield CONFIRMED_BY_OTHER.flag(
            *about, confirmed_by=seat.confirmed_by, enterprise_id=seat.enterprise_id
        )
    confirmed_on = local_date(seat.confirmed_at)
    if confirmed_on > due_on:
        yield CONFIRMED_LATE.flag(*about, confirmed_on=confirmed_on, due_on=due_on, confirm_days=confirm_days)
