"""The simple bound is below every plan, and it is a bound that says something."""

import pytest

from services.dispatcher.planning.engines import plan
from services.dispatcher.planning.instances import invent_corridor
from services.dispatcher.planning.stop import Params, Stop
from services.dispatcher.usecases.least_cost import least_cost_fen


@pytest.mark.parametrize("seed", range(6))
def test_no_plan_costs_less_than_the_simple_bound(seed: int) -> None:
    problem = invent_corridor(8, seed, gates=3, workers=200)
    found = plan(problem, Stop(), 0, Params("firstfit"))
    assert found.unserved == ()
    bound_fen = least_cost_fen(problem, problem.workers)
    assert found.cost_fen * 0.6 < bound_fen <= found.cost_fen
