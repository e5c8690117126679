"""Knows how a fleet of coaches with so many workers of each group becomes a draft with whole parties; chooses no fleet."""

from services.dispatcher.planning.annealing import Fleet
from services.dispatcher.planning.boarding import settle
from services.dispatcher.planning.draft import Draft, Loads


def deal(like: Draft, fleet: Fleet) -> Draft:
    """The fleet as a draft of the same problem: groups dealt out to its coaches in whole parties, whoever is left over boarded where there
    is room."""
    draft = Draft(like.problem, like.itineraries)
    everybody = {g: list(parties) for g, parties in like.waiting.items()}
    for trip in like.trips:
        for group, parties in trip.loads.items():
            everybody.setdefault(group, []).extend(parties)
    rooms = _deal_out(draft, everybody, fleet)
    for t, loads in rooms.items():
        pickups = frozenset(draft.ends[group][0] for group in loads)
        drops = frozenset(draft.ends[group][1] for group in loads)
        itinerary = like.itineraries.find(pickups, drops)
        if itinerary is None:
            continue
        trip = draft.open_trip(int(fleet.coach[t]), int(fleet.day[t]), itinerary)
        for group, parties in loads.items():
            draft.board(trip, group, parties, itinerary)
            everybody[group] = [party for party in everybody[group] if party not in parties]
    draft.waiting = {group: parties for group, parties in everybody.items() if parties}
    settle(draft)
    return draft


def _deal_out(draft: Draft, waiting: Loads, fleet: Fleet) -> dict[int, Loads]:
    """Parties for each slot that runs with somebody, of every group as many workers as the slot carries of it or a few fewer: the largest
    first, each where the most of its group's seats are still free."""
    dealt: dict[int, Loads] = {}
    for group, parties in waiting.items():
        sizes = draft.problem.groups[group].parties
        free = {t: int(n) for t, n in enumerate(fleet.loads[:, group]) if n > 0 and fleet.coach[t] >= 0}
        for party in sorted(parties, key=lambda party: (-sizes[party], party)):
            slot = max(free, key=lambda t: (free[t], -t), default=None)
            if slot is not None and free[slot] >= sizes[party]:
                dealt.setdefault(slot, {}).setdefault(group, []).append(party)
                free[slot] -= sizes[party]
    return dict(sorted(dealt.items()))
