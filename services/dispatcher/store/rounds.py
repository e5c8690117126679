"""Queries on rounds, their pools and whom they left behind; plans nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, union
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from services.dispatcher.domain.pool import Pool
from services.dispatcher.domain.round import OPEN, UNPLANNED, RoundState, measure_gap
from services.dispatcher.store.tables import PoolPlanRow, RoundRow, TripRow
from shared.database import hold, locked
from shared.kernel.errors import NotFound
from shared.security import Principal, within

STANDING = [RoundState.PROPOSED.value, RoundState.APPROVED.value]
"""Rounds whose plans count."""


@dataclass(frozen=True)
class PoolFigures:
    """What a round's plan of a pool comes to, in fen; `bound_fen` is None where it has no certificate."""

    round_id: str
    pool_id: str
    workers: int
    planned: bool
    cost_fen: int
    bound_fen: int | None
    first_fit_fen: int
    seconds: float

    @property
    def gap(self) -> float | None:
        """How far from the best the plan is at most."""
        return measure_gap(self.cost_fen, self.bound_fen)


@dataclass(frozen=True)
class PoolProgress:
    """A pool on its way: `job_id` once a planner was asked, `answered` while that answer waits to be checked, `done` with a plan
    or without hope of one."""

    pool_id: str
    workers: int
    job_id: str | None
    answered: bool
    done: bool


class NoSuchRound(NotFound):
    """There is no round {round_id}, or it is not yours to see."""

    zh = "没有编号为 {round_id} 的规划轮次，或您无权查看。"


def lock_rounds(session: Session) -> None:
    """Let no other transaction open a round until this one ends."""
    hold(session, "zhida.rounds")


def get_round(session: Session, round_id: str, principal: Principal | None = None) -> RoundRow:
    """The round, locked when nobody in particular asks. Raises NoSuchRound, also for another area's."""
    query = select(RoundRow).where(RoundRow.round_id == round_id)
    query = locked(query) if principal is None else query.where(within(RoundRow.area, principal))
    found = session.exec(query).one_or_none()
    if found is None:
        raise NoSuchRound(round_id=round_id)
    return found


def list_rounds(session: Session, principal: Principal, day: date | None = None) -> list[RoundRow]:
    """The rounds of the caller's area, latest first."""
    query = select(RoundRow).where(within(RoundRow.area, principal))
    if day is not None:
        query = query.where(RoundRow.day == day)
    return list(session.exec(query.order_by(col(RoundRow.requested_at).desc()).limit(200)))


def list_open_rounds(session: Session, day: date) -> list[RoundRow]:
    """The rounds of a day that hold demand and coaches."""
    query = select(RoundRow).where(RoundRow.day == day, col(RoundRow.state).in_([s.value for s in OPEN]))
    return list(session.exec(query))


def list_unplanned(session: Session) -> list[str]:
    """Ids of the rounds that wait to be planned or were left in the middle of it, oldest first."""
    query = select(RoundRow.round_id).where(col(RoundRow.state).in_([state.value for state in UNPLANNED]))
    return list(session.exec(query.order_by(col(RoundRow.requested_at), RoundRow.round_id)))


def list_pool_plans(session: Session, round_id: str) -> list[PoolPlanRow]:
    """The round's pools in the order in which they are planned."""
    query = select(PoolPlanRow).where(PoolPlanRow.round_id == round_id).order_by(col(PoolPlanRow.position))
    return list(session.exec(query))


def list_kept_plans(session: Session, round_id: str, home: str) -> list[str]:
    """The texts of the plans that the round has kept for the pools of a home prefecture."""
    query = select(PoolPlanRow.pool_id, PoolPlanRow.plan).where(
        PoolPlanRow.round_id == round_id, col(PoolPlanRow.plan).is_not(None)
    )
    return [plan or "" for pool_id, plan in session.exec(query) if Pool.from_id(pool_id).home == home]


def find_job(session: Session, job_id: str) -> PoolPlanRow | None:
    """The pool that a planner was last asked for under this id, locked."""
    return session.exec(locked(select(PoolPlanRow).where(PoolPlanRow.job_id == job_id))).one_or_none()


def list_progress(session: Session, round_id: str) -> list[PoolProgress]:
    """How far each of the round's pools is that can be planned at all, in the order in which plans are kept."""
    query = (
        select_columns(
            col(PoolPlanRow.pool_id),
            col(PoolPlanRow.workers),
            col(PoolPlanRow.job_id),
            col(PoolPlanRow.answer).is_not(None),
            or_(col(PoolPlanRow.plan).is_not(None), col(PoolPlanRow.crashes) > 0),
        )
        .where(col(PoolPlanRow.round_id) == round_id, func.jsonb_array_length(PoolPlanRow.families) > 0)
        .order_by(col(PoolPlanRow.position))
    )
    return [PoolProgress(*row) for row in session.execute(query)]


def has_cut_off_round(session: Session, day: date, area: str, requested_by: str) -> bool:
    """Whether the day's cut-off has opened its round already, whatever became of it."""
    query = select(RoundRow.round_id).where(
        RoundRow.day == day, RoundRow.area == area, RoundRow.requested_by == requested_by
    )
    return session.exec(query.limit(1)).first() is not None


def sum_pool_plans(session: Session, principal: Principal, day: date) -> tuple[int, int | None, int]:
    """Cost, bound and first fit's cost, in fen, of the pools that the day's standing rounds planned; no bound where one of
    them has none."""
    query = (
        select(
            func.sum(PoolPlanRow.cost_fen),
            func.sum(PoolPlanRow.bound_fen),
            func.sum(PoolPlanRow.first_fit_fen),
            func.bool_and(col(PoolPlanRow.bound_fen).is_not(None)),
        )
        .join(RoundRow, col(RoundRow.round_id) == PoolPlanRow.round_id)
        .where(RoundRow.day == day, col(RoundRow.state).in_(STANDING))
        .where(within(PoolPlanRow.pool_id, principal), col(PoolPlanRow.plan).is_not(None))
    )
    cost, bound, first_fit, proven = session.exec(query).one()
    return int(cost or 0), int(bound or 0) if proven else None, int(first_fit or 0)


def list_figures(session: Session, round_ids: Sequence[str]) -> dict[str, list[PoolFigures]]:
    """Round id -> its pools, largest first."""
    query = (
        select_columns(
            col(PoolPlanRow.round_id),
            col(PoolPlanRow.pool_id),
            col(PoolPlanRow.workers),
            col(PoolPlanRow.plan).is_not(None),
            col(PoolPlanRow.cost_fen),
            col(PoolPlanRow.bound_fen),
            col(PoolPlanRow.first_fit_fen),
            col(PoolPlanRow.seconds),
        )
        .where(col(PoolPlanRow.round_id).in_(round_ids))
        .order_by(col(PoolPlanRow.position))
    )
    found: dict[str, list[PoolFigures]] = {round_id: [] for round_id in round_ids}
    for row in session.execute(query):
        found[row.round_id].append(PoolFigures(*row))
    return found


def find_busy_day(session: Session, principal: Principal, today: date) -> date | None:
    """The day that somebody in the area most likely wants to look at: the next one with trips or rounds from today
    on, else the last one before."""
    trips = select_columns(col(TripRow.day)).where(within(TripRow.county_code, principal))
    rounds = select_columns(col(RoundRow.day)).where(within(RoundRow.area, principal))
    days = union(trips, rounds).subquery()
    later = session.execute(select_columns(func.min(days.c.day)).where(days.c.day >= today)).scalar()
    found: date | None = later or session.execute(select_columns(func.max(days.c.day))).scalar()
    return found
