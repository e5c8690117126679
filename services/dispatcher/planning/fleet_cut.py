"""Knows which whole fleets seat a number of workers, and the cuts that part them from divisible ones; knows no stops.

The hull of {n whole: sum of seats[k] x n[k] >= workers}: a violated facet is found by rows made as they are needed, each the cheapest
fleet for the weights so far (Gilmore and Gomory's knapsack the other way round).
"""

from collections.abc import Sequence

import numpy as np
from numba import njit
from ortools.linear_solver import pywraplp

from services.dispatcher.planning.network import Ints

FINENESS = 10_000
"""Weights are whole numbers of this fineness: finer ones would make prices too small to be told in whole millionths."""

_ROUNDS_MAX = 200
_VIOLATION_MIN = 1e-5


def find_fleet_cut(seats: Ints, workers: int, running: Sequence[float]) -> tuple[tuple[int, ...], int] | None:
    """Weights of a cut that every whole fleet keeps and `running`, coaches of each type, breaks the most, and what they must come to; None
    where there is none."""
    if workers <= 0:
        return None
    solver = pywraplp.Solver.CreateSolver("GLOP")
    weights = [solver.NumVar(0, solver.infinity(), "") for _ in seats]
    solver.Minimize(sum(w * n for w, n in zip(weights, running, strict=True)))
    for _ in range(_ROUNDS_MAX):
        if solver.Solve() != pywraplp.Solver.OPTIMAL:
            return _rounded(seats, workers, [1.0] * len(seats), running)
        found = [w.solution_value() for w in weights]
        if solver.Objective().Value() > 1 - _VIOLATION_MIN:
            return None
        cost, fleet = _cheapest(seats, workers, np.array(found))
        if cost > 1 - _VIOLATION_MIN / 10:
            return _rounded(seats, workers, found, running)
        solver.Add(sum(w * int(n) for w, n in zip(weights, fleet, strict=True)) >= 1)
    return None


def _rounded(
    seats: Ints, workers: int, weights: Sequence[float], running: Sequence[float]
) -> tuple[tuple[int, ...], int] | None:
    whole = tuple(round(w * FINENESS) for w in weights)
    least = count_least(seats, workers, whole)
    reached = sum(w * n for w, n in zip(whole, running, strict=True))
    return (whole, least) if reached < least * (1 - _VIOLATION_MIN) else None


def count_least(seats: Ints, workers: int, weights: Sequence[int]) -> int:
    """The least sum of weights of a whole fleet with at least `workers` seats."""
    cost: float = _cheapest(seats, workers, np.array(weights, np.float64))[0]
    return round(cost)


@njit(cache=True)
def _cheapest(seats, workers, weights):  # type: ignore[no-untyped-def]
    """The least sum of weights of a whole fleet with these seats or more, and that fleet."""
    least = np.zeros(workers + 1)
    last = np.zeros(workers + 1, np.int64)
    for w in range(1, workers + 1):
        best = np.inf
        for k in range(len(seats)):
            cost = weights[k] + least[max(0, w - seats[k])]
            if cost < best:
                best = cost
                last[w] = k
        least[w] = best
    fleet = np.zeros(len(seats), np.int64)
    w = workers
    while w > 0:
        fleet[last[w]] += 1
        w -= seats[last[w]]
    return least[workers], fleet
