"""Writes down what an enterprise says of the workers at its gate, and tells it; the same answer again is nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from services.notifier.domain.handover import Answer, Arrival, Standing, changed_answers
from services.notifier.domain.trip import TripState
from services.notifier.store import trips
from services.notifier.store.tables import RiderRow, TripRow
from services.notifier.usecases import SOURCE
from shared.events import ArrivalConfirmed, Event, Outcome
from shared.kernel.clock import Clock
from shared.messaging import Cause, emit_all


@dataclass(frozen=True)
class Confirmer:
    """Takes an enterprise's answers; one may be changed for `correctable_for`."""

    clock: Clock
    correctable_for: timedelta

    def confirm(
        self,
        session: Session,
        trip_id: str,
        enterprise_id: str | None,
        answers: Sequence[Answer],
        cause: Cause,
    ) -> int:
        """Write down `answers`, all or none; gives how many changed something.

        Raises NoSuchTrip where the trip brings this enterprise nobody, and what `changed_answers` raises.
        """
        trip = trips.get_trip(session, trip_id, trips.scope_of_enterprise(enterprise_id), lock=True)
        riders = trips.list_riders(session, trip_id, enterprise_id=enterprise_id)
        by_request = {rider.request_id: rider for rider in riders}
        standings = {rider.request_id: standing_of(rider) for rider in riders}
        now = self.clock.now()
        changed = changed_answers(arrival_of(trip), standings, answers, now, self.correctable_for)
        events: list[Event] = []
        for answer in changed:
            rider = by_request[answer.request_id]
            rider.outcome, rider.note = answer.outcome.value, answer.note
            rider.first_answered_at = rider.first_answered_at or now
            rider.version += 1
            events.append(
                ArrivalConfirmed(
                    trip_id=trip_id,
                    request_id=rider.request_id,
                    enterprise_id=rider.enterprise_id,
                    outcome=answer.outcome,
                    note=answer.note,
                    at=now,
                    version=rider.version,
                )
            )
        emit_all(session, events, source=SOURCE, cause=cause, clock=self.clock)
        return len(events)


def standing_of(rider: RiderRow) -> Standing:
    """What was said of a rider so far."""
    outcome = Outcome(rider.outcome) if rider.outcome else None
    return Standing(outcome, rider.note, rider.first_answered_at)


def arrival_of(trip: TripRow) -> Arrival:
    """What confirming needs to know of a trip."""
    return Arrival(trip.trip_id, TripState(trip.state), trip.departs_at, trip.arrives_at)
