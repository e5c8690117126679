"""Knows what a change of a pool makes of its problem and of the plan that stands; mends nothing.

Each function gives both in the names of the changed problem: a party that leaves gives its number to the next one of
its group, and who rides with whom stays as it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from services.dispatcher.planning.plan import Load, Trip
from services.dispatcher.planning.problem import Group, Problem

Item = TypeVar("Item")


Party = tuple[str, int]  # a group and one of its parties


@dataclass(frozen=True)
class Wishes:
    """What a dispatcher lays down beside the rules: trips that stay as they stand, the trip that a party must ride, trips
    that it must not, and parties that must not ride together. Trips are indices of those that stand."""

    locked: frozenset[int] = frozenset()
    forced: Mapping[Party, int] = field(default_factory=dict)
    forbidden: frozenset[tuple[Party, int]] = frozenset()
    apart: frozenset[tuple[Party, Party]] = frozenset()


@dataclass(frozen=True)
class Standing:
    """A changed problem and the trips that stand in it. `touched`: those that lost riders, `lost`: those that lost their
    coach (indices). Whoever is in the problem and on no trip wants a seat."""

    problem: Problem
    trips: tuple[Trip, ...]
    touched: frozenset[int] = frozenset()
    lost: frozenset[int] = frozenset()
    wishes: Wishes = Wishes()


def join_late(problem: Problem, trips: Sequence[Trip], late: Group) -> Standing:
    """Parties that come late: into the group of that id where there is one, else as a group of its own."""
    known = problem.group_index.get(late.id)
    if known is None:
        groups = (*problem.groups, late)
    else:
        grown = problem.groups[known]
        grown = replace(grown, parties=(*grown.parties, *late.parties))
        groups = _with(problem.groups, known, grown)
    return Standing(replace(problem, groups=groups), tuple(trips))


def withdraw(problem: Problem, trips: Sequence[Trip], group: str, party: int) -> Standing:
    """A party that does not travel; with its last party the group goes."""
    at = problem.group_index[group]
    parties = problem.groups[at].parties
    left = replace(problem.groups[at], parties=parties[:party] + parties[party + 1 :])
    groups = (
        _with(problem.groups, at, left) if left.parties else problem.groups[:at] + problem.groups[at + 1 :]
    )
    without = tuple(_without(trip, group, party) for trip in trips)
    heads = [sum(len(load.parties) for load in trip.loads) for trip in (*trips, *without)]
    touched = frozenset(i for i in range(len(trips)) if heads[i] != heads[len(trips) + i])
    return Standing(replace(problem, groups=groups), without, touched)


def break_down(problem: Problem, trips: Sequence[Trip], at: int) -> Standing:
    """The coach of trip `at` does not run, nor can another be had in its place where its type is limited."""
    trip = trips[at]
    coach = problem.coaches[problem.coach_index[trip.coach]]
    limit = coach.per_day[trip.day]
    fewer = limit if limit is None else max(0, limit - 1)
    coach = replace(coach, per_day=_with(coach.per_day, trip.day, fewer))
    coaches = _with(problem.coaches, problem.coach_index[trip.coach], coach)
    return Standing(replace(problem, coaches=coaches), tuple(trips), lost=frozenset({at}))


def _with(items: tuple[Item, ...], at: int, item: Item) -> tuple[Item, ...]:
    return (*items[:at], item, *items[at + 1 :])


def _without(trip: Trip, group: str, party: int) -> Trip:
    loads = []
    for load in trip.loads:
        if load.group == group:
            load = Load(group, tuple(p - (p > party) for p in load.parties if p != party))
        loads += [load] if load.parties else []
    return replace(trip, loads=tuple(loads))
