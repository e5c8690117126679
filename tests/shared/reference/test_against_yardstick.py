"""The tables against the project's shared data where that folder is there, and against themselves always."""

import csv
import json
from pathlib import Path

import pytest

from shared import reference
from shared.reference.geodesy import distance_to_outline_m, great_circle_m, is_inside

YARDSTICK = Path(__file__).parents[4] / "shared" / "data"

KNOWN_DIFFERENCES = {
    # three pairs of townships share one GeoNames place there, and one place lies just outside its county
    "520628115": "one GeoNames place stands for two townships there",
    "520325110": "the GeoNames place lies just outside the county's outline",
}


def compare(
    mine: dict[str, tuple[float, float]], table: str, key: str, lon: str = "lon_wgs84", lat: str = "lat_wgs84"
) -> tuple[int, list[str]]:
    """(rows compared, codes that are more than 20 m apart); (0, []) where the folder is absent."""
    path = YARDSTICK / table
    if not path.exists():
        return 0, []
    with path.open(encoding="utf-8", newline="") as file:
        theirs = {r[key]: (float(r[lon]), float(r[lat])) for r in csv.DictReader(file) if r[lon]}
    both = mine.keys() & theirs.keys()
    return len(both), sorted(c for c in both if great_circle_m(mine[c], theirs[c]) > 20)


def test_county_seats_agree_with_the_yardstick_and_lie_in_their_counties() -> None:
    seats = {c.code: (c.lon, c.lat) for c in reference.list_counties()}
    compared, apart = compare(seats, "guizhou_counties.csv", "code")
    assert compared in (0, 88)
    assert not apart
    features = json.loads(reference.outlines_path().read_text(encoding="utf-8"))["features"]
    for feature in features:
        polygons = feature["geometry"]["coordinates"]
        seat = seats[feature["properties"]["code"]]
        assert is_inside(seat, polygons) or distance_to_outline_m(seat, polygons) < 500


def test_township_points_of_geonames_agree_with_the_yardstick() -> None:
    points = {s.code: (s.lon, s.lat) for s in reference.list_stops() if s.kind == "township"}
    compared, apart = compare(points, "guizhou_townships.csv", "code9")
    assert compared == 0 or compared > 160
    assert set(apart) <= KNOWN_DIFFERENCES.keys()
    assert sum(s.point_source == "geonames" for s in reference.list_stops()) > 160


def test_prefectures_and_districts_agree_with_the_yardstick() -> None:
    prefectures = {p.code: (p.lon, p.lat) for p in reference.list_prefectures()}
    assert compare(prefectures, "prefectures.csv", "code") in ((0, []), (64, []))
    in_2020 = [d for d in reference.list_districts() if d.edition == "2020-02"]
    compared, apart = compare({d.code: (d.lon, d.lat) for d in in_2020}, "coastal_districts.csv", "code")
    assert compared in (0, 411)
    assert len(in_2020) == 411
    # the yardstick gives three new districts of Shenzhen the city's seat, and 奉化 a point 15 km from its seat
    assert set(apart) <= {d.code for d in in_2020 if d.point_source == "placed"} | {"330213"}


def test_towns_agree_with_the_yardstick_and_lie_near_their_district() -> None:
    points = {t.code: (t.lon, t.lat) for t in reference.list_towns()}
    compared, apart = compare(points, "coastal_towns_geonames.csv", "code9")
    assert compared == 0 or compared > 3_250
    assert len(apart) < 20
    for town in reference.list_towns():
        district = reference.get_district(town.district_code)
        assert great_circle_m((town.lon, town.lat), (district.lon, district.lat)) < 120_000


@pytest.mark.parametrize("table", ["coastal_industrial_zones_nbs.csv"])
def test_the_yardstick_s_zones_are_there_but_for_two_of_an_area_without_outline(table: str) -> None:
    zones = {z.code for z in reference.list_zones()}
    assert len(zones) > 200
    path = YARDSTICK / table
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            missing = {r["code9"] for r in csv.DictReader(file)} - zones
        assert missing == {"320671401", "320671403"}
