"""Sets all engines beside each other on corridors of many sizes, at equal time, on one core, one after another.

Each run has a process of its own, so that its memory peak is its own; what the engine loads and compiles is loaded before its
time begins. Both independent checkers look at every plan. `solvers` says who is asked; a peer comes in as one more.
"""

import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import get_context
from statistics import mean
from typing import Any

from services.dispatcher.planning import ENGINES, Params, Plan, Problem, Stop, plan
from services.dispatcher.planning.checker import check_bound
from services.dispatcher.planning.feasibility import list_violations
from services.dispatcher.planning.instances import invent_corridor

SIZES = (5, 10, 20, 40, 60, 80)
WORKERS_A_STOP, GATES_A_STOP = 42.5, 0.3
"""1,700 workers and 12 gates at 40 stops, as in our first measurements."""

ALLOWANCES = (1.0, 2.0, 5.0, 10.0, 20.0)
"""Seconds for the picture of cost against time."""

PLOTTED_STOPS = 40

Solver = Callable[[Problem, float, int], Plan]
"""Problem, seconds, seed."""


@dataclass(frozen=True)
class Run:
    """One engine on one pool. `bound_fen` is what the checker holds for proven, None where it holds nothing."""

    stops: int
    seed: int
    engine: str
    allowed_s: float
    seconds: float
    trips: int
    unserved: int
    cost_fen: int
    bound_fen: int | None
    peak_bytes: int
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Summary:
    """One engine on all pools of a size. Gaps are over the best bound that any engine proved of the pool in that time, excesses over the cheapest
    plan that any made of it in that time."""

    stops: int
    engine: str
    gap_mean: float | None
    gap_worst: float | None
    excess_mean: float
    excess_worst: float
    seconds_mean: float
    seconds_worst: float
    trips_mean: float
    unserved: int
    peak_bytes: int
    proven_optimal: int
    pools: int


@dataclass(frozen=True)
class CorridorFigures:
    """All that one run finds."""

    machine: dict[str, str]
    allowed_s: float
    runs: list[Run]

    @property
    def faults(self) -> list[str]:
        return [
            f"{run.engine}, {run.stops} stops, seed {run.seed}: {fault}"
            for run in self.runs
            for fault in run.faults
        ]

    def summaries(self, allowed_s: float) -> list[Summary]:
        """By size and engine, in the order of the runs."""
        runs = [run for run in self.runs if run.allowed_s == allowed_s]
        keys = dict.fromkeys((run.stops, run.engine) for run in runs)
        return [self._sum(runs, stops, engine) for stops, engine in keys]

    def gaps(self, runs: Sequence[Run]) -> list[float]:
        """Each run's cost over the best bound that was proven of its pool in the same time, less 1; nothing without one."""
        bounds = [(run, self._bound(run)) for run in runs]
        return [run.cost_fen / bound - 1 for run, bound in bounds if bound]

    def as_json(self) -> dict[str, Any]:
        """The figures as plain values, with the sums."""
        return asdict(self) | {"summaries": [asdict(one) for one in self.summaries(self.allowed_s)]}

    def _bound(self, like: Run) -> int:
        """Of the same pool in the same time."""
        key = like.stops, like.seed, like.allowed_s
        return max(run.bound_fen or 0 for run in self.runs if (run.stops, run.seed, run.allowed_s) == key)

    def _sum(self, runs: list[Run], stops: int, engine: str) -> Summary:
        own = [run for run in runs if (run.stops, run.engine) == (stops, engine)]
        best = {
            run.seed: min(r.cost_fen for r in runs if (r.stops, r.seed) == (stops, run.seed)) for run in own
        }
        excesses = [run.cost_fen / best[run.seed] - 1 for run in own]
        gaps = self.gaps(own)
        return Summary(
            stops=stops,
            engine=engine,
            gap_mean=mean(gaps) if gaps else None,
            gap_worst=max(gaps, default=None),
            excess_mean=mean(excesses),
            excess_worst=max(excesses),
            seconds_mean=mean(run.seconds for run in own),
            seconds_worst=max(run.seconds for run in own),
            trips_mean=mean(run.trips for run in own),
            unserved=sum(run.unserved for run in own),
            peak_bytes=max(run.peak_bytes for run in own),
            proven_optimal=sum(run.cost_fen == run.bound_fen for run in own),
            pools=len(own),
        )


def own_solvers() -> dict[str, Solver]:
    """Our engines, by name."""
    return {engine: partial(_solve, engine) for engine in ENGINES}


def _solve(engine: str, problem: Problem, seconds: float, seed: int) -> Plan:
    return plan(problem, Stop(seconds=seconds), seed, Params(engine))


def invent(stops: int, seed: int) -> Problem:
    """A corridor with workers and gates in proportion to its stops."""
    gates = max(1, round(stops * GATES_A_STOP))
    return invent_corridor(stops, seed, gates=gates, workers=round(stops * WORKERS_A_STOP))


def list_cases(
    sizes: Sequence[int], seeds: Sequence[int], seconds: float, *, several: bool
) -> list[tuple[int, int, float]]:
    """Stops, seed and seconds of each case; `several` adds the other allowances for one size, for the picture."""
    cases = [(stops, seed, seconds) for stops in sizes for seed in seeds]
    if several:
        cases += [(plotted(sizes), seed, other) for other in ALLOWANCES if other != seconds for seed in seeds]
    return cases


def plotted(sizes: Sequence[int]) -> int:
    """The size whose cost is drawn against time: 40 stops, or what comes nearest."""
    return min(sizes, key=lambda stops: abs(stops - PLOTTED_STOPS))


def run_corridors(solvers: Mapping[str, Solver], cases: Sequence[tuple[int, int, float]]) -> Iterator[Run]:
    """A run for each case (stops, seed, seconds) and solver."""
    for stops, seed, seconds in cases:
        for name, solver in solvers.items():
            # One process a run, and no other beside it.
            with ProcessPoolExecutor(1, get_context("spawn")) as executor:
                yield executor.submit(run_one, name, solver, stops, seed, seconds).result()


def run_one(engine: str, solver: Solver, stops: int, seed: int, seconds: float) -> Run:
    """One plan, timed and checked; in a process of its own."""
    solver(invent_corridor(2, gates=1, workers=9), 0.2, 0)
    problem = invent(stops, seed)
    begun = time.perf_counter()
    found = solver(problem, seconds, seed)
    took = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    faults = [f"{broken.rule} at {broken.where}" for broken in list_violations(problem, found)]
    proven = None
    if found.certificate is not None:
        verdict = check_bound(problem, found)
        proven = None if verdict.proven_fen is None else found.bound_fen
        faults += [verdict.fault] if verdict.fault else []
    parties = {group.id: group.parties for group in problem.groups}
    return Run(
        stops=stops,
        seed=seed,
        engine=engine,
        allowed_s=seconds,
        seconds=took,
        trips=len(found.trips),
        unserved=sum(parties[left.group][i] for left in found.unserved for i in left.parties),
        cost_fen=found.cost_fen,
        bound_fen=proven,
        peak_bytes=peak,
        faults=tuple(faults),
    )
