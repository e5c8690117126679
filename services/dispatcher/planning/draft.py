"""Knows a plan in the making: trips that parties join and leave, always within every rule; decides nothing.

What the engines share. Groups, coaches, days and nodes are indices here.
"""

from collections import Counter
from collections.abc import Iterable

from services.dispatcher.planning.objective import PUBLIC_THEN_CHARTER
from services.dispatcher.planning.plan import Load, Plan, Trip, Unserved
from services.dispatcher.planning.pricing import (
    Itineraries,
    Itinerary,
    price_charter_fen,
    price_trip_fen,
)
from services.dispatcher.planning.problem import Problem
from services.dispatcher.planning.problem_format import hash_problem

Loads = dict[int, list[int]]  # group -> its parties (indices)
Visits = frozenset[int]


class DraftTrip:
    """One coach on one day with whom it carries; `itinerary` is the shortest lawful one for its loads."""

    __slots__ = ("coach", "day", "itinerary", "loads", "workers")

    def __init__(self, coach: int, day: int, itinerary: Itinerary) -> None:
        self.coach = coach
        self.day = day
        self.itinerary = itinerary
        self.loads: Loads = {}
        self.workers = 0

    @property
    def pickups(self) -> Visits:
        return frozenset(self.itinerary.pickups)

    @property
    def drops(self) -> Visits:
        return frozenset(self.itinerary.drops)


class Draft:
    """The trips of a plan in the making and the parties that still wait for one."""

    def __init__(self, problem: Problem, itineraries: Itineraries) -> None:
        self.problem = problem
        self.itineraries = itineraries
        self.trips: list[DraftTrip] = []
        self.waiting: Loads = {}
        self._running: Counter[tuple[int, int]] = Counter()
        index = problem.node_index
        self.ends = [(index[group.pickup], index[group.drop]) for group in problem.groups]

    def empty(self) -> "Draft":
        """A draft of the same kind and problem without trips and waiting parties."""
        return Draft(self.problem, self.itineraries)

    def copy(self) -> "Draft":
        """A draft with the same trips and waiting parties that can be changed without changing this one."""
        copy = self.empty()
        for trip in self.trips:
            copy.adopt(trip)
        copy.waiting = {group: list(parties) for group, parties in self.waiting.items()}
        return copy

    def adopt(self, trip: DraftTrip) -> None:
        """Take in a copy of another draft's trip."""
        twin = self.open_trip(trip.coach, trip.day, trip.itinerary)
        twin.loads = {group: list(parties) for group, parties in trip.loads.items()}
        twin.workers = trip.workers

    def heads(self, group: int, parties: Iterable[int]) -> int:
        """Workers in these parties of the group."""
        sizes = self.problem.groups[group].parties
        return sum(sizes[party] for party in parties)

    def is_left(self, coach: int, day: int) -> bool:
        """Whether one more coach of this type may run on this day."""
        limit = self.problem.coaches[coach].per_day[day]
        return limit is None or self._running[coach, day] < limit

    def free_seats(self, trip: DraftTrip) -> int:
        return self.problem.coaches[trip.coach].seats - trip.workers

    def with_group(self, trip: DraftTrip, group: int) -> Itinerary | None:
        """The trip's itinerary if this group's stop and gate joined it; None where a rule forbids it."""
        if trip.day not in self.problem.groups[group].days:
            return None
        pickup, drop = self.ends[group]
        if pickup in trip.itinerary.pickups and drop in trip.itinerary.drops:
            return trip.itinerary
        return self.itineraries.find(trip.pickups | {pickup}, trip.drops | {drop})

    def open_trip(self, coach: int, day: int, itinerary: Itinerary) -> DraftTrip:
        trip = DraftTrip(coach, day, itinerary)
        self.trips.append(trip)
        self._running[coach, day] += 1
        return trip

    def empty_trip(self, trip: DraftTrip) -> None:
        """Take the trip out; those it carried wait again."""
        self.trips.remove(trip)
        self._running[trip.coach, trip.day] -= 1
        for group, parties in trip.loads.items():
            self.waiting.setdefault(group, []).extend(parties)

    def change_coach(self, trip: DraftTrip, coach: int) -> None:
        self._running[trip.coach, trip.day] -= 1
        self._running[coach, trip.day] += 1
        trip.coach = coach

    def board(self, trip: DraftTrip, group: int, parties: list[int], itinerary: Itinerary) -> None:
        """Put these parties on the trip, which then runs by this itinerary."""
        trip.loads.setdefault(group, []).extend(parties)
        trip.workers += self.heads(group, parties)
        trip.itinerary = itinerary

    def alight(self, trip: DraftTrip, group: int, party: int, itinerary: Itinerary) -> None:
        """Take a party, but not the last, off the trip, which then runs by this itinerary."""
        trip.loads[group].remove(party)
        trip.workers -= self.heads(group, [party])
        trip.itinerary = itinerary
        if not trip.loads[group]:
            del trip.loads[group]

    def quote_fen(self, coach: int, itinerary: Itinerary, workers: int) -> int:
        """What a coach of this type would cost on this way with so many workers."""
        coach_type = self.problem.coaches[coach]
        return price_trip_fen(self.problem, coach_type, itinerary.distance_m, itinerary.duration_s, workers)

    def price_fen(self, trip: DraftTrip) -> int:
        return self.quote_fen(trip.coach, trip.itinerary, trip.workers)

    def tie_fen(self, coach: int, itinerary: Itinerary) -> int:
        """What decides between coaches of one price: the charter, where the objective looks at it last."""
        if self.problem.objective != PUBLIC_THEN_CHARTER:
            return 0
        coach_type = self.problem.coaches[coach]
        return price_charter_fen(self.problem, coach_type, itinerary.distance_m, itinerary.duration_s)

    @property
    def cost_fen(self) -> int:
        return sum(self.price_fen(trip) for trip in self.trips)

    def rank(self) -> tuple[tuple[int, ...], int, int]:
        """Smaller is better: workers left behind, the first priority class first, then the objective's fen, then what decides a tie."""
        left: Counter[int] = Counter()
        for group, parties in self.waiting.items():
            left[self.problem.groups[group].priority] += self.heads(group, parties)
        classes = sorted({group.priority for group in self.problem.groups})
        tie_fen = sum(self.tie_fen(trip.coach, trip.itinerary) for trip in self.trips)
        return tuple(left[priority] for priority in classes), self.cost_fen, tie_fen

    def publish(self, unserved: Iterable[Unserved]) -> Plan:
        """The draft as a plan, its trips in a fixed order."""
        trips = tuple(sorted((self._publish_trip(trip) for trip in self.trips), key=_trip_order))
        return Plan(
            problem_sha256=hash_problem(self.problem),
            cost_fen=sum(trip.cost_fen for trip in trips),
            trips=trips,
            unserved=tuple(sorted(unserved, key=lambda left: (left.group, left.parties))),
        )

    def _publish_trip(self, trip: DraftTrip) -> Trip:
        nodes = self.problem.nodes
        return Trip(
            coach=self.problem.coaches[trip.coach].id,
            day=trip.day,
            pickups=tuple(nodes[node] for node in trip.itinerary.pickups),
            drops=tuple(nodes[node] for node in trip.itinerary.drops),
            loads=tuple(
                Load(self.problem.groups[group].id, tuple(sorted(parties)))
                for group, parties in sorted(trip.loads.items())
            ),
            distance_m=trip.itinerary.distance_m,
            duration_s=trip.itinerary.duration_s,
            cost_fen=self.price_fen(trip),
        )


def _trip_order(trip: Trip) -> tuple[int, tuple[str, ...], tuple[str, ...], str, tuple[str, ...]]:
    return trip.day, trip.drops, trip.pickups, trip.coach, tuple(f"{load}" for load in trip.loads)
