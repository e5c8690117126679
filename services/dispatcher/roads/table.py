"""Knows the committed road tables (© OpenStreetMap contributors, ODbL 1.0); refuses to know what is driven today.

Between two places the coach takes the quicker of two ways: by the highway graph with an access leg at each
end, or straight over land. Access and overland legs are 1.3 times the great circle (calibration: Changxing to
Zhijin 1,459 km great circle, reported over 2,000) at 40 km/h; highways are driven at 80 km/h, which with the
rests of the timetable reproduces the reported 54-61 km/h from door to door. The same both ways.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from services.dispatcher.roads.graph import Course, Graph
from services.dispatcher.roads.port import Leg, Matrix, NoRoad, Place, Route, UnknownPlace
from shared import reference
from shared.kernel.place import Point, great_circle_m

OVERLAND_PERCENT = 130
OVERLAND_KMH = 40
HIGHWAY_KMH = 80


@dataclass(frozen=True, slots=True)
class _End:
    """A place, the highway node it uses, the metres of road to it and the node's distance labels."""

    point: Point
    node: int
    access_m: int
    hubs_m: dict[int, int]


@dataclass(frozen=True, slots=True, order=True)
class _Way:
    """One way between two places; the quicker is the smaller."""

    duration_s: int
    distance_m: int
    is_overland: bool


class TableRoads:
    """The `Roads` port over the tables of `shared.reference`; they are read when it is made."""

    def __init__(self) -> None:
        self._node_of = {r["code"]: int(r["node"]) for r in reference.read_table("road_access.csv.gz")}
        self._hubs_m = {
            int(r["node"]): _as_pairs(r["hubs_m"]) for r in reference.read_table("road_labels.csv.gz")
        }
        self._points = {
            int(r["node"]): (float(r["lon"]), float(r["lat"]))
            for r in reference.read_table("road_nodes.csv.gz")
        }

    def matrix(self, origins: Sequence[Place], destinations: Sequence[Place]) -> Matrix:
        """As the port says: 0 between places at one point, None where one of the two has no road."""
        ends = [self._find_end(place) for place in destinations]
        ways = [[_quickest(a, b) if a and b else None for b in ends] for a in map(self._find_end, origins)]
        return Matrix(
            distance_m=tuple(tuple(way.distance_m if way else None for way in row) for row in ways),
            duration_s=tuple(tuple(way.duration_s if way else None for way in row) for row in ways),
        )

    def route(self, places: Sequence[Place]) -> Route:
        """As the port says: on a highway leg the course follows the graph to within half a kilometre."""
        return Route(tuple(self._leg(a, b) for a, b in itertools.pairwise(places)))

    def _leg(self, origin: Place, destination: Place) -> Leg:
        a, b = self._find_end(origin), self._find_end(destination)
        if a is None or b is None:
            raise NoRoad(origin=origin.code, destination=destination.code)
        way = _quickest(a, b)
        between: Course = () if way.is_overland else self._graph.course(a.node, b.node)
        course = ((origin.lon, origin.lat), *between, (destination.lon, destination.lat))
        return Leg(way.distance_m, way.duration_s, course)

    @cached_property
    def _graph(self) -> Graph:
        return Graph(self._points)

    def _find_end(self, place: Place) -> _End | None:
        """None for a place that the reference tables have and no road reaches: an island."""
        node = self._node_of.get(place.code)
        if node is None:
            if reference.find_destination(place.code):
                return None
            raise UnknownPlace(place=place.code)
        point = Point(place.lon, place.lat)
        return _End(point, node, _overland_m(point, Point(*self._points[node])), self._hubs_m[node])


def _as_pairs(numbers: str) -> dict[int, int]:
    values = [int(n) for n in numbers.split()]
    return dict(zip(values[::2], values[1::2], strict=True))


def _overland_m(a: Point, b: Point) -> int:
    return great_circle_m(a, b) * OVERLAND_PERCENT // 100


def _highway_m(a: dict[int, int], b: dict[int, int]) -> int:
    """Metres on the graph between two nodes: over the hub that both labels hold and that is least in sum."""
    few, many = (a, b) if len(a) < len(b) else (b, a)
    return min([metres + many[hub] for hub, metres in few.items() if hub in many])


def _drive_s(distance_m: int, speed_kmh: int) -> int:
    return -(-distance_m * 18 // (5 * speed_kmh))  # 1 km/h is 5/18 m/s; rounded up


def _quickest(a: _End, b: _End) -> _Way:
    overland_m = _overland_m(a.point, b.point)
    access_m = a.access_m + b.access_m
    overland = _Way(_drive_s(overland_m, OVERLAND_KMH), overland_m, True)
    if overland_m <= access_m:
        return overland
    highway_m = _highway_m(a.hubs_m, b.hubs_m)
    duration_s = _drive_s(access_m, OVERLAND_KMH) + _drive_s(highway_m, HIGHWAY_KMH)
    return min(overland, _Way(duration_s, access_m + highway_m, False))
