"""Knows how to mend a plan that stands after a change, touching few of its trips; makes no plan from nothing.

Whoever has no seat first gets the cheapest one there is: on a trip with room, by a detour, on a larger coach, on a coach
of its own. Then the trips that this touched and a few beside them are emptied and filled again by `refill`, where a broken
promise has its price: what was told to a worker or a carrier is only taken back where that saves more. All other
trips are the same values afterwards as before.

The routing library, warm-started on the same trips, found in 0.5 s what costs 1,500 to 2,400 yuan more after a
breakdown than 0.3 s of refilling (means of 12 each, with and without a rule set); after a late party or a withdrawal it found nothing
better than the cheapest seat.
"""

import random
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from services.dispatcher.planning.boarding import board_some
from services.dispatcher.planning.changes import Standing
from services.dispatcher.planning.draft import DraftTrip
from services.dispatcher.planning.mending import Mending, Promises
from services.dispatcher.planning.plan import Plan, Trip, Unserved
from services.dispatcher.planning.pricing import Itineraries, Itinerary
from services.dispatcher.planning.problem_format import hash_problem
from services.dispatcher.planning.reasons import explain_waiting, screen
from services.dispatcher.planning.refill import refill
from services.dispatcher.planning.stop import Stop
from services.dispatcher.planning.wishes import lay_down

NEIGHBOURS = (
    5  # trips beside the touched ones that a repair may change; with 8 or 12 the same rounds find less
)
ROUNDS = 1000  # of emptying and filling: 0.3 s of a core on a pool of 40 stops


def repair(
    standing: Standing, promises: Promises, stop: Stop, seed: int, neighbours: int = NEIGHBOURS
) -> Plan:
    """A lawful plan of the changed problem close to the one that stands; everybody is carried who finds a seat. With as many
    `neighbours` as there are trips the whole pool is planned again from the plan that stands.

    The same work and seed give the same plan, byte for byte.
    """
    allowance = stop.begin()
    standing = lay_down(standing)
    draft = Mending(standing, promises, standing.problem, Itineraries(standing.problem))
    too_large = screen(draft)
    draft.seat()
    seekers = set(draft.waiting)
    before = [(trip, trip.coach, trip.itinerary, trip.workers) for trip in draft.trips]
    _carry(draft)
    kept = [trip for trip, *was in before if was == [trip.coach, trip.itinerary, trip.workers]]
    kept = [trip for trip in kept if draft.told_of(trip) not in standing.touched]
    locked = [trip for trip in draft.trips if draft.told_of(trip) in standing.wishes.locked]
    kept = [trip for trip in kept if trip not in locked]
    touched = [trip for trip in draft.trips if trip not in kept and trip not in locked]
    part = [*touched, *_nearest(draft, kept, touched, seekers)[:neighbours]]
    frozen = [trip for trip in draft.trips if trip not in part]
    better = refill(draft.apart(part, frozen), random.Random(seed), allowance, 1.0)  # noqa: S311 - chance is no secret
    mended = draft.empty()
    for trip in (*frozen, *better.trips):
        mended.adopt(trip)
    mended.waiting = better.waiting
    _carry(mended)  # on the frozen trips too, whoever the search has exchanged for others
    return _publish(mended, standing.trips, [*too_large, *explain_waiting(mended)])


@dataclass(frozen=True)
class _Seat:
    """A way to carry parties of one group: a trip (None: a new one), its coach and itinerary, and what it costs more."""

    trip: DraftTrip | None
    coach: int
    day: int
    itinerary: Itinerary
    parties: tuple[int, ...]
    more_fen: int


def _carry(draft: Mending) -> None:
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


def _cheapest_seat(draft: Mending, group: int) -> _Seat | None:
    seats = (*_seats_on_trips(draft, group), *_seats_of_their_own(draft, group))
    each = {seat: draft.heads(group, seat.parties) for seat in seats if seat.parties}
    return min(each, key=lambda seat: (seat.more_fen / each[seat], -each[seat]), default=None)


def _seats_on_trips(draft: Mending, group: int) -> Iterable[_Seat]:
    for trip in draft.trips:
        joined = draft.with_group(trip, group)
        if joined is None:
            continue
        told = draft.told_of(trip)
        was_another = told is None or draft.is_another(trip, told)
        for index, coach in enumerate(draft.problem.coaches):
            same = index == trip.coach
            if coach.seats > trip.workers and (same or draft.is_left(index, trip.day)):
                chosen = draft.choose(group, coach.seats - trip.workers, trip, told)
                workers = trip.workers + draft.heads(group, chosen)
                more_fen = draft.quote_fen(index, joined, workers) - draft.price_fen(trip)
                if not was_another and not (same and joined == trip.itinerary):
                    more_fen += draft.promises.changed_fen
                yield _Seat(trip, index, trip.day, joined, chosen, more_fen)


def _seats_of_their_own(draft: Mending, group: int) -> Iterable[_Seat]:
    pickup, drop = draft.ends[group]
    alone = draft.itineraries.find(frozenset({pickup}), frozenset({drop}))
    for day in draft.problem.groups[group].days if alone else ():
        for index, coach in enumerate(draft.problem.coaches):
            if alone is not None and draft.is_left(index, day):
                chosen = draft.choose(group, coach.seats, None, None)
                price_fen = draft.quote_fen(index, alone, draft.heads(group, chosen))
                yield _Seat(None, index, day, alone, chosen, price_fen)


def _nearest(
    draft: Mending, kept: Sequence[DraftTrip], touched: Sequence[DraftTrip], seekers: Collection[int]
) -> list[DraftTrip]:
    """The other trips, those first which pass closest by the stops and gates that the change is about."""
    metres = draft.problem.distance_m
    stops = {draft.ends[group][0] for group in seekers} | {s for trip in touched for s in trip.pickups}
    gates = {draft.ends[group][1] for group in seekers} | {g for trip in touched for g in trip.drops}

    def way_m(here: Collection[int], there: Collection[int]) -> float:
        ways = [m for a in here for b in there if (m := metres[a][b]) is not None]
        return min(ways, default=float("inf"))

    return sorted(kept, key=lambda trip: way_m(stops, trip.pickups) + way_m(gates, trip.drops))


def _publish(draft: Mending, stood: Sequence[Trip], unserved: list[Unserved]) -> Plan:
    """The draft as a plan of the changed problem; a trip that stays as it stood is the same value."""
    plan = draft.publish(unserved)
    same = {_essence(trip): trip for trip in stood}
    trips = tuple(same.get(_essence(trip), trip) for trip in plan.trips)
    return replace(plan, problem_sha256=hash_problem(draft.problem), trips=trips)


def _essence(trip: Trip) -> object:
    loads = frozenset((load.group, frozenset(load.parties)) for load in trip.loads)
    way = trip.distance_m, frozenset(trip.pickups), frozenset(trip.drops)
    return trip.coach, trip.day, way, loads, trip.cost_fen  # what the public pays depends on who rides
