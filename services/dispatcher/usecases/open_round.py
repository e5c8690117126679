"""Opens a planning round for a day and an area; plans nothing itself."""

from datetime import date

from sqlmodel import Session

from services.dispatcher.domain.round import RoundState
from services.dispatcher.money.rules.dated import find_each_in_force, find_in_force
from services.dispatcher.money.rules.tariff import Tariff
from services.dispatcher.store.demand import hold_for_round
from services.dispatcher.store.rounds import list_open_rounds, lock_rounds
from services.dispatcher.store.tables import RoundRow
from services.dispatcher.store.terms import find_tariff, list_coach_types, list_policies, list_tariffs
from shared.kernel.clock import Clock, local_date
from shared.kernel.errors import Conflict, Forbidden, InvalidInput
from shared.kernel.ids import new_id
from shared.messaging import Cause
from shared.security import Principal, covers

HOME_DIGITS = 4
"""Counties of one prefecture share its coaches: the first four digits of a code."""


class NoTariffInForce(Conflict):
    """No tariff is in force on {day}. Load one that is valid on that day with POST /api/tariffs, then ask again."""

    zh = "{day} 没有生效的价目表。请先通过 POST /api/tariffs 载入当日有效的价目表，再发起规划。"


class NoTariffForCoach(Conflict):
    """Coach type {coach_type} of the fleet has no tariff in force on {day}. Load one with POST /api/tariffs, or leave the type out of the fleet."""

    zh = (
        "车队车型 {coach_type} 在 {day} 没有生效的价目。请通过 POST /api/tariffs 载入，或从车队中去掉该车型。"
    )


class NoPolicyInForce(Conflict):
    """No subsidy policy is in force on {day}. Load one that is valid on that day with POST /api/policies, then ask again."""

    zh = "{day} 没有生效的补贴政策。请先通过 POST /api/policies 载入当日有效的政策，再发起规划。"


class DayIsPast(InvalidInput):
    """day is {day}, which is before today ({today}). Give today or a later day."""

    zh = "日期 {day} 早于今天（{today}）。请填写今天或以后的日期。"


class RoundUnderWay(Conflict):
    """Round {round_id} is {state} for the same day and coaches. Approve or reject it first."""

    zh = "同一天、同一车队已有一轮规划 {round_id}（{state}）。请先批准或否决该轮。"


class NothingToPlan(Conflict):
    """Nobody waits in area {area} for {day}. See GET /api/pools for who waits and when."""

    zh = "辖区 {area} 在 {day} 没有等待出行的申请。请查看 GET /api/pools。"


class AreaNotYours(Forbidden):
    """area is {area}, and yours is {areas}. Ask for your own area or a part of it."""

    zh = "辖区 {area} 不属于您（您的辖区：{areas}）。请选择本辖区或其中一部分。"


def open_round(
    session: Session, *, day: date, area: str, requested_by: str, cause: Cause, clock: Clock
) -> RoundRow:
    """A round for every request of `area` (a prefix of county codes) whose window has the day.

    Those who could also leave later go with the others: an empty seat today is worth nothing tomorrow.
    Tariff and policy are those in force on the day. Raises DayIsPast, NoTariffInForce, NoTariffForCoach,
    NoPolicyInForce, RoundUnderWay, NothingToPlan.
    """
    today = local_date(clock.now())
    if day < today:
        raise DayIsPast(day=day, today=today)
    tariffs = _tariffs_in_force(session, day, area)
    policy = find_in_force(list_policies(session), day)
    if policy is None:
        raise NoPolicyInForce(day=day)
    lock_rounds(session)
    for other in list_open_rounds(session, day):
        if _share_coaches(area, other.area):
            raise RoundUnderWay(round_id=other.round_id, state=other.state)
    row = RoundRow(
        round_id=new_id(),
        state=RoundState.REQUESTED.value,
        day=day,
        area=area,
        tariffs={coach_type: tariff.key for coach_type, tariff in tariffs.items()},
        policy=policy.key,
        requested_by=requested_by,
        requested_at=clock.now(),
        correlation_id=cause.correlation_id,
    )
    session.add(row)
    session.flush()
    if not hold_for_round(session, row.round_id, day, area):
        raise NothingToPlan(area=area, day=day)
    return row


def get_tariffs(session: Session, row: RoundRow) -> dict[str, Tariff]:
    """Coach type -> the prices that the round holds to."""
    found = {coach_type: find_tariff(session, key) for coach_type, key in row.tariffs.items()}
    return {coach_type: tariff for coach_type, tariff in found.items() if tariff is not None}


def _tariffs_in_force(session: Session, day: date, area: str) -> dict[str, Tariff]:
    """Coach type -> its prices on the day; every type of the area's fleet has some."""
    in_force = find_each_in_force(list_tariffs(session), lambda tariff: tariff.coach_type, day)
    if not in_force:
        raise NoTariffInForce(day=day)
    for coach_type in list_coach_types(session, area[:HOME_DIGITS]):
        if coach_type not in in_force:
            raise NoTariffForCoach(coach_type=coach_type, day=day)
    return in_force


def _share_coaches(area: str, other: str) -> bool:
    one, two = area[:HOME_DIGITS], other[:HOME_DIGITS]
    return one.startswith(two) or two.startswith(one)


def require_area(principal: Principal, area: str | None) -> str:
    """The area to plan: the one asked for where it is the caller's, or the caller's own. Raises AreaNotYours."""
    wanted = area or next(iter(principal.areas), "")
    if not covers(principal, wanted):
        raise AreaNotYours(area=wanted or "-", areas=", ".join(principal.areas) or "-")
    return wanted
