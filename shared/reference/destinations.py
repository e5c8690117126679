"""Knows the prefectures, districts, towns and industrial zones of the five coastal provinces; not Guizhou's stops."""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from shared.reference.errors import UnknownDestination
from shared.reference.tables import read_table


@dataclass(frozen=True, slots=True)
class Prefecture:
    """A prefecture of the coast or of Guizhou, (lon, lat) its seat; Shanghai as a whole is 310000.

    `population` sums GeoNames' places (a city counts beside its districts): a pull, no census; Guizhou's is 0.
    """

    code: str
    name: str
    province_code: str
    province_name: str
    lon: float
    lat: float
    population: int


@dataclass(frozen=True, slots=True)
class District:
    """A district; `edition` 2020-02 is in force in spring 2020, 2023 came later and its towns need it."""

    code: str
    name: str
    prefecture_code: str
    lon: float
    lat: float
    point_source: Literal["seat", "placed"]
    edition: str


@dataclass(frozen=True, slots=True)
class Town:
    """A town (or subdistrict) with GeoNames' point and population (0: unknown)."""

    code: str
    name: str
    district_code: str
    prefecture_code: str
    lon: float
    lat: float
    population: int


@dataclass(frozen=True, slots=True)
class Zone:
    """An industrial zone by its real name and code; its point is placed about its district's seat."""

    code: str
    name: str
    district_code: str
    prefecture_code: str
    lon: float
    lat: float
    point_source: Literal["placed"] = "placed"


@cache
def list_prefectures(province_code: str | None = None) -> tuple[Prefecture, ...]:
    """The prefectures of the five provinces and Guizhou, or of one province (six digits), by code."""
    return tuple(
        Prefecture(
            r["code"],
            r["name"],
            r["province_code"],
            r["province_name"],
            float(r["lon"]),
            float(r["lat"]),
            int(r["population"]),
        )
        for r in read_table("prefectures.csv")
        if province_code in (None, r["province_code"])
    )


@cache
def _prefectures_by_code() -> dict[str, Prefecture]:
    return {p.code: p for p in list_prefectures()}


def get_prefecture(code: str) -> Prefecture:
    """The prefecture with this code; raises UnknownDestination."""
    found = _prefectures_by_code().get(code)
    if found is None:
        raise UnknownDestination(value=code)
    return found


@cache
def list_districts(prefecture_code: str | None = None) -> tuple[District, ...]:
    """The coastal districts of both editions, all or one prefecture's, by code."""
    return tuple(
        District(
            r["code"],
            r["name"],
            r["prefecture_code"],
            float(r["lon"]),
            float(r["lat"]),
            "seat" if r["point_source"] == "seat" else "placed",
            r["edition"],
        )
        for r in read_table("districts.csv")
        if prefecture_code in (None, r["prefecture_code"])
    )


@cache
def list_towns(prefecture_code: str | None = None) -> tuple[Town, ...]:
    """The coastal towns, all or one prefecture's, by code."""
    return tuple(
        Town(
            r["code"],
            r["name"],
            r["district_code"],
            r["prefecture_code"],
            float(r["lon"]),
            float(r["lat"]),
            int(r["population"]),
        )
        for r in read_table("towns.csv")
        if prefecture_code in (None, r["prefecture_code"])
    )


@cache
def list_zones(prefecture_code: str | None = None) -> tuple[Zone, ...]:
    """The industrial zones, all or one prefecture's, by code."""
    return tuple(
        Zone(
            r["code"],
            r["name"],
            r["district_code"],
            r["prefecture_code"],
            float(r["lon"]),
            float(r["lat"]),
        )
        for r in read_table("zones.csv")
        if prefecture_code in (None, r["prefecture_code"])
    )


@cache
def _destinations_by_code() -> dict[str, Town | Zone | District | Prefecture]:
    by_code: dict[str, Town | Zone | District | Prefecture] = {
        p.code: p for p in list_prefectures() if p.province_code != "520000"
    }
    by_code |= {d.code: d for d in list_districts()}
    by_code |= {z.code: z for z in list_zones()}
    return by_code | {t.code: t for t in list_towns()}


def find_destination(code: str) -> Town | Zone | District | Prefecture | None:
    """The coastal town, zone, district or prefecture with this code, or None."""
    return _destinations_by_code().get(code)


@cache
def _codes_with_road() -> frozenset[str]:
    return frozenset(r["code"] for r in read_table("road_access.csv.gz"))


def has_road(code: str) -> bool:
    """Whether a coach can reach the place with this code: False for islands that only ferries serve."""
    return code in _codes_with_road()
