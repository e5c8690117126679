"""Knows how to undo GCJ-02, the shifted datum of AMap's coordinates; the product itself holds WGS-84 only.

The shift is not published; these are the well-known coefficients (krasovsky ellipsoid), inverted by
iteration to below a millimetre. It applies in mainland China alone.
"""

import math

from shared.reference.geodesy import Point

_A = 6_378_245.0
_EE = 0.006_693_421_622_965_943


def _waves(x: float) -> float:
    return (20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)) * 2 / 3


def _shift_lat(x: float, y: float) -> float:
    ripple = (20 * math.sin(y * math.pi) + 40 * math.sin(y / 3 * math.pi)) * 2 / 3
    swell = (160 * math.sin(y / 12 * math.pi) + 320 * math.sin(y * math.pi / 30)) * 2 / 3
    plane = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    return plane + _waves(x) + ripple + swell


def _shift_lon(x: float, y: float) -> float:
    ripple = (20 * math.sin(x * math.pi) + 40 * math.sin(x / 3 * math.pi)) * 2 / 3
    swell = (150 * math.sin(x / 12 * math.pi) + 300 * math.sin(x / 30 * math.pi)) * 2 / 3
    plane = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    return plane + _waves(x) + ripple + swell


def to_gcj02(point: Point) -> Point:
    """A WGS-84 point as AMap would show it."""
    lon, lat = point
    magic = 1 - _EE * math.sin(math.radians(lat)) ** 2
    dlat = math.degrees(_shift_lat(lon - 105, lat - 35) / (_A * (1 - _EE) / magic**1.5))
    dlon = math.degrees(
        _shift_lon(lon - 105, lat - 35) / (_A / math.sqrt(magic) * math.cos(math.radians(lat)))
    )
    return lon + dlon, lat + dlat


def to_wgs84(point: Point) -> Point:
    """An AMap (GCJ-02) point in WGS-84."""
    lon, lat = point
    for _ in range(10):
        shown = to_gcj02((lon, lat))
        lon, lat = lon + point[0] - shown[0], lat + point[1] - shown[1]
    return lon, lat
