"""Approves or rejects a proposed round; changes no plan."""

from collections import defaultdict

from sqlmodel import Session

from services.dispatcher.domain.demand import DemandState
from services.dispatcher.domain.round import RoundState, follow
from services.dispatcher.domain.trip import TripState
from services.dispatcher.store.demand import free_from_round, list_held
from services.dispatcher.store.rounds import get_round
from services.dispatcher.store.tables import RoundRow, UnservedRow
from services.dispatcher.store.trips import list_riders, list_round_trips, list_stops
from services.dispatcher.store.unserved import list_unserved
from services.dispatcher.usecases import SOURCE, bill_trip
from services.dispatcher.usecases.publish_trip import published
from shared.events import Event, RequestUnserved
from shared.kernel.clock import Clock
from shared.messaging import Cause, emit_all


def approve_round(session: Session, round_id: str, by: str, cause: Cause, clock: Clock) -> RoundRow:
    """Publish the round's trips, reserve their money, tell who is left behind: each in the chain of the upload that it
    comes from. Raises RoundNotReady."""
    row = _decide(session, round_id, RoundState.APPROVED, by, clock)
    held = {demand.request_id: demand for demand in list_held(session, round_id, lock=True)}
    trips = [trip for trip in list_round_trips(session, round_id) if trip.state == TripState.PROPOSED]
    trip_ids = [trip.trip_id for trip in trips]
    stops, riders = list_stops(session, trip_ids), list_riders(session, trip_ids)
    events: dict[Cause, list[Event]] = defaultdict(list)
    for trip in trips:
        trip.state = TripState.APPROVED.value
        trip.version += 1
        bill_trip.promise(session, trip, cause, clock.now())
        aboard = riders[trip.trip_id]
        for rider in aboard:
            held[rider.request_id].state = DemandState.PLANNED.value
        event = published(trip, stops[trip.trip_id], aboard)
        events[cause.within(rider.correlation_id for rider in aboard)].append(event)
    for left in list_unserved(session, round_id):
        if left.request_id in held:
            demand = held[left.request_id]
            demand.told += 1
            events[cause.within([demand.correlation_id])].append(tell_unserved(left, demand.told))
    session.flush()
    free_from_round(session, round_id)
    for chain, told in events.items():
        emit_all(session, told, source=SOURCE, cause=chain, clock=clock)
    return row


def reject_round(session: Session, round_id: str, by: str, note: str | None, clock: Clock) -> RoundRow:
    """Put the plan away: its requests wait for another round, nothing is told. Raises RoundNotReady."""
    row = _decide(session, round_id, RoundState.REJECTED, by, clock)
    row.note = note
    list_held(session, round_id, lock=True)  # requests before trips, as everywhere
    for trip in list_round_trips(session, round_id):
        trip.state = TripState.REJECTED.value
        trip.version += 1
    free_from_round(session, round_id)
    return row


def _decide(session: Session, round_id: str, wanted: RoundState, by: str, clock: Clock) -> RoundRow:
    row = get_round(session, round_id)
    row.state = follow(round_id, row.state, wanted)
    row.version += 1
    row.decided_by, row.decided_at = by, clock.now()
    return row


def tell_unserved(left: UnservedRow, version: int) -> RequestUnserved:
    """The event of why a request was left behind."""
    return RequestUnserved(
        request_id=left.request_id,
        version=version,
        round_id=left.round_id,
        rule=left.rule,
        limit=left.limit,
        figure=left.figure,
        mend_zh=left.mend_zh,
        mend_en=left.mend_en,
    )
