"""Queries on amendments and on what they stand on; decides nothing."""

from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_
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
    query = select(DemandRow).where(DemandRow.pool_id == pool_id, *_seeking(round_id, day))
    return list(session.exec(query.order_by(DemandRow.request_id)))


def _seeking(round_id: str, day: date) -> tuple[ColumnElement[bool], ...]:
    return (
        col(DemandRow.state) == DemandState.WAITING.value,
        col(DemandRow.earliest) <= day,
        col(DemandRow.latest) >= day,
        or_(
            col(DemandRow.round_id).is_(None),
            and_(col(DemandRow.round_id) == round_id, col(DemandRow.trip_id).is_(None)),
        ),
    )


def count_seekers(session: Session, round_id: str, day: date) -> dict[str, int]:
    """Pool id -> how many seek a seat there, as `list_seekers` finds them."""
    query = (
        select(DemandRow.pool_id, func.count())
        .where(*_seeking(round_id, day), col(DemandRow.pool_id).is_not(None))
        .group_by(col(DemandRow.pool_id))
    )
    return {str(pool_id): count for pool_id, count in session.exec(query)}


def find_by_number(session: Session, round_id: str, day: date, number: str) -> DemandRow | None:
    """The request that rides or seeks a seat in the round whose id ends so; None where none does, or several do."""
    query = (
        select(DemandRow)
        .where(col(DemandRow.request_id).endswith(number, autoescape=True))
        .where(or_(col(DemandRow.round_id) == round_id, and_(*_seeking(round_id, day))))
    )
    found = list(session.exec(query.limit(2)))
    return found[0] if len(found) == 1 else None


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
