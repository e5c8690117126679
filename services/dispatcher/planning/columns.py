"""Knows how to plan a pool near a proven optimum: a bound by column generation, then annealing that starts from its ways."""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np

from services.dispatcher.planning.annealing import Fleet, Ways, anneal, make_desk, make_fleet, make_state
from services.dispatcher.planning.boarding import settle
from services.dispatcher.planning.bound import Bound, Bounding, Duals, claim_fen
from services.dispatcher.planning.certificate import Certificate, CutPrice, Due
from services.dispatcher.planning.draft import Draft, Loads
from services.dispatcher.planning.firstfit import fill_first_fit
from services.dispatcher.planning.master import Column
from services.dispatcher.planning.network import NO_ROAD, Ints, Network, lay_out
from services.dispatcher.planning.plan import Plan
from services.dispatcher.planning.pricing import Itineraries
from services.dispatcher.planning.problem import CoachType, Group, Limits, Problem
from services.dispatcher.planning.reasons import explain_waiting
from services.dispatcher.planning.refill import refill
from services.dispatcher.planning.stop import Allowance, Stop
from services.dispatcher.planning.ways import FAR, measure, scratch

BOUND_SHARE = 0.4
"""Part of the allowance that the bound may take at most."""

ANNEAL_SHARE = 0.85
"""Part of the allowance at which annealing is over; what is left goes to refilling."""

MOVES_A_CHUNK = 5_000
MOVES_A_WORK = 1_000
"""Moves that count as one unit of work."""

WORK_A_WORKER = 1
"""Without a stopping rule: units of work for each worker, then the search ends."""

WARM_SEATS, COLD_SEATS = 0.5, 0.03
"""Warmth at the beginning and at the end, in prices of a seat."""

PENALTY_SEATS, PENALTY_SEATS_MAX = 1.4, 100.0
"""What a worker without a seat costs, in prices of a seat: at first, and while somebody waits growing to more than a coach."""

NEAR_STOPS = 10


def plan_columns(problem: Problem, stop: Stop, seed: int) -> Plan:
    """The cheapest plan found, and `bound_fen`, which no plan that carries as many can cost less than."""
    _load_compiled()
    itineraries = Itineraries(problem)
    best, unserved = fill_first_fit(problem, itineraries)
    demand = _count_carriable(best)
    if not any(demand):
        return best.publish([*unserved, *explain_waiting(best)])
    allowance = (stop if stop.is_limited else Stop(work=WORK_A_WORKER * sum(demand))).begin()
    network = lay_out(problem, demand)
    closed = _lay_out_reachable(problem)
    bound = Bounding(closed).run(lambda: stop.seconds is not None and allowance.spent() > BOUND_SHARE)
    seat_fen = max(1, best.cost_fen // max(1, sum(trip.workers for trip in best.trips)))
    fleet = _search(network, bound, seat_fen, _precedence(problem), allowance, seed)
    best = min(best, _draft(best, fleet), key=Draft.rank)
    # Annealing seats workers; whole families may fit better in another order.
    best = refill(best, random.Random(seed), allowance, 1.0)  # noqa: S311 - a search's chance is no secret
    plan = best.publish([*unserved, *explain_waiting(best)])
    left = closed.workers - sum(trip.workers for trip in best.trips)
    claimed = max(0, claim_fen(closed, bound.duals, closed.demand, left))
    return replace(plan, bound_fen=claimed, certificate=_certify(problem, network, bound.duals))


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
    network = lay_out(smallest, [1], closed=True)
    bound = Bounding(network).run(lambda: False)
    _search(network, bound, 1, np.ones(1, np.int64), Stop(work=MOVES_A_CHUNK // MOVES_A_WORK).begin(), 0)


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
    fitting = [sum(heads for heads in group.parties if heads <= largest) for group in problem.groups]
    closed = lay_out(problem, fitting, closed=True)
    stops, gates = closed.group_stop, closed.group_gate
    metres = closed.metres.start[stops] + closed.metres.across[stops, gates]
    least_s = closed.seconds.start[stops] + closed.seconds.across[stops, gates] + 2 * closed.service_s
    return closed._replace(demand=np.where((metres < NO_ROAD) & (least_s <= closed.duration_s), fitting, 0))


def _search(
    network: Network, bound: Bound, seat_fen: int, precedence: Ints, allowance: Allowance, seed: int
) -> Fleet:
    """The best fleet that annealing finds in its part of the allowance; it starts from the coaches that the divisible optimum nearly runs
    whole. `seat_fen`: about what a worker's seat costs; `precedence[q]`: how many times as much it costs to leave one of group q behind."""
    slots = 2 * -(-network.workers // int(network.seats.max())) + len(network.seats) + 4
    best, rank = make_fleet(network, slots), np.array([FAR, FAR], np.int64)
    state, desk = make_state(network, _nearly_whole(network, bound, slots)), make_desk(network, slots)
    ways = _ways(network, bound)
    near = _near(network.metres.stops, NEAR_STOPS), _near(network.metres.gates, len(network.gate_nodes))
    chance = np.array([_seed_bits(seed)], np.uint64)
    owing = PENALTY_SEATS
    while (spent := allowance.spent() / ANNEAL_SHARE) < 1:
        warmth = WARM_SEATS * (COLD_SEATS / WARM_SEATS) ** spent * seat_fen
        penalty = precedence * round(owing * seat_fen)
        anneal(network, state, best, rank, ways, *near, penalty, MOVES_A_CHUNK, warmth, chance, desk)
        allowance.count(MOVES_A_CHUNK // MOVES_A_WORK)
        owing = min(owing * 1.1, PENALTY_SEATS_MAX) if state.left.any() else max(owing / 1.05, PENALTY_SEATS)
    return best


def _nearly_whole(network: Network, bound: Bound, slots: int) -> Fleet:
    """The divisible optimum's coaches, rounded, nobody in them yet; within the number that may run."""
    fleet, running = make_fleet(network, slots), np.zeros_like(network.running_max)
    t = 0
    for column, share in sorted(bound.columns, key=lambda one: -one[1]):
        at = column.coach, column.day
        metres = _metres(network, column)
        if metres >= NO_ROAD:
            continue
        for _ in range(min(round(share), int(network.running_max[at] - running[at]), slots - t)):
            fleet.coach[t], fleet.day[t] = at
            fleet.stop_count[t], fleet.gate_count[t] = len(column.stops), len(column.gates)
            fleet.stops[t, : len(column.stops)], fleet.gates[t, : len(column.gates)] = (
                column.stops,
                column.gates,
            )
            fleet.metres[t], fleet.free[t] = metres, network.seats[column.coach]
            running[at] += 1
            t += 1
    return fleet


def _metres(network: Network, column: Column) -> int:
    """The column's way on the real roads: the bound may have taken a shorter one over other places."""
    stops, gates = np.array(column.stops, np.int64), np.array(column.gates, np.int64)
    return int(measure(stops, len(stops), gates, len(gates), network.metres, scratch()))


def _precedence(problem: Problem) -> Ints:
    """1 for the last class of priority, 2 for the one before it, and so on."""
    classes = sorted({group.priority for group in problem.groups}, reverse=True)
    return np.array([1 + classes.index(group.priority) for group in problem.groups], np.int64)


def _draft(like: Draft, fleet: Fleet) -> Draft:
    """The fleet as a draft: groups dealt out to its coaches in whole parties, whoever is left over boarded where there is room."""
    problem = like.problem
    draft = Draft(problem, like.itineraries)
    everybody = {**{g: list(parties) for g, parties in like.waiting.items()}}
    for trip in like.trips:
        for group, parties in trip.loads.items():
            everybody.setdefault(group, []).extend(parties)
    rooms = _deal(problem, everybody, fleet)
    for t in np.flatnonzero(fleet.coach >= 0).tolist():
        loads = {group: parties for group, parties in rooms[t].items() if parties}
        pickups = frozenset(draft.ends[group][0] for group in loads)
        drops = frozenset(draft.ends[group][1] for group in loads)
        itinerary = like.itineraries.find(pickups, drops) if loads else None
        if itinerary is None:
            continue
        trip = draft.open_trip(int(fleet.coach[t]), int(fleet.day[t]), itinerary)
        for group, parties in loads.items():
            draft.board(trip, group, parties, itinerary)
            everybody[group] = [party for party in everybody[group] if party not in parties]
    draft.waiting = {group: parties for group, parties in everybody.items() if parties}
    settle(draft)
    return draft


def _deal(problem: Problem, waiting: Loads, fleet: Fleet) -> list[Loads]:
    """Parties for each slot, of every group as many workers as the slot carries of it or a few fewer: the largest first, each where
    the most of its group's seats are still free."""
    dealt: list[Loads] = [{} for _ in fleet.coach]
    for group, parties in waiting.items():
        sizes = problem.groups[group].parties
        free = {t: int(n) for t, n in enumerate(fleet.loads[:, group]) if n > 0 and fleet.coach[t] >= 0}
        for party in sorted(parties, key=lambda party: (-sizes[party], party)):
            slot = max(free, key=lambda t: (free[t], -t), default=None)
            if slot is not None and free[slot] >= sizes[party]:
                dealt[slot].setdefault(group, []).append(party)
                free[slot] -= sizes[party]
    return dealt


def _ways(network: Network, bound: Bound) -> Ways:
    """The ways that the divisible optimum's coaches take."""
    ways = sorted({(column.stops, column.gates) for column, _ in bound.columns})
    stops = np.full((len(ways), network.pickups), -1, np.int64)
    gates = np.full((len(ways), network.drops), -1, np.int64)
    for row, (its_stops, its_gates) in enumerate(ways):
        stops[row, : len(its_stops)] = its_stops
        gates[row, : len(its_gates)] = its_gates
    return Ways(stops, gates)


def _near(between: Ints, count: int) -> Ints:
    """For each place the nearest others, itself among them: one that is drawn changes nothing."""
    return np.argsort(between, axis=1, kind="stable")[:, : count + 1].astype(np.int64)


def _seed_bits(seed: int) -> int:
    """64 bits that are never 0 and differ widely for seeds that do not."""
    return (0x9E3779B97F4A7C15 * (seed + 1)) % (1 << 64) or 1


def _certify(problem: Problem, network: Network, duals: Duals) -> Certificate:
    """The duals by the problem's names, without those that are worth nothing."""
    coaches = [coach.id for coach in problem.coaches]

    def named(names: Iterable[str], prices: Iterable[int]) -> dict[str, int]:
        return {name: price for name, price in zip(names, prices, strict=True) if price}

    return Certificate(
        workers=named((group.id for group in problem.groups), duals.groups),
        stops=named((problem.nodes[node] for node in network.stop_nodes), duals.stops),
        gates=named((problem.nodes[node] for node in network.gate_nodes), duals.gates),
        cuts=tuple(CutPrice(named(coaches, cut.weights), worth) for cut, worth in duals.cuts if worth),
        dues=tuple(
            Due(coach, day, owed)
            for coach, dues in zip(coaches, duals.running, strict=True)
            for day, owed in enumerate(dues)
            if owed
        ),
    )
