import random
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.dispatcher.planning import CoachType, Group, Params, Plan, Problem, Stop, plan
from services.dispatcher.planning.checker import check_bound
from services.dispatcher.planning.faults import BadPlan
from services.dispatcher.planning.feasibility import list_violations
from services.dispatcher.planning.instances import invent_corridor
from services.dispatcher.planning.objective import OBJECTIVES, Subsidy
from services.dispatcher.planning.plan_format import read_plan, write_plan
from services.dispatcher.planning.pricing import Itineraries, price_trip_fen

ENGINES = ("columns", "routing", "firstfit", "separate")
WORK = Stop(work=30)


def left_behind(answer: Plan) -> int:
    return sum(len(left.parties) for left in answer.unserved)


@st.composite
def pools(draw: st.DrawFn) -> Problem:
    """Small pools of every kind: limited fleets, windows, broken roads, tight limits, both rule sets."""
    problem = invent_corridor(
        draw(st.integers(1, 6)),
        draw(st.integers(0, 10**6)),
        gates=draw(st.integers(1, 3)),
        workers=draw(st.integers(1, 120)),
        corridor_km=draw(st.sampled_from((300, 1100, 1700))),
        days=draw(st.integers(1, 3)),
        half_load=draw(st.booleans()),
        per_day=draw(st.sampled_from((None, None, 0, 1, 2))),
        timetable=draw(st.sampled_from((None, "cn-charter-2020"))),
    )
    chance = random.Random(draw(st.integers(0, 10**6)))
    size = len(problem.nodes)
    broken = {(chance.randrange(size), chance.randrange(size)) for _ in range(draw(st.integers(0, 4)))}
    broken = {(a, b) for a, b in broken if a != b}
    groups = tuple(replace(group, priority=chance.randrange(3)) for group in problem.groups)
    if draw(st.booleans()):
        groups = (replace(groups[0], parties=(60, *groups[0].parties)), *groups[1:])
    coaches = problem.coaches
    if draw(st.booleans()):
        coaches = tuple(dearer_by_the_day(coach, chance) for coach in coaches)
    objective = draw(st.sampled_from(("charter", *OBJECTIVES)))
    subsidy = Subsidy(
        draw(st.sampled_from((50, 80, 0))),
        draw(st.sampled_from((None, 500_000))),
        draw(st.sampled_from((0, 10, 20))),
    )
    slack = draw(st.sampled_from((100, 100, 80, 30)))
    limits = replace(
        problem.limits,
        pickups=draw(st.integers(1, 4)),
        drops=draw(st.integers(1, 3)),
        duration_s=problem.limits.duration_s * slack // 100,
    )
    return replace(
        problem,
        groups=groups,
        coaches=coaches,
        limits=limits,
        objective=objective,
        subsidy=subsidy,
        distance_m=without(problem.distance_m, broken),
        duration_s=without(problem.duration_s, broken),
    )


def dearer_by_the_day(coach: CoachType, chance: random.Random) -> CoachType:
    """The type by a tariff that looks at days and drivers, and whose minimum matters on some trips."""
    return replace(
        coach,
        minimum_day_fen=chance.choice((0, 200_000, 600_000, 1_200_000)),
        driver_day_fen=chance.choice((0, 30_000, 200_000)),
        toll_fen_per_km=chance.choice((0, 75)),
    )


def without(
    matrix: tuple[tuple[int | None, ...], ...], broken: set[tuple[int, int]]
) -> tuple[tuple[int | None, ...], ...]:
    return tuple(
        tuple(None if (i, j) in broken else value for j, value in enumerate(row))
        for i, row in enumerate(matrix)
    )


@pytest.mark.parametrize("engine", ENGINES)
@given(problem=pools())
@settings(max_examples=25, deadline=None)
def test_every_plan_keeps_every_rule_and_carries_each_party_once(engine: str, problem: Problem) -> None:
    answer = plan(problem, WORK, 0, Params(engine))
    assert list_violations(problem, answer) == []
    assert read_plan(write_plan(answer), problem) == answer


@given(problem=pools())
@settings(max_examples=60, deadline=None)
def test_no_plan_costs_less_than_the_bound_that_its_certificate_proves(problem: Problem) -> None:
    answer = plan(problem, WORK, 0, Params("columns"))
    if answer.trips:
        verdict = check_bound(problem, answer)
        assert (verdict.fault, verdict.proven_fen) == ("", answer.bound_fen)
        assert 0 <= verdict.proven_fen <= answer.cost_fen


@pytest.mark.parametrize("engine", ["columns", "routing"])
@given(problem=pools())
@settings(max_examples=15, deadline=None)
def test_a_search_never_ranks_behind_first_fit(engine: str, problem: Problem) -> None:
    ranks = []
    for name in (engine, "firstfit"):
        answer = plan(problem, WORK, 0, Params(name))
        left = dict.fromkeys(sorted({group.priority for group in problem.groups}), 0)
        for behind in answer.unserved:
            group = problem.groups[problem.group_index[behind.group]]
            left[group.priority] += sum(group.parties[party] for party in behind.parties)
        ranks.append((list(left.values()), answer.cost_fen))
    assert ranks[0] <= ranks[1]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_same_problem_seed_and_work_give_the_same_plan_byte_for_byte(engine: str) -> None:
    problem = invent_corridor(15, 3, gates=3, workers=200, days=2)
    first, second = (write_plan(plan(problem, Stop(work=60), 7, Params(engine))) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("engine", ENGINES)
def test_groups_that_share_a_stop_and_a_gate_are_all_carried(engine: str) -> None:
    problem = invent_corridor(3, 0, gates=1, workers=30)
    doubled = tuple(replace(group, id=f"{group.id}-{n}") for group in problem.groups for n in range(2))
    problem = replace(problem, groups=doubled)
    assert list_violations(problem, plan(problem, WORK, 0, Params(engine))) == []


def test_sharing_pays() -> None:
    problem = invent_corridor(12, 1, gates=2, workers=150)
    cost = {engine: plan(problem, WORK, 0, Params(engine)).cost_fen for engine in ENGINES}
    assert max(cost["columns"], cost["routing"]) < cost["firstfit"] < cost["separate"]


def test_a_plan_for_another_kind_of_file_is_refused() -> None:
    problem = invent_corridor(2, 0, gates=1, workers=5)
    text = write_plan(plan(problem, WORK, 0, Params("firstfit")))
    with pytest.raises(BadPlan, match="refused at format"):
        read_plan(text.replace("zhida.plan/1", "zhida.plan/9"), problem)
    with pytest.raises(BadPlan, match=r"trips\[0\].coach"):
        read_plan(text.replace('"coach": "c16"', '"coach": "c99"'), problem)


@pytest.mark.parametrize("engine", ["columns", "routing"])
@pytest.mark.parametrize("seed", range(8))
def test_a_search_is_within_two_per_cent_of_the_optimum_of_tiny_pools(seed: int, engine: str) -> None:
    problem = tiny_pool(seed)
    answer = plan(problem, Stop(work=1000), 0, Params(engine))
    assert left_behind(answer) == 0
    optimum_fen = brute_force_fen(problem)
    assert (answer.bound_fen or 0) <= optimum_fen <= answer.cost_fen <= optimum_fen * 1.02


@pytest.mark.parametrize("engine", ["columns", "routing"])
@pytest.mark.parametrize("seed", range(8))
def test_what_the_public_pays_for_tiny_pools_is_near_the_optimum(seed: int, engine: str) -> None:
    """Here a party more or less decides whether a coach is funded at all, so the step to the next best plan may be one in fifteen."""
    problem = tiny_pool(seed)
    coaches = tuple(replace(c, minimum_day_fen=195_000, driver_day_fen=20_000) for c in problem.coaches)
    problem = replace(problem, coaches=coaches, objective="public", subsidy=Subsidy(50, 130_000, 7))
    answer = plan(problem, Stop(work=1000), 0, Params(engine))
    assert left_behind(answer) == 0
    optimum_fen = brute_force_fen(problem)
    assert (answer.bound_fen or 0) <= optimum_fen <= answer.cost_fen <= optimum_fen * 1.07
    funded = [trip for trip in answer.trips if trip.cost_fen <= 130_000]
    assert len(funded) >= len(answer.trips) - 1


def tiny_pool(seed: int) -> Problem:
    draw = random.Random(seed)
    base = invent_corridor(4, seed, gates=2, workers=8, corridor_km=300)
    ends = [(f"s{draw.randrange(4):02d}", f"g{draw.randrange(2):02d}") for _ in range(4)]
    groups = tuple(
        Group(f"q{i}", pickup, drop, tuple(draw.randint(1, 6) for _ in range(2)), (0,))
        for i, (pickup, drop) in enumerate(ends)
    )
    coaches = (CoachType("c8", 8, 60_000, 400, (None,)), CoachType("c14", 14, 90_000, 500, (None,)))
    return replace(base, groups=groups, coaches=coaches, limits=replace(base.limits, pickups=3, drops=2))


def brute_force_fen(problem: Problem) -> int:
    """The cheapest of all ways to part the parties among coaches, each priced exactly."""
    index, itineraries = problem.node_index, Itineraries(problem)
    parties = [
        (heads, index[group.pickup], index[group.drop]) for group in problem.groups for heads in group.parties
    ]
    prices: dict[tuple[int, ...], int | None] = {}

    def price(block: tuple[int, ...]) -> int | None:
        if block not in prices:
            heads = sum(parties[i][0] for i in block)
            itinerary = itineraries.find(
                frozenset(parties[i][1] for i in block), frozenset(parties[i][2] for i in block)
            )
            prices[block] = min(
                (
                    price_trip_fen(problem, coach, itinerary.distance_m, itinerary.duration_s, heads)
                    for coach in problem.coaches
                    if itinerary is not None and coach.seats >= heads
                ),
                default=None,
            )
        return prices[block]

    totals = []
    for blocks in partitions(tuple(range(len(parties)))):
        fen = [price(block) for block in blocks]
        known = [f for f in fen if f is not None]
        if len(known) == len(fen):
            totals.append(sum(known))
    return min(totals)


def partitions(items: tuple[int, ...]) -> Iterator[list[tuple[int, ...]]]:
    if not items:
        yield []
        return
    first, rest = items[0], items[1:]
    for smaller in partitions(rest):
        yield [(first,), *smaller]
        for i, block in enumerate(smaller):
            yield [*smaller[:i], (first, *block), *smaller[i + 1 :]]
