import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import pytest

from services.dispatcher.planning import Params, Plan, Problem, Stop, plan
from services.dispatcher.planning.faults import PlannerCrashed, UnknownEngine
from services.dispatcher.planning.firstfit import plan_first_fit
from services.dispatcher.planning.instances import invent_corridor
from services.dispatcher.planning.worker import Planned, PlannerPool
from tests.dispatcher.processes import is_alive
from tests.waiting import PATIENCE_S, wait_until

PROBLEM = invent_corridor(6, 0, gates=2, workers=60)
HOUR = Stop(seconds=3600)


def test_a_plan_from_a_worker_is_the_plan_made_here_beside_first_fit() -> None:
    with PlannerPool(1) as pool:
        answer = pool.submit(PROBLEM, Stop(work=20), 3, Params("routing")).result(timeout=PATIENCE_S)
    assert answer.plan == plan(PROBLEM, Stop(work=20), 3, Params("routing"))
    assert answer.first_fit_fen == plan_first_fit(PROBLEM).cost_fen


def test_an_error_of_the_port_comes_back_as_itself() -> None:
    with PlannerPool(1) as pool, pytest.raises(UnknownEngine, match="no planning engine 'magic'"):
        pool.submit(PROBLEM, Stop(), 0, Params("magic")).result(timeout=PATIENCE_S)


def test_the_seconds_of_a_plan_are_those_of_its_search_and_not_of_its_wait() -> None:
    begun = time.monotonic()
    with PlannerPool(1) as pool:
        plans = [pool.submit(PROBLEM, Stop(seconds=1), seed, Params("routing")) for seed in range(3)]
        seconds = [answer.result(timeout=PATIENCE_S).seconds for answer in plans]
    assert min(seconds) > 0.5
    assert sum(seconds) < time.monotonic() - begun


def die_or_plan(problem: Problem, stop: Stop, seed: int, params: Params) -> Plan:
    """The port in a process that is killed when the seed is 13, and has an error of ours when it is 14."""
    if seed == 13:
        os.kill(os.getpid(), signal.SIGKILL)
    return plan(problem, stop, {}[seed] if seed == 14 else seed, params)


@pytest.mark.parametrize("seed", [13, 14])
def test_a_dead_worker_is_told_of_and_the_next_plan_gets_a_new_one(seed: int) -> None:
    with PlannerPool(1, run=die_or_plan) as pool:
        lost: Future[Planned] = pool.submit(PROBLEM, Stop(), seed, Params("firstfit"))
        with pytest.raises(PlannerCrashed) as crashed:
            lost.result(timeout=PATIENCE_S)
        assert PROBLEM.name in crashed.value.message("zh")
        answer = pool.submit(PROBLEM, Stop(), 0, Params("firstfit")).result(timeout=PATIENCE_S)
    assert answer.plan == plan(PROBLEM, Stop(), 0, Params("firstfit"))


def test_a_dead_worker_takes_no_plan_with_it_but_its_own() -> None:
    with PlannerPool(2, run=die_or_plan) as pool:
        innocent = pool.submit(PROBLEM, Stop(seconds=8), 0, Params("routing"))
        guilty = pool.submit(PROBLEM, Stop(), 13, Params("firstfit"))
        queued = pool.submit(PROBLEM, Stop(), 1, Params("firstfit"))
        with pytest.raises(PlannerCrashed):
            guilty.result(timeout=PATIENCE_S)
        assert not innocent.done()
        assert (
            innocent.result(timeout=PATIENCE_S).plan.trips,
            queued.result(timeout=PATIENCE_S).plan.trips,
        ) != ((), ())


def say_and_plan(problem: Problem, stop: Stop, seed: int, params: Params) -> Plan:
    """The port in a process that leaves its number where the environment says."""
    told = Path(os.environ["TEST_PID"])
    told.with_suffix(".new").write_text(str(os.getpid()))
    told.with_suffix(".new").rename(told)
    return plan(problem, stop, seed, params)


@pytest.fixture
def searching(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Waits until `say_and_plan` searches; the number of its process."""
    told = tmp_path / "pid"
    monkeypatch.setenv("TEST_PID", str(told))

    def wait() -> int:
        wait_until(told.exists, "a search has begun")
        return int(told.read_text())

    return wait


def test_a_closed_pool_has_ended_every_plan_at_once(searching: Callable[[], int]) -> None:
    pool = PlannerPool(1, run=say_and_plan)
    futures = [pool.submit(PROBLEM, HOUR, seed, Params("routing")) for seed in range(3)]
    pid = searching()
    begun = time.monotonic()
    pool.close()
    assert time.monotonic() - begun < 5
    assert all(future.done() for future in futures)
    assert not is_alive(pid)


def test_a_search_dies_with_the_service_that_asked_for_it(searching: Callable[[], int]) -> None:
    code = (
        "from tests.dispatcher.planning.test_worker import *\n"
        "PlannerPool(1, run=say_and_plan).submit(PROBLEM, HOUR, 0, Params('routing')).result()"
    )
    with subprocess.Popen([sys.executable, "-c", code]) as service:
        pid = searching()
        assert is_alive(pid)
        service.kill()
    wait_until(lambda: not is_alive(pid), "the search has ended")
