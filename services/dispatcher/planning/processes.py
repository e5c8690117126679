"""Knows how to have a function called in processes of its own, since a search holds the interpreter; keeps no queue on disk.

A web worker must never search or check itself: one routing search froze every thread of its process.
"""

import ctypes
import signal
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from threading import Lock, local
from types import TracebackType
from typing import Final, Generic, Self, TypeVar

from services.dispatcher.planning.faults import PlannerCrashed
from shared.kernel.errors import ZhidaError

Answer = TypeVar("Answer")
_Own = tuple[SpawnProcess, Connection]
_PR_SET_PDEATHSIG: Final = 1


class Processes(Generic[Answer]):
    """Processes that call `run`, each with a thread that asks it; a context manager that ends them.

    A process that dies (killed, out of memory, an error that is none of ours) fails the one call that it was at with
    `PlannerCrashed`, and a new one takes its place. `run` must be picklable.
    """

    def __init__(self, processes: int, run: Callable[..., Answer]) -> None:
        self._run = run
        self._threads = ThreadPoolExecutor(processes, "planner")
        self._of_thread = local()
        self._lock = Lock()
        self._alive: set[SpawnProcess] = set()
        self._closed = False

    def ask(self, problem: str, *asked: object) -> Future[Answer]:
        """Queue a call about the problem of that name. The future gives what `run` gives, or raises the error of ours that it
        raises, or `PlannerCrashed`.

        What still waits for a process can be cancelled; what runs ends by itself or by `close`.
        """
        return self._threads.submit(self._ask, problem, asked)

    def close(self) -> None:
        """Drop what is queued and end the processes at once: a search of an hour must not hold up an end."""
        with self._lock:
            self._closed = True
            for process in self._alive:
                process.kill()
        self._threads.shutdown(cancel_futures=True)
        for process in self._alive:
            process.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, problem: str, asked: tuple[object, ...]) -> Answer:
        """In a thread of the pool: have its process answer."""
        process, connection = self._of_thread.own = self._own(problem)
        try:
            connection.send(asked)
            answer: Answer | ZhidaError = connection.recv()
        except (EOFError, OSError) as error:
            self._of_thread.own = None
            self._forget(process, connection)
            raise PlannerCrashed(problem=problem) from error
        if isinstance(answer, ZhidaError):
            raise answer
        return answer

    def _own(self, problem: str) -> _Own:
        """The process of this thread, made where it has none."""
        own: _Own | None = getattr(self._of_thread, "own", None)
        if own is not None:
            return own
        # Spawned, not forked: the service has threads, and a fork would copy their locks in mid-air.
        context = get_context("spawn")
        with self._lock:
            if self._closed:
                raise PlannerCrashed(problem=problem)
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


def _serve(connection: Connection, run: Callable[..., object]) -> None:
    """A process's life: answer what is asked until the service closes the connection. An error that is none of ours
    ends it, with its trace on standard error."""
    _end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the service ends us
    while True:
        try:
            asked = connection.recv()
        except EOFError:
            return
        try:
            connection.send(run(*asked))
        except ZhidaError as error:
            connection.send(error)


def _end_with_parent() -> None:
    """Have the kernel kill this process when the service dies: a search holds the interpreter, so nothing in here
    would see it. Elsewhere than on Linux the search runs to its end, and the closed connection ends the process."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    service = parent_process()
    if service is None or not service.is_alive():  # it died before the kernel was asked
        sys.exit()
