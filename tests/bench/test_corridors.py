"""The corridors' bench, tiny: every engine and peer plans the same pools, its plans hold, and the sums are of the runs."""

import io
from itertools import pairwise
from pathlib import Path

import pytest
from rich.console import Console

from services.bench.corridors import (
    ALLOWANCES,
    CorridorFigures,
    Run,
    invent,
    list_cases,
    own_solvers,
    run_corridors,
)
from services.bench.corridors_report import plot_corridors, print_corridors
from services.bench.peers import build_model, make_lawful, peer_solvers
from services.dispatcher.planning.draft import Draft
from services.dispatcher.planning.feasibility import list_violations
from services.dispatcher.planning.firstfit import plan_first_fit
from services.dispatcher.planning.pricing import Itineraries
from services.dispatcher.planning.reasons import screen
from services.dispatcher.planning.separate import plan_separately

STOPS, SECONDS = 5, 0.3


@pytest.fixture(scope="module")
def figures() -> CorridorFigures:
    runs = run_corridors(own_solvers(), [(STOPS, 0, SECONDS), (STOPS, 1, SECONDS)])
    return CorridorFigures({"cores": "1"}, SECONDS, list(runs))


def test_every_engine_plans_every_pool_and_its_plans_hold(figures: CorridorFigures) -> None:
    assert figures.faults == []
    assert {(run.engine, run.seed) for run in figures.runs} == {
        (name, seed) for name in own_solvers() for seed in (0, 1)
    }
    assert all(run.cost_fen > 0 and run.unserved == 0 and run.peak_bytes > 2**20 for run in figures.runs)


def test_the_planner_is_the_best_and_lies_over_its_bound(figures: CorridorFigures) -> None:
    of_engine = {one.engine: one for one in figures.summaries(SECONDS)}
    assert of_engine["columns"].excess_worst <= of_engine["firstfit"].excess_worst
    for one in of_engine.values():
        assert one.pools == 2
        assert one.gap_mean is not None
        assert one.gap_worst is not None
        assert 0 <= one.gap_mean <= one.gap_worst


def test_a_gap_is_over_the_bound_of_the_same_time() -> None:
    def run(allowed_s: float, cost_fen: int, bound_fen: int) -> Run:
        return Run(5, 0, "columns", allowed_s, allowed_s, 1, 0, cost_fen, bound_fen, 1, ())

    figures = CorridorFigures({}, 1.0, [run(1.0, 110, 100), run(9.0, 106, 105)])
    assert figures.gaps(figures.runs[:1]) == [pytest.approx(0.10)]


def test_what_is_printed_and_drawn_has_every_engine(figures: CorridorFigures, tmp_path: Path) -> None:
    out = io.StringIO()
    print_corridors(figures, Console(file=out, width=120))
    drawn = [path.read_text() for path in plot_corridors(figures, tmp_path)]
    for name in own_solvers():
        for text in (out.getvalue(), *drawn):
            assert name in text


def test_the_picture_asks_for_every_allowance_once() -> None:
    cases = list_cases((20, 45), (0, 1), 5.0, several=True)
    assert sorted(s for stops, seed, s in cases if (stops, seed) == (45, 1)) == sorted(ALLOWANCES)
    assert [case for case in cases if case[0] == 20] == [(20, 0, 5.0), (20, 1, 5.0)]


@pytest.mark.parametrize("name", ["pyvrp", "vroom"])
def test_a_peers_plan_keeps_every_rule_and_is_no_worse_than_no_sharing(name: str) -> None:
    problem = invent(STOPS, 0)
    found = peer_solvers()[name](problem, 1.0, 0)
    assert list_violations(problem, found) == []
    assert found.unserved == ()
    assert found.cost_fen < plan_separately(problem).cost_fen
    assert found.cost_fen <= plan_first_fit(problem).cost_fen * 1.02


def test_a_peer_is_told_the_length_of_the_trip_that_sets_down_in_reverse() -> None:
    problem = invent(STOPS, 0)
    draft = Draft(problem, Itineraries(problem))
    screen(draft)
    model = build_model(draft, (7,), None)
    order = [0, len(model.pieces) // 2, len(model.pieces) - 1]
    places = [0, *(model.places[number] for number in order), 1]
    ends = [draft.ends[model.pieces[number].group] for number in order]
    way = [0, *(stop for stop, _ in ends), *(gate for _, gate in reversed(ends))]
    assert sum(int(model.metres[a, b]) for a, b in pairwise(places)) == sum(
        problem.distance_m[a][b] or 0 for a, b in pairwise(way)
    )
    came_to = len({stop for stop, _ in ends}) + len({gate for _, gate in ends})
    assert sum(int(model.visits[a, b]) for a, b in pairwise(places)) >= came_to


def test_an_unlawful_route_is_cut_and_all_of_it_still_rides() -> None:
    problem = invent(10, 0)
    draft = Draft(problem, Itineraries(problem))
    screen(draft)
    model = build_model(draft, (3,), None)
    one_coach = [(len(problem.coaches) - 1, list(range(len(model.pieces))))]
    plan = make_lawful(draft, model, one_coach).publish([])
    assert list_violations(problem, plan) == []
    carried = sum(len(load.parties) for trip in plan.trips for load in trip.loads)
    assert carried == sum(len(group.parties) for group in problem.groups)
