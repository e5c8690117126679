"""Takes in what the dispatcher tells of a trip and stores the notices that follow, before any is sent.

Refuses to send: a notice is stored in the transaction that changes the trip, and a sender takes it from there.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from services.notifier.domain.notice import Audience, Medium, NewNotice, State, to_tell
from services.notifier.domain.trip import MalformedTrip, Trip, TripState
from services.notifier.domain.wording import Names, Words, write
from services.notifier.store import notices, organisations, trips
from services.notifier.store.tables import TripRow
from shared.events import EnterpriseRegistered, RequestWithdrawn, TripCancelled, TripPublished
from shared.kernel.clock import Clock
from shared.messaging import Cause, InvalidMessage

NO_ADDRESS = "no-address"
"""The fault of a notice whose recipient has given no mailbox; mended when somebody tells of one."""


@dataclass(frozen=True)
class Teller:
    """Stores what must be told. Links in notices are good for `link_lasts` after the arrival."""

    clock: Clock
    link_lasts: timedelta

    def publish(self, session: Session, event: TripPublished, cause: Cause) -> bool:
        """A trip is approved or has changed; False where this is older than what is known.

        Raises InvalidMessage for a trip that contradicts itself.
        """
        row = trips.find_trip(session, event.trip_id)
        known = max(row.version if row else 0, trips.version_of_cancellation(session, event.trip_id))
        if event.version <= known:
            return False
        withdrawn = trips.list_withdrawn(session, [rider.request_id for rider in event.riders])
        try:
            row = self._store_trip(session, row, event, withdrawn)
            trip = trips.to_trip(row, trips.list_riders(session, event.trip_id))
        except MalformedTrip as error:
            raise InvalidMessage(detail=error.message("en")) from error
        self._tell(session, row, trip, cause)
        return True

    def cancel(self, session: Session, event: TripCancelled, cause: Cause) -> bool:
        """A trip does not run; False where this is older than what is known, or the coach has left."""
        row = trips.find_trip(session, event.trip_id)
        if row is None:
            trips.store_cancellation(session, event.trip_id, event.version)
            return True
        if event.version <= row.version or row.state == TripState.DEPARTED:
            return False
        trips.store_cancellation(session, event.trip_id, event.version)
        row.state, row.version = TripState.CANCELLED.value, event.version
        self._tell(session, row, None, cause)
        return True

    def withdraw(self, session: Session, event: RequestWithdrawn, cause: Cause) -> bool:
        """A request is taken back: its seat falls free, and who waited for it is told."""
        trips.store_withdrawal(session, event.request_id, event.version)
        for row in trips.list_trips_of_request(session, event.request_id):
            if not trips.is_running(row):
                continue
            for rider in trips.list_riders(session, row.trip_id):
                rider.riding = rider.request_id != event.request_id
            session.flush()
            self._tell(session, row, trips.to_trip(row, trips.list_riders(session, row.trip_id)), cause)
        return True

    def register(self, session: Session, event: EnterpriseRegistered, _cause: Cause) -> bool:
        """An enterprise is known or has changed; what failed for want of a mailbox goes out now."""
        organisations.store_organisation(
            session,
            Audience.ENTERPRISE,
            event.enterprise_id,
            version=event.version,
            name=event.name,
            email=event.email,
        )
        self._revive(session, Audience.ENTERPRISE, event.enterprise_id, event.email)
        return True

    def _revive(self, session: Session, audience: Audience, ref: str, email: str | None) -> None:
        """Send what failed for want of a mailbox, where there is one now."""
        if email:
            notices.revive(session, audience, ref, NO_ADDRESS, self.clock.now())

    def _store_trip(
        self, session: Session, row: TripRow | None, event: TripPublished, withdrawn: set[str]
    ) -> TripRow:
        stops = [stop.model_dump(mode="json") for stop in event.stops]
        known = set(TripRow.model_fields) & set(TripPublished.model_fields) - {"stops"}
        values = {name: getattr(event, name) for name in known} | {"stops": stops}
        if row is None:
            row = TripRow(state=TripState.PUBLISHED.value, **values)
            session.add(row)
        for name, value in values.items():
            setattr(row, name, value)
        if row.state == TripState.CANCELLED:
            row.state = TripState.PUBLISHED.value
        timetable = trips.to_trip(row, ())
        row.departs_at, row.arrives_at = timetable.departs_at(), timetable.arrives_at()
        session.flush()
        organisations.store_organisation(
            session,
            Audience.CARRIER,
            event.carrier_id,
            version=0,
            name=event.carrier_name,
            email=event.carrier_email,
        )
        self._revive(session, Audience.CARRIER, event.carrier_id, event.carrier_email)
        seats = [rider.model_dump() for rider in event.riders if rider.request_id not in withdrawn]
        trips.replace_seats(session, event.trip_id, seats)
        session.flush()
        return row

    def _tell(self, session: Session, row: TripRow, trip: Trip | None, cause: Cause) -> None:
        told = notices.list_told(session, row.trip_id)
        parties = {row.carrier_id, *(trip.enterprises() if trip else ()), *(r.ref for r in told)}
        subscribed = organisations.list_subscribed(session, parties)
        telling = to_tell(trip, row.trip_id, told, subscribed)
        now = self.clock.now()
        riders = trips.list_riders(session, row.trip_id)
        names = organisations.list_names(session, {rider.enterprise_id for rider in riders})
        own = {rider.request_id: cause.within([rider.correlation_id]) for rider in riders}
        new = [
            self._row(row, notice, _words(notice, names), own.get(notice.recipient.ref, cause), now)
            for notice in telling.notices
        ]
        notices.store(session, new, telling.superseded)

    def _row(
        self, trip: TripRow, notice: NewNotice, words: Words, cause: Cause, now: datetime
    ) -> dict[str, Any]:
        recipient = notice.recipient
        useful = max(trip.arrives_at, now) + self.link_lasts
        return {
            "notice_id": notice.notice_id,
            "trip_id": trip.trip_id,
            "county_code": trip.county_code,
            "audience": recipient.audience.value,
            "recipient_ref": recipient.ref,
            "medium": recipient.medium.value,
            "kind": notice.kind.value,
            "facts": notice.facts,
            "subject": words.subject,
            "body": words.body,
            "state": State.PENDING.value,
            "attempts": 0,
            "known_before": notice.known_before,
            "handed_over": False,
            "latest": True,
            "created_at": now,
            "next_at": now,
            "expires_at": trip.departs_at if recipient.audience is not Audience.ENTERPRISE else useful,
            "link_expires_at": useful,
            "correlation_id": cause.correlation_id,
            "cause_id": cause.event_id,
        }


def _words(notice: NewNotice, names: Names) -> Words:
    """A text message is Chinese alone, for its length; everything else is Chinese, then English."""
    audience, kind, facts = notice.recipient.audience, notice.kind, notice.facts
    chinese = write(audience, kind, facts, "zh", names)
    if notice.recipient.medium is Medium.SMS:
        return chinese
    english = write(audience, kind, facts, "en", names)
    return Words(f"{chinese.subject} / {english.subject}", f"{chinese.body}\n\n{english.body}\n")
