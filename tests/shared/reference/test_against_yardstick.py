"""The tables against the project's shared data, code by code, where that folder is there; where not, it is said.

What is known to differ is listed with its reason, and is held to that too.
"""

import csv
import itertools
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

import pytest

from shared import reference
from shared.reference.geodesy import Point, Polygon, distance_to_outline_m, great_circle_m

YARDSTICK = Path(__file__).parents[4] / "shared" / "data"

MISSING = {
    "330324227": "GeoNames files its place under Chongqing, so it is none of Zhejiang's",
    "330402010": "one GeoNames place bears its name and 城南街道's, whose place it is here",
    "330502011": "one GeoNames place bears its name and 龙溪街道's, whose place it is here",
    "320671401": "no outline of its district, so there is nowhere to place a zone",
    "320671403": "the same",
}
"""Codes of the yardstick that our tables do not have."""

MORE = {"coastal_towns_geonames.csv": 20, "coastal_industrial_zones_nbs.csv": 12}
"""Codes that ours have besides: names matched without their suffix, and more words for a zone."""

APART = {
    "520325110": "GeoNames files its place under Chongqing, so it is placed here",
    "520628115": "the yardstick takes 瓦溪, which was once called 大路 too",
    "330213": "the yardstick's point of 奉化 lies 14 km from its seat",
    "440309": "no seat in any table: the yardstick gives it the city's, here it is placed",
    "440310": "the same",
    "440311": "the same",
    "320812": "no seat in any table: the yardstick gives it an inner point of its own",
    "330383": "the same",
    "440607001": "two GeoNames places have the name: here the one that is called a 街道",
    "440982001": "the same",
    "441881001": "the same",
}
"""Codes whose points are more than 20 m from the yardstick's."""

RENAMED_LATER = {"520221": "水城区", "520522": "黔西市"}
"""Counties of 2020 that the yardstick's outlines have under the name and code of 2021."""


class Place(Protocol):
    """What the tables have in common."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def lon(self) -> float: ...
    @property
    def lat(self) -> float: ...


def yardstick(table: str) -> list[dict[str, str]]:
    """A table's rows; skips where the whole folder is absent."""
    if not YARDSTICK.is_dir():
        pytest.skip("not compared: the project's shared data lie not beside this checkout")
    with (YARDSTICK / table).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def in_2020(code: str) -> str:
    """A township's code with its county's of spring 2020 before it: the yardstick has it of a later list."""
    county = reference.find_county(code[:6]) if len(code) == 9 else None
    return county.code + code[6:] if county else code


def compare(mine: Iterable[Place], table: str, key: str) -> tuple[dict[str, Any], dict[str, dict[str, str]]]:
    """Hold ours to the yardstick's codes, names and points but for what is listed; both by code."""
    theirs = {in_2020(row[key]): row for row in yardstick(table)}
    ours = {place.code: place for place in mine}
    missing, more = theirs.keys() - ours.keys(), ours.keys() - theirs.keys()
    assert missing == MISSING.keys() & theirs.keys()
    assert len(more) == MORE.get(table, 0)
    both = ours.keys() & theirs.keys()
    assert {code: ours[code].name for code in both} == {code: theirs[code]["name"] for code in both}
    apart = {
        code
        for code in both
        if theirs[code].get("lon_wgs84")
        and great_circle_m(
            (ours[code].lon, ours[code].lat),
            (float(theirs[code]["lon_wgs84"]), float(theirs[code]["lat_wgs84"])),
        )
        > 20
    }
    assert apart == APART.keys() & both
    return ours, theirs


def test_the_88_counties_agree() -> None:
    ours, theirs = compare(reference.list_counties(), "guizhou_counties.csv", "code")
    assert len(ours) == 88
    for code, county in ours.items():
        assert county.prefecture_code == theirs[code]["prefecture_code"]
        assert county.prefecture_name == theirs[code]["prefecture"]


def test_the_1510_townships_agree_with_their_counties_and_known_points() -> None:
    townships = [stop for stop in reference.list_stops() if stop.kind == "township"]
    ours, theirs = compare(townships, "guizhou_townships.csv", "code9")
    assert len(ours) == 1510
    for code, township in ours.items():
        assert township.county_code == theirs[code]["county_code_2019"]
    surveyed = {code for code, row in theirs.items() if row["lon_wgs84"]}
    found = {code for code, township in ours.items() if township.point_source == "geonames"}
    assert surveyed - found == {"520325110"}
    assert found - surveyed == {"520326104"}  # 镇南镇, which the yardstick did not match


def test_the_prefectures_and_the_districts_of_2020_agree() -> None:
    ours, theirs = compare(reference.list_prefectures(), "prefectures.csv", "code")
    assert len(ours) == 64
    assert all(ours[code].province_name == row["province"] for code, row in theirs.items())
    in_2020 = [d for d in reference.list_districts() if d.edition == "2020-02"]
    ours, _ = compare(in_2020, "coastal_districts.csv", "code")
    assert len(ours) == 411


def test_the_towns_and_zones_of_the_coast_agree_with_their_districts() -> None:
    towns, theirs = compare(reference.list_towns(), "coastal_towns_geonames.csv", "code9")
    assert len(theirs) == 3_299
    assert all(towns[c].district_code == theirs[c]["county_code"] for c in towns.keys() & theirs.keys())
    zones, theirs = compare(reference.list_zones(), "coastal_industrial_zones_nbs.csv", "code9")
    assert all(zones[c].district_code == theirs[c]["county_code"] for c in zones.keys() & theirs.keys())


def test_the_resettlement_sites_agree() -> None:
    theirs = {
        (row["county_code"], row["name"].partition(" (")[0], row["code12_nbs"], row["persons"])
        for row in yardstick("resettlement_sites.csv")
    }
    ours = {
        (row["county_code"], row["name"], row["code"] if row["code"].isdigit() else "", row["persons"])
        for row in reference.read_table("resettlement_sites.csv")
    }
    assert ours == theirs
    assert len(ours) == 10


def polygons_of(feature: dict[str, Any]) -> list[Polygon]:
    shape = feature["geometry"]
    return shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]


def area_of(polygons: list[Polygon]) -> float:
    """In square degrees, by outer rings: to be compared at the same place only."""

    def ring_area(ring: Any) -> float:
        pairs: Iterable[tuple[Point, Point]] = itertools.pairwise([*ring, ring[0]])
        return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2

    return sum(ring_area(outer) for outer, *_ in polygons)


def test_the_outlines_of_the_counties_agree() -> None:
    """Both are simplified to 0.003 degrees, some 300 m, each by a hand of its own."""
    yardstick("guizhou_counties.csv")
    text = (YARDSTICK / "guizhou_counties.geojson").read_text(encoding="utf-8")
    theirs = {reference.get_county(f["properties"]["code"]).code: f for f in json.loads(text)["features"]}
    features = json.loads(reference.outlines_path().read_text(encoding="utf-8"))["features"]
    ours = {f["properties"]["code"]: f for f in features}
    assert ours.keys() == theirs.keys()
    renamed = {
        code: theirs[code]["properties"]["name"]
        for code in ours
        if ours[code]["properties"]["name"] != theirs[code]["properties"]["name"]
    }
    assert renamed == RENAMED_LATER
    for code in ours:
        mine, known = polygons_of(ours[code]), polygons_of(theirs[code])
        assert area_of(mine) == pytest.approx(area_of(known), rel=0.002), code
        away_m = [distance_to_outline_m(point, known) for outer, *_ in mine for point in outer]
        assert max(away_m) < 350, code
