import random
from dataclasses import replace
from itertools import pairwise, permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.dispatcher.domain.timetable import measure_elapsed_s
from services.dispatcher.money.rules.subsidy import Heads, Parties, Run, public_parts, vehicle_rule
from services.dispatcher.money.rules.tariff import Tariff, charter_price
from services.dispatcher.planning.elapsed import DEPARTURE_S, ElapsedTime
from services.dispatcher.planning.instances import invent_corridor
from services.dispatcher.planning.objective import OBJECTIVES, Subsidy, public_fen
from services.dispatcher.planning.pricing import Itineraries, price_charter_fen, price_trip_fen
from services.dispatcher.planning.problem import CoachType, Group, Limits, Problem
from services.dispatcher.planning.problem_format import problem_from_json
from services.dispatcher.planning.trip_cost import charter_fen, judge, lay_out_objective, lay_out_tariffs
from tests.dispatcher.dispatch import policy as make_policy


@pytest.mark.parametrize(
    ("metres", "fen"), [(0, 100), (1, 100), (499, 100), (500, 101), (1499, 101), (1500, 102), (10_000, 110)]
)
def test_a_trip_is_rounded_half_up_to_whole_fen_once(metres: int, fen: int, document: dict[str, Any]) -> None:
    coach = CoachType("c", 10, 100, 1, (None,))
    assert price_charter_fen(problem_from_json(document), coach, metres, 7200) == fen


@given(
    fixed=st.integers(0, 500_000),
    rate=st.integers(0, 1500),
    minimum=st.integers(0, 1_500_000),
    keep=st.sampled_from((0, 30_000)),
    toll=st.integers(0, 75),
    metres=st.integers(0, 2_500_000),
    seconds=st.integers(1, 4 * 24 * 3600),
)
def test_the_planner_prices_a_trip_as_the_contract_bills_it(
    fixed: int, rate: int, minimum: int, keep: int, toll: int, metres: int, seconds: int
) -> None:
    tariff = Tariff(
        id="T",
        coach_type="c",
        seats=20,
        valid_from=problem_day(),
        fixed_fen=fixed,
        fen_per_km=rate,
        minimum_day_fen=minimum,
        driver_day_fen=keep,
        toll_fen_per_km=toll,
    )
    coach = CoachType("c", 10, fixed, rate + toll, (None,), minimum, keep, toll)
    problem = replace(invent_corridor(1, 0, gates=1, workers=1), timetable="cn-charter-2020")
    drivers = 1 + (metres > 400_000) + (metres >= 1_900_000)
    days = (seconds + 86_399) // 86_400
    billed = charter_price(tariff, metres, drivers, days, toll_exempt=False)
    assert price_charter_fen(problem, coach, metres, seconds) == billed.total_fen


def test_without_a_rule_set_one_driver_is_paid() -> None:
    coach = CoachType("c", 10, 0, 0, (None,), driver_day_fen=30_000)
    problem = invent_corridor(1, 0, gates=1, workers=1)
    assert price_charter_fen(problem, coach, 1_000_000, 86_401) == 60_000


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


@given(
    legs_s=st.lists(st.integers(0, 10 * 3600), min_size=2, max_size=6),
    service_s=st.sampled_from((0, 600, 3600)),
    metres=st.sampled_from((300_000, 399_999, 400_000, 400_001, 1_899_999, 1_900_000, 2_500_000)),
    shorter_m=st.integers(0, 2_000_000),
    minimum=st.sampled_from((0, 300_000, 2_000_000)),
    keep=st.sampled_from((0, 30_000, 900_000)),
    rate=st.sampled_from((0, 750)),
)
@settings(max_examples=300, deadline=None)
@pytest.mark.parametrize("timetable", [None, "cn-charter-2020"])
def test_no_lawful_trip_costs_less_than_what_the_searches_price(
    timetable: str | None,
    legs_s: list[int],
    service_s: int,
    metres: int,
    shorter_m: int,
    minimum: int,
    keep: int,
    rate: int,
) -> None:
    coach = CoachType("c", 10, 50_000, rate, (None,), minimum, keep, rate // 10)
    base = invent_corridor(1, 0, gates=1, workers=1)
    problem = replace(base, timetable=timetable, coaches=(coach,))
    total_s = sum(legs_s) + service_s * len(legs_s)
    elapsed_s = total_s
    if timetable is not None:
        drivers = 1 + (metres > 400_000) + (metres >= 1_900_000)
        services_s = (0, *(service_s for _ in legs_s))
        elapsed_s = measure_elapsed_s(tuple(legs_s), services_s, DEPARTURE_S, drivers)
    paid_fen = price_charter_fen(problem, coach, metres, elapsed_s)
    tariffs = lay_out_tariffs(problem)
    for least_m in (metres, min(metres, shorter_m)):
        for driving_s in (sum(legs_s), sum(legs_s) // 2):
            assert charter_fen(tariffs, 0, least_m, driving_s, service_s * len(legs_s)) <= paid_fen


@pytest.mark.parametrize("seed", range(3))
def test_the_searches_price_nearly_every_trip_as_it_will_be_paid(seed: int) -> None:
    """Trips of one to three days: what rests add to the driving almost never makes a day more."""
    draw, off = random.Random(seed), 0
    for km in range(200, 2200, 10):
        coach = CoachType("c", 10, 0, 750, (None,), 200_000, 30_000)
        problem = replace(
            invent_corridor(3, draw.randrange(1000), gates=2, workers=9, corridor_km=km),
            timetable="cn-charter-2020",
            coaches=(coach,),
        )
        problem = replace(problem, limits=replace(problem.limits, duration_s=4 * 24 * 3600))
        nodes = [problem.node_index[node] for node in ("start", "s00", "s01", "g00", "g01")]
        legs = list(pairwise(nodes))
        metres, seconds = (
            sum(matrix[a][b] or 0 for a, b in legs) for matrix in (problem.distance_m, problem.duration_s)
        )
        paid_fen = price_charter_fen(problem, coach, metres, ElapsedTime(problem).of(tuple(nodes)))
        off += charter_fen(lay_out_tariffs(problem), 0, metres, seconds, 4 * 600) != paid_fen
    assert off <= 20


@given(
    rate=st.integers(0, 100),
    cap=st.none() | st.integers(0, 2_000_000),
    minimum=st.integers(0, 30),
    charter=st.integers(0, 4_000_000),
    passengers=st.integers(1, 60),
)
def test_the_public_pays_the_subsidy_that_is_billed_and_the_whole_of_a_trip_below_the_minimum(
    rate: int, cap: int | None, minimum: int, charter: int, passengers: int
) -> None:
    provision = {
        "rule": {"kind": "percentage", "rate_percent": rate},
        "payers": [{"payer": "origin_county", "share": 1}],
    }
    policy = make_policy(provisions=[provision], cap_vehicle_fen=cap, min_passengers_vehicle=minimum)
    rule = vehicle_rule(policy)
    assert rule is not None
    paid = public_fen(
        Subsidy(rule.rate_percent, rule.cap_vehicle_fen, rule.min_passengers), charter, passengers
    )
    parties = Parties("2020-spring", "522732", "330500", "C01")
    heads = [Heads.as_booked("E1", passengers)]
    parts = public_parts(policy, Run(charter, 49, policy.valid_from), heads, parties)
    billed = sum(part.paid_fen for part in parts)
    assert (paid, billed) == ((billed, paid) if passengers >= minimum else (charter, 0))


@given(
    rate=st.integers(0, 100),
    cap=st.none() | st.integers(0, 2_000_000),
    minimum=st.integers(0, 30),
    charter=st.integers(0, 4_000_000),
    passengers=st.integers(1, 60),
    objective=st.sampled_from(OBJECTIVES),
)
@settings(deadline=None)
def test_the_compiled_twin_counts_by_the_objective_what_pricing_does(
    rate: int, cap: int | None, minimum: int, charter: int, passengers: int, objective: str
) -> None:
    coach = CoachType("c", 60, charter, 0, (None,))
    base = invent_corridor(1, 0, gates=1, workers=1)
    problem = replace(base, coaches=(coach,), objective=objective, subsidy=Subsidy(rate, cap, minimum))
    exact = price_trip_fen(problem, coach, 1, 1, passengers)
    assert judge(lay_out_objective(problem, proof=True), charter, passengers) == exact
    guide = judge(lay_out_objective(problem, proof=False), charter, passengers)
    assert guide == (16 * exact + charter if objective == "public, then charter" else exact)
