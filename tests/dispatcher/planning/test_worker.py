import os
import signal
from concurrent.futures import Future

import pytest

from services.dispatcher.planning import Params, Plan, Problem, Stop, plan
from services.dispatcher.planning.faults import PlannerCrashed, UnknownEngine
from services.dispatcher.planning.instances import invent_corridor
from services.dispatcher.planning.worker import PlannerPool

PROBLEM = invent_corridor(6, 0, gates=2, workers=60)


def test_a_plan_from_a_worker_is_the_plan_made_here() -> None:
    with PlannerPool(1) as pool:
        answer = pool.submit(PROBLEM, Stop(work=20), 3, Params("routing")).result(timeout=60)
    assert answer == plan(PROBLEM, Stop(work=20), 3, Params("routing"))


def test_an_error_of_the_port_comes_back_as_itself() -> None:
    with PlannerPool(1) as pool, pytest.raises(UnknownEngine, match="no planning engine 'magic'"):
        pool.submit(PROBLEM, Stop(), 0, Params("magic")).result(timeout=60)


def die_or_plan(problem: Problem, stop: Stop, seed: int, params: Params) -> Plan:
    """The port in a worker that is killed when the seed is 13."""
    if seed == 13:
        os.kill(os.getpid(), signal.SIGKILL)
    return plan(problem, stop, seed, params)


def test_a_killed_worker_is_told_of_and_the_next_plan_gets_a_new_one() -> None:
    with PlannerPool(1, run=die_or_plan) as pool:
        lost: Future[Plan] = pool.submit(PROBLEM, Stop(), 13, Params("firstfit"))
        with pytest.raises(PlannerCrashed) as crashed:
            lost.result(timeout=60)
        assert PROBLEM.name in crashed.value.message("zh")
        answer = pool.submit(PROBLEM, Stop(), 0, Params("firstfit")).result(timeout=60)
    assert answer == plan(PROBLEM, Stop(), 0, Params("firstfit"))


def test_a_closed_pool_has_ended_every_plan() -> None:
    pool = PlannerPool(1)
    futures = [pool.submit(PROBLEM, Stop(work=50), seed, Params("routing")) for seed in range(6)]
    pool.close()
    assert all(future.done() for future in futures)
    assert isinstance(futures[0].result(), Plan)
