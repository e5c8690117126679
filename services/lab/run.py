"""Plans a season under each scenario, in processes, and weighs what comes of it; knows neither files nor tables.

Each day plans who may leave from that day on. Pools of one home prefecture share its coaches: as in a round they are planned one
after the other, largest first, each with the coaches that are left. All scenarios' searches have the same seeds and seconds.
"""

import time
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import cast

from services.dispatcher.domain.demand import no_coach_registered
from services.dispatcher.domain.pool import Pool
from services.dispatcher.lab.outcome import Outcome, Proof, weigh
from services.dispatcher.lab.rides import Coach, Manned, Ride, Worker
from services.dispatcher.lab.terms import Terms
from services.dispatcher.planning.engines import plan
from services.dispatcher.planning.judge import Judged, judge
from services.dispatcher.planning.plan_format import write_plan
from services.dispatcher.planning.problem import Limits, Problem
from services.dispatcher.planning.problem_format import write_problem
from services.dispatcher.planning.processes import Processes
from services.dispatcher.planning.stop import Params, Stop
from services.dispatcher.roads import TableRoads
from services.dispatcher.store.tables import DemandRow, FleetRow
from services.dispatcher.usecases.build_problem import DURATION_MAX_S, SERVICE_S, build_problem, coach_id
from services.dispatcher.usecases.form_pools import PoolDemand, form_pools
from services.lab.scenarios import Questions, Scenario
from services.lab.season import Request, Season
from shared.kernel.season import season_of

LIMITS = Limits(pickups=3, drops=3, duration_s=DURATION_MAX_S, service_s=SERVICE_S)
"""Those of the dispatcher's settings."""

Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class Answer:
    """What came of a question, and the seconds that planning and checking its pools took, summed over the processes."""

    scenario: Scenario
    outcome: Outcome
    seconds: float


def run_lab(season: Season, asked: Questions, seconds: float, cores: int, tell: Tell) -> list[Answer]:
    """The answers in the order of the scenarios; `tell` is told the pools planned and in all.

    Raises NothingInForce, BadChange, PolicyNotPlannable, PlanRefused, PlannerCrashed.
    """
    laid_out = [_Laid(season, scenario, asked.objective) for scenario in asked.scenarios]
    chains = [chain for laid in laid_out if laid.scenario.replan for chain in laid.chains]
    total, done = sum(len(chain.pools) for chain in chains), 0
    with Processes(cores, _plan_and_judge) as processes:
        running: dict[Future[_Planned], _Chain] = {}

        def go_on(chain: _Chain) -> None:
            problem = chain.next_problem()
            if problem is not None:
                seed = zlib.crc32(problem.name.encode())
                running[processes.ask(problem.name, problem, seconds, seed)] = chain

        for chain in chains:
            go_on(chain)
        while running:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                chain = running.pop(future)
                chain.take(future.result())
                done += 1
                tell(done, total)
                go_on(chain)
    return [laid.weigh(laid_out[0]) for laid in laid_out]


@dataclass(frozen=True)
class _Planned:
    judged: Judged
    seconds: float


def _plan_and_judge(problem: Problem, seconds: float, seed: int) -> _Planned:
    """In a process of its own: a plan that the independent checkers have believed."""
    begun = time.monotonic()
    found = plan(problem, Stop(seconds=seconds), seed, Params())
    judged = judge(write_problem(problem), write_plan(found))
    return _Planned(judged, time.monotonic() - begun)


@cache
def _roads() -> TableRoads:
    return TableRoads()


class _Laid:
    """A scenario laid out over the season's days: its terms, and its pools in the order in which they are planned."""

    def __init__(self, season: Season, scenario: Scenario, objective: str) -> None:
        self.scenario = scenario
        self._terms = {day: season.terms(day, objective).change(scenario.set) for day in season.requests}
        self.unpooled: dict[str, str] = {}
        self.chains: list[_Chain] = []
        for day, requests in season.requests.items():
            last = [request.request_id for request in requests if request.latest == day]
            pools, unserved = form_pools(cast(Sequence[DemandRow], requests), {}, last)
            self.unpooled |= {row.request_id: why.rule for row, why in unserved}
            homes: dict[str, list[PoolDemand]] = {}
            for pool in pools:
                homes.setdefault(Pool.from_id(pool.pool_id).home, []).append(pool)
            workers = {request.request_id: request for request in requests}
            for home, theirs in homes.items():
                fleet = [
                    row for row in season.fleet.get(home, ()) if row.coach_type in self._terms[day].tariffs
                ]
                if fleet:
                    self.chains.append(_Chain(season, day, self._terms[day], theirs, fleet, workers))
                else:
                    rule = no_coach_registered(home).rule
                    self.unpooled |= {
                        request_id: rule
                        for pool in theirs
                        for family in pool.families
                        for request_id in family.request_ids
                    }
        self.chains.sort(key=lambda chain: -chain.workers)

    def weigh(self, first: "_Laid") -> Answer:
        """What came of it: of its own plans, or of the first scenario's coaches at its own terms."""
        source = self if self.scenario.replan else first
        rides = [ride for chain in source.chains for ride in chain.rides]
        left = source.unpooled | {k: v for chain in source.chains for k, v in chain.left.items()}
        proofs = [proof for chain in self.chains for proof in chain.proofs]
        outcome = weigh(rides, self._terms.__getitem__, left, proofs)
        return Answer(self.scenario, outcome, sum(chain.seconds for chain in self.chains))


@dataclass
class _Chain:
    """A day's pools of one home prefecture under a scenario, and what has come of those that are planned."""

    season: Season
    day: date
    terms: Terms
    pools: Sequence[PoolDemand]
    fleet: Sequence[FleetRow]
    requests: Mapping[str, Request]
    rides: list[Ride] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)
    proofs: list[Proof] = field(default_factory=list)
    seconds: float = 0.0
    _taken: Counter[str] = field(default_factory=Counter)
    _manned: Manned | None = None

    @property
    def workers(self) -> int:
        return sum(pool.workers for pool in self.pools)

    def next_problem(self) -> Problem | None:
        """The problem of the next pool, with the coaches that those before it left; None after the last."""
        if len(self.proofs) == len(self.pools):
            return None
        demand = self.pools[len(self.proofs)]
        pool = Pool.from_id(demand.pool_id)
        problem, members = build_problem(
            f"{pool.id} {self.day}",
            self.day,
            pool.county_code,
            demand.families,
            self.season.gates,
            [(row, max(0, row.coaches_per_day - self._taken[coach_id(row)])) for row in self.fleet],
            self.terms.tariffs,
            self.terms.policy,
            _roads(),
            LIMITS,
            self.terms.objective,
        )
        riders = (request_id for family in demand.families for request_id in family.request_ids)
        self._manned = Manned(
            pool=pool,
            season=season_of(self.day),
            problem=problem,
            members=members,
            workers={request_id: self._worker(request_id) for request_id in riders},
            coaches={
                coach_id(row): Coach(row.carrier_id, row.coach_type, row.seats_approved) for row in self.fleet
            },
        )
        return problem

    def take(self, planned: _Planned) -> None:
        """Keep the plan of the problem that was asked last."""
        assert self._manned is not None
        found = planned.judged.plan
        self.rides += self._manned.rides(found)
        self.left |= self._manned.left(found)
        self._taken.update(trip.coach for trip in found.trips)
        self.proofs.append(
            Proof(
                self._manned.problem.name,
                self._manned.problem.workers,
                found.cost_fen,
                planned.judged.bound_fen,
            )
        )
        self.seconds += planned.seconds

    def _worker(self, request_id: str) -> Worker:
        request = self.requests[request_id]
        return Worker(
            request.enterprise_id,
            request.gate_id,
            self.season.gates[request.gate_id].town_code[:6],
            request.organising_mode,
            request.category,
        )
