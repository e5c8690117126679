"""Knows the linear programme over the columns found so far: least cost of coaches that carry everybody, coaches divisible.

One programme is kept and grows by columns and cuts, so that each solve starts from the last. Prices stand in it as millions of fen,
since the simplex method loses its footing on larger figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver import pywraplp

from services.dispatcher.planning.network import Ints, Network

Floats = NDArray[np.float64]

SCALE = 1e6
_TRACE = 1e-6
_INFINITY = pywraplp.Solver.infinity()
_WARM, _AFRESH = "use_preprocessing: false", "use_preprocessing: true use_dual_simplex: true"


class MasterFailed(Exception):
    """The simplex method ended without an optimum, from the last basis and afresh."""


@dataclass(frozen=True)
class Column:
    """A coach of a type on a day over some stops and gates, `loads[i]` workers of `groups[i]` in it."""

    coach: int
    day: int
    stops: tuple[int, ...]
    gates: tuple[int, ...]
    groups: tuple[int, ...]
    loads: tuple[int, ...]
    metres: int
    cost_fen: int


@dataclass(frozen=True)
class FleetCut:
    """Coaches, each counting by the weight of its type, must come to `least` in any plan that seats everybody."""

    weights: tuple[int, ...]
    least: int


@dataclass(frozen=True)
class Prices:
    """What the rows are worth in fen: a worker of each group, a visit of each stop and gate, a unit of each fleet cut,
    and (0 or more) a coach more of each type and day."""

    groups: Floats
    stops: Floats
    gates: Floats
    cuts: tuple[float, ...]
    running: Floats


class Master:
    """The programme of one network. Whoever cannot be carried costs `penalty_fen`, so that it always has an optimum."""

    def __init__(self, network: Network, visits: tuple[Ints, Ints], penalty_fen: float) -> None:
        """`visits`: coaches that must come to each stop and to each gate, at least."""
        self._network = network
        self._solver = pywraplp.Solver.CreateSolver("GLOP")
        self._solver.SetSolverSpecificParametersAsString(_WARM)
        self._objective = self._solver.Objective()
        self._objective.SetMinimization()
        self._penalty = penalty_fen / SCALE
        self._groups = [self._row(int(workers)) for workers in network.demand]
        self._stops = [self._row(int(least)) for least in visits[0]]
        self._gates = [self._row(int(least)) for least in visits[1]]
        self._cuts: list[tuple[FleetCut, pywraplp.Constraint]] = []
        self._running = {
            (k, d): self._solver.Constraint(-_INFINITY, float(network.running_max[k, d]))
            for k, d in zip(*np.nonzero(network.running_max < network.workers), strict=True)
        }
        self._known: set[Column] = set()
        self.in_use: list[tuple[Column, float]] = []
        """The columns that the last optimum runs, each with its part of a coach."""

        self.columns: list[Column] = []
        self._variables: list[pywraplp.Variable] = []

    def _row(self, least: int) -> pywraplp.Constraint:
        row = self._solver.Constraint(float(least), _INFINITY)
        slack = self._solver.NumVar(0, _INFINITY, "")
        self._objective.SetCoefficient(slack, self._penalty)
        row.SetCoefficient(slack, 1.0)
        return row

    def add(self, column: Column) -> bool:
        """Put the column in; False where it is there already."""
        if column in self._known:
            return False
        self._known.add(column)
        variable = self._solver.NumVar(0, _INFINITY, "")
        self._objective.SetCoefficient(variable, column.cost_fen / SCALE)
        for group, load in zip(column.groups, column.loads, strict=True):
            self._groups[group].SetCoefficient(variable, float(load))
        for stop in column.stops:
            self._stops[stop].SetCoefficient(variable, 1.0)
        for gate in column.gates:
            self._gates[gate].SetCoefficient(variable, 1.0)
        for cut, row in self._cuts:
            row.SetCoefficient(variable, cut.weights[column.coach] / cut.least)
        if (column.coach, column.day) in self._running:
            self._running[column.coach, column.day].SetCoefficient(variable, 1.0)
        self.columns.append(column)
        self._variables.append(variable)
        return True

    def add_cut(self, cut: FleetCut) -> None:
        """Hold the fleet to one more cut."""
        row = self._row(1)  # in parts of the whole, whatever the weights are
        for column, variable in zip(self.columns, self._variables, strict=True):
            row.SetCoefficient(variable, cut.weights[column.coach] / cut.least)
        self._cuts.append((cut, row))

    @property
    def cuts(self) -> tuple[FleetCut, ...]:
        return tuple(cut for cut, _ in self._cuts)

    def solve(self) -> Prices:
        """The optimum's prices. Raises MasterFailed."""
        if self._solver.Solve() != pywraplp.Solver.OPTIMAL:
            self._solver.SetSolverSpecificParametersAsString(_AFRESH)
            status = self._solver.Solve()
            self._solver.SetSolverSpecificParametersAsString(_WARM)
            if status != pywraplp.Solver.OPTIMAL:
                raise MasterFailed(f"GLOP ended with status {status}")
        # Read at once: the values are gone with the next column.
        shares = (
            (column, v.solution_value()) for column, v in zip(self.columns, self._variables, strict=True)
        )
        self.in_use = [(column, share) for column, share in shares if share > _TRACE]
        running = np.zeros(self._network.running_max.shape)
        for at, row in self._running.items():
            running[at] = -row.dual_value() * SCALE
        return Prices(
            groups=_duals(self._groups),
            stops=_duals(self._stops),
            gates=_duals(self._gates),
            cuts=tuple(row.dual_value() * SCALE / cut.least for cut, row in self._cuts),
            running=running,
        )


def _duals(rows: Sequence[pywraplp.Constraint]) -> Floats:
    return np.array([row.dual_value() for row in rows]) * SCALE
