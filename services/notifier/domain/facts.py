"""Knows which facts of a trip matter to whom; two equal sets of facts need no second message.

Values are plain JSON, instants as ISO 8601 in UTC, so that they can be stored, compared and put into words.
Enterprises are ids here: that one is known under another name is no change of anybody's trip.
"""

import hashlib
from typing import TypedDict

from services.notifier.domain.trip import Seat, Stop, Trip


class PlaceFacts(TypedDict):
    """A stop: its code and name, when the coach is there, how many get on or off, and to which enterprises."""

    code: str
    name: str
    at: str
    people: int
    enterprises: list[str]


class WorkerFacts(TypedDict):
    """Where and when a worker gets on, on which coach, and where it goes. The hour of arrival may shift."""

    trip_id: str
    pickup: str
    departs_at: str
    carrier: str
    seats: int
    gate: str
    enterprise_id: str


class CarrierFacts(TypedDict):
    """The carrier's order: coach, drivers, stops with head counts."""

    trip_id: str
    carrier: str
    coach: str
    seats: int
    drivers: int
    pickups: list[PlaceFacts]
    drops: list[PlaceFacts]


class EnterpriseFacts(TypedDict):
    """Who comes to which gate and when; `list_mark` changes with the list of riders, without naming one."""

    trip_id: str
    carrier: str
    seats: int
    gates: list[PlaceFacts]
    list_mark: str


Facts = WorkerFacts | CarrierFacts | EnterpriseFacts


def worker_facts(trip: Trip, seat: Seat) -> WorkerFacts:
    """What matters to one worker."""
    pickup = trip.pickup_of(seat)
    return {
        "trip_id": trip.trip_id,
        "pickup": pickup.name,
        "departs_at": pickup.depart_at.isoformat(),
        "carrier": trip.carrier_name,
        "seats": trip.seats_approved,
        "gate": trip.drop_of(seat).name,
        "enterprise_id": seat.enterprise_id,
    }


def carrier_facts(trip: Trip) -> CarrierFacts:
    """What matters to the carrier."""
    return {
        "trip_id": trip.trip_id,
        "carrier": trip.carrier_name,
        "coach": trip.coach_type,
        "seats": trip.seats_approved,
        "drivers": trip.drivers,
        "pickups": [_place(trip, stop, None) for stop in trip.pickups()],
        "drops": [_place(trip, stop, None) for stop in trip.drops()],
    }


def enterprise_facts(trip: Trip, enterprise_id: str) -> EnterpriseFacts:
    """What matters to one enterprise: its own gates and its own workers."""
    own = sorted(seat.request_id for seat in trip.seats if seat.enterprise_id == enterprise_id)
    gates = [_place(trip, stop, enterprise_id) for stop in trip.drops()]
    return {
        "trip_id": trip.trip_id,
        "carrier": trip.carrier_name,
        "seats": trip.seats_approved,
        "gates": [gate for gate in gates if gate["people"]],
        "list_mark": hashlib.sha256("\n".join(own).encode()).hexdigest()[:12],
    }


def _place(trip: Trip, stop: Stop, enterprise_id: str | None) -> PlaceFacts:
    at = stop.depart_at if stop.kind == "pickup" else stop.arrive_at
    there = [s.enterprise_id for s in trip.seats_at(stop) if enterprise_id in (None, s.enterprise_id)]
    enterprises = sorted(set(there)) if stop.kind == "drop" else []
    return {
        "code": stop.code,
        "name": stop.name,
        "at": at.isoformat(),
        "people": len(there),
        "enterprises": enterprises,
    }
