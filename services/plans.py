"""Plans problem files and verifies plan files, for whoever has no service running; knows the files, not how a plan is found."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Any

from services.dispatcher.domain.round import measure_gap
from services.dispatcher.planning import Params, Plan, Problem, Stop, plan
from services.dispatcher.planning.checker import check_bound
from services.dispatcher.planning.feasibility import list_violations
from services.dispatcher.planning.plan_format import read_plan, write_plan
from services.dispatcher.planning.problem_format import read_problem
from services.dispatcher.planning.stop import Tell
from services.dispatcher.planning.worker import PlannerPool
from shared.kernel.errors import NotFound


class NoProblems(NotFound):
    """There is no problem file *.json in {folder}. Name a problem file, or a folder with some."""

    zh = "{folder} 中没有问题文件 *.json。请指定一个问题文件，或含有问题文件的文件夹。"


@dataclass(frozen=True)
class Search:
    """How each problem is planned."""

    stop: Stop
    seed: int
    params: Params


def plan_file(path: Path, out: Path, search: Search, tell: Tell) -> None:
    """Plan one problem; Ctrl-C has the best plan so far written, a second one ends it without. Raises BadProblem, UnknownEngine, OSError."""
    problem = read_problem(path.read_bytes())
    with _interruptible() as is_halted:
        found = plan(problem, replace(search.stop, is_halted=is_halted), search.seed, search.params, tell)
    _write(found, out)


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed; the second time it does what it always does."""
    pressed = Event()

    def press(_signal: int, _frame: FrameType | None) -> None:
        pressed.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, press)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)


def plan_folder(folder: Path, out: Path, search: Search, progress: Callable[[int, int], None]) -> None:
    """Plan every problem of a folder on all cores, the largest file first; plans get their problems' names.

    Raises NoProblems, BadProblem (before any is planned), PlannerCrashed.
    """
    paths = sorted(folder.glob("*.json"), key=lambda path: (-path.stat().st_size, path.name))
    if not paths:
        raise NoProblems(folder=str(folder))
    problems = [read_problem(path.read_bytes()) for path in paths]
    out.mkdir(parents=True, exist_ok=True)
    with PlannerPool(os.cpu_count() or 1) as pool:
        planned = [pool.submit(problem, search.stop, search.seed, search.params) for problem in problems]
        for done, (path, future) in enumerate(zip(paths, planned, strict=True), start=1):
            _write(future.result().plan, out / path.name)
            progress(done, len(paths))


def verify(problem_path: Path, plan_path: Path) -> dict[str, Any]:
    """What the checkers say of a plan: `feasible`, `violations`, `cost_fen`, `bound_fen`, `gap` (over the bound) and `certificate`, which is
    "valid" or says why not. Raises BadProblem, BadPlan, OSError."""
    problem: Problem = read_problem(problem_path.read_bytes())
    found = read_plan(plan_path.read_bytes(), problem)
    violations = list_violations(problem, found)
    verdict = check_bound(problem, found)
    bound_fen = found.bound_fen if verdict.proven_fen is not None else None
    return {
        "feasible": not violations,
        "violations": [
            {"rule": one.rule, "limit": one.limit, "figure": one.figure, "where": one.where}
            for one in violations
        ],
        "cost_fen": found.cost_fen,
        "bound_fen": bound_fen,
        "gap": measure_gap(found.cost_fen, bound_fen),
        "certificate": verdict.fault or "valid",
    }


def _write(found: Plan, out: Path) -> None:
    """Whole or not at all: a plan that was there stands until the new one is on the disk."""
    part = out.with_name(f".{out.name}.part")
    part.write_text(write_plan(found), "utf-8")
    part.replace(out)
