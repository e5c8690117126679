"""Jobs for a planner, and what it has answered."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlmodel import select

from services.dispatcher.planning.instances import invent_corridor
from services.dispatcher.planning.problem_format import problem_to_json
from services.planner.store.tables import JobRow
from services.planner.usecases.take_job import take_job
from services.planner.usecases.work_queue import WorkQueue
from shared.database import Database
from shared.events import CATALOGUE, Event, PoolPlanRequested
from shared.messaging import Cause
from shared.messaging.tables import outbox

PROBLEM = invent_corridor(6, 0, gates=2, workers=60)


def job(number: int, **changes: Any) -> PoolPlanRequested:
    """A small pool, planned at once."""
    values: dict[str, Any] = {
        "job_id": f"j{number}",
        "version": 1,
        "problem": problem_to_json(PROBLEM),
        "engine": "firstfit",
        "seconds": 1.0,
        "work": None,
        "seed": 0,
    }
    return PoolPlanRequested.model_validate(values | changes)


def ask(queue: Database, *jobs: PoolPlanRequested) -> None:
    """Have the jobs queued, each as its message is taken in."""
    for one in jobs:
        with queue.session() as session:
            take_job(session, one, Cause("chain", f"cause of {one.job_id}"))


def waiting(queue: Database) -> list[JobRow]:
    """The queue, oldest first."""
    with queue.session() as session:
        return list(session.exec(select(JobRow).order_by(JobRow.seq)))  # type: ignore[arg-type]


def answers(queue: Database) -> list[Event]:
    """All that was told, in order."""
    with queue.session() as session:
        rows = session.execute(select(outbox.c.type, outbox.c.payload).order_by(outbox.c.seq)).all()  # type: ignore[call-overload]
    return [CATALOGUE[kind].model_validate_json(bytes(payload)) for kind, payload in rows]


@contextmanager
def at_work(*workers: WorkQueue) -> Iterator[None]:
    """The workers in threads that end with the block."""
    stop = threading.Event()
    threads = [threading.Thread(target=worker.run, args=(stop,)) for worker in workers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
