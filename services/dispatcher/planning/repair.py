"""Knows how to mend a plan that stands after a change, touching few of its trips; makes no plan from nothing.

Whoever has no seat first gets the cheapest one there is: on a trip with room, by a detour, on a larger coach, on a coach
of its own. Then the trips that this touched and a few beside them are emptied and filled again by `refill`, where a broken
promise has its price: what was told to a worker or a carrier is only taken back where that saves more. All other
trips are the same values afterwards as before.

The routing library, warm-started on the same trips, found in 0.5 s what costs 1,500 to 2,400 yuan more after a
breakdown than 0.3 s of refilling (means of 12 each, with and without a rule set); after a late party or a withdrawal it found nothing.
"""

import random
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from services.dispatcher.planning.boarding import board_some, fitting
from services.dispatcher.planning.changes import Standing
from services.dispatcher.planning.draft import Draft, DraftTrip
from services.dispatcher.planning.plan import Plan, Trip, Unserved
from services.dispatcher.planning.pricing import Itineraries, Itinerary
from services.dispatcher.planning.problem import Problem
from services.dispatcher.planning.problem_format import hash_problem
from services.dispatcher.planning.reasons import explain_waiting, screen
from services.dispatcher.planning.refill import refill
from services.dispatcher.planning.stop import Stop

NEIGHBOURS = (
    5  # trips beside the touched ones that a repair may change; with 8 or 12 the same rounds find less
)
ROUNDS = 1000  # of emptying and filling: 0.3 s on a pool of 40 stops


@dataclass(frozen=True)
class Promises:
    """What it costs, in fen, to take back what was told: a worker who rides another trip, a trip that runs with another
    coach or by another way, a trip that does not run."""

    moved_fen: int
    changed_fen: int
    cancelled_fen: int


def repair(
    standing: Standing, promises: Promises, stop: Stop, seed: int, neighbours: int = NEIGHBOURS
) -> Plan:
    """A lawful plan of the changed problem close to the one that stands; everybody is carried who finds a seat. With as many
    `neighbours` as there are trips the whole pool is planned again from the plan that stands.

    The same work and seed give the same plan, byte for byte.
    """
    allowance = stop.begin()
    draft = _Mending(standing, promises, standing.problem, Itineraries(standing.problem))
    too_large = screen(draft)
    draft.seat()
    seekers = set(draft.waiting)
    before = [(trip, trip.coach, trip.itinerary, trip.workers) for trip in draft.trips]
    _carry(draft)
    kept = [trip for trip, *was in before if was == [trip.coach, trip.itinerary, trip.workers]]
    kept = [trip for trip in kept if draft.told_of(trip) not in standing.touched]
    touched = [trip for trip in draft.trips if trip not in kept]
    part = [*touched, *_nearest(draft, kept, touched, seekers)[:neighbours]]
    frozen = [trip for trip in draft.trips if trip not in part]
    better = refill(draft.apart(part, frozen), random.Random(seed), allowance, 1.0)  # noqa: S311 - chance is no secret
    mended = draft.empty()
    for trip in (*frozen, *better.trips):
        mended.adopt(trip)
    mended.waiting = better.waiting
    _carry(mended)  # on the frozen trips too, whoever the search has exchanged for others
    return _publish(mended, standing.trips, [*too_large, *explain_waiting(mended)])


class _Mending(Draft):
    """A draft that knows who was told which trip: its rank counts what is taken back of that."""

    def __init__(
        self, standing: Standing, promises: Promises, problem: Problem, itineraries: Itineraries
    ) -> None:
        super().__init__(problem, itineraries)
        self._standing, self.promises = standing, promises
        self._told: dict[tuple[int, int], int] = {}  # group and party -> the trip that they were told

    def empty(self) -> "_Mending":
        return self._like(self.problem, self._told)

    def seat(self) -> None:
        """Put everybody who waits and has a trip that stands on it."""
        node_index, group_index = self.problem.node_index, self.problem.group_index
        for at, trip in enumerate(self._standing.trips):
            loads = [(group_index[load.group], list(load.parties)) for load in trip.loads]
            self._told |= {(group, party): at for group, parties in loads for party in parties}
            visits = [[node_index[node] for node in nodes] for nodes in (trip.pickups, trip.drops)]
            itinerary = Itinerary(tuple(visits[0]), tuple(visits[1]), trip.distance_m, trip.duration_s)
            needed = [frozenset(self.ends[group][end] for group, _ in loads) for end in (0, 1)]
            if needed != [frozenset(visits[0]), frozenset(visits[1])]:  # a rider's stop or gate is left out
                found = self.itineraries.find(needed[0], needed[1]) if loads else None
                if found is None:
                    continue
                itinerary = found
            if at not in self._standing.lost:
                row = self.open_trip(self.problem.coach_index[trip.coach], trip.day, itinerary)
                for group, parties in loads:
                    board_some(self, row, group, parties, itinerary)

    def apart(self, part: Sequence[DraftTrip], frozen: Iterable[DraftTrip]) -> "_Mending":
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

    def rank(self) -> tuple[tuple[int, ...], int]:
        """Who was told a trip is left behind last of all, whatever class those are in who come late."""
        left, cost_fen = super().rank()
        told = sum(
            self.heads(group, [party for party in parties if (group, party) in self._told])
            for group, parties in self.waiting.items()
        )
        return (told, *left), cost_fen + self._broken_fen()

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

    def _broken_fen(self) -> int:
        """The trip to which most riders of one that stands have come is that trip still; the others have moved."""
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
        return (
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

    def _like(self, problem: Problem, told: dict[tuple[int, int], int]) -> "_Mending":
        twin = _Mending(self._standing, self.promises, problem, self.itineraries)
        twin._told = told
        return twin


@dataclass(frozen=True)
class _Seat:
    """A way to carry parties of one group: a trip (None: a new one), its coach and itinerary, and what it costs more."""

    trip: DraftTrip | None
    coach: int
    day: int
    itinerary: Itinerary
    parties: tuple[int, ...]
    more_fen: int


def _carry(draft: _Mending) -> None:
    """Give everybody who waits the seat that costs least a head, priority classes in order, until none is found."""
    carried = True
    while carried:
        carried = False
        for group in sorted(draft.waiting, key=lambda g: (draft.problem.groups[g].priority, g)):
            while group in draft.waiting and (seat := _cheapest_seat(draft, group)) is not None:
                trip = seat.trip or draft.open_trip(seat.coach, seat.day, seat.itinerary)
                draft.change_coach(trip, seat.coach)
                board_some(draft, trip, group, list(seat.parties), seat.itinerary)
                carried = True


def _cheapest_seat(draft: _Mending, group: int) -> _Seat | None:
    seats = (*_seats_on_trips(draft, group), *_seats_of_their_own(draft, group))
    each = {seat: draft.heads(group, seat.parties) for seat in seats if seat.parties}
    return min(each, key=lambda seat: (seat.more_fen / each[seat], -each[seat]), default=None)


def _seats_on_trips(draft: _Mending, group: int) -> Iterable[_Seat]:
    for trip in draft.trips:
        joined = draft.with_group(trip, group)
        if joined is None:
            continue
        told = draft.told_of(trip)
        was_another = told is None or draft.is_another(trip, told)
        for index, coach in enumerate(draft.problem.coaches):
            same = index == trip.coach
            if coach.seats > trip.workers and (same or draft.is_left(index, trip.day)):
                more_fen = draft.quote_fen(index, joined) - draft.price_fen(trip)
                if not was_another and not (same and joined == trip.itinerary):
                    more_fen += draft.promises.changed_fen
                chosen = tuple(fitting(draft, group, coach.seats - trip.workers))
                yield _Seat(trip, index, trip.day, joined, chosen, more_fen)


def _seats_of_their_own(draft: _Mending, group: int) -> Iterable[_Seat]:
    pickup, drop = draft.ends[group]
    alone = draft.itineraries.find(frozenset({pickup}), frozenset({drop}))
    for day in draft.problem.groups[group].days if alone else ():
        for index, coach in enumerate(draft.problem.coaches):
            if alone is not None and draft.is_left(index, day):
                chosen = tuple(fitting(draft, group, coach.seats))
                yield _Seat(None, index, day, alone, chosen, draft.quote_fen(index, alone))


def _nearest(
    draft: _Mending, kept: Sequence[DraftTrip], touched: Sequence[DraftTrip], seekers: Collection[int]
) -> list[DraftTrip]:
    """The other trips, those first which pass closest by the stops and gates that the change is about."""
    metres = draft.problem.distance_m
    stops = {draft.ends[group][0] for group in seekers} | {s for trip in touched for s in trip.pickups}
    gates = {draft.ends[group][1] for group in seekers} | {g for trip in touched for g in trip.drops}

    def way_m(here: Collection[int], there: Collection[int]) -> float:
        ways = [m for a in here for b in there if (m := metres[a][b]) is not None]
        return min(ways, default=float("inf"))

    return sorted(kept, key=lambda trip: way_m(stops, trip.pickups) + way_m(gates, trip.drops))


def _publish(draft: Draft, stood: Sequence[Trip], unserved: list[Unserved]) -> Plan:
    """The draft as a plan of the changed problem; a trip that stays as it stood is the same value."""
    plan = draft.publish(unserved)
    same = {_essence(trip): trip for trip in stood}
    trips = tuple(same.get(_essence(trip), trip) for trip in plan.trips)
    return replace(plan, problem_sha256=hash_problem(draft.problem), trips=trips)


def _essence(trip: Trip) -> object:
    loads = frozenset((load.group, frozenset(load.parties)) for load in trip.loads)
    return trip.coach, trip.day, trip.distance_m, frozenset(trip.pickups), frozenset(trip.drops), loads
