"""The road table as the dispatcher asks it."""

import csv
import gzip
import itertools
import random
import statistics
import time
from pathlib import Path

import pytest

from services.dispatcher.roads import NoRoad, Place, TableRoads, UnknownPlace
from shared import reference
from shared.kernel.place import Point, great_circle_m

YARDSTICK = Path(__file__).parents[4] / "shared" / "data"


@pytest.fixture(scope="module")
def roads() -> TableRoads:
    return TableRoads()


def stop(code: str) -> Place:
    found = reference.get_stop(code)
    return Place(found.code, found.lon, found.lat)


def destination(code: str) -> Place:
    found = reference.find_destination(code)
    assert found is not None
    return Place(found.code, found.lon, found.lat)


def known_places() -> list[Place]:
    """Thirty stops of all counties and thirty towns of all five provinces, always the same."""
    rng = random.Random(1)
    stops = [stop(s.code) for s in rng.sample(reference.list_stops(), 30)]
    towns = [t for t in reference.list_towns() if reference.has_road(t.code)]
    return [*stops, *(destination(t.code) for t in rng.sample(towns, 30))]


def straight_m(a: Place, b: Place) -> int:
    return great_circle_m(Point(a.lon, a.lat), Point(b.lon, b.lat))


def test_a_matrix_has_a_row_for_each_origin_and_a_column_for_each_destination(roads: TableRoads) -> None:
    places = known_places()
    matrix = roads.matrix(places[:3], places[30:35])
    assert [len(row) for row in matrix.distance_m] == [5, 5, 5]
    assert [len(row) for row in matrix.duration_s] == [5, 5, 5]


def test_distances_are_longer_than_the_great_circle_and_not_by_more_than_mountains_explain(
    roads: TableRoads,
) -> None:
    places = known_places()
    matrix = roads.matrix(places, places)
    detours = []
    for i, j in itertools.permutations(range(60), 2):
        distance_m, duration_s = matrix.distance_m[i][j], matrix.duration_s[i][j]
        assert distance_m is not None
        assert duration_s is not None
        assert distance_m >= straight_m(places[i], places[j])
        assert distance_m / duration_s * 3.6 >= 39
        assert distance_m / duration_s * 3.6 <= 80
        detours.append(distance_m / straight_m(places[i], places[j]))
    assert 1.15 < statistics.median(detours) < 1.45
    assert max(detours) < 3.5


def test_there_and_back_are_the_same_and_a_place_is_at_itself(roads: TableRoads) -> None:
    places = known_places()
    matrix = roads.matrix(places, places)
    for i, j in itertools.combinations(range(60), 2):
        assert matrix.distance_m[i][j] == matrix.distance_m[j][i]
        assert matrix.duration_s[i][j] == matrix.duration_s[j][i]
    assert all(matrix.distance_m[i][i] == matrix.duration_s[i][i] == 0 for i in range(60))


def test_a_detour_over_a_third_place_is_seldom_and_never_much_quicker(roads: TableRoads) -> None:
    duration_s = roads.matrix(known_places(), known_places()).duration_s
    quicker = []
    for i, j, k in itertools.permutations(range(60), 3):
        direct, first, second = duration_s[i][j], duration_s[i][k], duration_s[k][j]
        assert direct is not None
        assert first is not None
        assert second is not None
        quicker.append(direct / (first + second))
    assert sum(ratio > 1 for ratio in quicker) / len(quicker) < 0.01
    assert max(quicker) < 1.6


@pytest.mark.parametrize(
    ("origin", "to", "at_least_km", "at_most_km"),
    [
        ("522732", "441900", 750, 1_000),  # Sandu to Dongguan, 680 km great circle
        ("520525", "330700", 1_600, 2_000),  # Nayong to Jinhua, 1,423 km
        ("520526", "310000", 1_950, 2_400),  # Weining to Shanghai
        ("522633", "350500", 950, 1_350),  # Congjiang to Quanzhou
    ],
)
def test_long_hauls_are_as_long_as_reported(
    roads: TableRoads, origin: str, to: str, at_least_km: int, at_most_km: int
) -> None:
    [[metres]] = roads.matrix([stop(origin)], [destination(to)]).distance_m
    assert metres is not None
    assert at_least_km * 1000 <= metres <= at_most_km * 1000


def test_long_hauls_agree_with_the_yardstick_that_lacks_the_factor_for_simplified_geometry(
    roads: TableRoads,
) -> None:
    path = YARDSTICK / "road_km_county_to_coastal_district.csv.gz"
    counties = reference.list_counties()[::8]
    districts = [
        d for d in reference.list_districts() if d.point_source == "seat" and reference.has_road(d.code)
    ]
    matrix = roads.matrix([stop(c.code) for c in counties], [destination(d.code) for d in districts])
    assert all(metres is not None and metres > 300_000 for row in matrix.distance_m for metres in row)
    if path.exists():
        with gzip.open(path, "rt", encoding="utf-8") as file:
            km = {(r["o_code"], r["d_code"]): float(r["osm_highway_km"]) for r in csv.DictReader(file)}
        ratios = [
            metres / 1000 / km[county.code, district.code]
            for county, row in zip(counties, matrix.distance_m, strict=True)
            for district, metres in zip(districts, row, strict=True)
            if metres is not None and (county.code, district.code) in km
        ]
        assert len(ratios) > 4_000
        assert min(ratios) > 1.0
        assert max(ratios) < 1.085
        assert 1.06 < statistics.median(ratios) < 1.08


def test_hauls_inside_guizhou_agree_with_the_yardstick_or_find_a_shorter_way_over_land(
    roads: TableRoads,
) -> None:
    counties = reference.list_counties()
    places = [stop(c.code) for c in counties]
    matrix = roads.matrix(places, places)
    apart_m = [metres for row in matrix.distance_m for metres in row if metres]
    assert len(apart_m) == 88 * 87
    assert 600_000 < max(apart_m) < 1_000_000
    path = YARDSTICK / "road_km_guizhou_internal.csv.gz"
    if path.exists():
        with gzip.open(path, "rt", encoding="utf-8") as file:
            km = {(r["o_code"], r["d_code"]): float(r["osm_highway_km"]) for r in csv.DictReader(file)}
        at = {c.code: i for i, c in enumerate(counties)}
        far = {pair: v for pair, v in km.items() if v > 150}
        ratios = [(matrix.distance_m[at[a]][at[b]] or 0) / 1000 / v for (a, b), v in far.items()]
        assert len(ratios) > 4_000
        assert 1.04 < statistics.median(ratios) < 1.08
        assert max(ratios) < 1.085
        assert min(ratios) > 0.5


def test_neighbours_off_the_highways_are_reached_over_land(roads: TableRoads) -> None:
    origin = stop("522633100")
    near = Place(origin.code, origin.lon + 0.05, origin.lat)
    route = roads.route([origin, near])
    assert route.course == ((origin.lon, origin.lat), (near.lon, near.lat))
    assert route.distance_m == straight_m(origin, near) * 130 // 100


def test_a_gate_is_farther_than_its_town_by_about_the_way_between_them(roads: TableRoads) -> None:
    town = destination("441900119")
    gate = Place(town.code, town.lon, town.lat + 0.02)
    [[to_town, to_gate]] = roads.matrix([stop("522732")], [town, gate]).distance_m
    assert to_town is not None
    assert to_gate is not None
    assert 0 < abs(to_gate - to_town) <= 1.3 * straight_m(town, gate) + 2


def test_an_island_has_no_road_in_a_matrix_and_a_route_says_so(roads: TableRoads) -> None:
    island, mainland = destination("330922"), destination("330900")
    matrix = roads.matrix([stop("520102")], [island, mainland])
    assert matrix.distance_m[0][0] is None
    assert matrix.duration_s[0][0] is None
    assert matrix.distance_m[0][1] is not None
    with pytest.raises(NoRoad, match="330922"):
        roads.route([stop("520102"), island])


def test_a_place_that_no_table_has_is_refused_by_its_code(roads: TableRoads) -> None:
    with pytest.raises(UnknownPlace, match="529900001"):
        roads.matrix([Place("529900001", 106.0, 26.0)], [stop("520102")])


def test_a_route_sums_its_legs_agrees_with_the_matrix_and_runs_through_its_places(roads: TableRoads) -> None:
    places = [stop("522732"), stop("522732001"), destination("441900"), destination("441900119")]
    route, matrix = roads.route(places), roads.matrix(places, places)
    for i, leg in enumerate(route.legs):
        assert (leg.distance_m, leg.duration_s) == (matrix.distance_m[i][i + 1], matrix.duration_s[i][i + 1])
        assert leg.course[0] == (places[i].lon, places[i].lat)
        assert leg.course[-1] == (places[i + 1].lon, places[i + 1].lat)
    assert route.distance_m == sum(leg.distance_m for leg in route.legs)
    assert route.duration_s == sum(leg.duration_s for leg in route.legs)
    assert set(route.course) >= {(p.lon, p.lat) for p in places}


def test_a_highway_course_is_nearly_as_long_as_its_leg_and_has_no_leaps(roads: TableRoads) -> None:
    leg = roads.route([stop("520102"), destination("330700")]).legs[0]
    steps_m = [great_circle_m(Point(*a), Point(*b)) for a, b in itertools.pairwise(leg.course)]
    assert 0.85 < sum(steps_m) / leg.distance_m < 1.0
    assert len(leg.course) > 50


def test_every_place_of_the_tables_has_a_road_but_for_known_islands() -> None:
    every = [*reference.list_towns(), *reference.list_zones(), *reference.list_districts()]
    without = {p.code for p in every if not reference.has_road(p.code)}
    assert all(reference.has_road(s.code) for s in reference.list_stops())
    assert {code[:6] for code in without if code[:4] == "3309"} == {"330903", "330921", "330922"}
    assert len(without) < 40


def test_loading_takes_less_than_two_seconds_and_a_great_matrix_a_fraction_of_one() -> None:
    started = time.process_time()
    roads = TableRoads()
    loaded = time.process_time()
    places = known_places()
    roads.matrix(places, places)
    assert loaded - started < 2
    assert time.process_time() - loaded < 0.5
