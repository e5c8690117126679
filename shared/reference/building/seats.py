"""Knows where cpca's table has the seat of a division, in WGS-84; refuses to know divisions that it lacks."""

from shared.reference.building.datum import to_wgs84
from shared.reference.building.sources import Sources
from shared.reference.geodesy import Point


def seats(sources: Sources) -> dict[str, tuple[str, Point]]:
    """Six-digit code -> (name, seat in WGS-84) for every division of cpca's table that has a point."""
    return {
        r["adcode"][:6]: (r["name"], to_wgs84((float(r["longitude"]), float(r["latitude"]))))
        for r in sources.rows("adcodes.csv")
        if r["longitude"]
    }
