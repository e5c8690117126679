"""Sets the planner beside first-fit and "no sharing" on the pools that the dispatcher planned for the sample day."""

import time

from sqlmodel import Session

from services.bench.figures import EngineDay
from services.day import Day
from services.dispatcher.planning.engines import plan
from services.dispatcher.planning.feasibility import list_violations
from services.dispatcher.planning.plan import Plan
from services.dispatcher.planning.plan_format import read_plan
from services.dispatcher.planning.problem import Problem
from services.dispatcher.planning.problem_format import read_problem
from services.dispatcher.planning.stop import Params, Stop
from services.dispatcher.planning.yardsticks import PLANNER
from services.dispatcher.store.rounds import list_pool_plans
from shared.database import Database

YARDSTICKS = ("separate", "firstfit")
Answer = tuple[Problem, Plan]
"""A pool and an engine's plan for it."""


def plan_day(day: Day, dispatcher_url: str) -> list[EngineDay]:
    """Have the running dispatcher plan the day, and give the yardsticks the very problems that it solved.

    A pool's problem holds the coaches that the pools before it left, by the planner's plans: all engines have the
    same coaches for the same pool. Raises RuntimeError where a plan breaks a rule.
    """
    begun = time.perf_counter()
    day.plan()
    seconds = time.perf_counter() - begun
    database = Database(dispatcher_url, application_name="zhida-bench", pool_size=1)
    with database.session() as session:
        planned = _planned(session, day.round_id)
    database.dispose()
    found = [_sum(PLANNER, planned, seconds)]
    for engine in YARDSTICKS:
        begun = time.perf_counter()
        answers = [(problem, plan(problem, Stop(), 0, Params(engine))) for problem, _ in planned]
        found.append(_sum(engine, answers, time.perf_counter() - begun))
    return found


def _planned(session: Session, round_id: str) -> list[Answer]:
    answers = []
    for row in list_pool_plans(session, round_id):
        if row.problem and row.plan:
            problem = read_problem(row.problem)
            answers.append((problem, read_plan(row.plan, problem)))
    return answers


def _sum(engine: str, answers: list[Answer], seconds: float) -> EngineDay:
    for problem, found in answers:
        if violations := list_violations(problem, found):
            raise RuntimeError(f"{engine} on {problem.name}: {violations[0]}")
    return EngineDay(
        engine=engine,
        pools=len(answers),
        workers=sum(problem.workers for problem, _ in answers),
        unserved=sum(_unserved(problem, found) for problem, found in answers),
        trips=sum(len(found.trips) for _, found in answers),
        cost_fen=sum(found.cost_fen for _, found in answers),
        seconds=seconds,
    )


def _unserved(problem: Problem, found: Plan) -> int:
    parties = {group.id: group.parties for group in problem.groups}
    return sum(parties[left.group][i] for left in found.unserved for i in left.parties)
