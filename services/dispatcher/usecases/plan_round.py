"""Plans rounds, pool by pool, in the planner's processes; every step is in the database, so a killed round goes on.

Pools of one home prefecture share its coaches: they are planned one after the other, largest first, each with the
coaches that are left. That is simple and never overdraws the fleet, but a small pool may find only unsuitable
coaches where another division would serve both better; pricing the fleet across pools is the planner's next step.
Pools of different prefectures are planned at the same time.
"""

import logging
import threading
import zlib
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlalchemy import text

from services.dispatcher.domain.demand import CRASHES_MAX
from services.dispatcher.domain.pool import Pool
from services.dispatcher.domain.round import UNPLANNED, RoundState, follow
from services.dispatcher.planning.faults import PlannerCrashed
from services.dispatcher.planning.feasibility import list_violations
from services.dispatcher.planning.plan import Plan
from services.dispatcher.planning.plan_format import write_plan
from services.dispatcher.planning.problem import Limits, Problem
from services.dispatcher.planning.stop import Params, Stop
from services.dispatcher.planning.worker import Planned, PlannerPool
from services.dispatcher.roads import Roads
from services.dispatcher.store.demand import free_from_round
from services.dispatcher.store.rounds import get_round, list_pool_plans, list_unplanned
from services.dispatcher.store.tables import PoolPlanRow
from services.dispatcher.usecases.build_problem import DURATION_MAX_S, SERVICE_S
from services.dispatcher.usecases.freeze_pools import freeze_pools, freeze_problem
from services.dispatcher.usecases.least_cost import least_cost_fen
from services.dispatcher.usecases.propose_round import propose_round
from shared.database import Database, lock_key
from shared.kernel.errors import InvalidInput, Unavailable, ZhidaError
from shared.logs import correlation
from shared.messaging import keep_at
from shared.metrics import Metrics

POLL_S = 0.5

log = logging.getLogger(__name__)


class PlanRefused(InvalidInput):
    """The plan of pool {pool_id} breaks rule {rule} at {where}: it is not proposed. Report it with the round's id."""

    zh = "资源池 {pool_id} 的方案在 {where} 处违反规则 {rule}，不予提交。请附上轮次编号报告此问题。"


@dataclass(frozen=True)
class PlannerSettings:
    """How a round is planned: seconds a pool, engine, and at most so many pickups and drops a trip."""

    seconds: float
    engine: str
    pickups_max: int
    drops_max: int

    @property
    def limits(self) -> Limits:
        return Limits(self.pickups_max, self.drops_max, DURATION_MAX_S, SERVICE_S)


@dataclass(frozen=True)
class _Job:
    """A pool on its way through the planner, and how many processes have died of it."""

    pool_id: str
    problem: Problem
    crashes: int = 0


class PlanRounds:
    """The worker that plans what has been requested, one round at a time."""

    name = "planner"

    def __init__(
        self,
        database: Database,
        roads: Roads,
        planners: PlannerPool,
        settings: PlannerSettings,
        metrics: Metrics,
    ) -> None:
        self._database, self._roads, self._planners = database, roads, planners
        self._settings, self._metrics = settings, metrics

    def run(self, stop: threading.Event) -> None:
        """Plan rounds until `stop`; a round that `stop` cuts short is taken up again by the next process."""

        def plan_waiting() -> None:
            with self._database.session() as session:
                waiting = list_unplanned(session)
            for round_id in waiting:
                if not stop.is_set():
                    self.plan_one(round_id, stop)

        keep_at(plan_waiting, POLL_S, self.name, stop)

    def plan_one(self, round_id: str, stop: threading.Event) -> None:
        """Plan one round to its proposal, unless another process is at it. A round that cannot be planned fails."""
        with self._hold(round_id) as mine:
            chain = self._find_chain(round_id) if mine else None
            if chain is not None:
                with correlation(chain):
                    self._plan_held(round_id, stop)

    def _plan_held(self, round_id: str, stop: threading.Event) -> None:
        try:
            with self._database.session() as session:
                freeze_pools(session, round_id, self._roads)
            if self._plan_pools(round_id, stop):
                with self._database.session() as session:
                    propose_round(session, round_id)
                log.info("round proposed", extra={"round_id": round_id})
                self._metrics.rounds.labels(RoundState.PROPOSED).inc()
        except Unavailable:
            raise
        except ZhidaError as error:
            log.warning("round failed", extra={"round_id": round_id, "why": error.message("en")})
            self._fail(round_id, error)

    def _find_chain(self, round_id: str) -> str | None:
        """The chain of a round that is still to be planned: another process may have planned it since it was listed,
        so it is looked at once it is held."""
        with self._database.session() as session:
            waits = round_id in list_unplanned(session)
            return get_round(session, round_id).correlation_id if waits else None

    @contextmanager
    def _hold(self, round_id: str) -> Iterator[bool]:
        """Keep other processes away from the round for as long as this one lives."""
        key = {"key": lock_key(f"zhida.round.{round_id}")}
        with self._database.engine.connect() as connection:
            mine = bool(connection.execute(text("SELECT pg_try_advisory_lock(:key)"), key).scalar())
            connection.commit()
            try:
                yield mine
            finally:
                if mine:
                    connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)
                    connection.commit()

    def _plan_pools(self, round_id: str, stop: threading.Event) -> bool:
        """Plan every pool that has no plan yet; False when `stop` came first."""
        chains = self._chains(round_id)
        running: dict[Future[Planned], _Job] = {}
        for home in sorted(chains):
            self._start_next(round_id, chains[home], running)
        try:
            while running:
                done, _ = wait(running, timeout=POLL_S, return_when=FIRST_COMPLETED)
                if stop.is_set():
                    return False
                for future in done:
                    job = running.pop(future)
                    if self._finish(round_id, job, future, running):
                        self._start_next(round_id, chains[Pool.from_id(job.pool_id).home], running)
            return True
        finally:
            for future in running:
                future.cancel()

    def _chains(self, round_id: str) -> dict[str, list[str]]:
        """Home prefecture -> its pools without a plan, in order."""
        chains: dict[str, list[str]] = {}
        with self._database.session() as session:
            for row in list_pool_plans(session, round_id):
                if row.plan is None and row.members:
                    chains.setdefault(Pool.from_id(row.pool_id).home, []).append(row.pool_id)
        return chains

    def _start_next(self, round_id: str, chain: list[str], running: dict[Future[Planned], _Job]) -> None:
        if not chain:
            return
        pool_id = chain.pop(0)
        with self._database.session() as session:
            problem = freeze_problem(session, round_id, pool_id, self._roads, self._settings.limits)
        self._submit(_Job(pool_id, problem), running)

    def _submit(self, job: _Job, running: dict[Future[Planned], _Job]) -> None:
        seed = zlib.crc32(job.problem.name.encode())
        future = self._planners.submit(
            job.problem, Stop(seconds=self._settings.seconds), seed, Params(self._settings.engine)
        )
        running[future] = job

    def _finish(
        self, round_id: str, job: _Job, future: Future[Planned], running: dict[Future[Planned], _Job]
    ) -> bool:
        """Keep the plan of a pool; False when its process died and the pool was sent again.

        A pool of which CRASHES_MAX processes died is given up: it stays without a plan, and the others go on.
        """
        try:
            planned = future.result()
        except PlannerCrashed:
            crashes = job.crashes + 1
            about = {"round_id": round_id, "pool_id": job.pool_id, "crashes": crashes}
            log.warning("planner process died", extra=about)
            if crashes < CRASHES_MAX:
                self._submit(replace(job, crashes=crashes), running)
            return crashes >= CRASHES_MAX
        found = planned.plan
        broken = list_violations(job.problem, found)
        if broken:
            raise PlanRefused(pool_id=job.pool_id, rule=broken[0].rule, where=broken[0].where)
        bound_fen = found.bound_fen or least_cost_fen(job.problem, _carried(job.problem, found))
        self._metrics.planning_duration_s.observe(planned.seconds)
        if found.cost_fen:
            self._metrics.planning_gap.observe((found.cost_fen - bound_fen) / found.cost_fen)
        with self._database.session() as session:
            get_round(session, round_id).version += 1
            row = session.get_one(PoolPlanRow, (round_id, job.pool_id))
            if row.plan is None:  # who has lost its hold with the database may have been overtaken
                row.plan = write_plan(found)
                row.cost_fen, row.bound_fen = found.cost_fen, bound_fen
                row.first_fit_fen, row.seconds = planned.first_fit_fen, planned.seconds
        return True

    def _fail(self, round_id: str, error: ZhidaError) -> None:
        with self._database.session() as session:
            row = get_round(session, round_id)
            if row.state not in UNPLANNED:
                return  # somebody else has planned it meanwhile
            row.state = follow(round_id, row.state, RoundState.FAILED)
            row.version += 1
            row.note = f"{error.message('zh')} / {error.message('en')}"
            free_from_round(session, round_id)
        self._metrics.rounds.labels(RoundState.FAILED).inc()


def _carried(problem: Problem, found: Plan) -> int:
    """Workers whom the plan carries."""
    groups = {group.id: group.parties for group in problem.groups}
    return sum(groups[load.group][i] for trip in found.trips for load in trip.loads for i in load.parties)
