"""Queries on amendments and on what they stand on; decides nothing."""

from datetime import date

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from services.dispatcher.domain.demand import DemandState
from services.dispatcher.domain.trip import TripState
from services.dispatcher.store.tables import AmendmentRow, DemandRow, RiderRow, TripRow
from shared.database import locked
from shared.kernel.errors import NotFound
from shared.security import Principal, within


class NoSuchAmendment(NotFound):
    """There is no amendment {amendment_id}, or it is not yours to see."""

    zh = "没有编号为 {amendment_id} 的调整方案，或您无权查看。"


def get_amendment(session: Session, amendment_id: str, principal: Principal | None = None) -> AmendmentRow:
    """The amendment, locked when nobody in particular asks. Raises NoSuchAmendment, also for another area's."""
    query = select(AmendmentRow).where(AmendmentRow.amendment_id == amendment_id)
    query = locked(query) if principal is None else query.where(within(AmendmentRow.county_code, principal))
    found = session.exec(query).one_or_none()
    if found is None:
        raise NoSuchAmendment(amendment_id=amendment_id)
    return found


def list_amendments(session: Session, round_id: str) -> list[AmendmentRow]:
    """The round's amendments, latest first."""
    query = select(AmendmentRow).where(AmendmentRow.round_id == round_id)
    return list(session.exec(query.order_by(col(AmendmentRow.asked_at).desc(), AmendmentRow.amendment_id)))


def list_standing_trips(session: Session, round_id: str, pool_id: str) -> list[TripRow]:
    """The trips of a pool of the round that have not left, by id."""
    query = (
        select(TripRow)
        .where(TripRow.round_id == round_id, TripRow.pool_id == pool_id)
        .where(col(TripRow.state).in_([TripState.PROPOSED.value, TripState.APPROVED.value]))
    )
    return list(session.exec(query.order_by(TripRow.trip_id)))


def list_seekers(session: Session, round_id: str, pool_id: str, day: date) -> list[DemandRow]:
    """Who waits in the pool, could leave on the day and has no seat: held by no round, or left behind by this one."""
    query = (
        select(DemandRow)
        .where(DemandRow.pool_id == pool_id, DemandRow.state == DemandState.WAITING)
        .where(DemandRow.earliest <= day, DemandRow.latest >= day)
        .where(
            or_(
                col(DemandRow.round_id).is_(None),
                and_(col(DemandRow.round_id) == round_id, col(DemandRow.trip_id).is_(None)),
            )
        )
    )
    return list(session.exec(query.order_by(DemandRow.request_id)))


def list_demand_of(session: Session, trip_ids: list[str]) -> list[DemandRow]:
    """The requests of everybody who rides these trips, by id."""
    query = (
        select(DemandRow)
        .join(RiderRow, col(RiderRow.request_id) == DemandRow.request_id)
        .where(col(RiderRow.trip_id).in_(trip_ids), col(RiderRow.riding))
    )
    return list(session.exec(query.order_by(DemandRow.request_id)))


def list_shortened(session: Session, trip_ids: list[str]) -> set[str]:
    """Those of the trips off which somebody was taken."""
    query = select(RiderRow.trip_id).where(
        col(RiderRow.trip_id).in_(trip_ids), col(RiderRow.riding).is_(False)
    )
    return set(session.exec(query))
