"""A simple figure that no plan of a problem can cost less than; finds no plan.

Every trip drives from the start to some stop and from some stop to some gate, and carries at most its seats. So a
worker costs at least the cheapest seat over the shortest such way. The bound of a proving planner replaces it.
"""

from fractions import Fraction
from math import floor

from services.dispatcher.planning.problem import Problem

METRES_PER_KM = 1000


def least_cost_fen(problem: Problem, workers: int) -> int:
    """A lower bound in fen on carrying `workers` of the problem's people; 0 where there is no road."""
    index = problem.node_index
    stops = {index[group.pickup] for group in problem.groups}
    gates = {index[group.drop] for group in problem.groups}
    start = index[problem.start]
    to_stop = [m for s in stops if (m := problem.distance_m[start][s]) is not None]
    to_gate = [m for s in stops for g in gates if (m := problem.distance_m[s][g]) is not None]
    if not to_stop or not to_gate:
        return 0
    metres = min(to_stop) + min(to_gate)
    seat = min(
        Fraction(coach.fixed_fen * METRES_PER_KM + coach.fen_per_km * metres, METRES_PER_KM * coach.seats)
        for coach in problem.coaches
    )
    return floor(workers * seat)
