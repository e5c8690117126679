"""Knows what a trip costs and the shortest lawful order of its stops; chooses no trip.

The one place where the engines get a distance, a duration or a price from. The re-check in `feasibility`
does its own sums on purpose.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise, permutations

from services.dispatcher.planning.elapsed import ElapsedTime, count_days, count_drivers
from services.dispatcher.planning.objective import CHARTER, public_fen
from services.dispatcher.planning.problem import CoachType, Problem


@dataclass(frozen=True)
class Itinerary:
    """A lawful order of visits, as node indices: start -> pickups -> drops."""

    pickups: tuple[int, ...]
    drops: tuple[int, ...]
    distance_m: int
    duration_s: int


@dataclass(frozen=True)
class _Path:
    """A chain of visits of one kind and the driving along it."""

    nodes: tuple[int, ...]
    distance_m: int
    driving_s: int


def price_trip_fen(
    problem: Problem, coach: CoachType, distance_m: int, duration_s: int, passengers: int
) -> int:
    """What a trip costs by the problem's objective: its charter, or what the public pays for it."""
    fen = price_charter_fen(problem, coach, distance_m, duration_s)
    if problem.objective == CHARTER or problem.subsidy is None:
        return fen
    return public_fen(problem.subsidy, fen, passengers)


def price_charter_fen(problem: Problem, coach: CoachType, distance_m: int, duration_s: int) -> int:
    """What the charter costs: `fixed_fen` + `fen_per_km` x metres / 1000, whole fen, rounded half up once a trip; its hire, all but the
    toll, lifted to the minimum of its days; and its drivers' days. `money.tariff` bills the same."""
    by_length_fen = coach.fixed_fen + (2 * coach.fen_per_km * distance_m + 1000) // 2000
    if not (coach.minimum_day_fen or coach.driver_day_fen):
        return by_length_fen
    days = count_days(duration_s)
    least_fen = coach.minimum_day_fen * days + coach.toll_fen_per_km * distance_m // 1000
    return max(by_length_fen, least_fen) + coach.driver_day_fen * count_drivers(problem, distance_m) * days


class Itineraries:
    """The shortest lawful order for each set of stops and gates of one problem, each found once."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._start = problem.node_index[problem.start]
        self._elapsed = ElapsedTime(problem)
        self._found: dict[tuple[frozenset[int], frozenset[int]], Itinerary | None] = {}
        self._heads: dict[frozenset[int], list[_Path]] = {}
        self._tails: dict[frozenset[int], list[_Path]] = {}

    def find(self, pickups: frozenset[int], drops: frozenset[int]) -> Itinerary | None:
        """The order of least metres within the limits (then of least seconds, then by node), or None."""
        key = (pickups, drops)
        if key not in self._found:
            self._found[key] = self._shortest(pickups, drops)
        return self._found[key]

    def quickest_s(self, pickups: frozenset[int], drops: frozenset[int]) -> int | None:
        """The least seconds in which these could be visited, limits or not; None without a road."""
        orders = self._orders(pickups, drops)
        return min((self._duration_s(head, tail) for _, _, head, tail in orders), default=None)

    def _shortest(self, pickups: frozenset[int], drops: frozenset[int]) -> Itinerary | None:
        limits = self._problem.limits
        if len(pickups) > limits.pickups or len(drops) > limits.drops:
            return None
        service_s = limits.service_s * (len(pickups) + len(drops))
        within = [
            order for order in self._orders(pickups, drops) if order[1] + service_s <= limits.duration_s
        ]
        within.sort(key=lambda order: (order[0], order[1], order[2].nodes, order[3].nodes))
        for distance_m, _, head, tail in within:
            duration_s = self._duration_s(head, tail)
            if duration_s <= limits.duration_s:
                return Itinerary(head.nodes, tail.nodes, distance_m, duration_s)
        return None

    def _orders(self, pickups: frozenset[int], drops: frozenset[int]) -> list[tuple[int, int, _Path, _Path]]:
        """Every order worth a look: metres, seconds of driving, and its two chains."""
        metres, seconds = self._problem.distance_m, self._problem.duration_s
        if pickups not in self._heads:
            self._heads[pickups] = self._chains(pickups, from_start=True)
        if drops not in self._tails:
            self._tails[drops] = self._chains(drops, from_start=False)
        orders = []
        for head in self._heads[pickups]:
            last = head.nodes[-1]
            for tail in self._tails[drops]:
                first = tail.nodes[0]
                metre, second = metres[last][first], seconds[last][first]
                if metre is not None and second is not None:
                    distance_m = head.distance_m + metre + tail.distance_m
                    orders.append((distance_m, head.driving_s + second + tail.driving_s, head, tail))
        return orders

    def _chains(self, nodes: frozenset[int], *, from_start: bool) -> list[_Path]:
        chains = []
        for order in permutations(sorted(nodes)):
            walk = (self._start, *order) if from_start else order
            path = self._walk(walk)
            if path is not None:
                chains.append(_Path(order, *path))
        # Without a rule set only the sums count, so a chain that is longer and slower than another with
        # the same open end can be left out; a timetable's rests depend on each leg, so there all stay.
        if self._problem.timetable is None:
            return _undominated(chains, end=-1 if from_start else 0)
        return chains

    def _walk(self, nodes: tuple[int, ...]) -> tuple[int, int] | None:
        distance_m = driving_s = 0
        for a, b in pairwise(nodes):
            metre, second = self._problem.distance_m[a][b], self._problem.duration_s[a][b]
            if metre is None or second is None:
                return None
            distance_m += metre
            driving_s += second
        return distance_m, driving_s

    def _duration_s(self, head: _Path, tail: _Path) -> int:
        return self._elapsed.of((self._start, *head.nodes, *tail.nodes))


def _undominated(chains: Iterable[_Path], end: int) -> list[_Path]:
    kept: dict[int, list[_Path]] = {}
    for chain in sorted(chains, key=lambda c: (c.distance_m, c.driving_s, c.nodes)):
        rivals = kept.setdefault(chain.nodes[end], [])
        if not rivals or chain.driving_s < rivals[-1].driving_s:
            rivals.append(chain)
    return [chain for rivals in kept.values() for chain in rivals]
