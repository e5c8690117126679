"""Knows what the dispatcher asks of any source of roads, a table or a routing engine; has no road itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.kernel.errors import InvalidInput, NotFound


@dataclass(frozen=True, slots=True)
class Place:
    """Where a coach stops: `code` of the stop, town, zone, district or prefecture it is at, and its own point.

    A gate has its town's code and its own (lon, lat), WGS-84.
    """

    code: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Matrix:
    """Metres and driving seconds, [origin][destination]; None where no road leads."""

    distance_m: tuple[tuple[int | None, ...], ...]
    duration_s: tuple[tuple[int | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg of a route. `course` runs from its first point to its last as (lon, lat): along the roads between the
    access legs, or as the line between the two where the coach goes straight over land.
    """

    distance_m: int
    duration_s: int
    course: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Route:
    """A route through given places in their order; one leg fewer than places."""

    legs: tuple[Leg, ...]

    @property
    def distance_m(self) -> int:
        """Metres of all legs."""
        return sum(leg.distance_m for leg in self.legs)

    @property
    def duration_s(self) -> int:
        """Driving seconds of all legs; rests and stops are the timetable's."""
        return sum(leg.duration_s for leg in self.legs)

    @property
    def course(self) -> tuple[tuple[float, float], ...]:
        """The legs' courses in one line of (lon, lat), WGS-84."""
        joined: list[tuple[float, float]] = []
        for leg in self.legs:
            joined += leg.course if not joined or joined[-1] != leg.course[0] else leg.course[1:]
        return tuple(joined)


class UnknownPlace(InvalidInput):
    """The road source has no place with the code {place}. Use a code of the reference tables."""

    zh = "道路数据中没有代码为“{place}”的地点。请使用参考表中的代码。"


class NoRoad(NotFound):
    """No road leads from {origin} to {destination}. Choose a place that a coach can reach."""

    zh = "从“{origin}”到“{destination}”没有公路可通。请选择大客车可以到达的地点。"


class Roads(Protocol):
    """A source of roads: a table today, a routing engine over HTTP tomorrow. Driving only, without rests."""

    def matrix(self, origins: Sequence[Place], destinations: Sequence[Place]) -> Matrix:
        """Metres and seconds from every origin to every destination; None where no road leads.

        Raises UnknownPlace.
        """
        ...

    def route(self, places: Sequence[Place]) -> Route:
        """The route through two or more places in this order. Raises UnknownPlace, NoRoad."""
        ...
