"""Knows a trip as the notifier sees it: where and when a coach stops and who rides; nothing of its planning.

People are request ids; a trip holds no name and no phone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from shared.kernel.errors import Conflict, InvalidInput


class MalformedTrip(InvalidInput):
    """Trip {trip_id} cannot be told to anybody: {fault}."""

    zh = "车次 {trip_id} 无法通知：{fault}。"


class TripNotRunning(Conflict):
    """Trip {trip_id} is cancelled; nobody boards it or arrives with it."""

    zh = "车次 {trip_id} 已取消，不能登记上车或到达。"


class TripState(StrEnum):
    """How far a trip is. The order of the words is the order in which it moves."""

    PUBLISHED = "published"
    DEPARTED = "departed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Stop:
    """A place where the coach stops; instants are UTC. `code` is a stop code at a pickup, a gate id at a drop."""

    kind: Literal["pickup", "drop"]
    code: str
    name: str
    arrive_at: datetime
    depart_at: datetime


@dataclass(frozen=True)
class Seat:
    """One worker's place on the coach, as a request."""

    request_id: str
    stop_code: str
    enterprise_id: str
    gate_id: str


@dataclass(frozen=True)
class Trip:
    """One coach on one day: its carrier, its stops in order, its riders."""

    trip_id: str
    version: int
    day: date
    county_code: str
    prefecture_code: str
    carrier_id: str
    carrier_name: str
    coach_type: str
    seats_approved: int
    drivers: int
    stops: tuple[Stop, ...]
    seats: tuple[Seat, ...]

    def __post_init__(self) -> None:
        """Every seat has a pickup and a drop of this trip; otherwise MalformedTrip."""
        codes = {kind: {stop.code for stop in self.stops if stop.kind == kind} for kind in ("pickup", "drop")}
        if not codes["pickup"] or not codes["drop"]:
            raise MalformedTrip(trip_id=self.trip_id, fault="it needs at least one pickup and one drop")
        for seat in self.seats:
            if seat.stop_code not in codes["pickup"] or seat.gate_id not in codes["drop"]:
                raise MalformedTrip(trip_id=self.trip_id, fault=f"{seat.request_id} has no stop on its way")

    def pickups(self) -> list[Stop]:
        """Where people get on, in order."""
        return [stop for stop in self.stops if stop.kind == "pickup"]

    def drops(self) -> list[Stop]:
        """Where people get off, in order."""
        return [stop for stop in self.stops if stop.kind == "drop"]

    def pickup_of(self, seat: Seat) -> Stop:
        """Where this worker gets on."""
        return next(stop for stop in self.pickups() if stop.code == seat.stop_code)

    def drop_of(self, seat: Seat) -> Stop:
        """Where this worker gets off."""
        return next(stop for stop in self.drops() if stop.code == seat.gate_id)

    def enterprises(self) -> list[str]:
        """Whom the coach brings workers to, each once, in order of their ids."""
        return sorted({seat.enterprise_id for seat in self.seats})

    def seats_at(self, stop: Stop) -> Iterator[Seat]:
        """Who gets on or off at `stop`."""
        for seat in self.seats:
            if (seat.stop_code if stop.kind == "pickup" else seat.gate_id) == stop.code:
                yield seat

    def departs_at(self) -> datetime:
        """When the coach leaves its last pickup by the timetable: nobody boards after it."""
        return self.pickups()[-1].depart_at

    def arrives_at(self) -> datetime:
        """When it reaches its last gate by the timetable."""
        return self.drops()[-1].arrive_at
