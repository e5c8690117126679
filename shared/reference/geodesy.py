"""Knows lengths and areas on the sphere and what lies inside an outline (WGS-84); refuses to know any place."""

import math
from collections.abc import Sequence

from shared.kernel import place

METRES_PER_DEGREE = 111_195.08
"""Of latitude, on the mean sphere of `shared.kernel.place`."""

Point = tuple[float, float]
"""(longitude, latitude) in degrees."""

Polygon = Sequence[Sequence[Point]]
"""An outer ring and its holes, each ring closed or not."""


def great_circle_m(a: Point, b: Point) -> int:
    """Great-circle metres between two (longitude, latitude) pairs."""
    return place.great_circle_m(place.Point(*a), place.Point(*b))


def offset(origin: Point, distance_m: float, bearing_deg: float) -> Point:
    """The point at a distance and a bearing from the origin; flat-earth, good to 0.1 % within 50 km."""
    north_deg = distance_m * math.cos(math.radians(bearing_deg)) / METRES_PER_DEGREE
    east_deg = distance_m * math.sin(math.radians(bearing_deg)) / METRES_PER_DEGREE
    return origin[0] + east_deg / math.cos(math.radians(origin[1])), origin[1] + north_deg


def _in_ring(point: Point, ring: Sequence[Point]) -> bool:
    x, y = point
    inside = False
    xj, yj = ring[-1]
    for xi, yi in ring:
        if (yi > y) != (yj > y) and x < (xj - xi) * (y - yi) / (yj - yi) + xi:
            inside = not inside
        xj, yj = xi, yi
    return inside


def is_inside(point: Point, polygons: Sequence[Polygon]) -> bool:
    """Whether the point lies in one of the polygons and in none of that polygon's holes (even-odd rule)."""
    return any(
        _in_ring(point, outer) and not any(_in_ring(point, hole) for hole in holes)
        for outer, *holes in polygons
    )


def distance_to_outline_m(point: Point, polygons: Sequence[Polygon]) -> float:
    """Metres from the point to the nearest border of the polygons, on a local flat projection."""
    kx = METRES_PER_DEGREE * math.cos(math.radians(point[1]))
    ky = METRES_PER_DEGREE
    return min(
        _to_segment((point[0] * kx, point[1] * ky), (a[0] * kx, a[1] * ky), (b[0] * kx, b[1] * ky))
        for polygon in polygons
        for ring in polygon
        for a, b in zip(ring, [*ring[1:], ring[0]], strict=True)
    )


def _to_segment(p: Point, a: Point, b: Point) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    length2 = dx * dx + dy * dy
    t = 0.0 if length2 == 0 else max(0.0, min(1.0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length2))
    return math.hypot(p[0] - a[0] - t * dx, p[1] - a[1] - t * dy)


def simplify(line: Sequence[Point], tolerance_deg: float) -> list[Point]:
    """Douglas and Peucker's simplification (1973): no dropped point is farther than the tolerance, in degrees."""
    keep = {0, len(line) - 1}
    spans = [(0, len(line) - 1)]
    while spans:
        first, last = spans.pop()
        worst, worst_i = tolerance_deg, 0
        for i in range(first + 1, last):
            away = _to_segment(line[i], line[first], line[last])
            if away > worst:
                worst, worst_i = away, i
        if worst_i:
            keep.add(worst_i)
            spans += [(first, worst_i), (worst_i, last)]
    return [line[i] for i in sorted(keep)]
