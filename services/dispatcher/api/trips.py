"""Trips over HTTP: what runs, its timetable, its riders as request ids, what it costs whom."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from services.dispatcher.store import trips
from services.dispatcher.store.tables import RiderRow, TripRow, TripStopRow
from services.dispatcher.usecases.amend_trip import cancel_trip
from services.dispatcher.usecases.show_trip import Manifest, show_manifest, shown_lines
from services.dispatcher.usecases.summarise_day import DayFigures, summarise_day
from shared.database import Database
from shared.http import request_cause
from shared.kernel.clock import Clock
from shared.security import Principal, Role, allow

READERS = allow(
    Role.DISPATCHER, Role.BUREAU, Role.CARRIER, Role.ENTERPRISE, Role.FINANCE, Role.AUDIT, Role.OPERATOR
)
CANCELLERS = allow(Role.DISPATCHER)
OFFICES = allow(Role.DISPATCHER, Role.BUREAU, Role.FINANCE, Role.AUDIT, Role.OPERATOR)


class StopOut(BaseModel):
    """A stop; `code` is a stop code at a pickup, a gate id at a drop. Degrees WGS-84, instants in UTC."""

    kind: str
    code: str
    name: str
    lon: float
    lat: float
    arrive_at: datetime
    depart_at: datetime


class TripOut(BaseModel):
    """A trip with its stops; `riders` are those whom the caller may see."""

    trip_id: str
    version: int
    state: str
    round_id: str
    pool_id: str
    season: str
    day: date
    county_code: str
    prefecture_code: str
    carrier_id: str
    carrier_name: str
    coach_type: str
    seats_approved: int
    seats_max: int
    drivers: int
    days: int
    distance_m: int
    duration_s: int
    planned_fen: int
    cost_fen: int
    subsidy_fen: int
    policy: str
    tariff: str
    price: dict[str, int]
    lines: list[dict[str, Any]]
    """Who bears it; an enterprise sees its own lines alone."""
    departed_at: datetime | None
    settled_at: datetime | None
    note: str | None
    stops: list[StopOut]
    riders: int


class TripDetail(TripOut):
    """A trip with its timetable: driving, rests, changes of driver, instants in UTC."""

    timetable: list[dict[str, Any]]


class TripList(BaseModel):
    """Trips by day and id."""

    trips: list[TripOut]


class SeatOut(BaseModel):
    """One worker's seat."""

    request_id: str
    party_id: str
    stop_code: str
    enterprise_id: str
    gate_id: str


class PickupOut(BaseModel):
    """Who boards at one stop."""

    stop: StopOut
    seats: list[SeatOut]


class ManifestOut(BaseModel):
    """Who rides, by pickup, as request ids. Names are the registry's; the printable page asks for them."""

    trip_id: str
    version: int
    pickups: list[PickupOut]


class CancellationIn(BaseModel):
    """Why a trip does not run."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=500)


def router(database: Database, clock: Clock) -> APIRouter:
    """The routes under /api/trips and /api/summary."""
    routes = APIRouter(prefix="/api", tags=["trips"])

    @routes.get("/trips", summary="List trips")
    def show_trips(
        principal: Annotated[Principal, Depends(READERS)],
        day: date | None = None,
        round_id: str | None = None,
    ) -> TripList:
        with database.session() as session:
            found = trips.list_trips(session, principal, day=day, round_id=round_id)
            ids = [trip.trip_id for trip in found]
            stops = trips.list_stops(session, ids)
            riders = trips.list_riders(session, ids, organisation=trips.only_of(principal))
        return TripList(
            trips=[
                TripOut(**_fields(trip, principal, stops[trip.trip_id], riders.get(trip.trip_id, [])))
                for trip in found
            ]
        )

    @routes.get("/trips/{trip_id}", summary="Look at a trip")
    def show_trip(trip_id: str, principal: Annotated[Principal, Depends(READERS)]) -> TripDetail:
        with database.session() as session:
            trip = trips.get_trip(session, trip_id, principal)
            stops = trips.list_stops(session, [trip_id])[trip_id]
            riders = trips.list_riders(session, [trip_id], organisation=trips.only_of(principal))
        return TripDetail(
            timetable=trip.timetable, **_fields(trip, principal, stops, riders.get(trip_id, []))
        )

    @routes.get("/trips/{trip_id}/manifest", summary="List who rides, by pickup")
    def show_manifest_of(trip_id: str, principal: Annotated[Principal, Depends(READERS)]) -> ManifestOut:
        with database.session() as session:
            return _manifest(show_manifest(session, trip_id, principal))

    @routes.post("/trips/{trip_id}/cancel", summary="Cancel an approved trip")
    def post_cancellation(
        request: Request,
        trip_id: str,
        sent: CancellationIn,
        principal: Annotated[Principal, Depends(CANCELLERS)],
    ) -> TripDetail:
        with database.session() as session:
            trips.get_trip(session, trip_id, principal)
            trip = cancel_trip(session, trip_id, sent.reason, request_cause(request), clock)
            stops = trips.list_stops(session, [trip_id])[trip_id]
            riders = trips.list_riders(session, [trip_id]).get(trip_id, [])
            return TripDetail(timetable=trip.timetable, **_fields(trip, principal, stops, riders))

    @routes.get("/summary", summary="The figures of a day")
    def show_summary(day: date, principal: Annotated[Principal, Depends(OFFICES)]) -> DayFigures:
        with database.session() as session:
            return summarise_day(session, principal, day)

    return routes


def _fields(
    trip: TripRow, principal: Principal, stops: list[TripStopRow], riders: list[RiderRow]
) -> dict[str, Any]:
    known = trip.model_dump(include=set(TripOut.model_fields) - {"lines"})
    lines = shown_lines(trip, principal)
    return known | {"lines": lines, "stops": [_stop(stop) for stop in stops], "riders": len(riders)}


def _stop(stop: TripStopRow) -> StopOut:
    return StopOut(**stop.model_dump(include=set(StopOut.model_fields)))


def _manifest(manifest: Manifest) -> ManifestOut:
    return ManifestOut(
        trip_id=manifest.trip.trip_id,
        version=manifest.trip.version,
        pickups=[
            PickupOut(
                stop=_stop(stop),
                seats=[
                    SeatOut(**{name: getattr(seat, name) for name in SeatOut.model_fields}) for seat in seats
                ],
            )
            for stop, seats in manifest.pickups
        ],
    )
