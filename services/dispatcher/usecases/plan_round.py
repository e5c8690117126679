"""Plans rounds, pool by pool, in the planner's processes; every step is in the database, so a killed round goes on.

Pools of one home prefecture share its coaches: they are planned one after the other, largest first, each with the
coaches that are left. That is simple and never overdraws the fleet, but a small pool may find only unsuitable
coaches where another division would serve both better; pricing the fleet across pools is the planner's next step.
Pools of different prefectures are planned at the same time.
"""

import logging
import threading
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel import Session

from services.dispatcher.domain.demand import Unserved, no_coach_registered, place_unknown
from services.dispatcher.domain.pool import Pool
from services.dispatcher.domain.round import RoundState, follow
from services.dispatcher.planning.engines import plan
from services.dispatcher.planning.faults import PlannerCrashed
from services.dispatcher.planning.feasibility import list_violations
from services.dispatcher.planning.plan import Plan
from services.dispatcher.planning.plan_format import read_plan, write_plan
from services.dispatcher.planning.problem import Limits, Problem
from services.dispatcher.planning.problem_format import read_problem, write_problem
from services.dispatcher.planning.stop import Params, Stop
from services.dispatcher.planning.worker import PlannerPool
from services.dispatcher.roads import Place, Roads, UnknownPlace
from services.dispatcher.store.demand import count_ready, free_from_round, get_gates, list_held
from services.dispatcher.store.rounds import get_round, list_pool_plans, list_unplanned
from services.dispatcher.store.tables import DemandRow, FleetRow, GateRow, PoolPlanRow, RoundRow
from services.dispatcher.store.terms import count_taken, list_home_fleet
from services.dispatcher.usecases.bill_trip import get_policy
from services.dispatcher.usecases.build_problem import DURATION_MAX_S, SERVICE_S, build_problem
from services.dispatcher.usecases.form_pools import Family, PoolDemand, form_pools
from services.dispatcher.usecases.least_cost import least_cost_fen
from services.dispatcher.usecases.open_round import get_tariffs
from services.dispatcher.usecases.propose_round import propose_round, unserved_row
from shared import reference
from shared.database import Database, lock_key
from shared.kernel.errors import InvalidInput, Unavailable, ZhidaError
from shared.metrics import Metrics

POLL_S = 0.5
CRASHES_MAX = 3

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
    """A pool on its way through the planner."""

    pool_id: str
    problem: Problem
    begun: float
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
        while not stop.is_set():
            with self._database.session() as session:
                waiting = list_unplanned(session)
            for round_id in waiting:
                if not stop.is_set():
                    self.plan_one(round_id, stop)
            stop.wait(POLL_S)

    def plan_one(self, round_id: str, stop: threading.Event) -> None:
        """Plan one round to its proposal, unless another process is at it. A round that cannot be planned fails."""
        with self._hold(round_id) as mine:
            if not mine or not self._is_unplanned(round_id):
                return
            try:
                self._prepare(round_id)
                if self._plan_pools(round_id, stop):
                    with self._database.session() as session:
                        propose_round(session, round_id)
                    self._metrics.rounds.labels(RoundState.PROPOSED).inc()
            except Unavailable:
                raise
            except ZhidaError as error:
                log.warning("round failed", extra={"round_id": round_id, "why": error.message("en")})
                self._fail(round_id, error)

    def _is_unplanned(self, round_id: str) -> bool:
        """Looked at once the round is held: another process may have planned it since it was listed."""
        with self._database.session() as session:
            return round_id in list_unplanned(session)

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

    def _prepare(self, round_id: str) -> None:
        """Freeze the round's pools, once."""
        with self._database.session() as session:
            row = get_round(session, round_id)
            if row.state != RoundState.REQUESTED:
                return
            row.state = follow(round_id, row.state, RoundState.PLANNING)
            row.version += 1
            held = list_held(session, round_id)
            held, lost = self._without_unknown_places(session, held)
            ready = count_ready(session, sorted({demand.party_id for demand in held}), round_id)
            last = [demand.request_id for demand in held if demand.latest == row.day]
            pools, unserved = form_pools(held, ready, last)
            by_id = {demand.request_id: demand for demand in held}
            session.add_all(unserved_row(round_id, demand, why) for demand, why in [*lost, *unserved])
            for position, pool in enumerate(pools):
                session.add(_pool_plan(round_id, position, pool))
                if not list_home_fleet(session, Pool.from_id(pool.pool_id).home):
                    why = no_coach_registered(Pool.from_id(pool.pool_id).home)
                    ids = (request_id for family in pool.families for request_id in family.request_ids)
                    session.add_all(unserved_row(round_id, by_id[request_id], why) for request_id in ids)

    def _without_unknown_places(
        self, session: Session, held: list[DemandRow]
    ) -> tuple[list[DemandRow], list[tuple[DemandRow, Unserved]]]:
        """Set aside the requests whose stop or gate the roads do not know: one must not fail a round."""
        gates = get_gates(session, {demand.gate_id for demand in held})
        unknown: dict[str, bool] = {}
        kept: list[DemandRow] = []
        lost: list[tuple[DemandRow, Unserved]] = []
        for demand in held:
            for code in (demand.stop_code, demand.gate_id):
                if code not in unknown:
                    unknown[code] = not self._is_known(code, gates)
            bad = next((code for code in (demand.stop_code, demand.gate_id) if unknown[code]), None)
            if bad is None:
                kept.append(demand)
            else:
                lost.append((demand, place_unknown(bad)))
        return kept, lost

    def _is_known(self, code: str, gates: dict[str, GateRow]) -> bool:
        gate = gates.get(code)
        try:
            stop = reference.get_stop(code) if gate is None else None
            place = Place(gate.town_code, gate.lon, gate.lat) if gate else None
            place = place or (Place(stop.code, stop.lon, stop.lat) if stop else None)
            assert place is not None
            self._roads.matrix([place], [place])
        except (UnknownPlace, reference.UnknownStop):
            return False
        return True

    def _plan_pools(self, round_id: str, stop: threading.Event) -> bool:
        """Plan every pool that has no plan yet; False when `stop` came first."""
        chains = self._chains(round_id)
        running: dict[Future[Plan], _Job] = {}
        for home in sorted(chains):
            self._start_next(round_id, chains[home], running)
        while running:
            done, _ = wait(running, timeout=POLL_S, return_when=FIRST_COMPLETED)
            if stop.is_set():
                return False
            for future in done:
                job = running.pop(future)
                if self._finish(round_id, job, future, running):
                    self._start_next(round_id, chains[Pool.from_id(job.pool_id).home], running)
        return True

    def _chains(self, round_id: str) -> dict[str, list[str]]:
        """Home prefecture -> its pools without a plan, in order."""
        chains: dict[str, list[str]] = {}
        with self._database.session() as session:
            for row in list_pool_plans(session, round_id):
                home = Pool.from_id(row.pool_id).home
                if row.plan is None and list_home_fleet(session, home):
                    chains.setdefault(home, []).append(row.pool_id)
        return chains

    def _start_next(self, round_id: str, chain: list[str], running: dict[Future[Plan], _Job]) -> None:
        if not chain:
            return
        pool_id = chain.pop(0)
        with self._database.session() as session:
            problem = self._freeze_problem(session, round_id, pool_id)
        self._submit(_Job(pool_id, problem, time.monotonic()), running)

    def _submit(self, job: _Job, running: dict[Future[Plan], _Job]) -> None:
        seed = zlib.crc32(job.problem.name.encode())
        future = self._planners.submit(
            job.problem, Stop(seconds=self._settings.seconds), seed, Params(self._settings.engine)
        )
        running[future] = job

    def _finish(
        self, round_id: str, job: _Job, future: Future[Plan], running: dict[Future[Plan], _Job]
    ) -> bool:
        """Keep the plan of a pool; False when its worker died and the pool was sent again."""
        try:
            found = future.result()
        except PlannerCrashed:
            if job.crashes + 1 >= CRASHES_MAX:
                raise
            log.warning("planner process died", extra={"round_id": round_id, "pool_id": job.pool_id})
            self._submit(_Job(job.pool_id, job.problem, job.begun, job.crashes + 1), running)
            return False
        broken = list_violations(job.problem, found)
        if broken:
            raise PlanRefused(pool_id=job.pool_id, rule=broken[0].rule, where=broken[0].where)
        seconds = time.monotonic() - job.begun
        bound_fen = found.bound_fen or least_cost_fen(job.problem, _carried(job.problem, found))
        self._metrics.planning_duration_s.observe(seconds)
        if found.cost_fen:
            self._metrics.planning_gap.observe((found.cost_fen - bound_fen) / found.cost_fen)
        with self._database.session() as session:
            row = session.get_one(PoolPlanRow, (round_id, job.pool_id))
            row.plan = write_plan(found)
            row.cost_fen, row.bound_fen, row.seconds = found.cost_fen, bound_fen, seconds
            row.first_fit_fen = plan(job.problem, Stop(), 0, Params("firstfit")).cost_fen
            get_round(session, round_id).version += 1
        return True

    def _freeze_problem(self, session: Session, round_id: str, pool_id: str) -> Problem:
        """The pool's problem, built when its turn comes and kept, so that doing it again asks the same."""
        pool_plan = session.get_one(PoolPlanRow, (round_id, pool_id))
        if pool_plan.problem is not None:
            return read_problem(pool_plan.problem)
        row = get_round(session, round_id)
        pool = Pool.from_id(pool_id)
        families = [Family(**family | {"request_ids": tuple(family["request_ids"])}) for family in
                    pool_plan.members["families"]]  # fmt: skip
        problem, members = build_problem(
            f"{pool_id} {row.day}",
            row.day,
            pool.county_code,
            families,
            get_gates(session, {family.gate_id for family in families}),
            _coaches_left(session, row, pool.home),
            get_tariffs(session, row),
            get_policy(session, row.policy),
            self._roads,
            self._settings.limits,
        )
        pool_plan.problem = write_problem(problem)
        pool_plan.members = dict(members)
        return problem

    def _fail(self, round_id: str, error: ZhidaError) -> None:
        with self._database.session() as session:
            row = get_round(session, round_id)
            row.state = follow(round_id, row.state, RoundState.FAILED)
            row.version += 1
            row.note = f"{error.message('zh')} / {error.message('en')}"
            free_from_round(session, round_id)
        self._metrics.rounds.labels(RoundState.FAILED).inc()


def _pool_plan(round_id: str, position: int, pool: PoolDemand) -> PoolPlanRow:
    families = [
        {
            "request_ids": list(family.request_ids),
            "stop_code": family.stop_code,
            "gate_id": family.gate_id,
            "priority": family.priority,
        }
        for family in pool.families
    ]
    return PoolPlanRow(
        round_id=round_id,
        pool_id=pool.pool_id,
        position=position,
        workers=pool.workers,
        members={"families": families},
    )


def _carried(problem: Problem, found: Plan) -> int:
    """Workers whom the plan carries."""
    groups = {group.id: group.parties for group in problem.groups}
    return sum(groups[load.group][i] for trip in found.trips for load in trip.loads for i in load.parties)


def _coaches_left(session: Session, row: RoundRow, home: str) -> list[tuple[FleetRow, int]]:
    """The home's coaches, less those of the day's trips and of this round's plans so far."""
    taken: Counter[tuple[str, str]] = Counter(count_taken(session, home, row.day))
    for done in list_pool_plans(session, row.round_id):
        if done.problem and done.plan and Pool.from_id(done.pool_id).home == home:
            for trip in read_plan(done.plan, read_problem(done.problem)).trips:
                carrier_id, _, coach_type = trip.coach.partition("/")
                taken[carrier_id, coach_type] += 1
    return [
        (coach, max(0, coach.coaches_per_day - taken[coach.carrier_id, coach.coach_type]))
        for coach in list_home_fleet(session, home)
    ]
