"""Lays down what a round's pools must keep when they are planned again, each with who, when and why; plans nothing."""

from dataclasses import dataclass

from sqlmodel import Session

from services.dispatcher.domain.mark import MarkKind, RequestNotInPool, require_fields
from services.dispatcher.store.amendments import list_demand_of, list_seekers, list_standing_trips
from services.dispatcher.store.marks import get_mark
from services.dispatcher.store.tables import MarkRow, RoundRow
from services.dispatcher.store.trips import NoSuchTrip
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id
from shared.security import Principal


@dataclass(frozen=True)
class Marked:
    """What is laid down: a trip, a request, another request beside it, as the kind wants them; `reason` names nobody."""

    kind: MarkKind
    pool_id: str
    reason: str
    trip_id: str | None = None
    request_id: str | None = None
    other_id: str | None = None


def set_mark(session: Session, row: RoundRow, marked: Marked, by: str, clock: Clock) -> MarkRow:
    """Keep a mark. Raises BadMark, NoSuchTrip, RequestNotInPool."""
    require_fields(marked.kind, marked.trip_id, marked.request_id, marked.other_id)
    trips = [trip.trip_id for trip in list_standing_trips(session, row.round_id, marked.pool_id)]
    if marked.trip_id is not None and marked.trip_id not in trips:
        raise NoSuchTrip(trip_id=marked.trip_id)
    seekers = list_seekers(session, row.round_id, marked.pool_id, row.day)
    known = {demand.request_id for demand in (*seekers, *list_demand_of(session, trips))}
    for request_id in (marked.request_id, marked.other_id):
        if request_id is not None and request_id not in known:
            raise RequestNotInPool(request_id=request_id)
    mark = MarkRow(
        mark_id=new_id(),
        round_id=row.round_id,
        pool_id=marked.pool_id,
        county_code=marked.pool_id.partition("-")[0],
        kind=marked.kind.value,
        trip_id=marked.trip_id,
        request_id=marked.request_id,
        other_id=marked.other_id,
        reason=marked.reason,
        set_by=by,
        set_at=clock.now(),
    )
    session.add(mark)
    return mark


def lift_mark(session: Session, mark_id: str, principal: Principal, clock: Clock) -> MarkRow:
    """Let a mark hold no longer; who set it and who lifted it stays known. Raises NoSuchMark."""
    mark = get_mark(session, mark_id, principal)
    if mark.lifted_at is None:
        mark.lifted_by, mark.lifted_at = principal.display_name, clock.now()
    return mark
