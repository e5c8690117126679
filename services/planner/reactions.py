"""Which use case answers which event, and nothing else."""

from typing import Any

from sqlmodel import Session

from services.planner.usecases.take_job import take_job
from shared.events import PoolPlanRequested
from shared.messaging import Cause, Reactions


def make_reactions() -> Reactions:
    """The planner's one reaction."""

    def react(session: Session, event: Any, cause: Cause) -> None:
        take_job(session, event, cause)

    return {PoolPlanRequested: react}
