"""Makes a link for one more device, for whom a trip concerns; the first one was in the notice."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from services.notifier.domain.notice import Audience
from services.notifier.store import trips
from services.notifier.usecases.linking import Linker
from shared.kernel.clock import Clock


@dataclass(frozen=True)
class FreshLink:
    """A link and until when it is good."""

    url: str
    expires_at: datetime


@dataclass(frozen=True)
class LinkMaker:
    """Makes links that are good for `lasts` after the arrival."""

    linker: Linker
    lasts: timedelta
    clock: Clock

    def for_escort(self, session: Session, trip_id: str, carrier_id: str) -> FreshLink:
        """The escort's page; raises NoSuchTrip for another carrier's trip."""
        trip = trips.get_trip(session, trip_id, trips.scope_of_carrier(carrier_id))
        return self._make(Audience.CARRIER, trip_id, carrier_id, trip.arrives_at)

    def for_gate(self, session: Session, trip_id: str, enterprise_id: str) -> FreshLink:
        """The hand-over page; raises NoSuchTrip where the trip brings this enterprise nobody."""
        trip = trips.get_trip(session, trip_id, trips.scope_of_enterprise(enterprise_id))
        return self._make(Audience.ENTERPRISE, trip_id, enterprise_id, trip.arrives_at)

    def _make(self, audience: Audience, trip_id: str, organisation: str, arrives_at: datetime) -> FreshLink:
        expires_at = max(arrives_at, self.clock.now()) + self.lasts
        url = self.linker.fresh(audience, trip_id, organisation, expires_at, self.clock)
        return FreshLink(url, expires_at)
