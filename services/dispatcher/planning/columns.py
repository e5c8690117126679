"""Knows how to plan a pool near a proven optimum: a bound by column generation, annealing that starts from its ways, and, where a pool is
small enough, branching until nothing cheaper is left."""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import count
from math import comb

import numpy as np

from services.dispatcher.planning.bound import Bounding, Claims, Duals
from services.dispatcher.planning.branching import Branching, Case
from services.dispatcher.planning.certificate import Certificate, Count, CutPrice, Due, Prices, Split
from services.dispatcher.planning.dealing import deal
from services.dispatcher.planning.draft import Draft
from services.dispatcher.planning.firstfit import fill_first_fit
from services.dispatcher.planning.fleet import Fleet
from services.dispatcher.planning.fleet_search import FleetSearch
from services.dispatcher.planning.network import NO_ROAD, Ints, Network, lay_out, shorten, to_array
from services.dispatcher.planning.objective import PUBLIC_THEN_CHARTER
from services.dispatcher.planning.plan import Plan
from services.dispatcher.planning.pricing import Itineraries, price_charter_fen
from services.dispatcher.planning.problem import CoachType, Group, Limits, Problem
from services.dispatcher.planning.reasons import explain_waiting
from services.dispatcher.planning.refill import refill
from services.dispatcher.planning.stop import Allowance, Stop, Tell
from services.dispatcher.planning.tally import Tally
from services.dispatcher.planning.trip_cost import judge

BOUND_SHARE = 0.5
"""Part of the allowance that the bound may take at most."""

ANNEAL_SHARE = 0.9
"""Part of the allowance at which annealing is over; what is left goes to refilling."""

ROOM_TRIES, ROOM_SHARE = 2, 0.03
"""How often a fleet whose seats are too few for whole parties is annealed again with room for them, and the part of the allowance that each
takes."""

WAYS_MAX = 50_000
"""A pool with no more ways than this is small: annealing and branching take turns until this part of the allowance is spent."""

CLOSE_SHARE = 0.97
WORKERS_A_WORK = 16
TURN_MAX = 100
BRANCHING_WORK = 5
"""The first turn of annealing is one unit of work for so many workers, the others twice as long, up to this work; branching takes so many
times as much after each. Fleets of ten coaches are far apart: on corridors of 10 stops many short turns came to 0.3 % above the bound, one
as long as all of them to 1.4 %."""

WORK_A_CASE = 20

WORK_A_WORKER = 3
"""Without a stopping rule: units of work for each worker, then the search ends."""


def plan_columns(problem: Problem, stop: Stop, seed: int, tell: Tell) -> Plan:
    """The cheapest plan found, and `bound_fen`, which no plan that carries as many can cost less than."""
    _load_compiled()
    best, unserved = fill_first_fit(problem, Itineraries(problem))
    demand = _count_carriable(best)
    if not any(demand):
        nobody = best.publish([*unserved, *explain_waiting(best)])
        return replace(nobody, bound_fen=0, certificate=Prices({}, (), (), ()))
    allowance = (stop if stop.is_limited else replace(stop, work=WORK_A_WORKER * sum(demand))).begin()
    search = _Search(best, demand, allowance, seed, tell)
    search.run()
    plan = search.best.publish([*unserved, *explain_waiting(search.best)])
    return replace(plan, bound_fen=search.bound_fen(), certificate=search.certify())


@cache
def _load_compiled() -> None:
    """Go through a pool of one worker once in a process: reading what is compiled takes a second (compiling it, the first time on a machine,
    half a minute), which is no search's time."""
    road = ((0, 1, 1), (1, 0, 1), (1, 1, 0))
    group = Group("q", "s", "g", (1,), (0,))
    coach = CoachType("c", 1, 1, 1, (1,))
    smallest = Problem(
        "load", ("o", "s", "g"), "o", road, road, (date(2020, 2, 24),), (group,), (coach,), Limits(1, 1, 9, 0)
    )
    draft, _ = fill_first_fit(smallest, Itineraries(smallest))
    _Search(draft, [1], Stop(work=100).begin(), 0, lambda _cost_fen, _bound_fen: None).run()
    # Such a pool is proven before anything is annealed.
    fleets = FleetSearch(lay_out(smallest, [1]), (), 1, np.ones(1, np.int64), 0)
    fleets.cool(Stop(work=1).begin(), 1.0, lambda: False)


class _Search:
    """One problem's best draft and what is proven of it, as both grow nearer."""

    def __init__(self, best: Draft, demand: list[int], allowance: Allowance, seed: int, tell: Tell) -> None:
        self.best = best
        self._tell = tell
        self._problem, self._allowance, self._seed = best.problem, allowance, seed
        self._network = lay_out(self._problem, demand)
        self._reachable = _lay_out_reachable(self._problem)

    def run(self) -> None:
        """Prove, anneal, branch and refill in the allowance; ends as soon as nothing cheaper is possible, or near enough."""
        bounding = Bounding(self._reachable)
        root = bounding.run(lambda: self._allowance.hurries(BOUND_SHARE))
        self._cases = Branching(self._reachable, bounding, root)
        seat_fen = _price_seat(self._network, self.best)
        precedence = _precedence(self._problem)
        self._fleets = FleetSearch(self._network, root.columns, seat_fen, precedence, self._seed)
        if _count_ways(self._reachable) <= WAYS_MAX:
            self._close()
        else:
            self._anneal()
        if not self._is_enough():
            # Annealing seats workers; whole families may fit better in another order.
            chance = random.Random(self._seed)  # noqa: S311 - a search's chance is no secret
            self.best = refill(self.best, chance, self._allowance, 1.0)

    def _anneal(self) -> None:
        """Anneal once, slowly; and again with room for whoever finds no seat with their family."""
        self._fleets.cool(self._allowance, ANNEAL_SHARE, self._is_fleet_enough)
        left = self._deal(self._fleets.best)
        for part in range(1, ROOM_TRIES + 1):
            if not left or self._is_enough():
                break
            self._fleets.make_room(left)
            self._fleets.cool(self._allowance, ANNEAL_SHARE + part * ROOM_SHARE, self._is_fleet_enough)
            left = self._deal(self._fleets.best)

    def _close(self) -> None:
        """Anneal a little and branch a little until the bound meets the plan; from what the divisible optimum of all plans runs and from
        what that of the lowest case does in turns."""
        work = max(WORK_A_CASE, self._network.workers // WORKERS_A_WORK)
        for turn in count(1):
            if self._allowance.spent() >= CLOSE_SHARE or self._is_enough():
                break
            self._fleets.cool(Stop(work=work).begin(), 1.0, self._is_fleet_enough)
            self._allowance.count(work)
            left = self._deal(self._fleets.best)
            if self._count_left() == 0 and self._branch(BRANCHING_WORK * work) and not self._wants_charter:
                break
            if left:
                self._fleets.make_room(left)
            else:
                self._fleets.begin((self._cases.lowest if turn % 2 else self._cases.root).bound.columns)
            work = max(work, min(2 * work, TURN_MAX))

    def _branch(self, work: int) -> bool:
        """Raise the bound in so much work, and try each whole fleet that is met on the way. True when nothing cheaper is left to find."""

        def is_over() -> bool:
            return self._allowance.hurries(CLOSE_SHARE)

        for _ in range(0, work, WORK_A_CASE):
            if self._cases.is_done(self.best.cost_fen):
                return True
            if self._allowance.spent() >= CLOSE_SHARE or self._is_enough():
                break
            self._allowance.count(WORK_A_CASE)
            whole = self._cases.step(is_over)
            self._tell(self.best.cost_fen, self.bound_fen())
            if whole is not None:
                self._deal(self._fleets.round_off(whole.columns))
        return False

    def _deal(self, fleet: Fleet) -> dict[int, int]:
        """Take the fleet if it is better with whole parties in it. Returns who of which group had no seat in it."""
        found, left = deal(self.best, fleet, self._network)
        self.best = min(self.best, found, key=Draft.rank)
        self._tell(self.best.cost_fen, self.bound_fen())
        return left

    def _is_fleet_enough(self) -> bool:
        if self._allowance.spent() >= 1:
            return True
        cost_fen, bound_fen = self._fleets.cost_fen, self._cases.bound_fen
        if cost_fen is None or self._wants_charter:
            return False
        self._tell(cost_fen, bound_fen)
        return self._allowance.is_near(cost_fen, bound_fen)

    def _is_enough(self) -> bool:
        if self._wants_charter or self._count_left():
            return False
        return self._allowance.is_near(self.best.cost_fen, self.bound_fen())

    @property
    def _wants_charter(self) -> bool:
        """Whether a cheaper charter is still worth seeking where the public's part, of which alone the proof speaks, is the least."""
        return self._problem.objective == PUBLIC_THEN_CHARTER

    def _count_left(self) -> int:
        """Workers whom the proof speaks of and the plan does not carry."""
        return self._reachable.workers - sum(trip.workers for trip in self.best.trips)

    def bound_fen(self) -> int:
        """What no plan can cost less than that carries as many."""
        left = self._count_left()
        if left == 0:
            return self._cases.bound_fen
        claims = Claims(self._reachable, left)
        return min(claims.fen(case.bound.duals) for case in self._cases.root.leaves())

    def certify(self) -> Certificate:
        """The proof of the bound by the problem's names."""
        return _certify(self._problem, self._reachable, self._cases.root)


def _price_seat(network: Network, draft: Draft) -> int:
    """About what a worker's seat counts for in a search."""
    counted = 0
    for trip in draft.trips:
        coach, way = draft.problem.coaches[trip.coach], trip.itinerary
        fen = price_charter_fen(draft.problem, coach, way.distance_m, way.duration_s)
        counted += int(judge(network.judged, fen, trip.workers))
    return max(1, counted // max(1, sum(trip.workers for trip in draft.trips)))


def _count_carriable(draft: Draft) -> list[int]:
    """Workers of each group whom some coach could carry: all but those of whom first fit knows that none can."""
    demand = [0] * len(draft.problem.groups)
    for trip in draft.trips:
        for group, parties in trip.loads.items():
            demand[group] += draft.heads(group, parties)
    for group, parties in draft.waiting.items():
        pickup, drop = draft.ends[group]
        if demand[group] or draft.itineraries.find(frozenset({pickup}), frozenset({drop})) is not None:
            demand[group] += draft.heads(group, parties)
    return demand


def _lay_out_reachable(problem: Problem) -> Network:
    """The network of a proof, which must speak of all whom no limit but the fleet's keeps from being carried, perhaps: a family that fits
    some coach, a way over any places that keeps the limit."""
    largest = max(coach.seats for coach in problem.coaches)
    metres, seconds = (shorten(to_array(matrix)) for matrix in (problem.distance_m, problem.duration_s))
    start, limits, index = problem.node_index[problem.start], problem.limits, problem.node_index

    def is_reachable(group: Group) -> bool:
        a, b = index[group.pickup], index[group.drop]
        least_s = seconds[start, a] + seconds[a, b] + 2 * limits.service_s
        return bool(metres[start, a] + metres[a, b] < NO_ROAD and least_s <= limits.duration_s)

    fitting = [sum(n for n in g.parties if n <= largest) if is_reachable(g) else 0 for g in problem.groups]
    return lay_out(problem, fitting, proof=True)


def _count_ways(network: Network) -> int:
    """Sets of stops times sets of gates, on every day."""

    def sets(count: int, most: int) -> int:
        return sum(comb(count, size) for size in range(1, most + 1))

    stops, gates = len(network.stop_nodes), len(network.gate_nodes)
    return sets(stops, network.pickups) * sets(gates, network.drops) * int(network.may.shape[1])


def _precedence(problem: Problem) -> Ints:
    """1 for the last class of priority, 2 for the one before it, and so on."""
    classes = sorted({group.priority for group in problem.groups}, reverse=True)
    return np.array([1 + classes.index(group.priority) for group in problem.groups], np.int64)


def _certify(problem: Problem, network: Network, case: Case) -> Certificate:
    if case.below is not None and case.above is not None:
        branch = case.below.path[-1]
        return Split(
            count=_count(problem, network, branch.tally),
            at_most=branch.at_most,
            below=_certify(problem, network, case.below),
            above=_certify(problem, network, case.above),
        )
    return _prices(problem, network, case.bound.duals, len(case.path))


def _prices(problem: Problem, network: Network, duals: Duals, depth: int) -> Prices:
    """The duals by the problem's names, without those that are worth nothing."""
    splits = [price for _, price in duals.branches]
    return Prices(
        workers=_named((group.id for group in problem.groups), duals.groups),
        cuts=tuple(CutPrice(_count(problem, network, tally), worth) for tally, worth in duals.cuts if worth),
        splits=tuple(splits + [0] * (depth - len(splits))),
        dues=tuple(
            Due(coach.id, day, owed)
            for coach, dues in zip(problem.coaches, duals.running, strict=True)
            for day, owed in enumerate(dues)
            if owed
        ),
    )


def _count(problem: Problem, network: Network, tally: Tally) -> Count:
    return Count(
        coaches=_named((coach.id for coach in problem.coaches), tally.weights),
        stops=tuple(problem.nodes[network.stop_nodes[stop]] for stop in tally.stops),
        gates=tuple(problem.nodes[network.gate_nodes[gate]] for gate in tally.gates),
        days=tally.days,
    )


def _named(names: Iterable[str], figures: Iterable[int]) -> dict[str, int]:
    return {name: figure for name, figure in zip(names, figures, strict=True) if figure}
