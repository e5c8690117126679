from dataclasses import replace
from itertools import pairwise, permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.dispatcher.planning.elapsed import ElapsedTime
from services.dispatcher.planning.pricing import Itineraries, price_trip_fen
from services.dispatcher.planning.problem import CoachType, Group, Limits, Problem
from services.dispatcher.planning.problem_format import problem_from_json


@pytest.mark.parametrize(
    ("metres", "fen"), [(0, 100), (1, 100), (499, 100), (500, 101), (1499, 101), (1500, 102), (10_000, 110)]
)
def test_a_trip_is_rounded_half_up_to_whole_fen_once(metres: int, fen: int) -> None:
    assert price_trip_fen(CoachType("c", 10, 100, 1, (None,)), metres) == fen


def test_service_is_counted_at_each_visit_and_not_at_the_start(document: dict[str, Any]) -> None:
    problem = problem_from_json(document)
    itinerary = Itineraries(problem).find(frozenset({1, 2}), frozenset({3}))
    assert itinerary is not None
    assert (itinerary.distance_m, itinerary.duration_s) == (500_000, 500 * 45 + 3 * 600)


def test_a_longer_order_is_taken_where_the_shortest_is_too_slow(document: dict[str, Any]) -> None:
    document["duration_s"][1][2] = 20_000  # a to b is the short way, and a slow one
    problem = problem_from_json(document)
    itinerary = Itineraries(problem).find(frozenset({1, 2}), frozenset({3}))
    assert itinerary is not None
    assert (itinerary.pickups, itinerary.distance_m) == ((2, 1), 20_000 + 10_000 + 490_000)


def test_a_set_beyond_the_visit_limits_has_no_itinerary(document: dict[str, Any]) -> None:
    document["limits"]["pickups"] = 1
    assert Itineraries(problem_from_json(document)).find(frozenset({1, 2}), frozenset({3})) is None


matrices = st.integers(5, 7).flatmap(
    lambda n: st.lists(st.lists(st.integers(1, 9), min_size=n, max_size=n), min_size=n, max_size=n)
)


@given(metres=matrices, seconds=st.randoms(use_true_random=False), limit_s=st.integers(20, 90))
@settings(max_examples=60, deadline=None)
@pytest.mark.parametrize("timetable", [None, "cn-charter-2020"])
def test_the_order_found_is_the_shortest_of_all_lawful_orders_on_asymmetric_roads(
    timetable: str | None, metres: list[list[int]], seconds: Any, limit_s: int
) -> None:
    n = len(metres)
    distance_m = tuple(tuple(0 if i == j else metres[i][j] * 50_000 for j in range(n)) for i in range(n))
    duration_s = tuple(
        tuple(0 if i == j else seconds.randint(1, 9) * 3000 for j in range(n)) for i in range(n)
    )
    problem = Problem(
        name="asymmetric",
        nodes=tuple("abcdefg"[:n]),
        start="a",
        distance_m=distance_m,
        duration_s=duration_s,
        days=(problem_day(),),
        groups=(Group("g", "b", "c", (1,), (0,)),),
        coaches=(CoachType("c", 10, 0, 1000, (None,)),),
        limits=Limits(4, 3, limit_s * 1000, 600),
        timetable=timetable,
    )
    pickups, drops = frozenset(range(1, n - 2)), frozenset({n - 2, n - 1})
    elapsed = ElapsedTime(replace(problem))
    lawful = []
    for order in ((0, *p, *d) for p in permutations(pickups) for d in permutations(drops)):
        if elapsed.of(order) <= problem.limits.duration_s:
            lawful.append(sum(distance_m[a][b] for a, b in pairwise(order)))
    found = Itineraries(problem).find(pickups, drops)
    assert (None if found is None else found.distance_m) == min(lawful, default=None)


def problem_day() -> Any:
    from datetime import date

    return date(2020, 2, 24)
