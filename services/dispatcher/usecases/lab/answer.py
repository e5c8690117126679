"""Answers questions to the lab: has the planners asked for every pool of both variants, keeps what passes the checks, weighs the two.

Every step is in the database, and each holds its question's row, so whoever comes next goes on. Few pools are asked for at a time,
so that a round never waits for more than a few searches. Pools of one home prefecture share its coaches: each is asked for with the
coaches that those before it, and other trips of the day, leave.
"""

import logging
import threading
import zlib
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter
from sqlmodel import Session

from services.dispatcher.domain.lab import LabState, Variant
from services.dispatcher.domain.pool import Pool
from services.dispatcher.lab.outcome import Outcome, Proof, weigh
from services.dispatcher.lab.rides import Coach, Manned, Ride, Worker
from services.dispatcher.lab.terms import Terms
from services.dispatcher.planning.judge import Judged
from services.dispatcher.planning.plan_format import read_plan, write_plan
from services.dispatcher.planning.problem_format import problem_to_json, read_problem, write_problem
from services.dispatcher.planning.processes import Processes
from services.dispatcher.roads import Roads
from services.dispatcher.store.demand import get_gates
from services.dispatcher.store.lab import (
    LabPool,
    count_taken_elsewhere,
    find_planning_lab,
    find_waiting_lab,
    list_lab_pools,
    list_lab_rows,
    read_demand,
)
from services.dispatcher.store.tables import LabPoolRow, LabRunRow, PoolPlanRow, RoundRow, UnservedRow
from services.dispatcher.store.terms import list_home_fleet
from services.dispatcher.store.unserved import list_unserved
from services.dispatcher.usecases import SOURCE
from services.dispatcher.usecases.build_problem import build_problem, coach_id
from services.dispatcher.usecases.freeze_pools import count_coaches, families_of
from services.dispatcher.usecases.lab.fail import fail_lab
from services.dispatcher.usecases.lab.price_again import terms_of
from services.dispatcher.usecases.request_plan import Search
from shared.database import Database
from shared.events import PoolPlanRequested
from shared.kernel.clock import Clock
from shared.kernel.errors import Unavailable, ZhidaError
from shared.kernel.ids import new_id
from shared.messaging import Cause, emit, keep_at

POLL_S = 0.5
ASKED_MAX = 2
"""Pools that planners are asked for at a time."""

OUTCOMES = TypeAdapter(dict[str, Outcome])
log = logging.getLogger(__name__)


class AnswerLabs:
    """The worker that brings questions to their answers, one after the other. `judges`: processes that check plans."""

    name = "lab"

    def __init__(
        self, database: Database, roads: Roads, judges: Processes[Judged], search: Search, clock: Clock
    ) -> None:
        self._database, self._roads, self._judges = database, roads, judges
        self._search, self._clock = search, clock

    def run(self, stop: threading.Event) -> None:
        """Answer until `stop`; what it cuts short is taken up again by the next process."""
        keep_at(self.look, POLL_S, self.name, stop)

    def look(self) -> None:
        """Do for the oldest question what can be done now."""
        with self._database.session() as session:
            lab_id = find_waiting_lab(session)
        if lab_id is None:
            return
        try:
            self._keep_answers(lab_id)
            with self._database.session() as session:
                self._go_on(session, lab_id)
        except Unavailable:
            raise
        except ZhidaError as error:
            with self._database.session() as session:
                fail_lab(session, lab_id, error.message("zh"), error.message("en"))

    def _keep_answers(self, lab_id: str) -> None:
        """Judge what planners have answered, and keep it. Raises PlanRefused."""
        with self._database.session() as session:
            answered = [pool for pool in list_lab_pools(session, lab_id) if pool.answered]
        for pool in answered:
            key = (lab_id, pool.variant, pool.pool_id)
            with self._database.session() as session:
                row = session.get_one(LabPoolRow, key)
                asked = (row.problem, row.answer)
            judged = self._judges.ask(pool.pool_id, *asked).result()
            with self._database.session() as session:
                row = session.get_one(LabPoolRow, key, with_for_update=True)
                row.plan, row.answer, row.bound_fen = write_plan(judged.plan), None, judged.bound_fen

    def _go_on(self, session: Session, lab_id: str) -> None:
        run = find_planning_lab(session, lab_id)
        if run is None:
            return
        pools = list_lab_pools(session, lab_id)
        if all(pool.done for pool in pools):
            run.outcomes = OUTCOMES.dump_python(weigh_both(session, run), mode="json")
            run.state = LabState.DONE.value
            log.info("lab answered", extra={"lab_id": lab_id, "round_id": run.round_id})
            return
        asked = sum(pool.job_id is not None and not pool.done for pool in pools)
        for place, pool in enumerate(pools):
            if asked < ASKED_MAX and pool.job_id is None and not _waits(pool, pools[:place]):
                self._ask(session, run, pool)
                asked += 1

    def _ask(self, session: Session, run: LabRunRow, pool: LabPool) -> None:
        """Ask for the pool's plan under its variant's terms with the coaches that are left to it."""
        row = session.get_one(RoundRow, run.round_id)
        lab_pool = session.get_one(LabPoolRow, (run.lab_id, pool.variant, pool.pool_id))
        frozen = session.get_one(PoolPlanRow, (run.round_id, pool.pool_id))
        terms = variant_terms(session, run, row, pool.variant)
        families = families_of(frozen)
        left = self._left(session, run, row, pool)
        fleet = [
            (coach, left[coach_id(coach)])
            for coach in list_home_fleet(session, Pool.from_id(pool.pool_id).home)
            if coach.coach_type in terms.tariffs
        ]
        problem, members = build_problem(
            f"{pool.pool_id} {row.day}",
            row.day,
            Pool.from_id(pool.pool_id).county_code,
            families,
            get_gates(session, {family.gate_id for family in families}),
            fleet,
            terms.tariffs,
            terms.policy,
            self._roads,
            self._search.limits,
            terms.objective,
        )
        lab_pool.problem, lab_pool.members = write_problem(problem), dict(members)
        lab_pool.fleet = {coach_id(coach): coach.model_dump() for coach, _ in fleet}
        lab_pool.job_id = new_id()
        job = PoolPlanRequested(
            job_id=lab_pool.job_id,
            version=1,
            problem=problem_to_json(problem),
            engine=self._search.engine,
            seconds=self._search.seconds,
            work=None,
            seed=zlib.crc32(problem.name.encode()),
        )
        emit(session, job, source=SOURCE, cause=Cause(run.correlation_id), clock=self._clock)

    def _left(self, session: Session, run: LabRunRow, row: RoundRow, pool: LabPool) -> Mapping[str, int]:
        home = Pool.from_id(pool.pool_id).home
        taken = count_taken_elsewhere(session, row.day, home, run.round_id, run.area)
        for other in list_lab_rows(session, run.lab_id, pool.variant):
            if other.plan is not None and Pool.from_id(other.pool_id).home == home:
                taken.update(count_coaches(other.plan))
        return {
            coach_id(coach): max(0, coach.coaches_per_day - taken[coach_id(coach)])
            for coach in list_home_fleet(session, home)
        }


def _waits(pool: LabPool, before: list[LabPool]) -> bool:
    """Whether one that comes before it takes of the same coaches and is not planned yet."""
    home = Pool.from_id(pool.pool_id).home
    return any(
        not one.done and one.variant == pool.variant and Pool.from_id(one.pool_id).home == home
        for one in before
    )


def variant_terms(session: Session, run: LabRunRow, row: RoundRow, variant: str) -> Terms:
    """What a variant is planned and priced under."""
    changes = run.changes if variant == Variant.AFTER else {}
    return terms_of(session, row).change({**changes, "objective": run.objective})


def weigh_both(session: Session, run: LabRunRow) -> dict[str, Outcome]:
    """What came of each variant."""
    row = session.get_one(RoundRow, run.round_id)
    unserved = [one for one in list_unserved(session, run.round_id) if one.county_code.startswith(run.area)]
    return {variant.value: _weigh(session, run, row, variant, unserved) for variant in Variant}


def _weigh(
    session: Session, run: LabRunRow, row: RoundRow, variant: str, unserved: list[UnservedRow]
) -> Outcome:
    rides, proofs = list[Ride](), list[Proof]()
    left, planned = dict[str, str](), set[str]()
    for pool in list_lab_rows(session, run.lab_id, variant):
        manned = _man(session, pool)
        plan = read_plan(pool.plan or "", manned.problem)
        rides += manned.rides(plan)
        left |= manned.left(plan)
        planned |= manned.workers.keys()
        proofs.append(Proof(pool.pool_id, manned.problem.workers, plan.cost_fen, pool.bound_fen))
    # Who was set aside before anything was planned is so under any terms.
    left |= {one.request_id: one.rule for one in unserved if one.request_id not in planned}
    terms = variant_terms(session, run, row, variant)
    return weigh(rides, lambda _: terms, left, proofs)


def _man(session: Session, pool: LabPoolRow) -> Manned:
    """The pool with who is behind its figures: bound for where they were to be planned for, whatever became of them since."""
    problem = read_problem(pool.problem or "")
    gates = get_gates(session, {group.drop for group in problem.groups})
    gate_of = {
        request_id: gates[group.drop]
        for group in problem.groups
        for party in pool.members[group.id]
        for request_id in party
    }
    demands = read_demand(session, gate_of)
    fleet: dict[str, dict[str, Any]] = pool.fleet
    return Manned(
        pool=Pool.from_id(pool.pool_id),
        season=min(demand.season for demand in demands),
        problem=problem,
        members=pool.members,
        workers={
            demand.request_id: Worker(
                enterprise_id=gate_of[demand.request_id].enterprise_id,
                gate_id=gate_of[demand.request_id].gate_id,
                gate_county=gate_of[demand.request_id].town_code[:6],
                mode=demand.organising_mode,
                category=demand.category,
            )
            for demand in demands
        },
        coaches={
            name: Coach(coach["carrier_id"], coach["coach_type"], coach["seats_approved"])
            for name, coach in fleet.items()
        },
    )
