"""Knows which GeoNames place a township of the official list is; guesses nothing: no match, no point."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from shared.reference.building.outlines import Outline
from shared.reference.building.sources import Sources
from shared.reference.geodesy import Point

GEONAMES_ADMIN1 = {"52": "18", "44": "30", "33": "02", "35": "07", "32": "04", "31": "23"}
"""Two-digit province code -> GeoNames' first-order code."""

_PEOPLES = "苗|侗|布依|水|土家|彝|回|仡佬|白|壮|满|畲|瑶|羌|蒙古|毛南|仫佬"
_SUFFIX = re.compile(rf"(镇街道|街道|镇|(({_PEOPLES})族)*乡)$")


def stem(name: str) -> str:
    """A township's name without 镇, 乡, 民族乡 or 街道; a name that is nothing else stays whole."""
    short = _SUFFIX.sub("", name)
    return short if len(short) > 1 else name


def read_places(
    sources: Sources, outlines: Iterable[Outline], provinces: Iterable[str]
) -> dict[str, list[dict[str, Any]]]:
    """GeoNames' populated places by the code of the district whose outline holds them."""
    admin1 = {GEONAMES_ADMIN1[p] for p in provinces}
    every = sources.document("cities500.json").values()
    places = [p for p in every if p["countrycode"] == "CN" and p["admin1code"] in admin1]
    by_district: dict[str, list[dict[str, Any]]] = defaultdict(list)
    outlines = list(outlines)
    for place in sorted(places, key=lambda p: int(p["geonameid"])):
        point = (place["longitude"], place["latitude"])
        holder = next((o for o in outlines if o.holds(point)), None)
        if holder:
            by_district[holder.code].append(place)
    return by_district


def match(names: Mapping[str, str], places: Iterable[dict[str, Any]]) -> dict[str, tuple[Point, int, int]]:
    """Township code -> (point, geonameid, population), for one district's townships {code: name}.

    The whole name wins over the stem; among equals the larger place, then the older id. A place is one
    township at most.
    """
    found: dict[str, tuple[Point, int, int]] = {}
    free = sorted(places, key=lambda p: (-int(p["population"]), int(p["geonameid"])))
    for form in (str, stem):
        for code, name in names.items():
            hit = next((p for p in free if form(name) in map(form, p["alternatenames"])), None)
            if hit and code not in found:
                free.remove(hit)
                point = (hit["longitude"], hit["latitude"])
                found[code] = (point, int(hit["geonameid"]), int(hit["population"]))
    return found
