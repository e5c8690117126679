"""Keeps why a round leaves somebody behind, with the figures of the fleet that pools know nothing of; chooses nobody."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict

from sqlmodel import Session

from services.dispatcher.domain.demand import Unserved, planner_crashed
from services.dispatcher.planning.plan import Unserved as Left
from services.dispatcher.planning.problem import Problem
from services.dispatcher.planning.wording import word_reason
from services.dispatcher.store.tables import DemandRow, FleetRow, PoolPlanRow, UnservedRow

Held = Mapping[str, DemandRow]
"""Request id -> request, of those that the round still holds."""


def unserved_row(round_id: str, demand: DemandRow, reason: Unserved) -> UnservedRow:
    """Why a round leaves a request behind, as it is kept."""
    return UnservedRow(
        round_id=round_id,
        request_id=demand.request_id,
        county_code=demand.county_code,
        pool_id=demand.pool_id or "",
        **asdict(reason),
    )


def leave_pool_behind(session: Session, pool_plan: PoolPlanRow, held: Held) -> None:
    """Leave a whole pool behind that the planner could not plan."""
    parties = (party for group in pool_plan.members.values() for party in group)
    _leave(session, pool_plan, held, parties, planner_crashed(pool_plan.crashes))


def leave_behind(
    session: Session,
    pool_plan: PoolPlanRow,
    held: Held,
    problem: Problem,
    left: Left,
    fleet: Mapping[str, FleetRow],
) -> None:
    """Leave parties of a pool behind for the planner's reason; `fleet` is all that the pool's home has."""
    elsewhere = count_elsewhere(problem, left, fleet)
    zh, en = (word_reason(problem, left.reason, language, elsewhere) for language in ("zh", "en"))
    reason = Unserved(left.reason.rule, _text(left.reason.limit), _text(left.reason.figure), zh, en)
    group = pool_plan.members[left.group]
    _leave(session, pool_plan, held, (group[party] for party in left.parties), reason)


def _leave(
    session: Session, pool_plan: PoolPlanRow, held: Held, parties: Iterable[list[str]], reason: Unserved
) -> None:
    request_ids = (request_id for party in parties for request_id in party if request_id in held)
    session.add_all(unserved_row(pool_plan.round_id, held[request_id], reason) for request_id in request_ids)


def count_elsewhere(problem: Problem, left: Left, fleet: Mapping[str, FleetRow]) -> int:
    """Coaches with seats enough for these parties that other trips of the day had taken before the pool's turn."""
    group = problem.groups[problem.group_index[left.group]]
    heads = max(group.parties[party] for party in left.parties)
    enough = [coach for coach in problem.coaches if coach.seats >= heads]
    return sum(fleet[coach.id].coaches_per_day - (coach.per_day[0] or 0) for coach in enough)


def _text(value: int | None) -> str:
    return "-" if value is None else str(value)
