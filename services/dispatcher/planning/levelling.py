"""Knows how to fill coaches up to the passengers from which they are subsidised, out of coaches that have more; moves nobody's stop or gate."""

from collections import Counter
from collections.abc import Iterator

from services.dispatcher.planning.draft import Draft, DraftTrip
from services.dispatcher.planning.objective import CHARTER
from services.dispatcher.planning.pricing import Itinerary


def level(draft: Draft) -> None:
    """Give each coach below the minimum what it lacks, on a larger coach if need be, wherever that costs less."""
    subsidy = draft.problem.subsidy
    if draft.problem.objective == CHARTER or subsidy is None:
        return
    for trip in sorted(draft.trips, key=lambda trip: -trip.workers):
        if trip.workers < subsidy.min_passengers:
            _fill_up(draft, trip, subsidy.min_passengers)


def _fill_up(draft: Draft, trip: DraftTrip, minimum: int) -> None:
    coaches = [
        index
        for index, coach in enumerate(draft.problem.coaches)
        if coach.seats >= minimum and (index == trip.coach or draft.is_left(index, trip.day))
    ]
    best = min(coaches, key=lambda i: draft.quote_fen(i, trip.itinerary, minimum), default=None)
    if best is None or draft.quote_fen(best, trip.itinerary, minimum) >= draft.price_fen(trip):
        return
    taken: dict[DraftTrip, list[tuple[int, int]]] = {}
    lacking = minimum - trip.workers
    for donor, group, party in _offers(draft, trip):
        heads = draft.heads(group, [party])
        left = donor.workers - sum(draft.heads(g, [p]) for g, p in taken.get(donor, ())) - heads
        if heads <= lacking and (left >= minimum or donor.workers < minimum) and left > 0:
            taken.setdefault(donor, []).append((group, party))
            lacking -= heads
    after = {donor: _way_without(draft, donor, parties) for donor, parties in taken.items()}
    ways = {donor: way for donor, way in after.items() if way is not None}
    if lacking or len(ways) < len(taken):
        return
    draft.change_coach(trip, best)
    for donor, way in ways.items():
        for group, party in taken[donor]:
            draft.alight(donor, group, party, way)
            draft.board(trip, group, [party], trip.itinerary)


def _way_without(draft: Draft, donor: DraftTrip, taken: list[tuple[int, int]]) -> Itinerary | None:
    """The donor's way once these parties have left it."""
    counts = Counter(group for group, _ in taken)
    ends = [draft.ends[group] for group, parties in donor.loads.items() if len(parties) > counts[group]]
    return draft.itineraries.find(frozenset(a for a, _ in ends), frozenset(b for _, b in ends))


def _offers(draft: Draft, trip: DraftTrip) -> Iterator[tuple[DraftTrip, int, int]]:
    """Parties on other coaches who could ride this one on its way as it is, larger ones first."""
    pickups, drops = trip.pickups, trip.drops
    found = [
        (donor, group, party)
        for donor in draft.trips
        if donor is not trip
        for group, parties in donor.loads.items()
        if draft.ends[group][0] in pickups and draft.ends[group][1] in drops
        if trip.day in draft.problem.groups[group].days
        for party in parties
    ]
    yield from sorted(found, key=lambda offer: -draft.heads(offer[1], [offer[2]]))
