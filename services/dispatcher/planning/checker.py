"""Checks the proof of a plan's bound, in whole numbers, by looking at every coach on every way again; proves nothing itself.

Shares only the data types with the engines: the ways, their lengths, the loads and what everything comes to are worked out here and in
`checker_search` by other code. A trip costs at least what the shortest order of its visits costs, and takes at least the driving of
the quickest and its service: rests, which only add to that, are left out of a lower bound.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from services.dispatcher.domain.rules import RULE_SETS
from services.dispatcher.planning.certificate import Certificate, Count, Prices, Split
from services.dispatcher.planning.checker_search import (
    DAY_S,
    MICRO,
    NO_ROAD,
    Coaches,
    Counts,
    Ints,
    Places,
    Riders,
    find_overpaid,
)
from services.dispatcher.planning.objective import Subsidy
from services.dispatcher.planning.plan import Plan
from services.dispatcher.planning.problem import CoachType, Group, Problem

_SUM_MAX = 4 * 10**18
"""What a coach may come to at most, so that 64 bits hold it."""


@dataclass(frozen=True)
class Verdict:
    """`proven_fen` is what the certificate proves; `fault` says why it proves nothing, in one sentence."""

    proven_fen: int | None
    fault: str = ""


@dataclass(frozen=True)
class _Leaf:
    """Prices with the splits above them: each split's count, what it comes to at most, and whether these are the plans with more."""

    prices: Prices
    path: tuple[tuple[Count, int, bool], ...]

    def counts(self) -> Iterator[tuple[Count, int]]:
        """What a unit of each count is worth; less than nothing where it owes."""
        for cut in self.prices.cuts:
            yield cut.count, cut.worth
        for (count, _, above), price in zip(self.path, self.prices.splits, strict=True):
            yield count, price if above else -price


def check_bound(problem: Problem, plan: Plan) -> Verdict:
    """What no plan can cost less than that carries as many workers as this one, by the prices of the plan's certificate.

    It proves nothing where it names what the problem has not, where some coach would be worth more than it costs, or where the
    plan claims more than it comes to.
    """
    if plan.certificate is None or plan.bound_fen is None:
        return Verdict(None, "the plan has no certificate, or no bound that it would prove")
    leaves = list(_leaves(plan.certificate, ()))
    for leaf in leaves:
        fault = _find_unknown(problem, leaf) or _find_too_large(problem, leaf)
        if fault:
            return Verdict(None, fault)
    carriable = _count_carriable(problem)
    carried = sum(_heads(problem, load.group, load.parties) for trip in plan.trips for load in trip.loads)
    ways = _Ways(problem)
    for leaf in leaves:
        overpaid = ways.find_overpaid(leaf)
        if overpaid:
            return Verdict(None, overpaid)
    left = sum(carriable.values()) - carried
    # A plan costs whole fen: what it cannot cost less than is rounded up.
    proven = max(0, min(-(-_worth(problem, leaf, carriable, left) // MICRO) for leaf in leaves))
    if plan.bound_fen > proven:
        return Verdict(
            None, f"the plan claims a bound of {plan.bound_fen} fen, and the certificate comes to {proven}"
        )
    return Verdict(proven)


def _leaves(proof: Certificate, path: tuple[tuple[Count, int, bool], ...]) -> Iterator[_Leaf]:
    """All prices of the proof. Every plan keeps the path of exactly one: a count comes to at most so many, or to more."""
    if isinstance(proof, Split):
        yield from _leaves(proof.below, (*path, (proof.count, proof.at_most, False)))
        yield from _leaves(proof.above, (*path, (proof.count, proof.at_most, True)))
    else:
        yield _Leaf(proof, path)


def _find_unknown(problem: Problem, leaf: _Leaf) -> str:
    """A name in the certificate that the problem does not have, or a price on what has none."""
    prices = leaf.prices
    if len(prices.splits) != len(leaf.path):
        return f"certificate.splits has {len(prices.splits)} prices for {len(leaf.path)} splits"
    known: dict[str, set[str] | set[int]] = {
        "coaches": set(problem.coach_index),
        "stops": {group.pickup for group in problem.groups},
        "gates": {group.drop for group in problem.groups},
        "days": set(range(len(problem.days))),
    }
    if strangers := set(prices.workers) - set(problem.group_index):
        return f"certificate.workers names {min(strangers)!r}, which the problem has not"
    for count in (*(cut.count for cut in prices.cuts), *(count for count, _, _ in leaf.path)):
        for field, there in known.items():
            if lost := [name for name in getattr(count, field) if name not in there]:
                return f"certificate.count.{field} names {lost[0]!r}, which the problem has not"
    for due in prices.dues:
        if due.coach not in problem.coach_index or not 0 <= due.day < len(problem.days):
            return f"certificate.dues names {due.coach!r} on day {due.day}, which the problem has not"
        if problem.coaches[problem.coach_index[due.coach]].per_day[due.day] is None:
            return f"certificate.dues has {due.coach!r} owe on day {due.day}, on which there is any number of them"
    return ""


def _find_too_large(problem: Problem, leaf: _Leaf) -> str:
    """Prices that a coach could add up to more than can be added up here."""
    most = max(coach.seats for coach in problem.coaches) * max(leaf.prices.workers.values(), default=0)
    most += sum(max(count.coaches.values(), default=0) * abs(price) for count, price in leaf.counts())
    most += sum(due.owed for due in leaf.prices.dues)
    return (
        ""
        if most <= _SUM_MAX
        else f"the certificate's prices come to {most} for one coach, too much to add up"
    )


def _count_carriable(problem: Problem) -> dict[str, int]:
    """Workers of each group whom some trip may carry: the party fits the largest coach, and the quickest way over any places, with
    service at both ends, keeps the limit."""
    metres, seconds = _shortest(problem.distance_m), _shortest(problem.duration_s)
    largest = max(coach.seats for coach in problem.coaches)
    start, limits = problem.node_index[problem.start], problem.limits
    counts = {}
    for group in problem.groups:
        a, b = problem.node_index[group.pickup], problem.node_index[group.drop]
        there = metres[start, a] + metres[a, b] < NO_ROAD
        there = there and seconds[start, a] + seconds[a, b] + 2 * limits.service_s <= limits.duration_s
        counts[group.id] = sum(heads for heads in group.parties if there and heads <= largest)
    return counts


def _worth(problem: Problem, leaf: _Leaf, carriable: Mapping[str, int], left: int) -> int:
    """What carrying all but `left` of these workers is worth, in millionths of a fen: whoever is left behind may be the dearest."""
    prices = leaf.prices
    worth = sum(price * carriable[group] for group, price in prices.workers.items())
    worth -= left * max(prices.workers.values(), default=0)
    for cut in prices.cuts:
        workers = sum(carriable[group.id] for group in problem.groups if _must_count(cut.count, group))
        worth += cut.worth * _least_fleet(problem.coaches, cut.count, max(0, workers - left))
    for (_, at_most, above), price in zip(leaf.path, prices.splits, strict=True):
        worth += price * (at_most + 1) if above else -price * at_most
    for due in prices.dues:
        worth -= due.owed * (problem.coaches[problem.coach_index[due.coach]].per_day[due.day] or 0)
    return worth


def _must_count(count: Count, group: Group) -> bool:
    """Whether every coach that carries somebody of the group is counted, by its weight."""
    return (
        (not count.stops or group.pickup in count.stops)
        and (not count.gates or group.drop in count.gates)
        and (not count.days or set(group.days) <= set(count.days))
    )


def _least_fleet(coaches: Sequence[CoachType], count: Count, workers: int) -> int:
    """The least sum of weights of whole coaches that seat these workers."""
    kinds = [(count.coaches.get(coach.id, 0), coach.seats) for coach in coaches]
    least = [0] * (workers + 1)
    for w in range(1, workers + 1):
        least[w] = min(weight + least[max(0, w - seats)] for weight, seats in kinds)
    return least[workers]


class _Ways:
    """All ways of one problem's coaches."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._stops = sorted({group.pickup for group in problem.groups})
        self._gates = sorted({group.drop for group in problem.groups})
        index, limits = problem.node_index, problem.limits
        self._places = Places(
            metres=_lengths(problem.distance_m),
            seconds=_lengths(problem.duration_s),
            start=index[problem.start],
            at=np.array([index[stop] for stop in self._stops], np.int64),
            to=np.array([index[gate] for gate in self._gates], np.int64),
            pickups=min(limits.pickups, len(self._stops)),
            drops=min(limits.drops, len(self._gates)),
            service_s=limits.service_s,
            duration_s=limits.duration_s,
        )

    def find_overpaid(self, leaf: _Leaf) -> str:
        """A coach on a way that is worth more than it costs, in words; empty where there is none."""
        for day in range(len(self._problem.days)):
            coaches = [coach for coach in self._problem.coaches if coach.per_day[day] != 0]
            if not coaches:
                continue
            found = find_overpaid(
                self._places,
                _coaches(self._problem, coaches),
                self._riders(leaf.prices, coaches, day),
                self._counts(leaf, coaches, day),
            )
            if found.over:
                stops = ", ".join(self._stops[s] for s in found.stops[: found.stop_count])
                gates = ", ".join(self._gates[g] for g in found.gates[: found.gate_count])
                return (
                    f"a coach {coaches[found.coach].id} on day {day} from {stops} to {gates} would be worth "
                    f"{found.over} millionths of a fen more than it costs"
                )
        return ""

    def _riders(self, prices: Prices, coaches: Sequence[CoachType], day: int) -> Riders:
        groups = sorted(
            (group for group in self._problem.groups if day in group.days),
            key=lambda group: -prices.workers.get(group.id, 0),
        )
        heads = [[sum(h for h in group.parties if h <= coach.seats) for coach in coaches] for group in groups]
        return Riders(
            worth=np.array([prices.workers.get(group.id, 0) for group in groups], np.int64),
            stop=np.array([self._stops.index(group.pickup) for group in groups], np.int64),
            gate=np.array([self._gates.index(group.drop) for group in groups], np.int64),
            heads=np.array(heads, np.int64).reshape(len(groups), len(coaches)),
        )

    def _counts(self, leaf: _Leaf, coaches: Sequence[CoachType], day: int) -> Counts:
        """What counts on the day, the dues among it as a count of coaches wherever they call."""
        dues = {due.coach: due.owed for due in leaf.prices.dues if due.day == day}
        everywhere = Count(coaches={}, stops=(), gates=(), days=())
        counts = [count for count, _ in leaf.counts() if not count.days or day in count.days]
        worth = [
            [price * count.coaches.get(coach.id, 0) for coach in coaches]
            for count, price in leaf.counts()
            if not count.days or day in count.days
        ]
        counts.append(everywhere)
        worth.append([-dues.get(coach.id, 0) for coach in coaches])
        return Counts(
            worth=np.array(worth, np.int64),
            stops=_where([count.stops for count in counts], self._stops),
            gates=_where([count.gates for count in counts], self._gates),
        )


def _coaches(problem: Problem, coaches: Sequence[CoachType]) -> Coaches:
    """Their prices, by the objective. Where the charter only decides between plans that are equal to the public, the bound speaks of what
    the public pays."""
    crews = [(0, 10**18, DAY_S)]
    if problem.timetable is not None:
        rules = RULE_SETS[problem.timetable]
        moving_s = DAY_S - (rules.stop_to_h - rules.stop_from_h) * 3600
        two_m, three_m = rules.two_drivers_above_m + 1, rules.three_drivers_from_m
        spans = ((0, two_m - 1), (two_m, three_m - 1), (three_m, 10**18))
        crews = [(*span, min(n * rules.driver_24h_s, moving_s)) for n, span in enumerate(spans, 1)]
    judged_by_public = problem.objective != "charter" and problem.subsidy is not None
    subsidy = problem.subsidy or Subsidy(0, None, 0)
    return Coaches(
        seats=np.array([coach.seats for coach in coaches], np.int64),
        fixed_fen=np.array([coach.fixed_fen for coach in coaches], np.int64),
        fen_per_km=np.array([coach.fen_per_km for coach in coaches], np.int64),
        toll_fen_per_km=np.array([coach.toll_fen_per_km for coach in coaches], np.int64),
        minimum_day_fen=np.array([coach.minimum_day_fen for coach in coaches], np.int64),
        driver_day_fen=np.array([coach.driver_day_fen for coach in coaches], np.int64),
        crews=np.array(crews, np.int64),
        public_from=subsidy.min_passengers if judged_by_public else -1,
        rate_percent=subsidy.rate_percent,
        cap_fen=10**15 if subsidy.cap_vehicle_fen is None else subsidy.cap_vehicle_fen,
    )


def _where(named: Sequence[Sequence[str]], places: Sequence[str]) -> Ints:
    """A row for each list of names: which of the places it names; all of them where it names none."""
    return np.array([[not names or place in names for place in places] for names in named], np.int64)


def _lengths(matrix: Sequence[Sequence[int | None]]) -> Ints:
    return np.array([[NO_ROAD if v is None else v for v in row] for row in matrix], np.int64)


def _shortest(matrix: Sequence[Sequence[int | None]]) -> Ints:
    """From each place to each the shortest way over any others (Floyd and Warshall)."""
    shortest = _lengths(matrix)
    for via in range(len(shortest)):
        shortest = np.minimum(shortest, shortest[:, [via]] + shortest[via])
    return shortest


def _heads(problem: Problem, group: str, parties: Sequence[int]) -> int:
    sizes = problem.groups[problem.group_index[group]].parties
    return sum(sizes[party] for party in parties)
