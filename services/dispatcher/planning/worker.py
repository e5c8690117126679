"""Knows how to plan in processes of its own, since a search holds the interpreter; keeps no queue on disk.

A web worker must never search itself: one routing search froze every thread of its process.
"""

from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from threading import Lock
from types import TracebackType

from services.dispatcher.planning.engines import plan
from services.dispatcher.planning.faults import PlannerCrashed
from services.dispatcher.planning.plan import Plan
from services.dispatcher.planning.problem import Problem
from services.dispatcher.planning.stop import Params, Stop

PlanFunction = Callable[[Problem, Stop, int, Params], Plan]


class PlannerPool:
    """Worker processes for the planner port; a context manager that ends them.

    A worker that dies (killed, out of memory) fails the plans that were under way with `PlannerCrashed`; the
    next `submit` gets new workers. `run` is the port to call in the worker and must be picklable.
    """

    def __init__(self, workers: int, run: PlanFunction = plan) -> None:
        self._workers = workers
        self._run = run
        self._lock = Lock()
        self._executor = self._start()

    def submit(self, problem: Problem, stop: Stop, seed: int, params: Params) -> Future[Plan]:
        """Queue the problem. The future gives the plan, or raises what the port raises or `PlannerCrashed`.

        A running search cannot be cancelled: its stopping rule ends it.
        """
        answer: Future[Plan] = Future()
        with self._lock:
            try:
                running = self._executor.submit(self._run, problem, stop, seed, params)
            except BrokenProcessPool:
                self._executor.shutdown(wait=False)
                self._executor = self._start()
                running = self._executor.submit(self._run, problem, stop, seed, params)
        answer.set_running_or_notify_cancel()
        running.add_done_callback(lambda done: _pass_on(done, answer, problem.name))
        return answer

    def close(self) -> None:
        """Let the running plans end, drop the queued ones, and wait until the workers are gone."""
        with self._lock:
            self._executor.shutdown(wait=True, cancel_futures=True)

    def __enter__(self) -> "PlannerPool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self) -> ProcessPoolExecutor:
        # Spawned, not forked: the service has threads, and a fork would copy their locks in mid-air.
        return ProcessPoolExecutor(self._workers, mp_context=get_context("spawn"))


def _pass_on(done: Future[Plan], answer: Future[Plan], name: str) -> None:
    if done.cancelled():
        answer.set_exception(PlannerCrashed(problem=name))
        return
    error = done.exception()
    if isinstance(error, BrokenProcessPool):
        crashed = PlannerCrashed(problem=name)
        crashed.__cause__ = error
        answer.set_exception(crashed)
    elif error is not None:
        answer.set_exception(error)
    else:
        answer.set_result(done.result())
