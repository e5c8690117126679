"""Knows the yardstick of a careful dispatcher: the largest group first, into the first coach that fits.

It looks at each group once, so it takes milliseconds, and every other engine starts from what it finds.
"""

from services.dispatcher.planning.boarding import join_part, join_whole, open_for, settle
from services.dispatcher.planning.draft import Draft
from services.dispatcher.planning.plan import Plan, Unserved
from services.dispatcher.planning.pricing import Itineraries
from services.dispatcher.planning.problem import Problem
from services.dispatcher.planning.reasons import explain_waiting, screen


def plan_first_fit(problem: Problem) -> Plan:
    """The plan of first-fit decreasing, its coaches shrunk to the cheapest type that still does."""
    draft, unserved = fill_first_fit(problem, Itineraries(problem))
    return draft.publish([*unserved, *explain_waiting(draft)])


def fill_first_fit(problem: Problem, itineraries: Itineraries) -> tuple[Draft, list[Unserved]]:
    """The better of two fillings, with groups split over coaches to fill seats and without; and whom no
    coach could carry."""
    fillings = [_fill(problem, itineraries, split=split) for split in (False, True)]
    return min(fillings, key=lambda filling: filling[0].rank())


def _fill(problem: Problem, itineraries: Itineraries, *, split: bool) -> tuple[Draft, list[Unserved]]:
    draft = Draft(problem, itineraries)
    unserved = screen(draft)
    seats = max(coach.seats for coach in problem.coaches)
    scarce = any(count is not None for coach in problem.coaches for count in coach.per_day)
    for group in _largest_first(draft, scarce=scarce):
        while group in draft.waiting:
            full = draft.heads(group, draft.waiting[group]) >= seats
            if full and open_for(draft, group):
                continue
            if join_whole(draft, group) or (split and join_part(draft, group)) or open_for(draft, group):
                continue
            break
    settle(draft)
    return draft, unserved


def _largest_first(draft: Draft, *, scarce: bool) -> list[int]:
    """Groups by size; where coaches are limited, the first priority class goes before all others."""
    groups = draft.problem.groups
    return sorted(
        draft.waiting,
        key=lambda g: (groups[g].priority if scarce else 0, -draft.heads(g, draft.waiting[g]), g),
    )
