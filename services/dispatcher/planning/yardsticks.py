"""Knows how to set the engines beside each other on invented pools; reads no clock but the one it is given."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from services.dispatcher.planning.engines import plan
from services.dispatcher.planning.feasibility import list_violations
from services.dispatcher.planning.instances import invent_corridor
from services.dispatcher.planning.problem import Problem
from services.dispatcher.planning.stop import Params, Stop

PLANNER = Params().engine
"""What rounds are planned by."""


@dataclass(frozen=True)
class BenchRow:
    """One engine on one pool: wall seconds, what its plan costs, and that cost over the yardsticks' cost."""

    instance: str
    workers: int
    engine: str
    seconds: float
    trips: int
    cost_fen: int
    versus_firstfit: float
    versus_separate: float


def bench_table(stopwatch: Callable[[], float], seeds: Iterable[int] = range(2)) -> list[BenchRow]:
    """A row for each engine on pools of a county's size (1 s a plan) and of 40 stops (5 s a plan).

    `stopwatch` gives seconds from any origin, such as `time.perf_counter`.

    Raises:
        RuntimeError: an engine's plan breaks a rule, so that its price means nothing.
    """
    rows = []
    for seed in seeds:
        for problem, seconds in bench_instances(seed):
            rows += _compare(problem, seconds, stopwatch)
    return rows


def bench_instances(seed: int) -> list[tuple[Problem, float]]:
    """The pools of one seed and the seconds that a search may take: the usual ones, and a large one."""
    usual = [
        invent_corridor(
            stops, seed, gates=gates, workers=workers, half_load=True, timetable="cn-charter-2020"
        )
        for stops, gates, workers in ((5, 1, 60), (10, 2, 100), (15, 3, 150))
    ]
    return [*((problem, 1.0) for problem in usual), (invent_corridor(40, seed), 5.0)]


def _compare(problem: Problem, seconds: float, stopwatch: Callable[[], float]) -> list[BenchRow]:
    answers = {}
    for engine in ("separate", "firstfit", PLANNER):
        begin = stopwatch()
        answer = plan(problem, Stop(seconds=seconds), 0, Params(engine))
        answers[engine] = stopwatch() - begin, answer
        if violations := list_violations(problem, answer):
            raise RuntimeError(f"{engine} on {problem.name}: {violations[0]}")
    return [
        BenchRow(
            instance=problem.name,
            workers=problem.workers,
            engine=engine,
            seconds=took,
            trips=len(answer.trips),
            cost_fen=answer.cost_fen,
            versus_firstfit=answer.cost_fen / answers["firstfit"][1].cost_fen,
            versus_separate=answer.cost_fen / answers["separate"][1].cost_fen,
        )
        for engine, (took, answer) in answers.items()
    ]
