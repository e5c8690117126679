import random
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from services.dispatcher.planning import Params, Stop, plan
from services.dispatcher.planning.dealing import deal
from services.dispatcher.planning.feasibility import list_violations
from services.dispatcher.planning.firstfit import fill_first_fit
from services.dispatcher.planning.fleet import make_fleet
from services.dispatcher.planning.instances import invent_corridor
from services.dispatcher.planning.network import lay_out
from services.dispatcher.planning.pricing import Itineraries
from services.dispatcher.planning.refill import refill
from services.dispatcher.planning.routing import _Search
from services.dispatcher.planning.stop import Allowance
from services.dispatcher.planning.yardsticks import bench_instances


def test_the_librarys_search_starts_from_the_plan_it_is_given() -> None:
    """With one solution to look at, it can answer nothing but its start."""
    problem = invent_corridor(12, 4, gates=3, workers=200, days=2, per_day=4)
    start, _ = fill_first_fit(problem, Itineraries(problem))
    found = _Search(start, random.Random(0)).run(Stop(work=1).begin())
    assert found is not None
    assert found.rank() == start.rank()


def test_refilling_leaves_the_plan_it_starts_from_as_it_was() -> None:
    problem = invent_corridor(10, 2, gates=2, workers=120)
    start, _ = fill_first_fit(problem, Itineraries(problem))
    before = start.publish([])
    better = refill(start, random.Random(0), Stop(work=200).begin(), 1.0)
    assert start.publish([]) == before
    assert better.rank() < start.rank()


def test_a_fleet_in_which_nobody_sits_yet_is_filled_with_whole_parties() -> None:
    """As branching meets one: coaches and their ways, of which it is known only that all workers fit in."""
    problem = invent_corridor(6, 3, gates=2, workers=250)
    draft, _ = fill_first_fit(problem, Itineraries(problem))
    network = lay_out(problem, [sum(group.parties) for group in problem.groups])
    fleet = make_fleet(network, len(draft.trips))
    stops, gates = network.stop_nodes.tolist(), network.gate_nodes.tolist()
    for t, trip in enumerate(draft.trips):
        fleet.coach[t], fleet.day[t] = trip.coach, trip.day
        fleet.stop_count[t], fleet.gate_count[t] = len(trip.pickups), len(trip.drops)
        fleet.stops[t, : len(trip.pickups)] = [stops.index(node) for node in sorted(trip.pickups)]
        fleet.gates[t, : len(trip.drops)] = [gates.index(node) for node in sorted(trip.drops)]
    dealt, left = deal(draft, fleet, network)
    assert left == {} == dealt.waiting
    assert dealt.rank() <= draft.rank()


def test_a_pool_of_ten_coaches_is_near_its_bound_though_its_fleets_are_far_apart() -> None:
    """One long annealing ends 2 % above the bound here, in a fleet that no small step leaves."""
    problem = invent_corridor(10, 3, gates=3, workers=425)
    found = plan(problem, Stop(work=4000), 0, Params("columns"))
    assert found.bound_fen is not None
    assert found.cost_fen < 1.006 * found.bound_fen


def test_a_stop_that_no_road_reaches_from_the_start_makes_no_price_too_large() -> None:
    """The price of leaving somebody behind is above the dearest way that there is, not the length of one that there is not."""
    problem = invent_corridor(3, 0, gates=1, workers=30)
    lengths, seconds = (
        tuple(
            tuple(None if node == 2 and at != 2 else v for node, v in enumerate(row))
            for at, row in enumerate(matrix)
        )
        for matrix in (problem.distance_m, problem.duration_s)
    )
    dear = tuple(replace(coach, fen_per_km=1050) for coach in problem.coaches)
    broken = replace(problem, distance_m=lengths, duration_s=seconds, coaches=dear)
    found = plan(broken, Stop(work=100), 0, Params())
    assert found.bound_fen == found.cost_fen > 0
    assert {left.group for left in found.unserved} == {g.id for g in problem.groups if g.pickup == "s01"}


def test_nothing_is_left_to_compile_or_to_read_when_the_seconds_of_a_search_begin() -> None:
    """In a process of its own, where no test before has had it done."""
    script = """
from services.dispatcher.planning import Params, Stop, annealing, columns, exact_pricing, plan
from services.dispatcher.planning.instances import invent_corridor
compiled = (annealing.anneal, annealing.price_way, exact_pricing.find_columns)
columns._load_compiled()
loaded = [len(one.signatures) for one in compiled]
plan(invent_corridor(6, 1, gates=2, workers=250), Stop(work=200), 0, Params("columns"))
print(loaded, [len(one.signatures) for one in compiled])
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == "[1, 1, 1] [1, 1, 1]\n"


def test_more_work_never_makes_the_refilled_plan_dearer() -> None:
    problem = invent_corridor(10, 2, gates=2, workers=120)
    start, _ = fill_first_fit(problem, Itineraries(problem))
    ranks = [refill(start, random.Random(0), Stop(work=work).begin(), 1.0).rank() for work in (1, 50, 800)]
    assert ranks[2] < ranks[0]


class LastMoment(Allowance):
    """An allowance that is over once a model has been made."""

    def __init__(self) -> None:
        super().__init__(Stop(seconds=1.0), 0.0)
        self._left: list[Stop | None] = [Stop(seconds=0.001), None]

    def rest(self) -> Stop | None:
        return self._left.pop(0)


def test_a_search_whose_time_is_over_before_it_begins_finds_nothing_and_is_no_fault() -> None:
    problem = invent_corridor(40, 0, gates=3, workers=1700)
    start, _ = fill_first_fit(problem, Itineraries(problem))
    assert _Search(start, random.Random(0)).run(LastMoment()) is None


@pytest.mark.parametrize(("stops", "workers", "seconds"), [(10, 100, 0.5), (40, 1700, 2.0)])
def test_a_search_keeps_its_seconds(stops: int, workers: int, seconds: float) -> None:
    problem = invent_corridor(stops, 0, gates=3, workers=workers)
    begin, begin_cpu = time.perf_counter(), time.process_time()
    answer = plan(problem, Stop(seconds=seconds), 0, Params("routing"))
    assert time.perf_counter() - begin >= seconds * 0.9
    assert time.process_time() - begin_cpu <= seconds + 1.5  # what the start and the last move may take
    assert list_violations(problem, answer) == []


def test_a_search_without_a_stopping_rule_ends_by_itself() -> None:
    problem = invent_corridor(8, 0, gates=2, workers=80, half_load=True)
    first = plan(problem, Stop(), 0, Params("routing"))
    assert first == plan(problem, Stop(), 0, Params("routing"))
    assert first.cost_fen < plan(problem, Stop(), 0, Params("firstfit")).cost_fen


def test_first_fit_of_a_large_pool_takes_a_blink() -> None:
    problem = invent_corridor(40, 0)
    took = []
    for _ in range(5):
        begin = time.process_time()
        plan(problem, Stop(), 0, Params("firstfit"))
        took.append(time.process_time() - begin)
    assert min(took) < 0.05


def test_the_bench_runs_on_the_usual_pools_and_a_large_one() -> None:
    sizes = [(len(problem.groups) > 0, problem.workers, seconds) for problem, seconds in bench_instances(0)]
    assert [size[2] for size in sizes] == [1.0, 1.0, 1.0, 5.0]
    assert sizes[-1][1] == pytest.approx(1700, rel=0.02)


def test_an_invented_pool_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    assert invent_corridor(10, 1) == invent_corridor(10, 1)
    assert invent_corridor(10, 1) != invent_corridor(10, 2)
