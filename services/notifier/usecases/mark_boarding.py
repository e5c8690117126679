"""Writes down who is on the coach and when it left, and tells it; refuses to know who the escort is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from services.notifier.domain import boarding
from services.notifier.domain.boarding import Boarding, Presence, Run
from services.notifier.domain.trip import TripState
from services.notifier.store import trips
from services.notifier.store.tables import RiderRow, TripRow
from services.notifier.usecases import SOURCE
from services.notifier.usecases.tell_of_riders import tell_of_riders
from shared.events import NoShowRecorded, TripDeparted, WorkerBoarded
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound
from shared.messaging import Cause, emit


class NotOnThisCoach(NotFound):
    """{request_id} has no seat on trip {trip_id} any more, or never had. Reload the list."""

    zh = "{request_id} 不在车次 {trip_id} 的乘车名单上（可能已撤销）。请刷新名单。"


@dataclass(frozen=True)
class Mark:
    """What the escort says of one worker; `at` is when it was marked, by the phone's clock."""

    request_id: str
    presence: Presence
    at: datetime


def mark_boarding(
    session: Session, trip_id: str, carrier_id: str | None, marks: Sequence[Mark], cause: Cause, clock: Clock
) -> int:
    """Write down `marks`, all or none, and tell those that change something; gives how many did.

    Raises NoSuchTrip for another carrier's trip, NotOnThisCoach, and what `boarding.mark` raises.
    """
    trip = trips.get_trip(session, trip_id, trips.scope_of_carrier(carrier_id), lock=True)
    riders = {rider.request_id: rider for rider in trips.list_riders(session, trip_id)}
    events = []
    for mark in sorted(marks, key=lambda mark: mark.at):
        rider = riders.get(mark.request_id)
        if rider is None:
            raise NotOnThisCoach(request_id=mark.request_id, trip_id=trip_id)
        event = _mark_one(trip, rider, mark, clock.now())
        if event is not None:
            events.append((rider, event))
    tell_of_riders(session, events, cause, clock)
    return len(events)


def report_departure(
    session: Session, trip_id: str, carrier_id: str | None, at: datetime, cause: Cause, clock: Clock
) -> bool:
    """Write down that the coach has left, and tell it with who is on it; False where that is known already.

    Raises NoSuchTrip for another carrier's trip, and what `boarding.depart` raises.
    """
    trip = trips.get_trip(session, trip_id, trips.scope_of_carrier(carrier_id), lock=True)
    before = _run(trip)
    after = boarding.depart(before, at, clock.now())
    if after == before:
        return False
    trip.state, trip.departed_at = after.state.value, after.departed_at
    riders = trips.list_riders(session, trip_id)
    aboard = [rider.request_id for rider in riders if rider.presence == Presence.BOARDED]
    event = TripDeparted(trip_id=trip_id, at=at, request_ids=tuple(aboard), version=trip.version)
    chain = cause.within(rider.correlation_id for rider in riders)
    emit(session, event, source=SOURCE, cause=chain, clock=clock)
    return True


def _mark_one(
    trip: TripRow, rider: RiderRow, mark: Mark, now: datetime
) -> WorkerBoarded | NoShowRecorded | None:
    before = Boarding(Presence(rider.presence), rider.marked_at)
    after = boarding.mark(before, mark.presence, mark.at, _run(trip), now)
    if after == before:
        return None
    rider.presence, rider.marked_at = after.presence.value, after.at
    rider.version += 1
    told = WorkerBoarded if after.presence is Presence.BOARDED else NoShowRecorded
    return told(trip_id=trip.trip_id, request_id=rider.request_id, at=mark.at, version=rider.version)


def _run(trip: TripRow) -> Run:
    return Run(trip.trip_id, TripState(trip.state), trip.departs_at, trip.departed_at)
