"""Queues what the dispatcher asks for; plans nothing itself.

A search takes seconds to minutes: were it made where the message is taken in, the broker would take its reader for dead and give
the message to another, who would search too. So the bus is done with a job once it is in the queue, and the queue is the database's.
"""

from sqlmodel import Session

from services.planner.store.jobs import add_job
from services.planner.store.tables import JobRow
from shared.events import PoolPlanRequested
from shared.messaging import Cause


def take_job(session: Session, event: PoolPlanRequested, cause: Cause) -> None:
    """Put the job at the end of the queue."""
    add_job(
        session,
        JobRow(
            job_id=event.job_id,
            problem=event.problem,
            engine=event.engine,
            seconds=event.seconds,
            work=event.work,
            seed=event.seed,
            correlation_id=cause.correlation_id,
            cause_id=cause.event_id,
        ),
    )
