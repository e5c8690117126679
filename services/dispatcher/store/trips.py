"""Queries on trips, their stops and riders, held to the caller's area or organisation; changes no state."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, false, or_
from sqlmodel import Session, col, func, select

from services.dispatcher.store.tables import ContractRow, RiderRow, TripRow, TripStopRow
from shared.database import locked
from shared.kernel.errors import NotFound
from shared.security import OFFICES, Principal, Role, owned_by, within


class NoSuchTrip(NotFound):
    """There is no trip {trip_id}, or it is not yours to see."""

    zh = "没有编号为 {trip_id} 的班次，或您无权查看。"


def visible(principal: Principal) -> ColumnElement[bool]:
    """Which trips a caller may see: an area's offices by county, a carrier its own, an enterprise its riders'."""
    rules: list[ColumnElement[bool]] = [false()]
    if principal.has(*OFFICES):
        rules.append(within(TripRow.county_code, principal))
    if principal.has(Role.CARRIER):
        rules.append(and_(owned_by(TripRow.carrier_id, principal), _told()))
    if principal.has(Role.ENTERPRISE):
        rides = exists().where(
            col(RiderRow.trip_id) == TripRow.trip_id, owned_by(RiderRow.enterprise_id, principal)
        )
        rules.append(and_(rides, _told()))
    return or_(*rules)


def _told() -> ColumnElement[bool]:
    """Carriers and enterprises see what has been approved, not what is only proposed."""
    return col(TripRow.state).in_(["approved", "departed", "settled", "cancelled"])


def get_trip(session: Session, trip_id: str, principal: Principal | None = None) -> TripRow:
    """The trip, locked when nobody in particular asks. Raises NoSuchTrip, also for a neighbour's."""
    query = select(TripRow).where(TripRow.trip_id == trip_id)
    query = locked(query) if principal is None else query.where(visible(principal))
    found = session.exec(query).one_or_none()
    if found is None:
        raise NoSuchTrip(trip_id=trip_id)
    return found


def find_trip(session: Session, trip_id: str) -> TripRow | None:
    """The trip, locked until the transaction ends."""
    return session.exec(locked(select(TripRow).where(TripRow.trip_id == trip_id))).one_or_none()


def list_trips(
    session: Session, principal: Principal, *, day: date | None = None, round_id: str | None = None
) -> list[TripRow]:
    """The trips that a caller may see, by day and id."""
    query = select(TripRow).where(visible(principal))
    if day is not None:
        query = query.where(TripRow.day == day)
    if round_id is not None:
        query = query.where(TripRow.round_id == round_id)
    return list(session.exec(query.order_by(col(TripRow.day), TripRow.trip_id).limit(5000)))


def list_round_trips(session: Session, round_id: str) -> list[TripRow]:
    """All trips of a round, locked, by id."""
    query = select(TripRow).where(TripRow.round_id == round_id).order_by(TripRow.trip_id)
    return list(session.exec(locked(query)))


def list_these(session: Session, trip_ids: Iterable[str]) -> list[TripRow]:
    """The trips of these ids, whoever asks."""
    return list(session.exec(select(TripRow).where(col(TripRow.trip_id).in_(list(trip_ids)))))


def list_seasons(session: Session, principal: Principal) -> list[tuple[str, str, int]]:
    """County, season and how many trips, in the caller's area; the latest season first."""
    query = (
        select(TripRow.county_code, TripRow.season, func.count())
        .where(within(TripRow.county_code, principal))
        .group_by(TripRow.county_code, TripRow.season)
        .order_by(col(TripRow.season).desc(), TripRow.county_code)
    )
    return list(session.exec(query))


def list_stops(session: Session, trip_ids: Iterable[str]) -> dict[str, list[TripStopRow]]:
    """Trip id -> its stops in order."""
    query = select(TripStopRow).where(col(TripStopRow.trip_id).in_(list(trip_ids)))
    stops: dict[str, list[TripStopRow]] = {}
    for stop in session.exec(query.order_by(TripStopRow.trip_id, col(TripStopRow.position))):
        stops.setdefault(stop.trip_id, []).append(stop)
    return stops


def list_riders(
    session: Session, trip_ids: Iterable[str], *, organisation: str | None = None
) -> dict[str, list[RiderRow]]:
    """Trip id -> those who ride on it, of one enterprise where one is given."""
    query = select(RiderRow).where(col(RiderRow.trip_id).in_(list(trip_ids)), col(RiderRow.riding))
    if organisation is not None:
        query = query.where(RiderRow.enterprise_id == organisation)
    riders: dict[str, list[RiderRow]] = {}
    for rider in session.exec(query.order_by(RiderRow.trip_id, RiderRow.request_id)):
        riders.setdefault(rider.trip_id, []).append(rider)
    return riders


def list_all_riders(session: Session, trip_id: str) -> list[RiderRow]:
    """Every seat of the trip, taken away or not."""
    return list(session.exec(select(RiderRow).where(RiderRow.trip_id == trip_id)))


def find_rider(session: Session, trip_id: str, request_id: str) -> RiderRow | None:
    """The request's seat on the trip, taken away or not."""
    return session.get(RiderRow, (trip_id, request_id))


def last_number(session: Session, county_code: str, day: date) -> int:
    """The highest trip number of a county on a day; 0 where it has none."""
    prefix = f"T-{county_code}-{day:%Y%m%d}-"
    query = select(func.max(TripRow.trip_id)).where(col(TripRow.trip_id).startswith(prefix, autoescape=True))
    last = session.exec(query).one()
    return int(last.rpartition("-")[2]) if last else 0


def only_of(principal: Principal) -> str | None:
    """The enterprise to which a caller's view of riders and lines is confined; None for anybody else."""
    return (principal.organisation or "") if principal.has(Role.ENTERPRISE) else None


def get_carrier_names(session: Session, carrier_ids: Iterable[str]) -> dict[str, str]:
    """Carrier id -> name, of those that have had a trip."""
    query = (
        select(TripRow.carrier_id, func.max(TripRow.carrier_name))
        .where(col(TripRow.carrier_id).in_(set(carrier_ids)))
        .group_by(TripRow.carrier_id)
    )
    return dict(session.exec(query).all())


def find_contract(session: Session, trip_id: str) -> ContractRow | None:
    """The charter contract of a trip."""
    return session.get(ContractRow, trip_id)


def list_contracts(session: Session, trip_ids: Iterable[str]) -> dict[str, ContractRow]:
    """Trip id -> its charter contract, where it has one."""
    query = select(ContractRow).where(col(ContractRow.trip_id).in_(list(trip_ids)))
    return {contract.trip_id: contract for contract in session.exec(query)}


def list_waiting_for(session: Session, payer: str) -> list[TripRow]:
    """The trips, locked, of which the books wait until this payer's budget is raised."""
    query = select(TripRow).where(TripRow.waits_for == payer).order_by(TripRow.trip_id)
    return list(session.exec(locked(query)))


def count_waiting(session: Session, payers: Iterable[str]) -> dict[str, int]:
    """Payer -> how many trips the books cannot settle until its budget is raised."""
    query = select(TripRow.waits_for, func.count()).where(col(TripRow.waits_for).in_(list(payers)))
    return {str(payer): count for payer, count in session.exec(query.group_by(TripRow.waits_for))}
