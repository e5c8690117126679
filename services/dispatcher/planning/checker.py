"""Checks the proof of a plan's bound, in whole numbers, by looking at every coach on every way again; proves nothing itself.

Shares only the data types with the engines: the ways, their lengths, the loads and what everything comes to are worked out here by other
code. A trip costs at least what the shortest way over any places costs, in whatever order, and takes at least the driving of the quickest
and its service: rests and the hours of the day, which only add to that, are left out of a lower bound.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, permutations

import numpy as np
from numpy.typing import NDArray

from services.dispatcher.planning.certificate import Certificate, CutPrice
from services.dispatcher.planning.plan import Plan
from services.dispatcher.planning.problem import CoachType, Problem

Ints = NDArray[np.int64]
_MILLI = 1000
_NO_ROAD = 10**13


@dataclass(frozen=True)
class Verdict:
    """`proven_fen` is what the certificate proves; `fault` says why it proves nothing, in one sentence."""

    proven_fen: int | None
    fault: str = ""


def check_bound(problem: Problem, plan: Plan) -> Verdict:
    """What no plan can cost less than that carries as many workers as this one, by the prices of the plan's certificate.

    It proves nothing where it names what the problem has not, where some coach would be worth more than it costs, or where the
    plan claims more than it comes to.
    """
    certificate = plan.certificate
    if certificate is None or plan.bound_fen is None:
        return Verdict(None, "the plan has no certificate, or no bound that it would prove")
    unknown = _find_unknown(problem, certificate)
    if unknown:
        return Verdict(None, unknown)
    carriable = _count_carriable(problem)
    carried = sum(_heads(problem, load.group, load.parties) for trip in plan.trips for load in trip.loads)
    overpaid = _find_overpaid(problem, certificate)
    if overpaid:
        return Verdict(None, overpaid)
    proven = max(0, _worth(problem, certificate, carriable, sum(carriable.values()) - carried) // _MILLI)
    if plan.bound_fen > proven:
        return Verdict(
            None, f"the plan claims a bound of {plan.bound_fen} fen, and the certificate comes to {proven}"
        )
    return Verdict(proven)


def _find_unknown(problem: Problem, certificate: Certificate) -> str:
    """A name in the certificate that the problem does not have, or a price on what has none."""
    pickups = {group.pickup for group in problem.groups}
    drops = {group.drop for group in problem.groups}
    named = [
        ("workers", certificate.workers, set(problem.group_index)),
        ("stops", certificate.stops, pickups),
        ("gates", certificate.gates, drops),
        *(("cuts", cut.weights, set(problem.coach_index)) for cut in certificate.cuts),
    ]
    for field, prices, known in named:
        if not prices.keys() <= known:
            return (
                f"certificate.{field} names {sorted(prices.keys() - known)[0]!r}, which the problem has not"
            )
    for due in certificate.dues:
        if due.coach not in problem.coach_index or not 0 <= due.day < len(problem.days):
            return f"certificate.dues names {due.coach!r} on day {due.day}, which the problem has not"
        if problem.coaches[problem.coach_index[due.coach]].per_day[due.day] is None:
            return f"certificate.dues has {due.coach!r} owe on day {due.day}, on which there is any number of them"
    return ""


def _count_carriable(problem: Problem) -> dict[str, int]:
    """Workers of each group whom some trip may carry: the party fits the largest coach, and the quickest way over any places, with
    service at both ends, keeps the limit."""
    metres, seconds = _shortest(problem.distance_m), _shortest(problem.duration_s)
    largest = max(coach.seats for coach in problem.coaches)
    start, limits = problem.node_index[problem.start], problem.limits
    counts = {}
    for group in problem.groups:
        a, b = problem.node_index[group.pickup], problem.node_index[group.drop]
        there = metres[start, a] + metres[a, b] < _NO_ROAD
        there = there and seconds[start, a] + seconds[a, b] + 2 * limits.service_s <= limits.duration_s
        counts[group.id] = sum(heads for heads in group.parties if there and heads <= largest)
    return counts


def _worth(problem: Problem, certificate: Certificate, carriable: Mapping[str, int], left: int) -> int:
    """What carrying all but `left` of these workers is worth, in thousandths of a fen: whoever is left behind may be the dearest."""
    worth = sum(price * carriable[group] for group, price in certificate.workers.items())
    worth -= left * max(certificate.workers.values(), default=0)
    largest = max(coach.seats for coach in problem.coaches)
    for field, prices in (("pickup", certificate.stops), ("drop", certificate.gates)):
        for node, price in prices.items():
            workers = sum(carriable[group.id] for group in problem.groups if getattr(group, field) == node)
            worth += price * -(-max(0, workers - left) // largest)
    for cut in certificate.cuts:
        worth += cut.worth * _least_fleet(problem.coaches, cut, sum(carriable.values()) - left)
    for due in certificate.dues:
        worth -= due.owed * (problem.coaches[problem.coach_index[due.coach]].per_day[due.day] or 0)
    return worth


def _least_fleet(coaches: Sequence[CoachType], cut: CutPrice, workers: int) -> int:
    """The least sum of weights of whole coaches that seat these workers."""
    least = [0] * (workers + 1)
    for w in range(1, workers + 1):
        least[w] = min(cut.weights.get(coach.id, 0) + least[max(0, w - coach.seats)] for coach in coaches)
    return least[workers]


def _find_overpaid(problem: Problem, certificate: Certificate) -> str:
    """A coach on a way that is worth more than it costs, in words; empty where there is none."""
    for day in range(len(problem.days)):
        fault = _Day(problem, certificate, day).find_overpaid()
        if fault:
            return fault
    return ""


class _Day:
    """The ways of one day: all sets of stops at once, for one set of gates after the other."""

    def __init__(self, problem: Problem, certificate: Certificate, day: int) -> None:
        self._problem, self._certificate, self._day = problem, certificate, day
        self._stops = sorted({group.pickup for group in problem.groups})
        self._gates = sorted({group.drop for group in problem.groups})
        at_most = min(problem.limits.pickups, len(self._stops))
        sets = [c for size in range(1, at_most + 1) for c in combinations(range(len(self._stops)), size)]
        self._sets = sets
        self._member = np.zeros((len(self._stops), len(sets)), np.int64)
        for column, members in enumerate(sets):
            self._member[list(members), column] = 1
        self._metres = _Lengths(problem, problem.distance_m, self._stops, sets)
        self._seconds = _Lengths(problem, problem.duration_s, self._stops, sets)
        self._sizes = np.array([len(members) for members in sets], np.int64)
        self._bonus = [
            sum(cut.worth * cut.weights.get(coach.id, 0) for cut in certificate.cuts)
            - sum(due.owed for due in certificate.dues if (due.coach, due.day) == (coach.id, day))
            for coach in problem.coaches
        ]

    def find_overpaid(self) -> str:
        for size in range(1, min(self._problem.limits.drops, len(self._gates)) + 1):
            for gates in combinations(self._gates, size):
                fault = self._look_at(gates)
                if fault:
                    return fault
        return ""

    def _look_at(self, gates: tuple[str, ...]) -> str:
        metres = self._metres.to(gates)
        limits = self._problem.limits
        least_s = self._seconds.to(gates) + limits.service_s * (self._sizes + len(gates))
        riders = sorted(
            (
                (self._certificate.workers.get(group.id, 0), group.parties, self._stops.index(group.pickup))
                for group in self._problem.groups
                if group.drop in gates and self._day in group.days
            ),
            reverse=True,
        )
        boarding = self._member[[stop for _, _, stop in riders]].any(
            axis=0
        )  # no plan needs a coach that nobody can ride
        there = boarding & (metres < _NO_ROAD) & (least_s <= limits.duration_s)
        visits = self._visits(gates)
        for coach, bonus in zip(self._problem.coaches, self._bonus, strict=True):
            if coach.per_day[self._day] == 0:
                continue
            worth = visits + bonus
            free = np.full(len(metres), coach.seats, np.int64)
            for price, parties, stop in riders:
                who_fit = sum(heads for heads in parties if heads <= coach.seats)
                seated = np.minimum(free, who_fit) * self._member[stop]
                worth = worth + seated * price
                free -= seated
            cost = coach.fixed_fen + (2 * coach.fen_per_km * np.where(there, metres, 0) + 1000) // 2000
            over = np.where(there, worth - cost * _MILLI, -1)
            at = int(np.argmax(over))
            if over[at] > 0:
                stops = ", ".join(self._stops[stop] for stop in self._sets[at])
                return (
                    f"a coach {coach.id} on day {self._day} from {stops} to {', '.join(gates)} would be worth "
                    f"{over[at]} thousandths of a fen more than it costs"
                )
        return ""

    def _visits(self, gates: tuple[str, ...]) -> Ints:
        """What the visits of each set of stops and these gates are worth: only where somebody could be carried between the two."""
        worth = np.zeros(len(self._sets), np.int64)
        riders = [g for g in self._problem.groups if g.drop in gates and self._day in g.days]
        for stop in {group.pickup for group in riders}:
            worth += self._certificate.stops.get(stop, 0) * self._member[self._stops.index(stop)]
        for gate in gates:
            sources = [self._stops.index(group.pickup) for group in riders if group.drop == gate]
            if sources:
                worth += self._certificate.gates.get(gate, 0) * self._member[sources].max(axis=0)
        return worth


class _Lengths:
    """The least metres, or seconds, over each set of stops."""

    def __init__(
        self,
        problem: Problem,
        matrix: Sequence[Sequence[int | None]],
        stops: Sequence[str],
        sets: Sequence[tuple[int, ...]],
    ) -> None:
        self._index = problem.node_index
        self._matrix = _shortest(matrix)
        self._stops = stops
        start = self._index[problem.start]
        self._heads = np.full((len(stops), len(sets)), _NO_ROAD, np.int64)
        for column, members in enumerate(sets):
            for order in permutations(members):
                way = [start, *(self._index[stops[stop]] for stop in order)]
                length = min(_NO_ROAD, self._along(way))
                self._heads[order[-1], column] = min(self._heads[order[-1], column], length)

    def to(self, gates: Sequence[str]) -> Ints:
        """Over each set of stops and then these gates, in the best order of each kind."""
        least = np.full(self._heads.shape[1], _NO_ROAD, np.int64)
        for order in permutations(gates):
            nodes = [self._index[gate] for gate in order]
            for stop, head in zip(self._stops, self._heads, strict=True):
                onward = int(self._matrix[self._index[stop], nodes[0]]) + self._along(nodes)
                least = np.minimum(least, head + onward)
        return least

    def _along(self, nodes: Sequence[int]) -> int:
        return sum(int(self._matrix[a, b]) for a, b in pairwise(nodes))


def _shortest(matrix: Sequence[Sequence[int | None]]) -> Ints:
    """From each place to each the shortest way over any others (Floyd and Warshall)."""
    shortest = np.array([[_NO_ROAD if v is None else v for v in row] for row in matrix], np.int64)
    for via in range(len(shortest)):
        shortest = np.minimum(shortest, shortest[:, [via]] + shortest[via])
    return shortest


def _heads(problem: Problem, group: str, parties: Sequence[int]) -> int:
    sizes = problem.groups[problem.group_index[group]].parties
    return sum(sizes[party] for party in parties)
