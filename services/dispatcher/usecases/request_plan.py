"""Asks the planners for the plan of a pool; waits for none."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from services.dispatcher.planning.problem import Limits
from services.dispatcher.planning.problem_format import problem_to_json
from services.dispatcher.roads import Roads
from services.dispatcher.store.rounds import PoolProgress, get_round
from services.dispatcher.store.tables import PoolPlanRow
from services.dispatcher.store.terms import list_home_fleet
from services.dispatcher.usecases import SOURCE
from services.dispatcher.usecases.build_problem import DURATION_MAX_S, SERVICE_S, coach_id
from services.dispatcher.usecases.freeze_pools import count_left, freeze_problem
from shared.events import PoolPlanRequested
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id
from shared.messaging import Cause, emit


@dataclass(frozen=True)
class Search:
    """How a round is planned: seconds a pool, engine, what a plan is judged by, and at most so many pickups and drops a trip."""

    seconds: float
    engine: str
    objective: str
    pickups_max: int
    drops_max: int

    @property
    def limits(self) -> Limits:
        return Limits(self.pickups_max, self.drops_max, DURATION_MAX_S, SERVICE_S)


def request_plan(
    session: Session, round_id: str, pool_id: str, search: Search, roads: Roads, clock: Clock
) -> None:
    """Ask for the pool's plan with the coaches that are left now; what was asked before counts no more."""
    row = get_round(session, round_id)
    pool_plan = session.get_one(PoolPlanRow, (round_id, pool_id))
    problem = freeze_problem(session, row, pool_plan, roads, search.limits, search.objective)
    pool_plan.job_id, pool_plan.answer = new_id(), None
    job = PoolPlanRequested(
        job_id=pool_plan.job_id,
        version=1,
        problem=problem_to_json(problem),
        engine=search.engine,
        seconds=search.seconds,
        work=None,
        seed=zlib.crc32(problem.name.encode()),
    )
    emit(session, job, source=SOURCE, cause=Cause(row.correlation_id), clock=clock)


def choose_next(session: Session, round_id: str, home: str, pools: Sequence[PoolProgress]) -> list[str]:
    """Whom to ask for, of a home's pools that are not done: the first one's turn it is; of the others those that will find the coaches
    that they want whatever those before them take, since there are enough of each type for all of them at half load."""
    left = count_left(session, get_round(session, round_id), home)
    fleet = list_home_fleet(session, home)
    chosen, workers = [], 0
    for number, pool in enumerate(pools):
        workers += pool.workers
        enough = all(
            left[coach_id(c)] * c.seats_approved > 2 * (workers + number * c.seats_approved) for c in fleet
        )
        if pool.job_id is None and (number == 0 or enough):
            chosen.append(pool.pool_id)
    return chosen
