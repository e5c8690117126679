"""Judges what a planner has answered, by the two independent checkers; plans nothing, and trusts nobody who does."""

from dataclasses import dataclass

from services.dispatcher.planning.faults import PlanRefused
from services.dispatcher.planning.feasibility import list_violations
from services.dispatcher.planning.plan import Plan
from services.dispatcher.planning.plan_format import read_plan
from services.dispatcher.planning.problem_format import read_problem


@dataclass(frozen=True)
class Judged:
    """A plan that keeps every rule. `bound_fen`: what no plan can cost less than, proven; None where it has no certificate."""

    plan: Plan
    bound_fen: int | None


def judge(problem_text: str, plan_text: str) -> Judged:
    """The plan, found in order. Takes up to some seconds of this process.

    Raises BadProblem, BadPlan; PlanRefused when it breaks a rule, or its certificate does not prove its bound.
    """
    # Imported when it is used: what it compiles is large, and the service that has things judged shall not load it.
    from services.dispatcher.planning.checker import check_bound

    problem = read_problem(problem_text)
    plan = read_plan(plan_text, problem)
    broken = list_violations(problem, plan)
    if broken:
        raise PlanRefused(problem=problem.name, rule=broken[0].rule, where=broken[0].where)
    if plan.certificate is None and plan.bound_fen is None:
        return Judged(plan, None)
    verdict = check_bound(problem, plan)
    if verdict.proven_fen is None:
        raise PlanRefused(problem=problem.name, rule="certificate", where=verdict.fault)
    return Judged(plan, plan.bound_fen)
