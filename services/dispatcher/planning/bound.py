"""Knows how to prove that no plan can cost less than a figure: column generation with exact pricing, and cuts; makes no plan.

The proof is a set of prices under which no coach, however it drives and whoever rides, earns more than it costs: then any plan costs at
least what carrying everybody is worth. `certificate` writes it down, and an independent checker reads it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, comb, floor

import numpy as np
from numpy.typing import NDArray

from services.dispatcher.planning.exact_pricing import (
    MICRO,
    find_columns,
    lay_out_worth,
    make_found,
    make_sheet,
)
from services.dispatcher.planning.fleet_cut import FINENESS, count_least, find_fleet_cut
from services.dispatcher.planning.master import Column, Master, MasterFailed, Prices
from services.dispatcher.planning.network import NO_ROAD, Network
from services.dispatcher.planning.tally import Branch, Tally
from services.dispatcher.planning.trip_cost import charter_fen, judge

_ROWS_MAX = 20_000
_WORTH_FEN = 1.0
"""A column that would save less than this a coach is not looked for."""

_EXACT_FEN = 0.01
"""The same where a proof shall come to the last fen."""

_NEAR_STOPS = 8
_FEW_SETS = 5_000
"""With so few sets of stops a proof comes to the last fen at once."""

_SETS_MAX = 10_000_000
"""More sets of stops than that, a quarter of a minute each time, are not looked at."""

_SETS_AT_ONCE = 100_000
"""About so many are looked at between two looks at the time."""

_FEW_COLUMNS = 5
_CUT_ROUNDS_MAX = 4

Mates = NDArray[np.bool_]


@dataclass(frozen=True)
class Duals:
    """A proof in whole millionths of a fen, 0 or more: a worker of each group, a unit of each cut's tally, a unit of each branch's (owed
    where it is at most so many), and what a coach of each type and day must bring in beyond its price, since there are only so many."""

    groups: tuple[int, ...]
    cuts: tuple[tuple[Tally, int], ...]
    branches: tuple[tuple[Branch, int], ...]
    running: tuple[tuple[int, ...], ...]

    def tallies(self) -> Iterator[tuple[Tally, int]]:
        """What a unit of each tally is worth to a coach, less than nothing where it is owed."""
        yield from self.cuts
        for branch, price in self.branches:
            yield branch.tally, price if branch.above else -price


@dataclass(frozen=True)
class Bound:
    """`bound_fen`, of plans that carry everybody and keep the branches, is proven by `duals`; `columns`: what the divisible optimum runs,
    each with its part of a coach."""

    bound_fen: int
    duals: Duals
    columns: tuple[tuple[Column, float], ...]


class Bounding:
    """Column generation on one network."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._claims = Claims(network, 0)
        self._search = _Search(network)
        farthest, slowest_s, reached = (
            int(lengths[lengths < NO_ROAD].max(initial=0))
            for lengths in (network.metres.across, network.seconds.across, network.least_m)
        )
        dearest = max(self._list_prices(farthest + reached, slowest_s, full=False))
        self._master = Master(network, float(2 * dearest))
        for tally in self._first_cuts():
            self._add_cut(tally)

    def _first_cuts(self) -> Iterator[Tally]:
        """Cuts that are near the right ones from the start: coaches as such, everywhere and at each place, and coaches by what they cost
        on the shortest way."""
        prices = self._list_prices(int(self._network.least_m.min()) // 1000 * 1000, 0, full=True)
        each = (1,) * len(prices)
        yield Tally(each)
        yield Tally(tuple(price * FINENESS // max(1, *prices) for price in prices))
        yield from (Tally(each, stops=(s,)) for s in range(len(self._network.stop_nodes)))
        yield from (Tally(each, gates=(g,)) for g in range(len(self._network.gate_nodes)))

    def _list_prices(self, metres: int, driving_s: int, *, full: bool) -> list[int]:
        """What a coach of each type costs at least over so many metres, with so much driving, full or nearly empty."""
        charters = [
            charter_fen(self._network.tariffs, k, metres, driving_s, 0)
            for k in range(len(self._network.seats))
        ]
        passengers = self._network.seats if full else np.ones_like(self._network.seats)
        return [int(judge(self._network.judged, *each)) for each in zip(charters, passengers, strict=True)]

    def _add_cut(self, tally: Tally) -> None:
        least = self._claims.least(tally)
        if least:
            self._master.add_cut(tally, least)

    def run(self, is_over: Callable[[], bool]) -> Bound:
        """The best bound found until `is_over()` or until nothing betters it."""
        best = prove_nothing(self._network)
        for _ in range(_CUT_ROUNDS_MAX):
            found = self.follow((), is_over, _EXACT_FEN if self._search.sets <= _FEW_SETS else _WORTH_FEN)
            if found.bound_fen > best.bound_fen:
                best = found
            if is_over() or not self._cut(found.columns):
                break
        return best

    def follow(
        self, path: tuple[Branch, ...], is_over: Callable[[], bool], worth_fen: float = _EXACT_FEN
    ) -> Bound:
        """The bound of plans that keep these branches; what is proven when `is_over()`."""
        self._master.follow(path)
        best = prove_nothing(self._network) if path else self._plain_bound()
        try:
            while not is_over():
                duals = _whole(self._master.solve())
                columns = self._search.run_near(duals, worth_fen) if self._search.has_near else []
                if self._master.count_new(columns) < _FEW_COLUMNS and self._search.sets <= _SETS_MAX:
                    found = self._search.run(duals, worth_fen, is_over)
                    if found is not None:
                        best = self._prove(duals, found[0], best)
                        columns += found[1]
                if not self._add(columns):
                    break
            if not best.columns:  # nothing was proven, but a search may begin there
                self._master.cost_fen()
                best = replace(best, columns=tuple(self._master.read_columns()))
        except MasterFailed:
            pass  # what was proven before stands
        return best

    def _add(self, columns: Iterable[Column]) -> int:
        """Put these columns in; returns how many are new."""
        return sum([self._master.add(column) for column in columns])

    def _plain_bound(self) -> Bound:
        """What is plain without a search: a worker's seat costs at least the cheapest on the shortest way from the stop to the gate."""
        seats = self._network.seats.tolist()
        between_m = self._network.between_m[self._network.group_stop, self._network.group_gate]
        groups = tuple(
            min(
                fen * MICRO // n
                for fen, n in zip(self._list_prices(metres, 0, full=True), seats, strict=True)
            )
            for metres in between_m.tolist()
        )
        duals = replace(prove_nothing(self._network).duals, groups=groups)
        return Bound(self._claims.fen(duals), duals, ())

    def _prove(self, duals: Duals, least: int, best: Bound) -> Bound:
        """The better of the best bound and what these prices prove, lowered until no coach earns more than it costs.

        A coach that costs c and earns at most r more costs at least c / (c + r) of what it earns (Farley: Operations Research 38, 1990).
        """
        if least < 0:
            cheapest = min(self._list_prices(int(self._network.least_m.min()), 0, full=True)) * MICRO
            duals = _lowered(duals, Fraction(cheapest, cheapest - least))
        bound_fen = self._claims.fen(duals)
        columns = tuple(self._master.read_columns())
        return (
            Bound(bound_fen, duals, columns)
            if bound_fen >= best.bound_fen
            else replace(best, columns=columns)
        )

    def estimate_fen(self, path: tuple[Branch, ...]) -> float:
        """About what plans that keep these branches cost, by the columns known so far: no bound."""
        self._master.follow(path)
        try:
            return self._master.estimate_fen()
        except MasterFailed:
            return 0.0

    def _cut(self, columns: tuple[tuple[Column, float], ...]) -> bool:
        """One more cut on the fleet, if the divisible optimum breaks one."""
        running = [0.0] * len(self._network.seats)
        for column, share in columns:
            running[column.coach] += share
        cut = find_fleet_cut(self._network.seats, self._network.workers, running)
        if cut is None:
            return False
        self._master.add_cut(Tally(cut[0]), cut[1])
        return True


class _Search:
    """Exact pricing on one network, its arrays kept from one search to the next."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._found = make_found(network, _ROWS_MAX)
        self._sheet = make_sheet(network)
        ranks = network.metres.stops.argsort(axis=1).argsort(axis=1)
        self._near: Mates = (ranks <= _NEAR_STOPS) | (ranks.T <= _NEAR_STOPS)
        self._all: Mates = np.ones_like(self._near)
        self.has_near = not self._near.all()
        """Whether a search of near stops leaves out any."""

        self.sets = sum(self._count_sets(day) for day in range(network.may.shape[1]))
        """Sets of stops that an exact search looks at."""

    def _count_sets(self, day: int) -> int:
        network = self._network
        stops = len(np.unique(network.group_stop[network.may[:, day] & (network.demand > 0)]))
        return sum(comb(stops, size) for size in range(1, network.pickups + 1))

    def run_near(self, duals: Duals, worth_fen: float) -> list[Column]:
        """For each group and day the best column that saves so much and carries it, of those with stops near each other: ten times as fast
        as all."""
        threshold = -round(worth_fen * MICRO)
        days = range(self._network.may.shape[1])
        return [
            column
            for day in days
            for _, columns in self._run(duals, day, threshold, self._near, len(self._network.stop_nodes))
            for column in columns
        ]

    def run(
        self, duals: Duals, worth_fen: float, is_over: Callable[[], bool]
    ) -> tuple[int, list[Column]] | None:
        """A figure that no column's reduced cost is below, and the best columns; None when `is_over()` before all were looked at."""
        threshold = least = -round(worth_fen * MICRO)  # what saves less is passed over, whatever it is
        found: list[Column] = []
        late = False
        stops = len(self._network.stop_nodes)
        for day in range(self._network.may.shape[1]):
            # The first stops have the most sets behind them: at most as many times their share as a way has stops.
            step = max(1, stops * _SETS_AT_ONCE // max(1, self._network.pickups * self._count_sets(day)))
            for reduced, columns in self._run(duals, day, threshold, self._all, step):
                if late:
                    return None
                least = min(least, reduced)
                found += columns
                late = is_over()
        return least, found

    def _run(
        self, duals: Duals, day: int, threshold: int, mates: Mates, step: int
    ) -> Iterator[tuple[int, list[Column]]]:
        """Of `step` first stops after others: the least reduced cost of a way, and the columns that are the best so far."""
        network, found = self._network, self._found
        coaches = -np.array([dues[day] for dues in duals.running], np.int64)
        worth = lay_out_worth(network, duals.groups, coaches, duals.tallies(), day)
        may = network.may[:, day].copy()
        found.best[:] = threshold
        for first in range(0, len(network.stop_nodes), step):
            found.best_at[:] = -1
            least = find_columns(
                network, worth, may, mates, first, first + step, threshold, found, self._sheet
            )
            yield int(least), [self._column(row, day) for row in sorted({*found.best_at.tolist()} - {-1})]

    def _column(self, row: int, day: int) -> Column:
        found = self._found
        groups = found.groups[row].tolist()
        size = groups.index(-1) if -1 in groups else len(groups)
        return Column(
            coach=int(found.coach[row]),
            day=day,
            stops=tuple(s for s in found.stops[row].tolist() if s >= 0),
            gates=tuple(g for g in found.gates[row].tolist() if g >= 0),
            groups=tuple(groups[:size]),
            loads=tuple(found.loads[row, :size].tolist()),
            cost_fen=int(found.cost_fen[row]),
        )


class Claims:
    """What duals prove of plans of one network that carry all but `left` of its workers: whoever is left behind may be the dearest, and the
    cuts are those for the rest."""

    def __init__(self, network: Network, left: int) -> None:
        self._network, self._left = network, left
        self._least: dict[Tally, int] = {}  # the same few cuts stand in every proof

    def fen(self, duals: Duals) -> int:
        """What no such plan costs less than. A plan costs whole fen, so a part of one is rounded up."""
        network = self._network
        worth = sum(dual * int(n) for dual, n in zip(duals.groups, network.demand, strict=True))
        worth -= self._left * max(duals.groups)
        worth += sum(price * self.least(tally) for tally, price in duals.cuts)
        worth += sum(
            price * (branch.at_most + 1) if branch.above else -price * branch.at_most
            for branch, price in duals.branches
        )
        for dues, limits in zip(duals.running, network.running_max, strict=True):
            worth -= sum(due * int(limit) for due, limit in zip(dues, limits, strict=True))
        return max(0, -(-worth // MICRO))

    def least(self, tally: Tally) -> int:
        """What the tally comes to at least in such a plan."""
        if tally not in self._least:
            bound = int(self._network.demand[tally.bound_to(self._network)].sum())
            self._least[tally] = count_least(self._network.seats, max(0, bound - self._left), tally.weights)
        return self._least[tally]


def prove_nothing(network: Network) -> Bound:
    """Nothing is worth anything: a proof that no plan costs less than nothing."""
    running = tuple((0,) * len(row) for row in network.running_max)
    return Bound(0, Duals((0,) * len(network.demand), (), (), running), ())


def _lowered(duals: Duals, share: Fraction) -> Duals:
    """This share of the prices: what a coach earns is rounded down, what it owes up."""

    def down(price: int) -> int:
        return price * share.numerator // share.denominator

    def up(price: int) -> int:
        return -(-price * share.numerator // share.denominator)

    return Duals(
        groups=tuple(down(price) for price in duals.groups),
        cuts=tuple((tally, down(price)) for tally, price in duals.cuts),
        branches=tuple((b, down(price) if b.above else up(price)) for b, price in duals.branches),
        running=tuple(tuple(up(price) for price in row) for row in duals.running),
    )


def _whole(prices: Prices) -> Duals:
    """The prices as whole millionths of a fen, none below 0: what a coach earns is rounded down, what it owes up."""

    def down(value: float) -> int:
        return floor(max(0.0, value * MICRO))

    def up(value: float) -> int:
        return ceil(max(0.0, value * MICRO))

    return Duals(
        groups=tuple(down(price) for price in prices.groups),
        cuts=tuple((tally, down(price)) for tally, price in prices.cuts),
        branches=tuple((b, down(price) if b.above else up(price)) for b, price in prices.branches),
        running=tuple(tuple(up(price) for price in row) for row in prices.running),
    )
