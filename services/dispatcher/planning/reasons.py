"""Knows why a party stays behind and the cheapest change that would carry it; moves nobody.

Every reason is one that the rules force: `screen` finds the parties that no coach is large enough for, and
`explain_waiting` speaks for those who still wait once an engine has done what it can.
"""

from collections.abc import Iterable

from services.dispatcher.planning.draft import Draft
from services.dispatcher.planning.plan import Mend, Reason, Unserved


def screen(draft: Draft) -> list[Unserved]:
    """Let every party wait that some type of coach could seat; name the others with their reason.

    A group that no road leads to alone waits too: the way by another group's stop may be open.
    """
    unserved: list[Unserved] = []
    seats = max(coach.seats for coach in draft.problem.coaches)
    for index, group in enumerate(draft.problem.groups):
        for party, heads in enumerate(group.parties):
            if heads <= seats:
                draft.waiting.setdefault(index, []).append(party)
            else:
                mend = Mend("coach-with-seats", amount=heads)
                reason = Reason("party-exceeds-coach", seats, heads, mend)
                unserved.append(Unserved(group.id, (party,), reason))
    return unserved


def explain_waiting(draft: Draft) -> list[Unserved]:
    """The reason of every party that still waits: its trip is impossible alone, or no coach is left."""
    unserved = []
    for group, parties in sorted(draft.waiting.items()):
        blocked = _blocked(draft, group)
        for alike in [parties] if blocked else _by_reason(draft, group, parties):
            reason = blocked or _no_coach_left(draft, group, alike)
            unserved.append(Unserved(draft.problem.groups[group].id, tuple(sorted(alike)), reason))
    return unserved


def _by_reason(draft: Draft, group: int, parties: list[int]) -> Iterable[list[int]]:
    """Parties for whom the same types of coach are large enough share one reason."""
    sizes = draft.problem.groups[group].parties
    alike: dict[tuple[bool, ...], list[int]] = {}
    for party in parties:
        fits = tuple(coach.seats >= sizes[party] for coach in draft.problem.coaches)
        alike.setdefault(fits, []).append(party)
    return alike.values()


def _blocked(draft: Draft, group: int) -> Reason | None:
    """Why a trip for this group alone cannot be; None where it can."""
    problem = draft.problem
    pickup, drop = draft.ends[group]
    alone = frozenset({pickup}), frozenset({drop})
    if draft.itineraries.find(*alone) is not None:
        return None
    least_s = draft.itineraries.quickest_s(*alone)
    if least_s is None:
        start = problem.node_index[problem.start]
        a, b = (start, pickup) if problem.distance_m[start][pickup] is None else (pickup, drop)
        return Reason("no-road", None, None, Mend("road", nodes=(problem.nodes[a], problem.nodes[b])))
    rule = "duration-exceeded" if problem.timetable is None else "timetable-exceeded"
    return Reason(rule, problem.limits.duration_s, least_s, Mend("longer-duration", amount=least_s))


def _no_coach_left(draft: Draft, group: int, parties: list[int]) -> Reason:
    problem = draft.problem
    largest = max(problem.groups[group].parties[party] for party in parties)
    enough = [coach for coach in problem.coaches if coach.seats >= largest]
    there = sum(coach.per_day[day] or 0 for coach in enough for day in problem.groups[group].days)
    mends = [*_more_coaches(draft, group, parties), *_other_days(draft, group, parties)]
    mend = min(
        mends, key=lambda m: (m.cost_fen or 0, m.change != "one-more-coach", m.day or 0, m.coach or "")
    )
    return Reason("no-coach-left", there, draft.heads(group, parties), mend)


def _more_coaches(draft: Draft, group: int, parties: list[int]) -> Iterable[Mend]:
    """One or more coaches of one type, over the limit, on one of the group's days."""
    pickup, drop = draft.ends[group]
    alone = draft.itineraries.find(frozenset({pickup}), frozenset({drop}))
    sizes = sorted((draft.problem.groups[group].parties[party] for party in parties), reverse=True)
    for index, coach in enumerate(draft.problem.coaches):
        if alone is None or coach.seats < sizes[0]:
            continue
        loads = _pack(sizes, coach.seats)
        cost_fen = sum(draft.quote_fen(index, alone, workers) for workers in loads)
        day = draft.problem.groups[group].days[0]
        yield Mend("one-more-coach", amount=len(loads), coach=coach.id, day=day, cost_fen=cost_fen)


def _pack(sizes: list[int], seats: int) -> list[int]:
    """Workers in each of the coaches that parties of these sizes need, each in the first with room."""
    free: list[int] = []
    for size in sizes:
        for index, room in enumerate(free):
            if size <= room:
                free[index] -= size
                break
        else:
            free.append(seats - size)
    return [seats - room for room in free]


def _other_days(draft: Draft, group: int, parties: list[int]) -> Iterable[Mend]:
    """Leaving on a day outside the group's window: on a trip with room, or on a coach that is left."""
    pickup, drop = draft.ends[group]
    workers = draft.heads(group, parties)
    others = set(range(len(draft.problem.days))) - set(draft.problem.groups[group].days)
    for trip in draft.trips:
        if trip.day in others and draft.free_seats(trip) >= workers:
            joined = draft.itineraries.find(trip.pickups | {pickup}, trip.drops | {drop})
            if joined is not None:
                more_fen = draft.quote_fen(trip.coach, joined, trip.workers + workers) - draft.price_fen(trip)
                yield Mend("another-day", day=trip.day, cost_fen=max(0, more_fen))
    alone = draft.itineraries.find(frozenset({pickup}), frozenset({drop}))
    for index, coach in enumerate(draft.problem.coaches):
        for day in sorted(others):
            if alone is not None and coach.seats >= workers and draft.is_left(index, day):
                cost_fen = draft.quote_fen(index, alone, workers)
                yield Mend("another-day", day=day, coach=coach.id, cost_fen=cost_fen)
