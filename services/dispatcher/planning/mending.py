"""Knows a draft that mends a plan which stands: who was told which trip and what a dispatcher has laid down; its rank counts what
is taken back of either."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from services.dispatcher.planning.boarding import board_some
from services.dispatcher.planning.changes import Standing
from services.dispatcher.planning.draft import Draft, DraftTrip, Loads
from services.dispatcher.planning.plan import Trip
from services.dispatcher.planning.pricing import Itineraries, Itinerary
from services.dispatcher.planning.problem import Problem
from services.dispatcher.planning.wishes import Rider, WishesByIndex


@dataclass(frozen=True)
class Promises:
    """What it costs, in fen, to take back what was told: a worker who rides another trip, a trip that runs with another
    coach or by another way, a trip that does not run."""

    moved_fen: int
    changed_fen: int
    cancelled_fen: int


class Mending(Draft):
    """Trips that stand and trips in the making; the ones that stand are known by their index."""

    def __init__(
        self, standing: Standing, promises: Promises, problem: Problem, itineraries: Itineraries
    ) -> None:
        super().__init__(problem, itineraries)
        self._standing, self.promises = standing, promises
        self.wishes = WishesByIndex(problem, standing.wishes)
        self._told: dict[Rider, int] = {}  # the trip that they were told

    def empty(self) -> "Mending":
        return self._like(self.problem, self._told)

    def seat(self) -> None:
        """Put everybody who waits and has a trip that stands on it, those trips last that no longer fit their coach."""
        tight: list[tuple[Trip, Loads]] = []
        for at, trip in enumerate(self._standing.trips):
            loads = {self.problem.group_index[load.group]: list(load.parties) for load in trip.loads}
            self._told |= {(group, party): at for group, parties in loads.items() for party in parties}
            if at in self._standing.lost or not loads:
                continue
            itinerary = self._as_it_stands(trip, loads)
            coach = self.problem.coach_index[trip.coach]
            heads = sum(self.heads(group, parties) for group, parties in loads.items())
            if itinerary is None or heads > self.problem.coaches[coach].seats:
                tight.append((trip, loads))
            else:
                self._open(coach, trip.day, itinerary, loads)
        for trip, loads in tight:
            self._squeeze(self.problem.coach_index[trip.coach], trip.day, loads)

    def _as_it_stands(self, trip: Trip, loads: Loads) -> Itinerary | None:
        """The way that the trip stands with, or the shortest where its riders need another; None where there is none."""
        index = self.problem.node_index
        visits = [tuple(index[node] for node in nodes) for nodes in (trip.pickups, trip.drops)]
        pickups, drops = (frozenset(self.ends[group][end] for group in loads) for end in (0, 1))
        if (pickups, drops) == (frozenset(visits[0]), frozenset(visits[1])):
            return Itinerary(visits[0], visits[1], trip.distance_m, trip.duration_s)
        return self.itineraries.find(pickups, drops)

    def _open(self, coach: int, day: int, itinerary: Itinerary, loads: Loads) -> None:
        trip = self.open_trip(coach, day, itinerary)
        for group, parties in loads.items():
            board_some(self, trip, group, parties, itinerary)

    def _squeeze(self, coach: int, day: int, loads: Loads) -> None:
        """Run the trip with whoever has been forced onto it and as many of the others as it can, on a larger coach where
        one is left."""
        riders = [(group, party) for group, parties in loads.items() for party in parties]
        riders.sort(
            key=lambda rider: (rider not in self.wishes.forced, -self.heads(rider[0], [rider[1]]), rider)
        )
        larger = [index for index in range(len(self.problem.coaches)) if self.is_left(index, day)]
        seats = max((self.problem.coaches[index].seats for index in (coach, *larger)), default=0)
        kept: Loads = {}
        itinerary: Itinerary | None = None
        heads = 0
        for group, party in riders:
            size = self.heads(group, [party])
            ends = [self.ends[one] for one in {*kept, group}]
            found = self.itineraries.find(frozenset(s for s, _ in ends), frozenset(g for _, g in ends))
            if found is not None and heads + size <= seats:
                kept.setdefault(group, []).append(party)
                itinerary, heads = found, heads + size
        fitting = [index for index in larger if self.problem.coaches[index].seats >= heads]
        if itinerary is not None and fitting:
            way = itinerary
            price = {index: self.quote_fen(index, way, heads) for index in fitting}
            cheapest = coach if coach in price else min(price, key=lambda index: price[index])
            self._open(cheapest, day, way, kept)

    def apart(self, part: Sequence[DraftTrip], frozen: Iterable[DraftTrip]) -> "Mending":
        """These trips and whoever waits alone, with the coaches that the frozen ones leave."""
        running = Counter((trip.coach, trip.day) for trip in frozen)
        coaches = tuple(
            replace(
                coach,
                per_day=tuple(
                    limit if limit is None else max(0, limit - running[index, day])
                    for day, limit in enumerate(coach.per_day)
                ),
            )
            for index, coach in enumerate(self.problem.coaches)
        )
        loads = [*(trip.loads for trip in part), self.waiting]
        aboard = [(group, party) for load in loads for group, parties in load.items() for party in parties]
        told = {key: self._told[key] for key in aboard if key in self._told}
        apart = self._like(replace(self.problem, coaches=coaches), told)
        for trip in part:
            apart.adopt(trip)
        apart.waiting = {group: list(parties) for group, parties in self.waiting.items()}
        return apart

    def rank(self) -> tuple[tuple[int, ...], int, int]:
        """First what was laid down; then, who was told a trip is left behind last of all, whatever class those are in who
        come late."""
        left, cost_fen, tie_fen = super().rank()
        heirs, broken_fen = self._judge()
        told = sum(
            self.heads(group, [party for party in parties if (group, party) in self._told])
            for group, parties in self.waiting.items()
        )
        return (self._count_broken_wishes(heirs), told, *left), cost_fen + broken_fen, tie_fen

    def choose(self, group: int, seats: int, trip: DraftTrip | None, told: int | None) -> tuple[int, ...]:
        """Waiting parties of the group for these seats of a trip, which is the one that stands as `told`, or of a new one: the
        largest that still fits first, of those whom what was laid down lets board."""
        if told is not None and told in self.wishes.locked:
            return ()
        aboard = [(g, party) for g, parties in trip.loads.items() for party in parties] if trip else []
        sizes = self.problem.groups[group].parties
        chosen: list[int] = []
        for party in sorted(self.waiting[group], key=lambda party: (-sizes[party], party)):
            with_them = [*aboard, *((group, other) for other in chosen)]
            if sizes[party] <= seats and self.wishes.allow((group, party), told, with_them):
                chosen.append(party)
                seats -= sizes[party]
        return tuple(chosen)

    def _count_broken_wishes(self, heirs: Mapping[int, int]) -> int:
        if not self.wishes:
            return 0
        told_of = {at: told for told, at in heirs.items()}
        broken = sum(
            (group, p) in self.wishes.forced for group, parties in self.waiting.items() for p in parties
        )
        for at, trip in enumerate(self.trips):
            aboard = [(group, party) for group, parties in trip.loads.items() for party in parties]
            broken += sum(not self.wishes.allow(rider, told_of.get(at), aboard) for rider in aboard)
        return broken

    def told_of(self, trip: DraftTrip) -> int | None:
        """The trip that stands from which most of its riders come."""
        claims = self._claims([trip])
        return min(claims, key=lambda claim: (-claims[claim], claim))[1] if claims else None

    def is_another(self, trip: DraftTrip, told: int) -> bool:
        """Whether the trip runs with another coach or by another way than the one that stands."""
        was = self._standing.trips[told]
        index = self.problem.node_index
        coach = self.problem.coaches[trip.coach].id
        way = tuple(index[node] for node in was.pickups), tuple(index[node] for node in was.drops)
        return coach != was.coach or way != (trip.itinerary.pickups, trip.itinerary.drops)

    def _judge(self) -> tuple[dict[int, int], int]:
        """Trip that stands -> the trip to which most of its riders have come, which is that trip still; and what it costs
        that the others have moved, that trips have changed and that some do not run."""
        claims = self._claims(self.trips)
        moved, changed = sum(claims.values()), 0
        heirs: dict[int, int] = {}
        taken: set[int] = set()
        for (at, told), heads in sorted(claims.items(), key=lambda claim: (-claim[1], claim[0])):
            if told not in heirs and at not in taken:
                heirs[told] = at
                taken.add(at)
                moved -= heads
                changed += told not in self._standing.lost and self.is_another(self.trips[at], told)
        cancelled = len(set(self._told.values()) - heirs.keys() - self._standing.lost)
        promises = self.promises
        return heirs, (
            moved * promises.moved_fen + changed * promises.changed_fen + cancelled * promises.cancelled_fen
        )

    def _claims(self, trips: Sequence[DraftTrip]) -> Counter[tuple[int, int]]:
        """(Position of a trip, trip that stands) -> workers who were told the one and ride the other."""
        claims: Counter[tuple[int, int]] = Counter()
        for at, trip in enumerate(trips):
            for group, parties in trip.loads.items():
                sizes = self.problem.groups[group].parties
                for party in parties:
                    if (told := self._told.get((group, party))) is not None:
                        claims[at, told] += sizes[party]
        return claims

    def _like(self, problem: Problem, told: dict[Rider, int]) -> "Mending":
        twin = Mending(self._standing, self.promises, problem, self.itineraries)
        twin._told = told
        return twin
