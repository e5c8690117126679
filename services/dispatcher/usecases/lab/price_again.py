"""Prices a round's trips again as they stand, by other terms than those that it holds to; writes nothing."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from services.dispatcher.lab.outcome import Outcome, weigh
from services.dispatcher.lab.rides import Ride
from services.dispatcher.lab.terms import Terms
from services.dispatcher.store.lab import list_left_behind, list_standing_trips
from services.dispatcher.store.tables import RiderRow, RoundRow, TripRow
from services.dispatcher.store.trips import list_riders
from services.dispatcher.usecases.bill_trip import get_policy, heads_as_booked, parties_of
from services.dispatcher.usecases.open_round import get_tariffs
from shared.security import Principal


def terms_of(session: Session, row: RoundRow) -> Terms:
    """What the round holds to. Raises NoSuchPolicy."""
    return Terms(get_policy(session, row.policy), get_tariffs(session, row))


def price_again(
    session: Session, row: RoundRow, terms: Terms, changes: Mapping[str, Any], principal: Principal
) -> tuple[Outcome, Outcome]:
    """What the round's trips that the caller may see come to as the terms are and as they would be, everybody arriving.

    By the tariff, whatever a contract says. Raises BadChange.
    """
    trips = list_standing_trips(session, row.round_id, principal)
    riders = list_riders(session, [trip.trip_id for trip in trips])
    rides = [ride_of(trip, riders[trip.trip_id]) for trip in trips if trip.trip_id in riders]
    left = list_left_behind(session, row.round_id, principal)
    changed = terms.change(changes)
    return weigh(rides, lambda _: terms, left), weigh(rides, lambda _: changed, left)


def ride_of(trip: TripRow, riders: list[RiderRow]) -> Ride:
    """The trip as money sees it."""
    return Ride(
        pool_id=trip.pool_id,
        day=trip.day,
        parties=parties_of(trip),
        coach_type=trip.coach_type,
        seats_approved=trip.seats_approved,
        seats=trip.seats_max,
        distance_m=trip.distance_m,
        drivers=trip.drivers,
        days=trip.days,
        heads=tuple(heads_as_booked(riders)),
    )
