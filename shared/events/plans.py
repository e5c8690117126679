"""What the dispatcher has planned, and what a planner answers: problems and plans of pools, in which people are counted."""

from typing import Any, ClassVar

from pydantic import Field

from shared.events.event import Event


class PoolPlanRequested(Event):
    """Told by the dispatcher: a pool is to be planned, by whichever planner comes to it first."""

    topic: ClassVar[str] = "zhida.jobs"
    keyed_by: ClassVar[str] = "job_id"

    job_id: str
    """The same pool planned again is another job."""
    problem: dict[str, Any]
    """In the format `zhida.problem/1`: places, head counts, prices and limits."""
    engine: str
    seconds: float | None = Field(gt=0)
    work: int | None = Field(gt=0)
    """How long to search, by the clock or in units of work; the sooner of both ends it."""
    seed: int = Field(ge=0)


class _Answer(Event):
    topic: ClassVar[str] = "zhida.answers"
    keyed_by: ClassVar[str] = "job_id"

    job_id: str


class PoolPlanned(_Answer):
    """Told by a planner: the plan that it found."""

    plan: dict[str, Any]
    """In the format `zhida.plan/1`, with its certificate where the engine gives one."""
    seconds: float
    """That the search took."""
    first_fit_fen: int
    """What the first-fit plan of the same problem costs: the yardstick."""


class PoolNotPlanned(_Answer):
    """Told by a planner: there is no plan."""

    crashes: int
    """So many of its processes died of the pool; 0: it was refused."""
    zh: str
    en: str
    """Why it was refused, and the mend."""
