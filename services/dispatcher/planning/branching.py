"""Knows how to raise a bound by cases: every whole plan runs at most so many coaches of some kind, or more; makes no plan.

Branch and bound over tallies, the lowest case first (Land and Doig, Econometrica 28, 1960). Tallies of any stops and any gates tell all
whole fleets apart, so that in the end only a case is left that a whole fleet reaches. What is proven when the time is over is the lowest
of all cases.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import combinations
from math import floor

from services.dispatcher.planning.bound import Bound, Bounding
from services.dispatcher.planning.certificate import DEPTH_MAX
from services.dispatcher.planning.network import Network
from services.dispatcher.planning.tally import Branch, Tally

_WHOLE = 1e-5
"""A tally this near a whole number is one."""

_TRIED_MAX = 8
"""Tallies of which both sides are solved before one is branched on."""


@dataclass(eq=False)
class Case:
    """Plans that keep some branches, what is proven of them, and, where they were parted, both sides."""

    path: tuple[Branch, ...]
    bound: Bound
    below: "Case | None" = None
    above: "Case | None" = None

    def leaves(self) -> "Iterator[Case]":
        if self.below is None or self.above is None:
            yield self
        else:
            yield from self.below.leaves()
            yield from self.above.leaves()


class Branching:
    """The cases of one network."""

    def __init__(self, network: Network, bounding: Bounding, root: Bound) -> None:
        self._network, self._bounding = network, bounding
        self.root = Case((), root)
        self._open: list[tuple[int, int, Case]] = [(root.bound_fen, 0, self.root)]
        self._whole: list[int] = []  # bounds of the cases that were not parted
        self._made = 0
        self._gains: dict[Tally, float] = {}

    def step(self, is_over: Callable[[], bool]) -> Bound | None:
        """Part the lowest case in two. Returns it where it is not parted, a whole fleet running it, so that a plan can be tried; None
        elsewhere."""
        _, _, case = heappop(self._open)
        tally = self._choose(case) if len(case.path) < DEPTH_MAX else None
        if tally is None:
            self._whole.append(case.bound.bound_fen)
            return case.bound
        count = sum(share * column.counted_by(tally) for column, share in case.bound.columns)
        case.below, case.above = (
            self._side(case, Branch(tally, floor(count + _WHOLE), above), is_over) for above in (False, True)
        )
        for side in (case.below, case.above):
            self._made += 1
            heappush(self._open, (side.bound.bound_fen, self._made, side))
        return None

    @property
    def lowest(self) -> Case:
        """The lowest case that could still be parted, or the root where there is none."""
        return self._open[0][2] if self._open else self.root

    @property
    def bound_fen(self) -> int:
        """What no plan that carries everybody can cost less than: the lowest of all cases."""
        return min(self._whole + [fen for fen, _, _ in self._open[:1]])

    def is_done(self, cost_fen: int) -> bool:
        """Whether no case that could still be parted is below this cost."""
        return not self._open or self._open[0][0] >= cost_fen

    def _side(self, case: Case, branch: Branch, is_over: Callable[[], bool]) -> Case:
        path = (*case.path, branch)
        found = self._bounding.follow(path, is_over)
        if (
            found.bound_fen <= case.bound.bound_fen
        ):  # cut short: what holds for the whole case holds for a side
            found = Bound(case.bound.bound_fen, case.bound.duals, found.columns or case.bound.columns)
        return Case(path, found)

    def _choose(self, case: Case) -> Tally | None:
        """The tally that both sides of cost the most more; None where all are whole."""
        broken: list[tuple[float, Tally]] = []
        for tallies in self._kinds(case.bound):
            counts: dict[Tally, float] = {}
            for tally in tallies:
                if tally not in counts:
                    counts[tally] = sum(s * column.counted_by(tally) for column, s in case.bound.columns)
            parts = ((abs(count - round(count)), tally) for tally, count in counts.items())
            broken = [(part, tally) for part, tally in parts if part > _WHOLE]
            if broken:
                break
        if not broken:
            return None
        return max(self._likely(broken), key=lambda tally: self._gain(case, tally))

    def _likely(self, broken: list[tuple[float, Tally]]) -> list[Tally]:
        """The tallies that are worth solving both sides of: those that were worth the most elsewhere, and some that were never tried."""
        known = [(self._gains[tally] * part, tally) for part, tally in broken if tally in self._gains]
        new = [(part, tally) for part, tally in broken if tally not in self._gains]
        likely = [tally for _, tally in sorted(known, key=lambda one: -one[0])[: _TRIED_MAX // 2]]
        return likely + [
            tally for _, tally in sorted(new, key=lambda one: -one[0])[: _TRIED_MAX - len(likely)]
        ]

    def _gain(self, case: Case, tally: Tally) -> float:
        count = sum(share * column.counted_by(tally) for column, share in case.bound.columns)
        low, high = (
            self._bounding.estimate_fen((*case.path, Branch(tally, floor(count), above)))
            - case.bound.bound_fen
            for above in (False, True)
        )
        gain = max(low, 1.0) * max(high, 1.0)
        self._gains[tally] = gain / abs(count - round(count))
        return gain

    def _kinds(self, bound: Bound) -> Iterator[Iterable[Tally]]:
        """Tallies to look at, from plain ones to those that tell all fleets apart."""
        kinds = len(self._network.seats)
        each = (1,) * kinds
        types = [tuple(int(k == one) for k in range(kinds)) for one in range(kinds)]
        days = range(self._network.may.shape[1]) if self._network.may.shape[1] > 1 else ()
        columns = [column for column, _ in bound.columns]
        stops = sorted({s for column in columns for s in column.stops})
        gates = sorted({g for column in columns for g in column.gates})
        yield [
            Tally(each),
            *(Tally(one) for one in types),
            *(Tally(each, stops=(s,)) for s in stops),
            *(Tally(each, gates=(g,)) for g in gates),
            *(Tally(each, days=(d,)) for d in days),
        ]
        yield [
            *(Tally(one, stops=(s,)) for one in types for s in stops),
            *(Tally(one, gates=(g,)) for one in types for g in gates),
            *(Tally(each, stops=pair) for pair in combinations(stops, 2)),
            *(Tally(each, gates=pair) for pair in combinations(gates, 2)),
            *(Tally(each, stops=(s,), gates=(g,)) for s in stops for g in gates),
            *(Tally(one, days=(d,)) for one in types for d in days),
        ]
        ways: dict[tuple[int, int, tuple[int, ...], tuple[int, ...]], float] = defaultdict(float)
        for column, share in bound.columns:
            ways[column.coach, column.day, column.stops, column.gates] += share
        for coach, day, its_stops, its_gates in sorted(
            way for way, share in ways.items() if abs(share - round(share)) > _WHOLE
        ):
            its_days = (day,) if days else ()
            yield [
                Tally(types[coach], tuple(sorted(s)), tuple(sorted(g)), its_days)
                for s in _parts(its_stops)
                for g in _parts(its_gates)
            ]


def _parts(places: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    for size in range(len(places) + 1):
        yield from combinations(places, size)
