"""Knows how to plan in processes of its own, since a search holds the interpreter; keeps no queue on disk.

A web worker must never search itself: one routing search froze every thread of its process.
"""

import ctypes
import signal
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from threading import Lock, local
from types import TracebackType
from typing import Final

from services.dispatcher.planning.engines import plan
from services.dispatcher.planning.faults import PlannerCrashed
from services.dispatcher.planning.firstfit import plan_first_fit
from services.dispatcher.planning.plan import Plan
from services.dispatcher.planning.problem import Problem
from services.dispatcher.planning.stop import Params, Stop
from shared.kernel.errors import ZhidaError

PlanFunction = Callable[[Problem, Stop, int, Params], Plan]
_Own = tuple[SpawnProcess, Connection]
_PR_SET_PDEATHSIG: Final = 1


@dataclass(frozen=True)
class Planned:
    """A plan, the seconds that its making took, and what first fit would cost: the yardstick."""

    plan: Plan
    seconds: float
    first_fit_fen: int


class PlannerPool:
    """Processes for the planner port, each with a thread that asks it; a context manager that ends them.

    A process that dies (killed, out of memory, an error that is none of the port's) fails the one plan that it was
    making with `PlannerCrashed`, and a new one takes its place. `run` is the port to call in the process and must be
    picklable.
    """

    def __init__(self, processes: int, run: PlanFunction = plan) -> None:
        self._run = run
        self._threads = ThreadPoolExecutor(processes, "planner")
        self._of_thread = local()
        self._lock = Lock()
        self._alive: set[SpawnProcess] = set()
        self._closed = False

    def submit(self, problem: Problem, stop: Stop, seed: int, params: Params) -> Future[Planned]:
        """Queue the problem. The future gives the plan, or raises what the port raises or `PlannerCrashed`.

        A plan that still waits for a process can be cancelled; a running search ends by its stopping rule or `close`.
        """
        return self._threads.submit(self._ask, problem, stop, seed, params)

    def close(self) -> None:
        """Drop what is queued and end the processes at once: a search of an hour must not hold up an end."""
        with self._lock:
            self._closed = True
            for process in self._alive:
                process.kill()
        self._threads.shutdown(cancel_futures=True)
        for process in self._alive:
            process.join()

    def __enter__(self) -> "PlannerPool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, problem: Problem, stop: Stop, seed: int, params: Params) -> Planned:
        """In a thread of the pool: have its process make the plan."""
        process, connection = self._of_thread.own = self._own(problem)
        try:
            connection.send((problem, stop, seed, params))
            answer: Planned | ZhidaError = connection.recv()
        except (EOFError, OSError) as error:
            self._of_thread.own = None
            self._forget(process, connection)
            raise PlannerCrashed(problem=problem.name) from error
        if isinstance(answer, ZhidaError):
            raise answer
        return answer

    def _own(self, problem: Problem) -> _Own:
        """The process of this thread, made where it has none."""
        own: _Own | None = getattr(self._of_thread, "own", None)
        if own is not None:
            return own
        # Spawned, not forked: the service has threads, and a fork would copy their locks in mid-air.
        context = get_context("spawn")
        with self._lock:
            if self._closed:
                raise PlannerCrashed(problem=problem.name)
            ours, theirs = context.Pipe()
            with theirs:
                process = context.Process(
                    target=_serve, args=(theirs, self._run), name="planner", daemon=True
                )
                process.start()
            self._alive.add(process)
        return process, ours

    def _forget(self, process: SpawnProcess, connection: Connection) -> None:
        with self._lock:
            self._alive.discard(process)
        connection.close()
        process.join()


def _serve(connection: Connection, run: PlanFunction) -> None:
    """A process's life: plan what is asked until the service closes the connection. An error that is none of ours
    ends it, with its trace on standard error."""
    _end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the service ends us
    while True:
        try:
            asked = connection.recv()
        except EOFError:
            return
        connection.send(_plan(run, *asked))


def _plan(run: PlanFunction, problem: Problem, stop: Stop, seed: int, params: Params) -> Planned | ZhidaError:
    begun = time.monotonic()
    try:
        found = run(problem, stop, seed, params)
        seconds = time.monotonic() - begun
        return Planned(found, seconds, plan_first_fit(problem).cost_fen)
    except ZhidaError as error:
        return error


def _end_with_parent() -> None:
    """Have the kernel kill this process when the service dies: a search holds the interpreter, so nothing in here
    would see it. Elsewhere than on Linux the search runs to its end, and the closed connection ends the process."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    service = parent_process()
    if service is None or not service.is_alive():  # it died before the kernel was asked
        sys.exit()
