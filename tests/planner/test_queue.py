"""A planner works its queue off: each job answered once, whoever dies; and two planners share one."""

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from services.dispatcher.planning import Params, Plan, Problem, Stop, plan
from services.dispatcher.planning.plan_format import plan_to_json
from services.dispatcher.planning.worker import PlannerPool
from services.planner.store import jobs
from services.planner.store.tables import Base
from services.planner.usecases.work_queue import WorkQueue
from shared.database import Database, list_differences, migrate
from shared.events import PoolNotPlanned, PoolPlanned
from shared.kernel.clock import SystemClock
from shared.messaging.tables import METADATA
from tests.planner.work import PROBLEM, answers, ask, at_work, job, waiting
from tests.waiting import wait_until


def test_migrations_make_exactly_what_the_models_say(make_database: Callable[[str], str]) -> None:
    url = make_database("planner")
    migrate(url, "planner")
    migrate(url, "planner")
    assert list_differences(url, Base.metadata, METADATA) == []


def test_every_job_is_answered_once_with_the_plan_that_is_made_here(queue: Database) -> None:
    ask(queue, *(job(n) for n in range(3)), job(1))
    with PlannerPool(2) as planners, at_work(WorkQueue(queue, planners, 2, SystemClock())):
        wait_until(lambda: not waiting(queue), "the queue is empty")
    told = answers(queue)
    assert sorted(answer.key for answer in told) == ["j0", "j1", "j2"]
    here = plan_to_json(plan(PROBLEM, Stop(seconds=1.0), 0, Params("firstfit")))
    for answer in told:
        assert isinstance(answer, PoolPlanned)
        assert (answer.plan, answer.first_fit_fen) == (here, here["cost_fen"])


def test_two_planners_share_a_queue_and_hold_no_job_both(queue: Database) -> None:
    ask(queue, *(job(n) for n in range(4)))
    with queue.session() as one, queue.session() as two:
        held = [jobs.hold_next(session, who, 60) for session, who in ((one, "a"), (two, "b"), (one, "a"))]
        assert [row.job_id for row in held if row] == ["j0", "j1", "j2"]
    with queue.session() as session:
        assert jobs.count_jobs(session) == {"waiting": 1, "held": 3}


def test_what_a_dead_planner_held_is_planned_by_another_after_a_while(queue: Database) -> None:
    ask(queue, job(1))
    with queue.session() as session:
        assert jobs.hold_next(session, "dead", 1.0) is not None
    with queue.session() as session:
        assert jobs.hold_next(session, "other", 1.0) is None, "it is still held"
    with PlannerPool(1) as planners, at_work(WorkQueue(queue, planners, 1, SystemClock())):
        wait_until(lambda: answers(queue), "it is answered")
    assert [type(answer) for answer in answers(queue)] == [PoolPlanned]


def test_a_job_is_held_for_as_long_as_it_is_planned(queue: Database) -> None:
    ask(queue, job(1, engine="routing", seconds=4.0))
    with PlannerPool(1) as planners, at_work(WorkQueue(queue, planners, 1, SystemClock(), hold_s=1.0)):
        wait_until(lambda: waiting(queue)[0].held_by, "it is held")
        while waiting(queue):
            with queue.session() as session:
                assert jobs.hold_next(session, "thief", 0.0) is None


def test_a_planner_that_ends_while_its_database_is_away_ends_well(
    queue: Database, caplog: pytest.LogCaptureFixture
) -> None:
    stop = threading.Event()
    stop.set()
    away = Database(queue.url.replace("/planner", "/nowhere"))
    with PlannerPool(1) as planners:
        WorkQueue(away, planners, 1, SystemClock()).run(stop)
    assert "leaves its jobs to others" in caplog.text


def test_a_job_that_two_have_planned_is_answered_once(queue: Database) -> None:
    """One that overslept its hold, and who took over."""
    ask(queue, job(1))
    with PlannerPool(1) as planners:
        late, other = (WorkQueue(queue, planners, 1, SystemClock(), hold_s=0.0) for _ in range(2))
        assert late._start()
        assert other._start()
        for worker in (other, late):
            (future,) = worker._running
            worker._finish(future)
    assert [answer.key for answer in answers(queue)] == ["j1"]


def test_a_problem_that_is_none_is_refused_with_the_reason_and_the_next_is_planned(queue: Database) -> None:
    ask(queue, job(1, problem={"format": "zhida.problem/1"}), job(2, engine="magic"), job(3))
    with PlannerPool(1) as planners, at_work(WorkQueue(queue, planners, 1, SystemClock())):
        wait_until(lambda: not waiting(queue), "the queue is empty")
    refused, unknown, planned = answers(queue)
    assert isinstance(refused, PoolNotPlanned)
    assert isinstance(unknown, PoolNotPlanned)
    assert (refused.crashes, unknown.crashes) == (0, 0)
    assert "name" in refused.en
    assert "magic" in unknown.en
    assert "magic" in unknown.zh
    assert isinstance(planned, PoolPlanned)


def die_sometimes(problem: Problem, stop: Stop, seed: int, params: Params) -> Plan:
    """The port in a process that is killed over seed 13, as often as the environment says."""
    deaths = Path(os.environ["TEST_DEATHS"])
    if seed == 13 and (left := int(deaths.read_text())):
        deaths.write_text(str(left - 1))
        os.kill(os.getpid(), signal.SIGKILL)
    return plan(problem, stop, seed, params)


@pytest.mark.parametrize(("deaths", "answer", "left"), [(2, PoolPlanned, "0"), (5, PoolNotPlanned, "2")])
def test_a_job_whose_processes_die_is_planned_again_and_given_up_after_three(
    queue: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deaths: int, answer: type, left: str
) -> None:
    file = tmp_path / "deaths"
    file.write_text(str(deaths))
    monkeypatch.setenv("TEST_DEATHS", str(file))
    ask(queue, job(1, seed=13), job(2))
    with PlannerPool(1, run=die_sometimes) as planners, at_work(WorkQueue(queue, planners, 1, SystemClock())):
        wait_until(lambda: not waiting(queue), "the queue is empty")
    told = {one.key: one for one in answers(queue)}
    assert isinstance(told["j1"], answer)
    assert isinstance(told["j2"], PoolPlanned)
    assert file.read_text() == left
    if isinstance(told["j1"], PoolNotPlanned):
        assert told["j1"].crashes == 3
