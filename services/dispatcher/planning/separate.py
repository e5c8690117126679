"""Knows the plan in which no two groups share a coach: what sharing is measured against.

Only where coaches are limited and some would stay behind are they put where there is room, since nobody
stays behind but by a rule.
"""

from services.dispatcher.planning.boarding import open_for, settle
from services.dispatcher.planning.draft import Draft
from services.dispatcher.planning.plan import Plan
from services.dispatcher.planning.pricing import Itineraries
from services.dispatcher.planning.problem import Problem
from services.dispatcher.planning.reasons import explain_waiting, screen


def plan_separately(problem: Problem) -> Plan:
    """The plan with each group on coaches of its own, of the cheapest types that do."""
    draft = Draft(problem, Itineraries(problem))
    unserved = screen(draft)
    for group in sorted(draft.waiting, key=lambda g: (problem.groups[g].priority, g)):
        while group in draft.waiting and open_for(draft, group):
            pass
    settle(draft)
    return draft.publish([*unserved, *explain_waiting(draft)])
