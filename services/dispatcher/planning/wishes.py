"""Knows what a dispatcher has laid down for a plan that stands, and who may ride with whom by it; plans nothing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from services.dispatcher.planning.changes import Standing, Wishes
from services.dispatcher.planning.plan import Load, Trip
from services.dispatcher.planning.problem import Problem

Rider = tuple[int, int]  # group and party, as indices of the problem


class WishesByIndex:
    """The wishes in the indices of a problem."""

    def __init__(self, problem: Problem, wishes: Wishes) -> None:
        index = problem.group_index
        self.locked = wishes.locked
        self.forced: dict[Rider, int] = {(index[g], party): at for (g, party), at in wishes.forced.items()}
        self._forbidden: dict[Rider, set[int]] = defaultdict(set)
        for (group, party), at in wishes.forbidden:
            self._forbidden[index[group], party].add(at)
        self._apart: dict[Rider, set[Rider]] = defaultdict(set)
        for (g, party), (h, other) in wishes.apart:
            self._apart[index[g], party].add((index[h], other))
            self._apart[index[h], other].add((index[g], party))

    def __bool__(self) -> bool:
        return bool(self.forced or self._forbidden or self._apart)

    def allow(self, rider: Rider, trip: int | None, aboard: Iterable[Rider]) -> bool:
        """Whether a party may ride the trip that stands under this index (None: a new one) together with those aboard."""
        return (
            self.forced.get(rider, trip) == trip
            and trip not in self._forbidden.get(rider, ())
            and self._apart.get(rider, set()).isdisjoint(aboard)
        )


def lay_down(standing: Standing) -> Standing:
    """The trips as the wishes have them: who is forced onto a trip is on it, who must leave one is off it; seats are
    not counted, and whoever is off waits."""
    wishes = WishesByIndex(standing.problem, standing.wishes)
    trips = []
    touched = set(standing.touched)
    for at, trip in enumerate(standing.trips):
        aboard = _riders(standing.problem, trip)
        wanted = [rider for rider, to in wishes.forced.items() if to == at and rider not in aboard]
        for rider in aboard:
            if wishes.allow(rider, at, wanted):
                wanted.append(rider)
        if sorted(wanted) != sorted(aboard):
            trip = replace(trip, loads=_loads(standing.problem, wanted))
            touched.add(at)
        trips.append(trip)
    return replace(standing, trips=tuple(trips), touched=frozenset(touched))


def _riders(problem: Problem, trip: Trip) -> list[Rider]:
    return [(problem.group_index[load.group], party) for load in trip.loads for party in load.parties]


def _loads(problem: Problem, riders: Iterable[Rider]) -> tuple[Load, ...]:
    by_group: Mapping[int, list[int]] = defaultdict(list)
    for group, party in riders:
        by_group[group].append(party)
    return tuple(Load(problem.groups[g].id, tuple(sorted(p))) for g, p in sorted(by_group.items()))
