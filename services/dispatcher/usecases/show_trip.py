"""A trip as a caller may see it: its manifest by pickup, and its lines; changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from services.dispatcher.domain.manifest import Seat, list_by_pickup
from services.dispatcher.store.tables import TripRow, TripStopRow
from services.dispatcher.store.trips import get_trip, list_riders, list_stops, only_of
from shared.security import Principal


@dataclass(frozen=True)
class Manifest:
    """A trip, and at each pickup its riders."""

    trip: TripRow
    stops: Sequence[TripStopRow]
    pickups: Sequence[tuple[TripStopRow, Sequence[Seat]]]


def show_manifest(session: Session, trip_id: str, principal: Principal) -> Manifest:
    """Who rides; an enterprise sees its own workers alone. Raises NoSuchTrip."""
    trip = get_trip(session, trip_id, principal)
    stops = list_stops(session, [trip_id])[trip_id]
    riders = list_riders(session, [trip_id], organisation=only_of(principal)).get(trip_id, [])
    seats = [
        Seat(rider.request_id, rider.party_id, rider.stop_code, rider.enterprise_id, rider.gate_id)
        for rider in riders
    ]
    at_stop = {stop.code: stop for stop in stops if stop.kind == "pickup"}
    pickups = list_by_pickup(seats, list(at_stop))
    return Manifest(trip, stops, [(at_stop[code], those) for code, those in pickups])


def shown_lines(trip: TripRow, principal: Principal) -> list[dict[str, Any]]:
    """Who bears the trip; an enterprise sees its own lines alone."""
    only = only_of(principal)
    if only is None:
        return trip.lines
    return [line for line in trip.lines if line["account"].startswith(f"enterprise:{only}:")]
