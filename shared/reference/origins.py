"""Knows Guizhou's counties and the stops in them, with the codes of spring 2020; refuses to know the coast."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from shared.reference.errors import UnknownCounty, UnknownStop
from shared.reference.tables import read_table

PointSource = Literal["seat", "geonames", "placed"]
"""`seat`: the county seat of a published table; `geonames`: GeoNames; `placed`: by our rule, not surveyed."""

COUNTY_DIGITS: Final = 6
"""How many digits a county's code has: those of its townships, sites and towns begin with it."""

_SUFFIX = re.compile(r"(镇街道|街道|街道办事处|镇|(.{1,2}族)*乡|社区|安置点|安置区)$")


@dataclass(frozen=True, slots=True)
class County:
    """A county-level division in force in spring 2020; (lon, lat) is its seat. `villages` stands for size."""

    code: str
    name: str
    prefecture_code: str
    prefecture_name: str
    lon: float
    lat: float
    villages: int
    edition: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a coach can pick up: a township (9 digits), a resettlement site, or the county seat (6 digits).

    A site has its 12-digit code of the village list or, where the list has none, ours: county, R, number.
    `villages` is a township's count of villages and communities, 0 for the other kinds.
    """

    code: str
    name: str
    county_code: str
    lon: float
    lat: float
    point_source: PointSource
    kind: Literal["township", "site", "seat"]
    villages: int = 0


@dataclass(frozen=True, slots=True)
class CodeChange:
    """A division code that was retired, and its successor from that year on."""

    old_code: str
    old_name: str
    new_code: str
    new_name: str
    year: int


@cache
def list_counties() -> tuple[County, ...]:
    """The 88 counties by code."""
    return tuple(
        County(
            r["code"],
            r["name"],
            r["prefecture_code"],
            r["prefecture_name"],
            float(r["lon"]),
            float(r["lat"]),
            int(r["villages"]),
            r["edition"],
        )
        for r in read_table("counties.csv")
    )


@cache
def list_code_changes() -> tuple[CodeChange, ...]:
    """The code changes around spring 2020 in Guizhou and on the coast, by old code."""
    return tuple(
        CodeChange(r["old_code"], r["old_name"], r["new_code"], r["new_name"], int(r["year"]))
        for r in read_table("code_changes.csv")
    )


@cache
def _counties_by_key() -> dict[str, County]:
    by_key = {c.code: c for c in list_counties()}
    by_key |= {c.name: c for c in list_counties()}
    for change in list_code_changes():
        county = by_key.get(change.old_code) or by_key.get(change.new_code)
        if county:
            for key in (change.old_code, change.old_name, change.new_code, change.new_name):
                by_key.setdefault(key, county)
    return by_key


def find_county(code_or_name: str) -> County | None:
    """The county with this code or full name, of 2020 or of an earlier or later edition; else None."""
    return _counties_by_key().get(code_or_name.strip())


def get_county(code: str) -> County:
    """The county with this code; raises UnknownCounty."""
    county = find_county(code)
    if county is None:
        raise UnknownCounty(value=code)
    return county


@cache
def list_stops() -> tuple[Stop, ...]:
    """Every stop of the province: county seats, townships, resettlement sites, each by code."""
    seats = (Stop(c.code, c.name, c.code, c.lon, c.lat, "seat", "seat") for c in list_counties())
    return (*seats, *_stops("townships.csv", "township"), *_stops("resettlement_sites.csv", "site"))


def _stops(table: str, kind: Literal["township", "site"]) -> list[Stop]:
    return [
        Stop(
            r["code"],
            r["name"],
            r["county_code"],
            float(r["lon"]),
            float(r["lat"]),
            "geonames" if r["point_source"] == "geonames" else "placed",
            kind,
            int(r.get("villages") or 0),
        )
        for r in read_table(table)
    ]


@cache
def _stops_by_code() -> dict[str, Stop]:
    return {s.code: s for s in list_stops()}


@cache
def list_county_stops(county_code: str) -> tuple[Stop, ...]:
    """The stops of one county: its seat, its townships, its sites; raises UnknownCounty."""
    code = get_county(county_code).code
    return tuple(s for s in list_stops() if s.county_code == code)


def list_townships(county_code: str) -> tuple[Stop, ...]:
    """The townships, towns and subdistricts of one county; raises UnknownCounty."""
    return tuple(s for s in list_county_stops(county_code) if s.kind == "township")


def list_sites(county_code: str) -> tuple[Stop, ...]:
    """The resettlement sites of one county that the tables have; raises UnknownCounty."""
    return tuple(s for s in list_county_stops(county_code) if s.kind == "site")


def get_stop(code: str) -> Stop:
    """The stop with this code, a county's of other editions included, and a township's under those; raises UnknownStop."""
    stop = _stops_by_code().get(code) or _stops_by_code().get(_of_2020(code))
    if stop is None:
        county = find_county(code) if code.isdigit() else None
        if county:
            return _stops_by_code()[county.code]
        raise UnknownStop(value=code)
    return stop


def _of_2020(code: str) -> str:
    """A township's code with its county's of spring 2020 before it."""
    county = find_county(code[:6]) if len(code) == 9 else None
    return county.code + code[6:] if county else code


@cache
def _stops_by_name(county_code: str) -> dict[str, Stop | None]:
    """Full name -> stop, and short name -> stop, or None where two stops share the short name."""
    stops = list_county_stops(county_code)
    by_name: dict[str, Stop | None] = {}
    for stop in stops:
        short = _short(stop.name)
        by_name[short] = None if short in by_name else stop
    seat = stops[0]
    by_name |= {"县城": seat, "城区": seat, seat.name: seat}
    return by_name | {s.name: s for s in stops} | {s.code: s for s in stops}


def _short(name: str) -> str:
    short = _SUFFIX.sub("", name)
    return short if len(short) > 1 else name


def find_stop(county_code: str, name_or_code: str) -> Stop | None:
    """The stop of this county with this code, full name or unambiguous short name (丙妹镇, 丙妹); else None.

    The county's own full name, 县城 and 城区 mean its seat. A stop of another county is never found.
    Raises UnknownCounty.
    """
    county = get_county(county_code)
    wanted = "".join(name_or_code.split())
    for part in (county.prefecture_name, county.name):
        if wanted != part:
            wanted = wanted.removeprefix(part)
    by_name = _stops_by_name(county.code)
    found = by_name.get(wanted) or by_name.get(_short(wanted)) or by_name.get(_of_2020(wanted))
    if found is None and find_county(wanted) == county:
        return by_name[county.code]
    return found
