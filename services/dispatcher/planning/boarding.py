"""Knows the single steps of filling coaches by hand: join, open, shrink, fill up; chooses no overall order."""

from services.dispatcher.planning.draft import Draft, DraftTrip
from services.dispatcher.planning.levelling import level
from services.dispatcher.planning.pricing import Itinerary


def join_whole(draft: Draft, group: int) -> bool:
    """Put all that wait of the group on the trip with room for which it costs least more. False if none."""
    workers = draft.heads(group, draft.waiting[group])
    best: tuple[int, DraftTrip, Itinerary] | None = None
    for trip in draft.trips:
        if draft.free_seats(trip) < workers:
            continue
        joined = draft.with_group(trip, group)
        if joined is not None:
            more_m = joined.distance_m - trip.itinerary.distance_m
            if best is None or more_m < best[0]:
                best = more_m, trip, joined
    if best is None:
        return False
    draft.board(best[1], group, draft.waiting.pop(group), best[2])
    return True


def join_part(draft: Draft, group: int) -> bool:
    """Put as many as possible of the group on the trip that can take the most of them. False if none."""
    best: tuple[int, int, DraftTrip, Itinerary, list[int]] | None = None
    for trip in draft.trips:
        chosen = fitting(draft, group, draft.free_seats(trip))
        taken = draft.heads(group, chosen)
        if not taken or (best is not None and taken < best[0]):
            continue
        joined = draft.with_group(trip, group)
        if joined is not None:
            more_m = joined.distance_m - trip.itinerary.distance_m
            if best is None or (-taken, more_m) < (-best[0], best[1]):
                best = taken, more_m, trip, joined, chosen
    if best is None:
        return False
    board_some(draft, best[2], group, best[4], best[3])
    return True


def open_for(draft: Draft, group: int) -> bool:
    """Open the coach with the lowest price a seat, once full, that is left on the group's days, and fill it. False if none."""
    pickup, drop = draft.ends[group]
    alone = draft.itineraries.find(frozenset({pickup}), frozenset({drop}))
    best: tuple[float, int, int] | None = None
    for index, coach in enumerate(draft.problem.coaches):
        for day in draft.problem.groups[group].days:
            if alone is not None and draft.is_left(index, day) and fitting(draft, group, coach.seats):
                key = draft.quote_fen(index, alone, coach.seats) / coach.seats, index, day
                best = key if best is None or key < best else best
    if alone is None or best is None:
        return False
    _, index, day = best
    chosen = fitting(draft, group, draft.problem.coaches[index].seats)
    board_some(draft, draft.open_trip(index, day, alone), group, chosen, alone)
    return True


def fitting(draft: Draft, group: int, seats: int) -> list[int]:
    """Waiting parties of the group for these seats, the largest that still fits first."""
    sizes = draft.problem.groups[group].parties
    chosen = []
    for party in sorted(draft.waiting[group], key=lambda party: (-sizes[party], party)):
        if sizes[party] <= seats:
            chosen.append(party)
            seats -= sizes[party]
    return chosen


def shrink(draft: Draft) -> None:
    """Give every trip the cheapest type of coach that carries its load and is left, until none gets cheaper."""
    changed = True
    while changed:
        changed = False
        for trip in draft.trips:
            price = draft.price_fen(trip), draft.tie_fen(trip.coach, trip.itinerary)
            for index, coach in enumerate(draft.problem.coaches):
                other = (
                    draft.quote_fen(index, trip.itinerary, trip.workers),
                    draft.tie_fen(index, trip.itinerary),
                )
                if other < price and coach.seats >= trip.workers and draft.is_left(index, trip.day):
                    draft.change_coach(trip, index)
                    price, changed = other, True


def settle(draft: Draft) -> None:
    """Shrink every coach, and carry whoever still waits on what that frees, until nobody more can be. What is paid by heads is levelled
    first, so that no coach is shrunk that could have been filled up."""
    level(draft)
    shrink(draft)
    while draft.waiting and _carry_leftovers(draft):
        level(draft)
        shrink(draft)


def _carry_leftovers(draft: Draft) -> bool:
    """Carry whoever waits wherever there is room, a coach left, or a larger coach left for a trip."""
    carried = False
    for group in sorted(draft.waiting, key=lambda g: (draft.problem.groups[g].priority, g)):
        while group in draft.waiting:
            if not (join_part(draft, group) or open_for(draft, group) or _enlarge_for(draft, group)):
                break
            carried = True
    return carried


def _enlarge_for(draft: Draft, group: int) -> bool:
    """Give a trip a larger coach that is left, where that lets the most of the group join."""
    best: tuple[int, int, int, DraftTrip] | None = None
    for trip in draft.trips:
        if draft.with_group(trip, group) is None:
            continue
        for index, coach in enumerate(draft.problem.coaches):
            if draft.is_left(index, trip.day) and coach.seats > draft.problem.coaches[trip.coach].seats:
                taken = draft.heads(group, fitting(draft, group, coach.seats - trip.workers))
                more_fen = draft.quote_fen(index, trip.itinerary, trip.workers + taken) - draft.price_fen(
                    trip
                )
                if taken and (best is None or (-taken, more_fen) < best[:2]):
                    best = -taken, more_fen, index, trip
    if best is None:
        return False
    draft.change_coach(best[3], best[2])
    return join_part(draft, group)


def board_some(draft: Draft, trip: DraftTrip, group: int, chosen: list[int], itinerary: Itinerary) -> None:
    """Put these waiting parties of the group on the trip; the others go on waiting."""
    draft.board(trip, group, chosen, itinerary)
    rest = [party for party in draft.waiting[group] if party not in set(chosen)]
    if rest:
        draft.waiting[group] = rest
    else:
        del draft.waiting[group]
