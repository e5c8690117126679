"""Tells a trip to the world as it stands; decides nothing about it."""

from collections.abc import Sequence

from services.dispatcher.store.tables import RiderRow, TripRow, TripStopRow
from shared.events import Rider, TripPublished, TripStop


def published(trip: TripRow, stops: Sequence[TripStopRow], riders: Sequence[RiderRow]) -> TripPublished:
    """The event of the trip's present version, with all its stops and riders."""
    return TripPublished(
        trip_id=trip.trip_id,
        version=trip.version,
        round_id=trip.round_id,
        season=trip.season,
        day=trip.day,
        county_code=trip.county_code,
        prefecture_code=trip.prefecture_code,
        carrier_id=trip.carrier_id,
        carrier_name=trip.carrier_name,
        carrier_email=trip.carrier_email,
        coach_type=trip.coach_type,
        seats_approved=trip.seats_approved,
        seats_max=trip.seats_max,
        drivers=trip.drivers,
        distance_m=trip.distance_m,
        cost_fen=trip.cost_fen,
        subsidy_fen=trip.subsidy_fen,
        stops=tuple(
            TripStop.model_validate(
                {name: getattr(stop, name) for name in ("kind", "code", "name", "arrive_at", "depart_at")}
            )
            for stop in stops
        ),
        riders=tuple(
            Rider(
                request_id=rider.request_id,
                party_id=rider.party_id,
                stop_code=rider.stop_code,
                enterprise_id=rider.enterprise_id,
                gate_id=rider.gate_id,
                correlation_id=rider.correlation_id,
            )
            for rider in riders
        ),
    )
