"""Knows how to prove that no plan can cost less than a figure: column generation with exact pricing, and cuts; makes no plan.

The proof is a set of prices under which no coach, however it drives and whoever rides, earns more than it costs: then any plan costs at
least what carrying everybody is worth. `certificate` writes it down, and an independent checker reads it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from services.dispatcher.planning.exact_pricing import MILLI, Worth, find_columns, make_found
from services.dispatcher.planning.fleet_cut import count_least, find_fleet_cut
from services.dispatcher.planning.master import Column, FleetCut, Master, MasterFailed, Prices
from services.dispatcher.planning.network import Ints, Network
from services.dispatcher.planning.ways import price_fen, scratch

_ROWS_MAX = 20_000
_WORTH_FEN = 1.0
"""A column that would save less than this a coach is not looked for."""

_FEW_STOPS = 2
_FEW_COLUMNS = 5
_CUT_ROUNDS_MAX = 4


@dataclass(frozen=True)
class Duals:
    """A proof in whole thousandths of a fen: a worker of each group, a visit of each stop and gate, a unit of each fleet cut, and what
    a coach of each type and day must bring in beyond its price, since there is only so many of them."""

    groups: tuple[int, ...]
    stops: tuple[int, ...]
    gates: tuple[int, ...]
    cuts: tuple[tuple[FleetCut, int], ...]
    running: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Bound:
    """`bound_fen`, of plans that carry everybody, is proven by `duals`; `columns`: what the divisible optimum runs, each with its part of a
    coach."""

    bound_fen: int
    duals: Duals
    columns: tuple[tuple[Column, float], ...]


class Bounding:
    """Column generation on one network, whose roads must be closed (`lay_out`)."""

    def __init__(self, network: Network) -> None:
        self._network = network
        search = _Search(network)
        self._least_m = search.least_m
        farthest = int(network.metres.across[network.metres.across < 10**12].max(initial=0))
        dearest = (
            network.fixed_fen.max() + network.fen_per_km.max() * (farthest + int(self._least_m.max())) / 1000
        )
        self._master = Master(network, count_visits(network, network.demand, 0), float(2 * dearest))
        for weights in self._first_weights():
            self._master.add_cut(FleetCut(weights, count_least(network.seats, network.workers, weights)))
        self._search = search

    def _first_weights(self) -> tuple[tuple[int, ...], ...]:
        """Cuts that are near the right ones from the start: coaches as such, and coaches by what they cost on the shortest way."""
        km = int(self._least_m.min()) // 1000
        prices = self._network.fixed_fen + self._network.fen_per_km * km
        return (1,) * len(prices), tuple(int(price) for price in prices)

    def run(self, is_over: Callable[[], bool]) -> Bound:
        """The best bound found until `is_over()` or until nothing betters it."""
        best = Bound(0, _nothing(self._network), ())
        for _ in range(_CUT_ROUNDS_MAX):
            try:
                prices = self._master.solve()
                while self._add_columns(prices) and not is_over():
                    prices = self._master.solve()
            except MasterFailed:
                return best  # what was proven before stands
            found = self._prove(prices)
            if found.bound_fen > best.bound_fen:
                best = found
            if is_over() or not self._cut():
                break
        return best

    def _cut(self) -> bool:
        """One more cut on the fleet, if the divisible optimum breaks one."""
        running = [0.0] * len(self._network.seats)
        for column, share in self._master.in_use:
            running[column.coach] += share
        cut = find_fleet_cut(self._network.seats, self._network.workers, running)
        if cut is None:
            return False
        self._master.add_cut(cut)
        return True

    def _add_columns(self, prices: Prices) -> bool:
        """Put in columns that earn more than they cost: with few stops while such are found, which is ten times as fast."""
        duals = _whole(prices, self._master.cuts, 1.0)
        for pickups in sorted({min(_FEW_STOPS, self._network.pickups), self._network.pickups}):
            added = 0
            for day in range(self._network.may.shape[1]):
                _, columns = self._search.run(duals, day, -round(_WORTH_FEN * MILLI), pickups)
                added += sum(self._master.add(column) for column in columns)
            if added >= _FEW_COLUMNS:
                break
        return added > 0

    def _prove(self, prices: Prices) -> Bound:
        """Lower the prices until no coach earns more than it costs; what they then come to is proven.

        A coach that costs c and earns at most r more costs at least c / (c + r) of what it earns.
        """
        share = 1.0
        columns = tuple(self._master.in_use)
        while True:
            duals = _whole(prices, self._master.cuts, share)
            least = min(
                self._search.run(duals, day, 0, self._network.pickups)[0]
                for day in range(self._network.may.shape[1])
            )
            if least >= 0:
                return Bound(claim_fen(self._network, duals, self._network.demand, 0), duals, columns)
            cheapest = int(np.min(self._network.fixed_fen)) * MILLI + int(
                np.min(self._network.fen_per_km) * self._least_m.min()
            )
            share *= cheapest / (cheapest - least) * (1 - 1e-9) if cheapest > 0 else 0.5


class _Search:
    """Exact pricing on one network, its arrays kept from one search to the next."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._found = make_found(network, _ROWS_MAX)
        self._table = scratch()
        self.least_m = _least_metres(network)

    def run(self, duals: Duals, day: int, threshold: int, pickups: int) -> tuple[int, list[Column]]:
        """The least reduced cost of the day, and for each group the best column below the threshold that carries it."""
        coach = np.zeros(len(self._network.seats), np.int64)
        for cut, dual in duals.cuts:
            coach += np.array(cut.weights, np.int64) * dual
        coach -= np.array([dues[day] for dues in duals.running], np.int64)
        worth = Worth(
            np.array(duals.groups, np.int64),
            coach,
            np.array(duals.stops, np.int64),
            np.array(duals.gates, np.int64),
        )
        may = self._network.may[:, day].copy()
        least = find_columns(
            self._network, worth, may, self.least_m, pickups, threshold, self._found, self._table
        )
        return int(least), [self._column(row, day) for row in sorted({*self._found.best_at.tolist()} - {-1})]

    def _column(self, row: int, day: int) -> Column:
        found = self._found
        coach, metres = int(found.coach[row]), int(found.metres[row])
        groups = found.groups[row].tolist()
        size = groups.index(-1) if -1 in groups else len(groups)
        return Column(
            coach=coach,
            day=day,
            stops=tuple(s for s in found.stops[row].tolist() if s >= 0),
            gates=tuple(g for g in found.gates[row].tolist() if g >= 0),
            groups=tuple(groups[:size]),
            loads=tuple(found.loads[row, :size].tolist()),
            metres=metres,
            cost_fen=int(price_fen(self._network.fixed_fen[coach], self._network.fen_per_km[coach], metres)),
        )


def claim_fen(network: Network, duals: Duals, workers: Ints, left: int) -> int:
    """What the duals prove of plans that carry all but `left` of these `workers`: whoever is left behind may be the dearest, and the cuts
    are those for the rest."""
    worth = sum(dual * int(n) for dual, n in zip(duals.groups, workers, strict=True)) - left * max(
        duals.groups
    )
    stops, gates = count_visits(network, workers, left)
    worth += sum(dual * int(n) for dual, n in zip(duals.stops, stops, strict=True))
    worth += sum(dual * int(n) for dual, n in zip(duals.gates, gates, strict=True))
    worth += sum(
        dual * count_least(network.seats, int(workers.sum()) - left, cut.weights) for cut, dual in duals.cuts
    )
    for dues, limits in zip(duals.running, network.running_max, strict=True):
        worth -= sum(due * int(limit) for due, limit in zip(dues, limits, strict=True))
    return worth // MILLI


def count_visits(network: Network, workers: Ints, left: int) -> tuple[Ints, Ints]:
    """Coaches that must come to each stop and to each gate, at least, when all but `left` of these workers are carried."""
    largest = int(network.seats.max())
    counts = []
    for ends, count in (
        (network.group_stop, len(network.stop_nodes)),
        (network.group_gate, len(network.gate_nodes)),
    ):
        there = np.zeros(count, np.int64)
        np.add.at(there, ends, workers)
        counts.append(-(-np.maximum(0, there - left) // largest))
    return counts[0], counts[1]


def _least_metres(network: Network) -> Ints:
    """For each stop, a figure that no way through it is shorter than, whatever else lies on it: roads are closed."""
    least: Ints = network.metres.start + network.metres.across.min(axis=1)
    return least


def _nothing(network: Network) -> Duals:
    """Nothing is worth anything: a proof that no plan costs less than nothing."""
    return Duals(
        groups=(0,) * len(network.demand),
        stops=(0,) * len(network.stop_nodes),
        gates=(0,) * len(network.gate_nodes),
        cuts=(),
        running=tuple((0,) * len(row) for row in network.running_max),
    )


def _whole(prices: Prices, cuts: tuple[FleetCut, ...], share: float) -> Duals:
    """The prices' share as whole thousandths of a fen, none below 0: what a coach earns is rounded down, what it owes up."""

    def down(values: object) -> tuple[int, ...]:
        return tuple(int(v) for v in np.floor(np.maximum(0, np.asarray(values, np.float64) * share * MILLI)))

    running = np.ceil(np.maximum(0, prices.running * share * MILLI))
    return Duals(
        groups=down(prices.groups),
        stops=down(prices.stops),
        gates=down(prices.gates),
        cuts=tuple(zip(cuts, down(prices.cuts), strict=True)),
        running=tuple(tuple(int(v) for v in row) for row in running),
    )
