"""Knows how to plan in processes of its own, and beside each plan measures the yardstick."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial

from services.dispatcher.planning.engines import plan
from services.dispatcher.planning.firstfit import plan_first_fit
from services.dispatcher.planning.plan import Plan
from services.dispatcher.planning.problem import Problem
from services.dispatcher.planning.processes import Processes
from services.dispatcher.planning.stop import Params, Stop

PlanFunction = Callable[[Problem, Stop, int, Params], Plan]


@dataclass(frozen=True)
class Planned:
    """A plan, the seconds that its making took, and what first fit would cost: the yardstick."""

    plan: Plan
    seconds: float
    first_fit_fen: int


class PlannerPool(Processes[Planned]):
    """Processes for the planner port; `run` is the port to call in the process and must be picklable."""

    def __init__(self, processes: int, run: PlanFunction = plan) -> None:
        super().__init__(processes, partial(_plan, run))

    def submit(self, problem: Problem, stop: Stop, seed: int, params: Params) -> Future[Planned]:
        """Queue the problem. The future gives the plan, or raises what the port raises or `PlannerCrashed`."""
        return self.ask(problem.name, problem, stop, seed, params)


def _plan(run: PlanFunction, problem: Problem, stop: Stop, seed: int, params: Params) -> Planned:
    begun = time.monotonic()
    found = run(problem, stop, seed, params)
    seconds = time.monotonic() - begun
    return Planned(found, seconds, plan_first_fit(problem).cost_fen)
