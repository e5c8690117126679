"""Records what escort and enterprise say of a trip, and settles it once it is over and nobody's answer is open.

An older word is ignored. A word that changes after settlement bills the trip again: the ledger corrects itself
by counter-entries.
"""

from datetime import datetime

from sqlmodel import Session

from services.dispatcher.domain.trip import RUNNING, TripState, can_settle, follow
from services.dispatcher.store.tables import RiderRow, TripRow
from services.dispatcher.store.trips import find_rider, find_trip, list_riders
from services.dispatcher.usecases import bill_trip
from shared.events import ArrivalConfirmed, NoShowRecorded, TripDeparted, WorkerBoarded
from shared.kernel.clock import Clock
from shared.messaging import Cause, InvalidMessage


class UnknownTrip(InvalidMessage):
    """There is no trip {trip_id} that was published. Ask the notifier where it has it from."""

    zh = "没有已发布的班次 {trip_id}。请向通知服务核实来源。"


class NotOnTrip(InvalidMessage):
    """Request {request_id} has never been on trip {trip_id}. Ask the notifier where it has it from."""

    zh = "申请 {request_id} 从未编入班次 {trip_id}。请向通知服务核实来源。"


class NotTheirWorker(InvalidMessage):
    """Enterprise {enterprise_id} cannot answer for request {request_id} of trip {trip_id}: it rides to another."""

    zh = "企业 {enterprise_id} 不能确认班次 {trip_id} 的申请 {request_id}：该工人前往其他企业。"


def record_boarding(
    session: Session, event: WorkerBoarded | NoShowRecorded, cause: Cause, clock: Clock
) -> bool:
    """Keep what the escort marked; False for older news."""
    trip, rider = _find(session, event.trip_id, event.request_id)
    if rider.boarding_version >= event.version:
        return False
    rider.boarding_version = event.version
    rider.boarding = "boarded" if isinstance(event, WorkerBoarded) else "no_show"
    rider.boarded_at = event.at
    _settle_if_answered(session, trip, cause, clock.now())
    return True


def record_departure(session: Session, event: TripDeparted, cause: Cause, clock: Clock) -> bool:
    """Keep when the coach left; False where that is known or the trip does not run."""
    trip = _find_trip(session, event.trip_id)
    if trip.departed_at is not None or trip.state not in RUNNING:
        return False
    trip.departed_at = event.at
    if trip.state == TripState.APPROVED:
        trip.state = follow(trip.trip_id, trip.state, TripState.DEPARTED)
        _settle_if_answered(session, trip, cause, clock.now())
    trip.version += 1
    return True


def record_arrival(session: Session, event: ArrivalConfirmed, cause: Cause, clock: Clock) -> bool:
    """Keep what the enterprise says of one worker; False for older news."""
    trip, rider = _find(session, event.trip_id, event.request_id)
    if rider.enterprise_id != event.enterprise_id:
        raise NotTheirWorker(
            enterprise_id=event.enterprise_id, request_id=event.request_id, trip_id=event.trip_id
        )
    if rider.outcome_version >= event.version:
        return False
    rider.outcome_version = event.version
    rider.outcome = event.outcome.value
    rider.confirmed_at = rider.confirmed_at or event.at
    _settle_if_answered(session, trip, cause, clock.now())
    return True


def _settle_if_answered(session: Session, trip: TripRow, cause: Cause, at: datetime) -> None:
    if trip.state not in RUNNING:
        return
    session.flush()
    riders = list_riders(session, [trip.trip_id]).get(trip.trip_id, [])
    if can_settle(trip.departed_at is not None, [(rider.boarding, rider.outcome) for rider in riders]):
        bill_trip.settle_as_arrived(session, trip, riders, cause, at)


def _find_trip(session: Session, trip_id: str) -> TripRow:
    trip = find_trip(session, trip_id)
    if trip is None or trip.state in (TripState.PROPOSED, TripState.REJECTED):
        raise UnknownTrip(trip_id=trip_id)
    return trip


def _find(session: Session, trip_id: str, request_id: str) -> tuple[TripRow, RiderRow]:
    trip = _find_trip(session, trip_id)
    rider = find_rider(session, trip_id, request_id)
    if rider is None:
        raise NotOnTrip(trip_id=trip_id, request_id=request_id)
    return trip, rider
