"""The rules by which the tables are built."""

import itertools

from shared.reference.building.datum import to_gcj02, to_wgs84
from shared.reference.building.outlines import Outline, around, inner_point, scatter, spread
from shared.reference.building.towns import match, stem
from shared.reference.geodesy import great_circle_m, offset, simplify

SQUARE = Outline(
    "000000",
    "方",
    ((((106.0, 26.0), (107.0, 26.0), (107.0, 27.0), (106.0, 27.0)),),),
    106.0,
    26.0,
    107.0,
    27.0,
)


def test_gcj02_is_some_400_metres_off_at_guiyang_and_is_undone_to_the_millimetre() -> None:
    guiyang = (106.710608, 26.571469)
    shown = to_gcj02(guiyang)
    assert 300 < great_circle_m(guiyang, shown) < 700
    back = to_wgs84(shown)
    assert abs(back[0] - guiyang[0]) < 1e-8
    assert abs(back[1] - guiyang[1]) < 1e-8


def test_scattered_points_are_inside_and_always_the_same() -> None:
    points = list(itertools.islice(scatter(SQUARE), 50))
    assert points == list(itertools.islice(scatter(SQUARE), 50))
    assert all(SQUARE.holds(p) for p in points)


def test_spread_points_keep_away_from_what_is_taken() -> None:
    taken = [(106.5, 26.5)]
    points = spread(SQUARE, taken, 12)
    apart = [great_circle_m(a, b) for a, b in itertools.combinations([*taken, *points], 2)]
    assert min(apart) > 10_000


def test_an_inner_point_is_far_from_the_border() -> None:
    lon, lat = inner_point(SQUARE)
    assert 106.3 < lon < 106.7
    assert 26.3 < lat < 26.7


def test_a_spiral_point_is_drawn_inward_until_it_is_inside() -> None:
    corner = (106.01, 26.01)
    assert all(SQUARE.holds(around(SQUARE, corner, rank, 5_000)) for rank in range(10))


def test_an_offset_is_as_long_as_it_says() -> None:
    assert abs(great_circle_m((106.7, 26.5), offset((106.7, 26.5), 10_000, 77)) - 10_000) < 20


def test_simplification_drops_what_is_within_the_tolerance_only() -> None:
    assert simplify([(0, 0), (1, 0.001), (2, 0), (3, 1), (4, 0)], 0.01) == [(0, 0), (2, 0), (3, 1), (4, 0)]


def test_a_name_that_is_nothing_but_its_suffix_stays_whole() -> None:
    assert [stem(n) for n in ("丙妹镇", "龙里街道", "雷屯布依族苗族乡", "镇")] == [
        "丙妹",
        "龙里",
        "雷屯",
        "镇",
    ]


def test_the_whole_name_wins_and_one_place_is_one_township() -> None:
    places = [
        {"geonameid": 1, "population": 9, "longitude": 1.0, "latitude": 2.0, "alternatenames": ["大河"]},
        {"geonameid": 2, "population": 0, "longitude": 3.0, "latitude": 4.0, "alternatenames": ["大河镇"]},
    ]
    found = match({"1": "大河乡", "2": "大河镇", "3": "小河镇"}, places)
    assert found == {"1": ((1.0, 2.0), 1, 9), "2": ((3.0, 4.0), 2, 0)}
