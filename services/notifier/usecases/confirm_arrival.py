"""Writes down what an enterprise says of the workers at its gate, and tells it; the same answer again is nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from services.notifier.domain.handover import Answer, Arrival, Standing, changed_answers
from services.notifier.domain.trip import TripState
from services.notifier.store import trips
from services.notifier.store.tables import RiderRow, TripRow
from services.notifier.usecases.notes import Notes
from services.notifier.usecases.tell_of_riders import tell_of_riders
from shared.events import ArrivalConfirmed, Event, ObjectionReason, Outcome
from shared.kernel.clock import Clock
from shared.messaging import Cause


@dataclass(frozen=True)
class Confirmer:
    """Takes an enterprise's answers; one may be changed for `correctable_for`. What is told of them has no note."""

    clock: Clock
    correctable_for: timedelta
    notes: Notes

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
        due_at = gates_of(trip)
        standings = {rider.request_id: self._standing(rider, due_at[rider.gate_id]) for rider in riders}
        now = self.clock.now()
        changed = changed_answers(arrival_of(trip), standings, answers, now, self.correctable_for)
        events: list[tuple[RiderRow, Event]] = []
        for answer in changed:
            rider, before = by_request[answer.request_id], standings[answer.request_id]
            self.notes.write(rider, answer.note)
            if (answer.outcome, answer.reason) == (before.outcome, before.reason):
                continue  # what was written is for nobody else
            assert answer.outcome is not None, "an answer without is no change but a fault"
            rider.outcome, rider.reason = answer.outcome.value, answer.reason and answer.reason.value
            rider.first_answered_at = rider.first_answered_at or now
            rider.version += 1
            event = ArrivalConfirmed(
                trip_id=trip_id,
                request_id=rider.request_id,
                enterprise_id=rider.enterprise_id,
                outcome=answer.outcome,
                reason=answer.reason,
                at=now,
                version=rider.version,
            )
            events.append((rider, event))
        tell_of_riders(session, events, cause, self.clock)
        return len(changed)

    def _standing(self, rider: RiderRow, due_at: datetime) -> Standing:
        """What was said of a rider so far."""
        outcome = Outcome(rider.outcome) if rider.outcome else None
        reason = ObjectionReason(rider.reason) if rider.reason else None
        return Standing(due_at, outcome, self.notes.read(rider), reason, rider.first_answered_at)


def gates_of(trip: TripRow) -> dict[str, datetime]:
    """When the coach is due at each of its gates."""
    return {stop.code: stop.arrive_at for stop in trips.stops_of(trip) if stop.kind == "drop"}


def arrival_of(trip: TripRow) -> Arrival:
    """What confirming needs to know of a trip."""
    return Arrival(
        trip.trip_id, TripState(trip.state), trip.departs_at, trip.arrives_at, departed_at=trip.departed_at
    )
