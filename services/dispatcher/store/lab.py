"""Queries on what the lab works with, rounds whose trips stand, and on what it was asked; held to the caller's area."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, not_
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from services.dispatcher.domain.demand import DemandState
from services.dispatcher.domain.lab import LabState
from services.dispatcher.domain.trip import TripState
from services.dispatcher.store.rounds import NoSuchRound
from services.dispatcher.store.tables import (
    DemandRow,
    LabPoolRow,
    LabRunRow,
    RoundRow,
    TripRow,
    UnservedRow,
)
from services.dispatcher.store.trips import visible
from shared.database import locked
from shared.kernel.errors import NotFound
from shared.security import Principal, within

ROUNDS_MAX = 100
RUNS_MAX = 20
_FALLEN = [TripState.REJECTED.value, TripState.CANCELLED.value]


class NoSuchLab(NotFound):
    """There is no question {lab_id} to the lab, or it is not yours to see."""

    zh = "没有编号为 {lab_id} 的测算，或您无权查看。"


@dataclass(frozen=True)
class LabPool:
    """How far a pool of a question is."""

    variant: str
    pool_id: str
    job_id: str | None
    answered: bool
    done: bool


def list_standing_rounds(session: Session, principal: Principal) -> list[RoundRow]:
    """The rounds of which the caller may see a trip that stands, latest day first: a county sees the province's, too."""
    query = _standing_rounds(principal).order_by(col(RoundRow.day).desc(), col(RoundRow.requested_at).desc())
    return list(session.exec(query.limit(ROUNDS_MAX)))


def get_standing_round(session: Session, round_id: str, principal: Principal) -> RoundRow:
    """One of these. Raises NoSuchRound."""
    found = session.exec(_standing_rounds(principal).where(RoundRow.round_id == round_id)).one_or_none()
    if found is None:
        raise NoSuchRound(round_id=round_id)
    return found


def list_standing_trips(session: Session, round_id: str, principal: Principal) -> list[TripRow]:
    """The round's trips that stand and that the caller may see, by id."""
    query = select(TripRow).where(TripRow.round_id == round_id, visible(principal), _stands())
    return list(session.exec(query.order_by(TripRow.trip_id)))


def list_left_behind(session: Session, round_id: str, principal: Principal) -> dict[str, str]:
    """Request id -> the rule by which the round left it behind, of the caller's area, while it waits without a seat."""
    query = (
        select(UnservedRow.request_id, UnservedRow.rule)
        .join(DemandRow, col(DemandRow.request_id) == UnservedRow.request_id)
        .where(UnservedRow.round_id == round_id, within(UnservedRow.county_code, principal))
        .where(DemandRow.state == DemandState.WAITING.value, col(DemandRow.trip_id).is_(None))
    )
    return dict(session.exec(query).all())


def _standing_rounds(principal: Principal) -> SelectOfScalar[RoundRow]:
    trips = select(TripRow.round_id).where(visible(principal), _stands())
    return select(RoundRow).where(col(RoundRow.round_id).in_(trips))


def _stands() -> ColumnElement[bool]:
    return col(TripRow.state).not_in(_FALLEN)


def read_demand(session: Session, request_ids: Iterable[str]) -> list[DemandRow]:
    """Those of the requests that are known."""
    return list(session.exec(select(DemandRow).where(col(DemandRow.request_id).in_(list(request_ids)))))


def count_taken_elsewhere(session: Session, day: date, home: str, round_id: str, area: str) -> Counter[str]:
    """Coach id -> a home's coaches that have trips on the day other than the round's in the area."""
    asked = and_(
        col(TripRow.round_id) == round_id, col(TripRow.county_code).startswith(area, autoescape=True)
    )
    query = (
        select(TripRow.carrier_id, TripRow.coach_type)
        .where(TripRow.day == day, _stands(), not_(asked))
        .where(col(TripRow.county_code).startswith(home[:4], autoescape=True))
    )
    return Counter(f"{carrier_id}/{coach_type}" for carrier_id, coach_type in session.exec(query))


def get_lab(session: Session, lab_id: str, principal: Principal) -> LabRunRow:
    """The question. Raises NoSuchLab, also for another area's."""
    query = select(LabRunRow).where(LabRunRow.lab_id == lab_id, within(LabRunRow.area, principal))
    found = session.exec(query).one_or_none()
    if found is None:
        raise NoSuchLab(lab_id=lab_id)
    return found


def list_labs(session: Session, round_id: str, principal: Principal) -> list[LabRunRow]:
    """What was asked about a round in the caller's area, latest first."""
    query = select(LabRunRow).where(LabRunRow.round_id == round_id, within(LabRunRow.area, principal))
    return list(session.exec(query.order_by(col(LabRunRow.asked_at).desc()).limit(RUNS_MAX)))


def is_lab_busy(session: Session, round_id: str, area: str) -> bool:
    """Whether a question about the round in this area is still to be answered."""
    query = select(LabRunRow.lab_id).where(
        LabRunRow.round_id == round_id, LabRunRow.area == area, LabRunRow.state == LabState.PLANNING
    )
    return session.exec(query.limit(1)).first() is not None


def find_waiting_lab(session: Session) -> str | None:
    """The oldest question that is still to be answered."""
    query = select(LabRunRow.lab_id).where(LabRunRow.state == LabState.PLANNING.value)
    return session.exec(query.order_by(col(LabRunRow.asked_at), LabRunRow.lab_id).limit(1)).first()


def find_planning_lab(session: Session, lab_id: str) -> LabRunRow | None:
    """The question, locked, while it is still to be answered."""
    query = select(LabRunRow).where(LabRunRow.lab_id == lab_id, LabRunRow.state == LabState.PLANNING.value)
    return session.exec(locked(query)).one_or_none()


def list_lab_pools(session: Session, lab_id: str) -> list[LabPool]:
    """How far the question's pools are, in the order in which they are planned."""
    query = (
        select_columns(
            col(LabPoolRow.variant),
            col(LabPoolRow.pool_id),
            col(LabPoolRow.job_id),
            col(LabPoolRow.answer).is_not(None),
            col(LabPoolRow.plan).is_not(None),
        )
        .where(col(LabPoolRow.lab_id) == lab_id)
        .order_by(col(LabPoolRow.position), col(LabPoolRow.variant).desc())
    )
    return [LabPool(*row) for row in session.execute(query)]


def list_lab_rows(session: Session, lab_id: str, variant: str) -> list[LabPoolRow]:
    """The question's pools of one variant, whole."""
    query = select(LabPoolRow).where(LabPoolRow.lab_id == lab_id, LabPoolRow.variant == variant)
    return list(session.exec(query.order_by(col(LabPoolRow.position))))


def find_lab_job(session: Session, job_id: str) -> LabPoolRow | None:
    """The pool that a planner was asked for under this id, locked."""
    return session.exec(locked(select(LabPoolRow).where(LabPoolRow.job_id == job_id))).one_or_none()
