"""Knows the linear programme over the columns found so far: least cost of coaches that carry everybody, coaches divisible.

One programme is kept and grows by columns and cuts, so that each solve starts from the last. Prices stand in it as millions of fen,
since the simplex method loses its footing on larger figures.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver import pywraplp

from services.dispatcher.planning.network import Network
from services.dispatcher.planning.tally import Branch, Tally

Floats = NDArray[np.float64]

SCALE = 1e6
_TRACE = 1e-6
_TALLIES_MAX = 40
"""Rows of branches that may be kept for others; with more of them, a programme without is begun, of columns that some optimum ran."""

_INFINITY = pywraplp.Solver.infinity()
# A count ends what would go round in circles; it is the same on every machine.
_STEPS_MAX = 20_000
# Steepest edges and GLOP's own scale cost more than they save on programmes this small, and its scale may make the last basis singular.
_RULE = "use_scaling: false feasibility_rule: DEVEX optimization_rule: DEVEX"
_COUNTED = f"max_number_of_iterations: {_STEPS_MAX}"
_WARM = f"use_preprocessing: false use_dual_simplex: false {_RULE} {_COUNTED}"
_DUAL = f"use_preprocessing: false use_dual_simplex: true {_RULE} {_COUNTED}"
_AFRESH = f"use_preprocessing: true use_dual_simplex: true {_COUNTED}"


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
    cost_fen: int

    def counted_by(self, tally: Tally) -> int:
        return tally.of(self.coach, self.day, self.stops, self.gates)


@dataclass(frozen=True)
class Prices:
    """What the rows are worth in fen, 0 or more: a worker of each group, a unit of each cut, a unit of the tally of each branch (to be
    paid where it is at most so many), and a coach more of each type and day."""

    groups: Floats
    cuts: tuple[tuple[Tally, float], ...]
    branches: tuple[tuple[Branch, float], ...]
    running: Floats


class Master:
    """The programme of one network. Whoever cannot be carried costs `penalty_fen`, so that it always has an optimum."""

    def __init__(self, network: Network, penalty_fen: float) -> None:
        self._network, self._penalty = network, penalty_fen / SCALE
        self._ever_used: dict[Column, None] = {}
        self._path: tuple[Branch, ...] = ()
        self._begin((), ())

    def _begin(self, cuts: Iterable[tuple[Tally, int]], columns: Iterable[Column]) -> None:
        """A programme with these cuts and columns and no branches."""
        network = self._network
        self._solver = pywraplp.Solver.CreateSolver("GLOP")
        self._solver.SetSolverSpecificParametersAsString(_WARM)
        self._objective = self._solver.Objective()
        self._objective.SetMinimization()
        self._groups = [self._row(int(workers)) for workers in network.demand]
        self._running = {
            (k, d): self._solver.Constraint(-_INFINITY, float(network.running_max[k, d]))
            for k, d in zip(*np.nonzero(network.running_max < network.workers), strict=True)
        }
        self._known: set[Column] = set()
        self._columns: list[Column] = []
        self._variables: list[pywraplp.Variable] = []
        self._cuts: list[tuple[Tally, int, pywraplp.Constraint]] = []
        self._tallies: dict[Tally, pywraplp.Constraint] = {}
        for tally, least in cuts:
            self.add_cut(tally, least)
        for column in columns:
            self.add(column)

    def _row(self, least: int, coaches: int = 1) -> pywraplp.Constraint:
        """A row that must come to `least`, or pays the penalty of so many coaches for each unit that it lacks."""
        row = self._solver.Constraint(float(least), _INFINITY)
        slack = self._solver.NumVar(0, _INFINITY, "")
        self._objective.SetCoefficient(slack, self._penalty * coaches)
        row.SetCoefficient(slack, 1.0)
        return row

    def count_new(self, columns: Iterable[Column]) -> int:
        """How many of the columns are not there yet."""
        return len({*columns} - self._known)

    def add(self, column: Column) -> bool:
        """Put the column in; False where it is there already."""
        if column in self._known:
            return False
        self._known.add(column)
        variable = self._solver.NumVar(0, _INFINITY, "")
        self._objective.SetCoefficient(variable, column.cost_fen / SCALE)
        for group, load in zip(column.groups, column.loads, strict=True):
            self._groups[group].SetCoefficient(variable, float(load))
        for tally, least, row in self._cuts:
            if counted := column.counted_by(tally):
                row.SetCoefficient(variable, counted / least)
        for tally, row in self._tallies.items():
            if counted := column.counted_by(tally):
                row.SetCoefficient(variable, float(counted))
        if (column.coach, column.day) in self._running:
            self._running[column.coach, column.day].SetCoefficient(variable, 1.0)
        self._columns.append(column)
        self._variables.append(variable)
        return True

    def add_cut(self, tally: Tally, least: int) -> None:
        """Hold the plan to one more cut: the tally comes to `least` at least (1 or more)."""
        row = self._row(1, self._network.workers)  # in parts of the whole, whatever the weights are
        self._count(tally, row, 1 / least)
        self._cuts.append((tally, least, row))

    def _count(self, tally: Tally, row: pywraplp.Constraint, share: float) -> None:
        for column, variable in zip(self._columns, self._variables, strict=True):
            if counted := column.counted_by(tally):
                row.SetCoefficient(variable, counted * share)

    def follow(self, path: tuple[Branch, ...]) -> None:
        """Hold the plan to these branches and to no others; the same tally may stand on a path twice."""
        if len(self._tallies) > _TALLIES_MAX:
            self._begin([(tally, least) for tally, least, _ in self._cuts], self._ever_used)
        for branch in self._path:
            if branch.tally in self._tallies:
                self._tallies[branch.tally].SetBounds(-_INFINITY, _INFINITY)
        self._path = path
        for branch in path:
            if branch.tally not in self._tallies:
                row = self._row(0)
                self._count(branch.tally, row, 1.0)
                self._tallies[branch.tally] = row
            row = self._tallies[branch.tally]
            if branch.above:
                row.SetLb(max(row.Lb(), branch.at_most + 1.0))
            else:
                row.SetUb(min(row.Ub(), float(branch.at_most)))

    @property
    def cuts(self) -> tuple[Tally, ...]:
        return tuple(tally for tally, _, _ in self._cuts)

    def estimate_fen(self) -> float:
        """What the optimum costs after a change of branches: the dual simplex begins from where the last one ended. Raises MasterFailed."""
        self._solver.SetSolverSpecificParametersAsString(_DUAL)
        try:
            return self.cost_fen()
        finally:
            self._solver.SetSolverSpecificParametersAsString(_WARM)

    def cost_fen(self) -> float:
        """What the optimum costs. Raises MasterFailed."""
        if self._solver.Solve() != pywraplp.Solver.OPTIMAL:
            self._solver.SetSolverSpecificParametersAsString(_AFRESH)
            status = self._solver.Solve()
            self._solver.SetSolverSpecificParametersAsString(_WARM)
            if status != pywraplp.Solver.OPTIMAL:
                raise MasterFailed(f"GLOP ended with status {status}")
        return float(self._objective.Value()) * SCALE

    def solve(self) -> Prices:
        """The optimum's prices. Raises MasterFailed."""
        self.cost_fen()
        running = np.zeros(self._network.running_max.shape)
        for at, row in self._running.items():
            running[at] = -row.dual_value() * SCALE
        return Prices(
            groups=np.array([row.dual_value() for row in self._groups]) * SCALE,
            cuts=tuple((tally, row.dual_value() * SCALE / least) for tally, least, row in self._cuts),
            branches=tuple((branch, self._price(branch)) for branch in self._path),
            running=running,
        )

    def read_columns(self) -> list[tuple[Column, float]]:
        """The columns that the optimum runs, each with its part of a coach: to be read before anything is added."""
        shares = (
            (column, v.solution_value()) for column, v in zip(self._columns, self._variables, strict=True)
        )
        in_use = [(column, share) for column, share in shares if share > _TRACE]
        self._ever_used.update(dict.fromkeys(column for column, _ in in_use))
        return in_use

    def _price(self, branch: Branch) -> float:
        """What the branch is worth a unit: of those with the same tally, only the tightest binds."""
        row = self._tallies[branch.tally]
        price = row.dual_value() * SCALE
        binds = row.Lb() == branch.at_most + 1 if branch.above else row.Ub() == branch.at_most
        return max(0.0, price if branch.above else -price) if binds else 0.0
