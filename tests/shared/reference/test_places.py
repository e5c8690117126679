"""What every importer of the reference tables relies on."""

import json

import pytest

from shared import reference
from shared.reference.geodesy import distance_to_outline_m, great_circle_m, is_inside

POLYGONS = {
    f["properties"]["code"]: f["geometry"]["coordinates"]
    for f in json.loads(reference.outlines_path().read_text(encoding="utf-8"))["features"]
}
DISTRICTS = {district.code: district for district in reference.list_districts()}


def test_guizhou_has_88_counties_each_with_an_outline_and_townships() -> None:
    counties = reference.list_counties()
    assert len(counties) == 88
    assert {c.code for c in counties} == set(POLYGONS)
    assert all(reference.list_townships(c.code) for c in counties)


def test_every_stop_lies_in_its_county_or_within_a_kilometre_of_it() -> None:
    for stop in reference.list_stops():
        polygons = POLYGONS[stop.county_code]
        point = (stop.lon, stop.lat)
        assert is_inside(point, polygons) or distance_to_outline_m(point, polygons) < 1_000, stop


def test_the_points_that_a_source_has_are_used() -> None:
    assert sum(stop.point_source == "geonames" for stop in reference.list_stops()) > 160


def test_codes_are_unique_among_stops_and_among_destinations() -> None:
    stops = [s.code for s in reference.list_stops()]
    assert len(set(stops)) == len(stops) == 88 + 1510 + 10
    towns = [p.code for p in (*reference.list_towns(), *reference.list_zones())]
    assert len(set(towns)) == len(towns)


def test_two_stops_of_a_county_never_share_a_point() -> None:
    points = [(s.county_code, s.lon, s.lat) for s in reference.list_stops()]
    assert len(set(points)) == len(points)


def test_placed_townships_of_a_county_are_spread_out() -> None:
    weining = [s for s in reference.list_townships("520526") if s.point_source == "placed"]
    lons, lats = [s.lon for s in weining], [s.lat for s in weining]
    assert max(lons) - min(lons) > 0.6
    assert max(lats) - min(lats) > 0.6


def test_towns_and_zones_name_a_district_and_a_prefecture_that_exist() -> None:
    for place in (*reference.list_towns(), *reference.list_zones()):
        assert DISTRICTS[place.district_code].prefecture_code == place.prefecture_code
        assert reference.get_prefecture(place.prefecture_code).province_code[:2] == place.code[:2]


def test_every_town_lies_in_the_neighbourhood_of_its_district_s_seat() -> None:
    for town in reference.list_towns():
        district = DISTRICTS[town.district_code]
        assert great_circle_m((town.lon, town.lat), (district.lon, district.lat)) < 120_000, town


@pytest.mark.parametrize("code", ["520222", "522322", "520204", "520581"])
def test_a_code_of_another_edition_finds_the_county_of_2020(code: str) -> None:
    successors = {"520222": "520281", "522322": "522302", "520204": "520221", "520581": "520522"}
    assert reference.get_county(code).code == successors[code]
    assert reference.get_stop(code).county_code == successors[code]


def test_every_stop_s_code_begins_with_its_county_s_so_that_an_area_holds_what_lies_in_it() -> None:
    assert [one.code for one in reference.list_stops() if not one.code.startswith(one.county_code)] == []


def test_a_township_is_found_by_its_code_of_a_later_edition() -> None:
    for later, of_2020 in (("520204001", "520221001"), ("520581101", "520522101")):
        assert reference.get_stop(later) == reference.get_stop(of_2020)
        assert reference.find_stop(of_2020[:6], later) == reference.get_stop(of_2020)


@pytest.mark.parametrize(
    "name", ["丙妹镇", "丙妹", " 丙妹镇 ", "从江县丙妹镇", "黔东南苗族侗族自治州从江县丙妹镇"]
)
def test_a_township_is_found_by_its_full_and_its_short_name(name: str) -> None:
    found = reference.find_stop("522633", name)
    assert found is not None
    assert found.code == "522633100"


def test_a_seat_is_found_by_the_county_s_name_and_a_site_by_its_own() -> None:
    seat = reference.find_stop("522633", "从江县")
    assert seat is not None
    assert (seat.code, seat.kind) == ("522633", "seat")
    site = reference.find_stop("520602", "矮屯社区")
    assert site is not None
    assert (site.code, site.kind) == ("520602R01", "site")


def test_every_full_name_finds_a_stop_of_its_own_county() -> None:
    for stop in reference.list_stops():
        found = reference.find_stop(stop.county_code, stop.name)
        assert found is not None
        assert (found.name, found.county_code) == (stop.name, stop.county_code)


def test_a_short_name_that_two_stops_share_finds_neither() -> None:
    names = {s.name for s in reference.list_county_stops("520502")}
    assert {"柏杨林街道", "柏杨林社区"} <= names
    assert reference.find_stop("520502", "柏杨林") is None
    assert reference.find_stop("520502", "柏杨林街道") != reference.find_stop("520502", "柏杨林社区")


def test_a_stop_of_another_county_is_not_found() -> None:
    assert reference.find_stop("522632", "丙妹镇") is None


def test_unknown_codes_raise_an_error_that_says_so_in_both_languages() -> None:
    with pytest.raises(reference.UnknownCounty) as county:
        reference.get_county("529900")
    assert "529900" in str(county.value)
    assert "529900" in county.value.message("zh")
    with pytest.raises(reference.UnknownStop):
        reference.get_stop("529900001")
    with pytest.raises(reference.UnknownDestination):
        reference.get_prefecture("449900")


def test_the_destinations_cover_the_five_provinces() -> None:
    provinces = {p.province_code for p in reference.list_prefectures()} - {"520000"}
    assert provinces == {"310000", "320000", "330000", "350000", "440000"}
    assert {t.prefecture_code[:2] for t in reference.list_towns("441900")} == {"44"}
    assert len(reference.list_towns("441900")) > 25
    town = reference.list_towns("330700")[0]
    assert reference.find_destination(town.code) == town
