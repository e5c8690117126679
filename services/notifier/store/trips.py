"""Reads and writes trips and their riders; the caller's area and organisation are part of the query."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, false, func, or_, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from services.notifier.domain.boarding import Presence
from services.notifier.domain.trip import Seat, Stop, Trip, TripState
from services.notifier.store.tables import CancellationRow, RiderRow, TripRow, WithdrawalRow
from shared.database import locked
from shared.kernel.errors import NotFound
from shared.security import Principal, Role, owned_by, within


class NoSuchTrip(NotFound):
    """There is no trip {trip_id}, or it is not yours to see."""

    zh = "车次 {trip_id} 不存在，或您无权查看。"


@dataclass(frozen=True)
class TripCount:
    """A trip in a list, with how many ride it and how many were boarded and confirmed"""

    row: TripRow
    riders: int
    boarded: int
    confirmed: int
    gate_ids: list[str] | None

    def pickups(self) -> list[Stop]:
        """Where people get on, in order."""
        return [stop for stop in stops_of(self.row) if stop.kind == "pickup"]

    def gates(self) -> list[Stop]:
        """The gates that these riders come to, in the order of the way."""
        return [
            stop for stop in stops_of(self.row) if stop.kind == "drop" and stop.code in (self.gate_ids or ())
        ]


def find_trip(session: Session, trip_id: str) -> TripRow | None:
    """A trip, locked until the transaction ends: who changes a trip waits for whoever does."""
    return session.exec(locked(select(TripRow).where(TripRow.trip_id == trip_id))).one_or_none()


def get_trip(session: Session, trip_id: str, scope: ColumnElement[bool], *, lock: bool = False) -> TripRow:
    """A trip within a caller's `scope`; raises NoSuchTrip."""
    query = select(TripRow).where(TripRow.trip_id == trip_id, scope)
    row = session.exec(locked(query) if lock else query).one_or_none()
    if row is None:
        raise NoSuchTrip(trip_id=trip_id)
    return row


def scope_of(principal: Principal) -> ColumnElement[bool]:
    """The trips a caller may see: an office's of its area, a carrier's, those that bring one workers."""
    allowed: list[ColumnElement[bool]] = []
    if principal.has(Role.OPERATOR, Role.DISPATCHER, Role.AUDIT):
        allowed.append(within(TripRow.county_code, principal))
    if principal.has(Role.CARRIER):
        allowed.append(owned_by(TripRow.carrier_id, principal))
    if principal.has(Role.ENTERPRISE):
        brings = select(RiderRow.trip_id).where(owned_by(RiderRow.enterprise_id, principal))
        allowed.append(col(TripRow.trip_id).in_(brings))
    return or_(false(), *allowed)


def scope_of_carrier(carrier_id: str | None) -> ColumnElement[bool]:
    """The trips of one carrier."""
    return col(TripRow.carrier_id) == carrier_id


def scope_of_enterprise(enterprise_id: str | None) -> ColumnElement[bool]:
    """The trips that bring, or brought, workers to one enterprise."""
    brings = select(RiderRow.trip_id).where(RiderRow.enterprise_id == enterprise_id)
    return col(TripRow.trip_id).in_(brings)


def scope_of_riders(principal: Principal) -> ColumnElement[bool]:
    """The riders a caller may see, in a query that joins them with their trip: an enterprise its own alone."""
    allowed: list[ColumnElement[bool]] = []
    if principal.has(Role.OPERATOR, Role.DISPATCHER, Role.AUDIT):
        allowed.append(within(TripRow.county_code, principal))
    if principal.has(Role.CARRIER):
        allowed.append(owned_by(TripRow.carrier_id, principal))
    if principal.has(Role.ENTERPRISE):
        allowed.append(owned_by(RiderRow.enterprise_id, principal))
    return or_(false(), *allowed)


def list_trips(
    session: Session,
    principal: Principal,
    *,
    day: date | None = None,
    after: str | None = None,
    limit: int,
) -> list[TripCount]:
    """The trips a caller may see, by id after `after`, with the riders that they may see counted."""
    query = _counted(principal).order_by(col(TripRow.trip_id)).limit(limit)
    if day is not None:
        query = query.where(TripRow.day == day)
    if after is not None:
        query = query.where(TripRow.trip_id > after)
    return [TripCount(*found) for found in session.exec(query).all()]


def list_arrivals(
    session: Session, principal: Principal, since: datetime, *, earlier: bool, limit: int
) -> list[TripCount]:
    """The trips that arrive from `since` on, the next one first; with `earlier` those before, the last one first."""
    arrives_at = col(TripRow.arrives_at)
    query = _counted(principal).limit(limit)
    if earlier:
        query = query.where(arrives_at < since).order_by(arrives_at.desc(), col(TripRow.trip_id))
    else:
        query = query.where(arrives_at >= since).order_by(arrives_at, col(TripRow.trip_id))
    return [TripCount(*found) for found in session.exec(query).all()]


def _counted(principal: Principal) -> Any:
    """Trips in a caller's scope: the row, their riders, how many are boarded and how many confirmed."""
    seen = col(RiderRow.riding) & scope_of_riders(principal)
    return (
        select(
            TripRow,
            func.count().filter(seen),
            func.count().filter(seen, col(RiderRow.presence) == Presence.BOARDED.value),
            func.count().filter(seen, col(RiderRow.outcome).is_not(None)),
        )
        .add_columns(func.array_agg(col(RiderRow.gate_id).distinct()).filter(seen))
        .outerjoin(RiderRow, col(RiderRow.trip_id) == TripRow.trip_id)
        .where(scope_of(principal))
        .group_by(col(TripRow.trip_id))
    )


def list_riders_seen_by(session: Session, trip_id: str, principal: Principal) -> list[RiderRow]:
    """Who rides a trip, as far as a caller may see, by stop and party."""
    query = (
        select(RiderRow)
        .join(TripRow, col(TripRow.trip_id) == RiderRow.trip_id)
        .where(RiderRow.trip_id == trip_id, col(RiderRow.riding), scope_of_riders(principal))
        .order_by(col(RiderRow.stop_code), col(RiderRow.party_id), col(RiderRow.request_id))
    )
    return list(session.exec(query).all())


def list_riders(session: Session, trip_id: str, *, enterprise_id: str | None = None) -> list[RiderRow]:
    """Who rides a trip, by stop and party; with `enterprise_id` those whom it brings to that enterprise."""
    query = select(RiderRow).where(RiderRow.trip_id == trip_id, col(RiderRow.riding))
    if enterprise_id is not None:
        query = query.where(RiderRow.enterprise_id == enterprise_id)
    order = (col(RiderRow.stop_code), col(RiderRow.party_id), col(RiderRow.request_id))
    return list(session.exec(query.order_by(*order)).all())


def list_trips_of_request(session: Session, request_id: str) -> list[TripRow]:
    """The trips that have a seat for a request, locked."""
    seats = select(RiderRow.trip_id).where(RiderRow.request_id == request_id, col(RiderRow.riding))
    query = select(TripRow).where(col(TripRow.trip_id).in_(seats)).order_by(col(TripRow.trip_id))
    return list(session.exec(locked(query)).all())


def erase_rider(session: Session, request_id: str) -> bool:
    """Destroy the words about a request's worker on all trips; whether there was one."""
    forgotten = update(RiderRow).where(col(RiderRow.request_id) == request_id).values(note=None, erased=True)
    return session.connection().execute(forgotten).rowcount > 0


def replace_seats(session: Session, trip_id: str, seats: Iterable[dict[str, Any]]) -> None:
    """Make `seats` (columns of a rider) the ones that ride; marks and answers of those who stay are kept."""
    by_request = {seat["request_id"]: seat for seat in seats}
    for row in session.exec(select(RiderRow).where(RiderRow.trip_id == trip_id)).all():
        seat = by_request.pop(row.request_id, None)
        row.riding = seat is not None
        for name, value in (seat or {}).items():
            setattr(row, name, value)
    if by_request:
        fresh = {"trip_id": trip_id, "riding": True, "presence": Presence.EXPECTED.value, "version": 0}
        rows = [{**fresh, **seat} for seat in by_request.values()]
        session.connection().execute(insert(RiderRow).values(rows))


def advance_versions(session: Session, seats: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The next version of what we tell of each (trip id, request id)."""
    statement = (
        update(RiderRow)
        .where(tuple_(col(RiderRow.trip_id), col(RiderRow.request_id)).in_(seats))
        .values(version=col(RiderRow.version) + 1)
        .returning(col(RiderRow.trip_id), col(RiderRow.request_id), col(RiderRow.version))
    )
    found = session.connection().execute(statement).all() if seats else ()
    return {(trip_id, request_id): version for trip_id, request_id, version in found}


def list_withdrawn(session: Session, request_ids: Sequence[str]) -> set[str]:
    """Which of these requests were taken back."""
    query = select(WithdrawalRow.request_id).where(col(WithdrawalRow.request_id).in_(request_ids))
    return set(session.exec(query).all())


def store_withdrawal(session: Session, request_id: str, version: int) -> None:
    """Remember that a request was taken back."""
    session.connection().execute(
        insert(WithdrawalRow).values(request_id=request_id, version=version).on_conflict_do_nothing()
    )


def store_cancellation(session: Session, trip_id: str, version: int) -> None:
    """Remember that a trip does not run."""
    statement = insert(CancellationRow).values(trip_id=trip_id, version=version)
    session.connection().execute(
        statement.on_conflict_do_update(index_elements=["trip_id"], set_={"version": version})
    )


def version_of_cancellation(session: Session, trip_id: str) -> int:
    """The version from which on a trip does not run; 0 where it was not cancelled."""
    row = session.get(CancellationRow, trip_id)
    return row.version if row else 0


def to_trip(row: TripRow, riders: Iterable[RiderRow]) -> Trip:
    """The trip as a value."""
    return Trip(
        trip_id=row.trip_id,
        version=row.version,
        day=row.day,
        county_code=row.county_code,
        prefecture_code=row.prefecture_code,
        carrier_id=row.carrier_id,
        carrier_name=row.carrier_name,
        coach_type=row.coach_type,
        seats_approved=row.seats_approved,
        drivers=row.drivers,
        stops=stops_of(row),
        seats=tuple(Seat(r.request_id, r.stop_code, r.enterprise_id, r.gate_id) for r in riders),
    )


def stops_of(row: TripRow) -> tuple[Stop, ...]:
    """The stored stops as values."""
    return tuple(
        Stop(
            kind=stop["kind"],
            code=stop["code"],
            name=stop["name"],
            arrive_at=datetime.fromisoformat(stop["arrive_at"]),
            depart_at=datetime.fromisoformat(stop["depart_at"]),
        )
        for stop in row.stops
    )


def is_running(row: TripRow) -> bool:
    """Whether the trip is still to leave."""
    return row.state == TripState.PUBLISHED
