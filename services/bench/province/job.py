"""Does one job in a process of its own, from requests to checked plans; nothing but figures leaves the process."""

import os
import resource
import signal
import sys
import time
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from multiprocessing.synchronize import Barrier, Event
from typing import cast

from services.bench.province.figures import STAGES, JobRun, PoolRun
from services.bench.province.requests import make_requests
from services.bench.province.season import Job, Terms, weigh
from services.dispatcher.planning.checker import check_bound
from services.dispatcher.planning.engines import plan
from services.dispatcher.planning.feasibility import list_violations
from services.dispatcher.planning.instances import invent_corridor
from services.dispatcher.planning.plan import Plan
from services.dispatcher.planning.problem import Limits, Problem
from services.dispatcher.planning.stop import Params, Stop
from services.dispatcher.roads import TableRoads
from services.dispatcher.store.tables import DemandRow, FleetRow, GateRow
from services.dispatcher.usecases.build_problem import DURATION_MAX_S, SERVICE_S, build_problem, coach_id
from services.dispatcher.usecases.form_pools import PoolDemand, form_pools

ENGINE = Params("columns")
LIMITS = Limits(pickups=3, drops=3, duration_s=DURATION_MAX_S, service_s=SERVICE_S)
"""Those of the dispatcher's settings."""

LEAST_S = 0.005
"""What a pool is given of a job that has used up its seconds: a plan, however far from the best."""


class _Process:
    """What a process keeps from one job to the next."""

    terms: Terms
    ended: Event
    all_here: Barrier


def begin(terms: Terms, ended: Event, all_here: Barrier) -> None:
    """A process's first work: read the roads, and have engine and checker read what they compile."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent sets `ended`
    _Process.terms, _Process.ended, _Process.all_here = terms, ended, all_here
    _roads()
    small = invent_corridor(2, gates=1, workers=9)
    check_bound(small, plan(small, Stop(seconds=1.0), 0, ENGINE))


def meet() -> None:
    """Wait until every process is ready: the first time on a machine, compiling takes a minute."""
    _Process.all_here.wait()


@cache
def _roads() -> TableRoads:
    return TableRoads()


def do_job(job: Job, seconds: float) -> JobRun:
    """The job's figures; the pools share the seconds by their weights, and what one does not use goes to those after it."""
    watch = _Watch()
    until = time.monotonic() + seconds
    with watch.stage("requests"):
        requests, gates = make_requests(job)
    with watch.stage("pools"):
        last = [request.request_id for request in requests if request.latest == job.day]
        pools, unserved = form_pools(cast(Sequence[DemandRow], requests), {}, last)
    fleet, taken, runs = _Process.terms.fleet[job.home], Counter[str](), list[PoolRun]()
    ahead = sum(weigh(pool.workers) for pool in pools)
    for pool in pools:
        if _Process.ended.is_set():
            break
        with watch.stage("problem"):
            problem = _build(job, pool, gates, fleet, taken)
        weight = weigh(pool.workers)
        share = (until - time.monotonic()) * weight / ahead
        ahead -= weight
        found, run = _plan(problem, max(LEAST_S, share), watch)
        taken.update(trip.coach for trip in found.trips)
        runs.append(run)
    return JobRun(
        name=job.name,
        process=os.getpid(),
        peak_bytes=peak_bytes(),
        seconds=watch.seconds,
        unpooled=dict(Counter(why.rule for _, why in unserved)),
        pools=runs,
        finished=len(runs) == len(pools),
    )


def peak_bytes() -> int:
    """The most memory that this process has had at a time."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


class _Watch:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(STAGES, 0.0)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.seconds[name] += time.perf_counter() - begun


def _build(
    job: Job, pool: PoolDemand, gates: dict[str, GateRow], fleet: list[FleetRow], taken: Counter[str]
) -> Problem:
    problem, _ = build_problem(
        f"{pool.pool_id} {job.day}",
        job.day,
        pool.pool_id.partition("-")[0],
        pool.families,
        gates,
        [(row, row.coaches_per_day - taken[coach_id(row)]) for row in fleet],
        _Process.terms.tariffs,
        _Process.terms.policy,
        _roads(),
        LIMITS,
    )
    return problem


def _plan(problem: Problem, seconds: float, watch: _Watch) -> tuple[Plan, PoolRun]:
    """Plan and check one pool."""
    begun = time.perf_counter()
    with watch.stage("plan"):
        found = plan(problem, Stop(seconds=seconds), zlib.crc32(problem.name.encode()), ENGINE)
    with watch.stage("check"):
        faults = [f"{broken.rule} at {broken.where}" for broken in list_violations(problem, found)]
        verdict = check_bound(problem, found)
    if verdict.fault:
        faults.append(verdict.fault)
    unserved: Counter[str] = Counter()
    for left in found.unserved:
        parties = problem.groups[problem.group_index[left.group]].parties
        unserved[left.reason.rule] += sum(parties[party] for party in left.parties)
    run = PoolRun(
        name=problem.name,
        workers=problem.workers,
        stops=len({group.pickup for group in problem.groups}),
        gates=len({group.drop for group in problem.groups}),
        trips=len(found.trips),
        cost_fen=found.cost_fen,
        bound_fen=found.bound_fen if verdict.proven_fen is not None and found.bound_fen else 0,
        seconds=time.perf_counter() - begun,
        unserved=dict(unserved),
        faults=tuple(faults),
    )
    return found, run
