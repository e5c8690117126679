"""Takes riders off a trip and takes trips off the road; seats nobody."""

from sqlmodel import Session

from services.dispatcher.domain.demand import DemandState
from services.dispatcher.domain.trip import TripState, follow
from services.dispatcher.store.demand import list_demand
from services.dispatcher.store.tables import DemandRow, TripRow
from services.dispatcher.store.trips import find_rider, get_trip, list_riders, list_stops
from services.dispatcher.usecases import SOURCE, bill_trip
from services.dispatcher.usecases.publish_trip import published
from shared.events import TripCancelled
from shared.kernel.clock import Clock
from shared.messaging import Cause, emit

EMPTY = "no rider is left / 已无乘客"


def take_off(session: Session, trip: TripRow, request_id: str, cause: Cause, clock: Clock) -> bool:
    """Take one request off a trip (locked) that has not left; False where it has.

    Stops, timetable and charter stay as they are. Who bears the charter is computed again: a published trip
    is told again with one rider less and its reservation follows. With the last rider the trip goes too.
    """
    if trip.state not in (TripState.PROPOSED, TripState.APPROVED):
        return trip.state in (TripState.CANCELLED, TripState.REJECTED)
    rider = find_rider(session, trip.trip_id, request_id)
    if rider is None or not rider.riding:
        return True
    rider.riding = False
    session.flush()
    riders = list_riders(session, [trip.trip_id]).get(trip.trip_id, [])
    if not riders:
        take_off_road(session, trip, EMPTY, cause, clock)
        return True
    trip.version += 1
    bill_trip.bill_as_booked(bill_trip.get_policy(session, trip.policy), trip, riders)
    if trip.state == TripState.APPROVED:
        bill_trip.reserve(session, trip, cause, clock.now())
        stops = list_stops(session, [trip.trip_id])[trip.trip_id]
        emit(session, published(trip, stops, riders), source=SOURCE, cause=cause, clock=clock)
    return True


def cancel_trip(session: Session, trip_id: str, reason: str, cause: Cause, clock: Clock) -> TripRow:
    """Cancel an approved trip: its money is released and its riders wait again. Raises TripNotReady."""
    # Requests before trips, as everywhere: two transactions never wait for each other.
    seated = list_riders(session, [trip_id]).get(trip_id, [])
    list_demand(session, [rider.request_id for rider in seated])
    trip = get_trip(session, trip_id)
    follow(trip_id, trip.state, TripState.CANCELLED)
    take_off_road(session, trip, reason, cause, clock)
    return trip


def take_off_road(session: Session, trip: TripRow, reason: str, cause: Cause, clock: Clock) -> None:
    """Let a trip (locked, as its requests are) not run: its riders wait again, its money is released."""
    riders = list_riders(session, [trip.trip_id]).get(trip.trip_id, [])
    told = trip.state == TripState.APPROVED
    trip.state = (TripState.CANCELLED if told else TripState.REJECTED).value
    trip.version += 1
    trip.note = reason
    request_ids = [rider.request_id for rider in riders]
    free(session, request_ids)
    if told:
        bill_trip.release(session, trip, cause, clock.now())
        event = TripCancelled(trip_id=trip.trip_id, version=trip.version, request_ids=tuple(request_ids))
        emit(session, event, source=SOURCE, cause=cause, clock=clock)


def free(session: Session, request_ids: list[str]) -> list[DemandRow]:
    """Let requests wait for another round."""
    rows = list_demand(session, request_ids)
    for row in rows:
        if row.state == DemandState.PLANNED:
            row.state = DemandState.WAITING.value
        row.round_id = row.trip_id = None
    return rows
