"""What a plan is judged by decides which coaches run: half load, and a minimum of passengers below which nothing is funded."""

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from services.dispatcher.planning import CoachType, Group, Limits, Params, Plan, Problem, Stop, plan
from services.dispatcher.planning.checker import check_bound
from services.dispatcher.planning.feasibility import list_violations
from services.dispatcher.planning.instances import invent_corridor
from services.dispatcher.planning.objective import Subsidy, public_fen
from services.dispatcher.planning.pricing import price_charter_fen
from services.dispatcher.planning.problem_format import hash_problem

HALF_LOAD = (
    CoachType("c39", 19, 0, 750, (None,), minimum_day_fen=180_000, driver_day_fen=30_000),
    CoachType("c49", 24, 0, 950, (None,), minimum_day_fen=240_000, driver_day_fen=30_000),
)
"""The shipped price model at half load: 19 and 24 seats."""

SUBSIDY = Subsidy(rate_percent=50, cap_vehicle_fen=1_000_000, min_passengers=20)


def sixty_workers() -> Problem:
    """One stop, and a gate 1,000 km away: 12.5 hours of driving, two drivers, one day."""
    metres = ((0, 0, 1_000_000), (0, 0, 1_000_000), (1_000_000, 1_000_000, 0))
    return Problem(
        name="sixty",
        nodes=("start", "s", "g"),
        start="start",
        distance_m=metres,
        duration_s=tuple(tuple(m * 45 // 1000 for m in row) for row in metres),
        days=(date(2020, 2, 24),),
        groups=(Group("q", "s", "g", (1,) * 60, (0,)),),
        coaches=HALF_LOAD,
        limits=Limits(3, 3, 48 * 3600, 600),
        timetable="cn-charter-2020",
        subsidy=SUBSIDY,
    )


def price(problem: Problem, answer: Plan) -> tuple[int, int]:
    """The plan's charters, and what the public pays for them."""
    charter = public = 0
    for trip in answer.trips:
        coach = problem.coaches[problem.coach_index[trip.coach]]
        fen = price_charter_fen(problem, coach, trip.distance_m, trip.duration_s)
        riders = sum(len(load.parties) for load in trip.loads)  # everybody is alone here
        charter, public = charter + fen, public + public_fen(SUBSIDY, fen, riders)
    return charter, public


@pytest.mark.parametrize("engine", ["columns", "routing"])
def test_at_half_load_the_public_pays_less_for_coaches_that_the_charter_would_not_choose(engine: str) -> None:
    """A 39-seat coach may carry 19 and is not funded, a 49-seat coach 24. Charters: 8,100 and 10,100 yuan.

    Two small coaches and a large one are the cheapest charters for 60: 26,300 yuan, of which only the large one's is shared, so that the
    public pays 21,250. Three large ones with 20 each cost 30,300, and half of it is 15,150.
    """
    fleets, prices = {}, {}
    for objective in ("charter", "public"):
        problem = replace(sixty_workers(), objective=objective)
        answer = plan(problem, Stop(work=200), 0, Params(engine))
        assert list_violations(problem, answer) == []
        fleets[objective] = Counter(trip.coach for trip in answer.trips)
        prices[objective] = price(problem, answer)
        assert answer.cost_fen == prices[objective][objective == "public"]
    assert fleets == {"charter": {"c39": 2, "c49": 1}, "public": {"c49": 3}}
    assert prices == {"charter": (2_630_000, 2_125_000), "public": (3_030_000, 1_515_000)}
    saved_fen = prices["charter"][1] - prices["public"][1]
    assert saved_fen == 610_000


@pytest.mark.parametrize("objective", ["public", "public, then charter"])
def test_the_public_saves_on_a_countys_pool_too_and_the_bound_says_how_much_more_could_be_saved(
    objective: str,
) -> None:
    base = invent_corridor(12, 1, gates=3, workers=200, timetable="cn-charter-2020")
    alone = tuple(replace(group, parties=(1,) * group.workers) for group in base.groups)
    base = replace(base, groups=alone, coaches=HALF_LOAD, subsidy=SUBSIDY)
    by_charter = plan(base, Stop(work=1000), 0, Params("columns"))
    problem = replace(base, objective=objective)
    answer = plan(problem, Stop(work=1000), 0, Params("columns"))
    verdict = check_bound(problem, answer)
    assert verdict.fault == ""
    assert answer.cost_fen == price(problem, answer)[1] <= 0.85 * price(base, by_charter)[1]
    assert price(base, by_charter)[0] < price(problem, answer)[0]
    assert verdict.proven_fen is not None
    assert verdict.proven_fen <= answer.cost_fen <= 1.01 * verdict.proven_fen


def test_where_the_cap_makes_coaches_equal_the_charter_decides() -> None:
    capped = replace(SUBSIDY, cap_vehicle_fen=400_000)
    base = invent_corridor(12, 1, gates=3, workers=200, timetable="cn-charter-2020")
    base = replace(base, coaches=HALF_LOAD, subsidy=capped)
    found = {}
    for objective in ("public", "public, then charter"):
        problem = replace(base, objective=objective)
        answer = plan(problem, Stop(work=400), 0, Params("columns"))
        found[objective] = answer.cost_fen, price(problem, answer)[0]
    assert found["public"][0] == found["public, then charter"][0]
    assert found["public, then charter"][1] < found["public"][1]


@pytest.mark.parametrize(
    "subsidy",
    [
        replace(SUBSIDY, rate_percent=49),
        replace(SUBSIDY, cap_vehicle_fen=400_000),
        replace(SUBSIDY, min_passengers=21),
    ],
    ids=["rate", "cap", "minimum"],
)
def test_an_edited_policy_is_found_out_by_the_price(subsidy: Subsidy) -> None:
    problem = replace(sixty_workers(), objective="public")
    answer = plan(problem, Stop(work=200), 0, Params("columns"))
    edited = replace(problem, subsidy=subsidy)
    answer = replace(answer, problem_sha256=hash_problem(edited))
    assert {v.rule for v in list_violations(edited, answer)} == {"price", "cost"}


@pytest.mark.parametrize(
    ("field", "value"), [("rate_percent", 10), ("cap_vehicle_fen", 300_000), ("min_passengers", 10)]
)
def test_a_certificate_proves_nothing_under_a_kinder_policy(field: str, value: int) -> None:
    """Each makes some coach cost the public less than the certificate's prices say that it earns."""
    strict = replace(SUBSIDY, min_passengers=22)
    base = invent_corridor(6, 3, gates=2, workers=70, timetable="cn-charter-2020")
    problem = replace(base, coaches=HALF_LOAD[:1] if field == "min_passengers" else HALF_LOAD, subsidy=strict)
    problem = replace(problem, objective="public")
    answer = plan(problem, Stop(work=50), 0, Params("columns"))
    assert check_bound(problem, answer).fault == ""
    kinder = replace(problem, subsidy=replace(strict, **{field: value}))
    assert "more than it costs" in check_bound(kinder, answer).fault
