"""Knows every rule a plan must keep, one function a rule, and finds where one is broken; mends nothing.

It shares only the data types with the engines: distances, durations and prices are worked out here again.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise, permutations, product

from services.dispatcher.domain import rules
from services.dispatcher.domain.timetable import SHANGHAI, build_timetable
from services.dispatcher.planning.objective import Subsidy
from services.dispatcher.planning.plan import Plan, Trip
from services.dispatcher.planning.problem import CoachType, Group, Problem
from services.dispatcher.planning.problem_format import hash_problem


@dataclass(frozen=True)
class Violation:
    """A broken rule: its code, the rule's limit, the figure that breaks it, and where in the plan."""

    rule: str
    limit: int | str | None
    figure: int | str | None
    where: str


Found = Iterable[Violation]


def list_violations(problem: Problem, plan: Plan) -> list[Violation]:
    """Every breach of a rule in the plan; empty for a plan that may be published."""
    broken = [*find_other_problem(problem, plan), *find_unknown_names(problem, plan)]
    if broken:
        return broken  # nothing else can be judged
    return [violation for rule in PLAN_RULES for violation in rule(problem, plan)]


def find_other_problem(problem: Problem, plan: Plan) -> Found:
    """`problem-hash`: the plan answers this problem and no other."""
    sha256 = hash_problem(problem)
    if plan.problem_sha256 != sha256:
        yield Violation("problem-hash", sha256, plan.problem_sha256, "problem_sha256")


def find_unknown_names(problem: Problem, plan: Plan) -> Found:
    """`unknown-name`: coaches, days, nodes, groups and parties exist in the problem."""
    for at, trip in _trips(plan):
        if trip.coach not in problem.coach_index:
            yield Violation("unknown-name", None, trip.coach, f"{at}.coach")
        if not 0 <= trip.day < len(problem.days):
            yield Violation("unknown-name", len(problem.days) - 1, trip.day, f"{at}.day")
        for node in (*trip.pickups, *trip.drops):
            if node not in problem.node_index:
                yield Violation("unknown-name", None, node, at)
    loads = [(f"{at}.loads[{i}]", load) for at, trip in _trips(plan) for i, load in enumerate(trip.loads)]
    named = [(at, load.group, load.parties) for at, load in loads]
    named += [(f"unserved[{i}]", left.group, left.parties) for i, left in enumerate(plan.unserved)]
    for at, group, parties in named:
        if group not in problem.group_index:
            yield Violation("unknown-name", None, group, f"{at}.group")
            continue
        count = len(problem.groups[problem.group_index[group]].parties)
        for party in parties:
            if not 0 <= party < count:
                yield Violation("unknown-name", count - 1, party, f"{at}.parties")


def find_parties_not_once(problem: Problem, plan: Plan) -> Found:
    """`party-once`: each party, whole, is on exactly one trip or among the unserved."""
    counts: Counter[tuple[str, int]] = Counter()
    for trip in plan.trips:
        counts.update((load.group, party) for load in trip.loads for party in load.parties)
    counts.update((left.group, party) for left in plan.unserved for party in left.parties)
    for group in problem.groups:
        for party in range(len(group.parties)):
            if counts[group.id, party] != 1:
                yield Violation("party-once", 1, counts[group.id, party], f"group {group.id} party {party}")


def find_overfull_coaches(problem: Problem, plan: Plan) -> Found:
    """`seats`: nobody stands."""
    for at, trip in _trips(plan):
        seats = problem.coaches[problem.coach_index[trip.coach]].seats
        heads = sum(
            _group(problem, load.group).parties[party] for load in trip.loads for party in load.parties
        )
        if heads > seats:
            yield Violation("seats", seats, heads, at)


def find_empty_trips(_problem: Problem, plan: Plan) -> Found:
    """`empty-trip`: a coach that runs carries somebody, and a load has a party."""
    for at, trip in _trips(plan):
        if not trip.loads or not all(load.parties for load in trip.loads):
            yield Violation("empty-trip", 1, 0, at)


def find_wrong_days(problem: Problem, plan: Plan) -> Found:
    """`day`: every group leaves on a day of its window."""
    for at, trip in _trips(plan):
        for load in trip.loads:
            days = _group(problem, load.group).days
            if trip.day not in days:
                yield Violation("day", ",".join(map(str, days)), trip.day, f"{at} group {load.group}")


def find_wrong_visits(problem: Problem, plan: Plan) -> Found:
    """`visits`: each load's stop and gate is visited, nothing else is, and nothing twice.

    That every pickup comes before every drop is in the form of a trip: start -> pickups -> drops.
    """
    for at, trip in _trips(plan):
        groups = [_group(problem, load.group) for load in trip.loads]
        for name, visited, wanted in (
            ("pickups", trip.pickups, {group.pickup for group in groups}),
            ("drops", trip.drops, {group.drop for group in groups}),
        ):
            if sorted(visited) != sorted(wanted):
                yield Violation("visits", ",".join(sorted(wanted)), ",".join(visited), f"{at}.{name}")


def find_too_many_visits(problem: Problem, plan: Plan) -> Found:
    """`pickups` and `drops`: a trip makes at most so many visits of each kind."""
    for at, trip in _trips(plan):
        if len(trip.pickups) > problem.limits.pickups:
            yield Violation("pickups", problem.limits.pickups, len(trip.pickups), at)
        if len(trip.drops) > problem.limits.drops:
            yield Violation("drops", problem.limits.drops, len(trip.drops), at)


def find_too_many_coaches(problem: Problem, plan: Plan) -> Found:
    """`per-day`: no more coaches of a type run on a day than there are."""
    running = Counter((trip.coach, trip.day) for trip in plan.trips)
    for coach in problem.coaches:
        for day, limit in enumerate(coach.per_day):
            if limit is not None and running[coach.id, day] > limit:
                yield Violation(
                    "per-day", limit, running[coach.id, day], f"{coach.id} on {problem.days[day]}"
                )


def find_missing_roads(problem: Problem, plan: Plan) -> Found:
    """`no-road`: there is a road for every leg."""
    for at, trip in _trips(plan):
        for a, b in _legs(problem, (*trip.pickups, *trip.drops)):
            if problem.distance_m[a][b] is None:
                yield Violation("no-road", None, f"{problem.nodes[a]} -> {problem.nodes[b]}", at)


def find_unlawful_timetables(problem: Problem, plan: Plan) -> Found:
    """The named rules of `check_timetable`: the timetable of each trip keeps them all."""
    for at, trip in _trips(plan):
        for broken in _measure(problem, trip.day, (*trip.pickups, *trip.drops))[1]:
            yield Violation(broken.rule, broken.limit, broken.figure, f"{at} {broken.where}")


def find_long_trips(problem: Problem, plan: Plan) -> Found:
    """`duration`: driving and service, or the whole lawful timetable, fit into the limit."""
    for at, trip in _trips(plan):
        elapsed_s = _elapsed_s(problem, trip.day, (*trip.pickups, *trip.drops))
        if elapsed_s is not None and elapsed_s > problem.limits.duration_s:
            yield Violation("duration", problem.limits.duration_s, elapsed_s, at)


def find_wrong_durations(problem: Problem, plan: Plan) -> Found:
    """`duration-figure`: a trip's seconds and metres are those of its order."""
    for at, trip in _trips(plan):
        visits = (*trip.pickups, *trip.drops)
        metres, seconds = _distance_m(problem, visits), _elapsed_s(problem, trip.day, visits)
        if metres is not None and metres != trip.distance_m:
            yield Violation("distance-figure", metres, trip.distance_m, at)
        if seconds is not None and seconds != trip.duration_s:
            yield Violation("duration-figure", seconds, trip.duration_s, at)


def find_long_ways_round(problem: Problem, plan: Plan) -> Found:
    """`shortest-order`: no lawful order of the same visits is shorter."""
    for at, trip in _trips(plan):
        metres = _distance_m(problem, (*trip.pickups, *trip.drops))
        shortest = _shortest_m(problem, trip, metres)
        if shortest is not None and metres is not None and shortest < metres:
            yield Violation("shortest-order", shortest, metres, at)


def find_wrong_prices(problem: Problem, plan: Plan) -> Found:
    """`price` and `cost`: each trip costs its tariff or what the public pays of that, as the objective says, and the plan its trips."""
    total_fen = 0
    for at, trip in _trips(plan):
        coach = problem.coaches[problem.coach_index[trip.coach]]
        visits = (*trip.pickups, *trip.drops)
        metres, seconds = _distance_m(problem, visits), _measure(problem, trip.day, visits)[0]
        if metres is None or seconds is None:
            continue
        price_fen = _charter_fen(problem, coach, metres, seconds)
        if problem.objective != "charter":
            heads = sum(_group(problem, load.group).parties[p] for load in trip.loads for p in load.parties)
            price_fen = _public_fen(problem.subsidy, price_fen, heads)
        total_fen += price_fen
        if price_fen != trip.cost_fen:
            yield Violation("price", price_fen, trip.cost_fen, at)
    if total_fen != plan.cost_fen:
        yield Violation("cost", total_fen, plan.cost_fen, "cost_fen")


def find_needlessly_unserved(problem: Problem, plan: Plan) -> Found:
    """`needlessly-unserved`: whoever stays behind could neither join a trip nor ride alone on a coach left."""
    running = Counter((trip.coach, trip.day) for trip in plan.trips)
    for index, left in enumerate(plan.unserved):
        group = _group(problem, left.group)
        smallest = min((group.parties[party] for party in left.parties), default=0)
        for way in (
            *_rides_alone(problem, group, smallest, running),
            *_joins(problem, plan, group, smallest),
        ):
            yield Violation("needlessly-unserved", way, smallest, f"unserved[{index}]")
            break


PLAN_RULES: tuple[Callable[[Problem, Plan], Found], ...] = (
    find_parties_not_once,
    find_overfull_coaches,
    find_empty_trips,
    find_wrong_days,
    find_wrong_visits,
    find_too_many_visits,
    find_too_many_coaches,
    find_missing_roads,
    find_unlawful_timetables,
    find_long_trips,
    find_wrong_durations,
    find_long_ways_round,
    find_wrong_prices,
    find_needlessly_unserved,
)


def _trips(plan: Plan) -> Iterable[tuple[str, Trip]]:
    return ((f"trips[{index}]", trip) for index, trip in enumerate(plan.trips))


def _group(problem: Problem, group: str) -> Group:
    return problem.groups[problem.group_index[group]]


def _legs(problem: Problem, visits: tuple[str, ...]) -> list[tuple[int, int]]:
    nodes = [problem.node_index[node] for node in (problem.start, *visits)]
    return list(pairwise(nodes))


def _distance_m(problem: Problem, visits: tuple[str, ...]) -> int | None:
    total_m = 0
    for a, b in _legs(problem, visits):
        metres = problem.distance_m[a][b]
        if metres is None:
            return None
        total_m += metres
    return total_m


def _elapsed_s(problem: Problem, day: int, visits: tuple[str, ...]) -> int | None:
    """Seconds of the visits in this order; None where that is no lawful trip."""
    elapsed_s, broken = _measure(problem, day, visits)
    return None if broken else elapsed_s


def _measure(problem: Problem, day: int, visits: tuple[str, ...]) -> tuple[int | None, list[rules.Violation]]:
    """Seconds of the visits in this order, and what of the rule set their timetable breaks; None without a road."""
    distance_m = _distance_m(problem, visits)
    if distance_m is None or not visits:
        return None, []
    legs_s = tuple(problem.duration_s[a][b] or 0 for a, b in _legs(problem, visits))
    service_s = problem.limits.service_s
    if problem.timetable is None:
        return sum(legs_s) + len(visits) * service_s, []
    elapsed_s, broken = _lay_out(legs_s, service_s, problem.days[day], distance_m, problem.timetable)
    return elapsed_s, list(broken)


@lru_cache(maxsize=4096)  # several rules ask for the timetable of each trip
def _lay_out(
    legs_s: tuple[int, ...], service_s: int, day: date, distance_m: int, rule_set: str
) -> tuple[int, tuple[rules.Violation, ...]]:
    """Seconds of the lawful timetable, and what of the rule set it breaks."""
    law = rules.RULE_SETS[rule_set]
    timetable = build_timetable(
        legs_s,
        (0, *(service_s for _ in legs_s)),
        datetime.combine(day, time(8), SHANGHAI),
        drivers=law.drivers_for(distance_m, expressway=False),
        distance_m=distance_m,
        rules=law,
    )
    return timetable.elapsed_s, tuple(rules.check_timetable(timetable, law))


def _charter_fen(problem: Problem, coach: CoachType, metres: int, seconds: int) -> int:
    """The fen of the tariff: by length, or the minimum of the days that have begun and the toll, whichever is more; and the drivers."""
    days = Fraction(max(seconds, 1), 24 * 3600).__ceil__()
    drivers = 1
    if problem.timetable is not None:
        drivers = rules.RULE_SETS[problem.timetable].drivers_for(metres, expressway=False)
    by_length_fen = (coach.fixed_fen + Fraction(coach.fen_per_km * metres, 1000) + Fraction(1, 2)).__floor__()
    toll_fen = Fraction(coach.toll_fen_per_km * metres, 1000).__floor__()
    hire_fen = max(by_length_fen - toll_fen, days * coach.minimum_day_fen)
    return hire_fen + toll_fen + days * drivers * coach.driver_day_fen


def _public_fen(subsidy: Subsidy | None, charter_fen: int, heads: int) -> int:
    """The subsidy of a trip that reaches the minimum; of any other the county bears all of the charter."""
    if subsidy is None or heads < subsidy.min_passengers:
        return charter_fen
    share_fen = Fraction(charter_fen * subsidy.rate_percent, 100).__floor__()
    cap_fen = subsidy.cap_vehicle_fen
    return share_fen if cap_fen is None or share_fen < cap_fen else cap_fen


def _shortest_m(problem: Problem, trip: Trip, below_m: int | None) -> int | None:
    """Metres of the shortest lawful order of the trip's visits, if shorter than `below_m`."""
    best_m = below_m
    for pickups, drops in product(permutations(trip.pickups), permutations(trip.drops)):
        metres = _distance_m(problem, (*pickups, *drops))
        if metres is None or (best_m is not None and metres >= best_m):
            continue
        elapsed_s = _elapsed_s(problem, trip.day, (*pickups, *drops))
        if elapsed_s is not None and elapsed_s <= problem.limits.duration_s:
            best_m = metres
    return best_m


def _rides_alone(
    problem: Problem, group: Group, heads: int, running: Counter[tuple[str, int]]
) -> Iterable[str]:
    for day in group.days:
        elapsed_s = _elapsed_s(problem, day, (group.pickup, group.drop))
        if elapsed_s is None or elapsed_s > problem.limits.duration_s:
            continue
        for coach in problem.coaches:
            limit = coach.per_day[day]
            if coach.seats >= heads and (limit is None or running[coach.id, day] < limit):
                yield f"alone on one more {coach.id} on {problem.days[day]}"


def _joins(problem: Problem, plan: Plan, group: Group, heads: int) -> Iterable[str]:
    for at, trip in _trips(plan):
        seats = problem.coaches[problem.coach_index[trip.coach]].seats
        aboard = sum(_group(problem, load.group).parties[p] for load in trip.loads for p in load.parties)
        pickups = tuple(dict.fromkeys((*trip.pickups, group.pickup)))
        drops = tuple(dict.fromkeys((*trip.drops, group.drop)))
        if trip.day not in group.days or aboard + heads > seats:
            continue
        if len(pickups) > problem.limits.pickups or len(drops) > problem.limits.drops:
            continue
        for order in product(permutations(pickups), permutations(drops)):
            elapsed_s = _elapsed_s(problem, trip.day, (*order[0], *order[1]))
            if elapsed_s is not None and elapsed_s <= problem.limits.duration_s:
                yield f"on {at}"
                break
