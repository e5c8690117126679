"""Follows requests by what other services tell; the standing comes from `domain.status`, whatever the order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from services.registry.domain.status import HELD, Fact, FactKind, Status, standing_of
from services.registry.store.facts import (
    Told,
    facts_of,
    hold_requests,
    keep_facts,
    release_seats,
    riders_of,
    seat_version,
    stand,
)
from services.registry.usecases.tracking.arrive import follow_arrivals
from shared.events import TripCancelled, TripPublished
from shared.kernel.clock import Clock
from shared.messaging import InvalidMessage


class RequestNotHere(InvalidMessage):
    """The event tells of requests that the registry never had: {request_ids}."""

    zh = "事件涉及登记服务没有的需求：{request_ids}。"


@dataclass(frozen=True)
class Follower:
    """Keeps facts and sets standings; each call gives how many facts were stale, that is known already or newer."""

    clock: Clock

    def tell(self, session: Session, told: Sequence[Told]) -> int:
        """Facts of one kind about requests. Raises RequestNotHere."""
        ids = [one.request_id for one in told]
        self._hold(session, ids)
        fresh = keep_facts(session, told, self.clock.now())
        if told and told[0].fact.kind is not FactKind.POOLED:  # to be pooled changes no standing
            self._stand(session, dict.fromkeys(fresh))
        return len(ids) - len(fresh)

    def publish(self, session: Session, trip: TripPublished) -> int:
        """A trip's riders have their seats; who rode on an earlier version of it and no longer does has none."""
        if seat_version(session, trip.trip_id) >= trip.version:
            return 1
        riders = [rider.request_id for rider in trip.riders]
        gone = sorted(riders_of(session, trip.trip_id) - set(riders))
        self._hold(session, [*riders, *gone])
        now = self.clock.now()
        seats = [
            Told(one, Fact(FactKind.SEAT, trip.trip_id, HELD, trip.round_id), trip.version) for one in riders
        ]
        keep_facts(session, seats, now)
        release_seats(session, trip.trip_id, gone, trip.version, now)
        self._stand(session, [*riders, *gone])
        return 0

    def cancel(self, session: Session, trip: TripCancelled) -> int:
        """Nobody has a seat on this trip any more; a seat on another is untouched."""
        if seat_version(session, trip.trip_id) >= trip.version:
            return 1
        riders = sorted(riders_of(session, trip.trip_id) | set(trip.request_ids))
        self._hold(session, riders)
        release_seats(session, trip.trip_id, riders, trip.version, self.clock.now())
        self._stand(session, riders)
        return 0

    def _hold(self, session: Session, request_ids: Sequence[str]) -> None:
        unknown = set(request_ids) - hold_requests(session, request_ids)
        if unknown:
            raise RequestNotHere(request_ids=", ".join(sorted(unknown)[:5]))

    def _stand(self, session: Session, request_ids: Iterable[str]) -> None:
        facts = facts_of(session, list(request_ids))
        stand(session, {one: standing_of(found) for one, found in facts.items()}, self.clock.now())
        follow_arrivals(session, list(facts), self.clock)


def about_trip(
    kind: FactKind, request_id: str, trip_id: str, version: int, status: Status | str = "", **detail: str
) -> Told:
    """A fact about one request on one trip."""
    return Told(request_id, Fact(kind, trip_id, str(status)), version, detail)
