"""Knows how to make a plan of a problem: pure functions of values, without clock, database or bus."""

from services.dispatcher.planning.engines import ENGINES, plan
from services.dispatcher.planning.plan import Load, Mend, Plan, Reason, Trip, Unserved
from services.dispatcher.planning.problem import CoachType, Group, Limits, Problem
from services.dispatcher.planning.stop import Params, Stop

__all__ = [
    "ENGINES",
    "CoachType",
    "Group",
    "Limits",
    "Load",
    "Mend",
    "Params",
    "Plan",
    "Problem",
    "Reason",
    "Stop",
    "Trip",
    "Unserved",
    "plan",
]
