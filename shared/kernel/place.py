"""Points on the earth, WGS-84, and the straight line between them."""

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

_EARTH_RADIUS_M = 6_371_008.8


@dataclass(frozen=True)
class Point:
    """Longitude and latitude in degrees, WGS-84."""

    lon: float
    lat: float


def great_circle_m(a: Point, b: Point) -> int:
    """Metres between two points on the sphere (haversine)."""
    rise = sin(radians(b.lat - a.lat) / 2) ** 2
    turn = cos(radians(a.lat)) * cos(radians(b.lat)) * sin(radians(b.lon - a.lon) / 2) ** 2
    return round(2 * _EARTH_RADIUS_M * asin(sqrt(rise + turn)))
