"""Compiled: bettering a plan by simulated annealing over what coaches run where, while whoever rides in them flows.

A plan is coaches, each with a type, a day, some stops and some gates. Who sits in which is not part of it: workers are seated, group
by group, along shortest chains of moves (one boards a coach, another of it changes to a third), as in bipartite matching
(Hopcroft and Karp; the chains of a maximum flow), so that a change of one coach is judged by the best that the others can make of it.
Kirkpatrick, Gelatt and Vecchi: Optimization by simulated annealing, Science 220, 1983.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from services.dispatcher.planning.network import NO_ROAD, Ints, Network
from services.dispatcher.planning.trip_cost import charter_fen, judge
from services.dispatcher.planning.ways import FAR, measure, scratch

NOBODY = -1


class Fleet(NamedTuple):
    """Coaches in slots: type (-1: the slot is empty), day, stops, gates, charter in fen, free seats, and `loads[t, q]` workers of group q."""

    coach: Ints
    day: Ints
    stop_count: Ints
    stops: Ints
    gate_count: Ints
    gates: Ints
    charter_fen: Ints
    free: Ints
    loads: Ints


class Ways(NamedTuple):
    """Stops and gates that a coach may be given at a stroke, one way a row, filled up with -1."""

    stops: Ints
    gates: Ints


class State(NamedTuple):
    """The fleet, whoever has no seat (`left[q]`), coaches that run by type and day, and which coaches stop at `calls[s, :call_count[s]]`."""

    fleet: Fleet
    left: Ints
    running: Ints
    calls: Ints
    call_count: Ints


class _Desk(NamedTuple):
    """What a search writes on."""

    seen_group: Ints
    seen_coach: Ints
    from_coach: Ints
    from_group: Ints
    queue: Ints
    log: Ints
    log_length: Ints
    stops: Ints
    gates: Ints
    old: Fleet
    old_left: Ints
    table: Ints


def make_fleet(network: Network, slots: int) -> Fleet:
    """Empty slots."""
    one = (slots,)
    shapes = (
        one,
        one,
        one,
        (slots, network.pickups),
        one,
        (slots, network.drops),
        one,
        one,
        (slots, len(network.demand)),
    )
    fleet = Fleet(*(np.zeros(shape, np.int64) for shape in shapes))
    fleet.coach[:] = NOBODY
    return fleet


def make_state(network: Network, fleet: Fleet) -> State:
    """The state of a copy of the fleet, whose loads are right."""
    fleet = Fleet(*(part.copy() for part in fleet))
    slots = len(fleet.coach)
    state = State(
        fleet=fleet,
        left=network.demand - fleet.loads.sum(axis=0),
        running=np.zeros_like(network.running_max),
        calls=np.zeros((len(network.stop_nodes), slots), np.int64),
        call_count=np.zeros(len(network.stop_nodes), np.int64),
    )
    for t in np.flatnonzero(fleet.coach >= 0):
        _call(state, t)
        state.running[fleet.coach[t], fleet.day[t]] += 1
    return state


def make_desk(network: Network, slots: int) -> _Desk:
    """Room to search on for a network and so many slots."""
    groups = len(network.demand)
    return _Desk(
        seen_group=np.zeros(groups, np.int64),
        seen_coach=np.zeros(slots, np.int64),
        from_coach=np.zeros(groups, np.int64),
        from_group=np.zeros(slots, np.int64),
        queue=np.zeros(groups + 1, np.int64),
        log=np.zeros((64 * (groups + slots) + 10_000, 3), np.int64),
        log_length=np.zeros(1, np.int64),
        stops=np.zeros(network.pickups, np.int64),
        gates=np.zeros(network.drops, np.int64),
        old=make_fleet(network, 1),
        old_left=np.zeros(groups, np.int64),
        table=scratch(),
    )


@njit(cache=True)
def _call(state, t):  # type: ignore[no-untyped-def]
    """Enter coach t at its stops."""
    fleet = state.fleet
    for a in range(fleet.stop_count[t]):
        s = fleet.stops[t, a]
        state.calls[s, state.call_count[s]] = t
        state.call_count[s] += 1


@njit(cache=True)
def _cancel_calls(state, t):  # type: ignore[no-untyped-def]
    fleet = state.fleet
    for a in range(fleet.stop_count[t]):
        s = fleet.stops[t, a]
        for i in range(state.call_count[s]):
            if state.calls[s, i] == t:
                state.call_count[s] -= 1
                state.calls[s, i] = state.calls[s, state.call_count[s]]
                break


@njit(cache=True)
def _set_load(state, desk, t, q, workers):  # type: ignore[no-untyped-def]
    """Change a load and the free seats, and remember what it was."""
    loads = state.fleet.loads
    n = desk.log_length[0]
    desk.log[n, 0], desk.log[n, 1], desk.log[n, 2] = t, q, loads[t, q]
    desk.log_length[0] = n + 1
    state.fleet.free[t] += loads[t, q] - workers
    loads[t, q] = workers


@njit(cache=True)
def _seat(network, state, desk, first):  # type: ignore[no-untyped-def]
    """Seat as many of the group's waiting workers as the shortest chain of moves allows; returns how many."""
    fleet, waits, waits_end = state.fleet, network.waits, network.waits_end
    desk.seen_group[:] = 0
    desk.seen_coach[:] = 0
    desk.queue[0] = first
    desk.seen_group[first] = 1
    head, tail = 0, 1
    while head < tail:
        q = desk.queue[head]
        head += 1
        s, g = network.group_stop[q], network.group_gate[q]
        for i in range(state.call_count[s]):
            t = state.calls[s, i]
            if desk.seen_coach[t] or not network.may[q, fleet.day[t]]:
                continue
            goes = False
            for b in range(fleet.gate_count[t]):
                goes = goes or fleet.gates[t, b] == g
            if not goes:
                continue
            desk.seen_coach[t] = 1
            desk.from_group[t] = q
            if fleet.free[t] > 0:
                return _move_along(state, desk, first, t)
            for a in range(fleet.stop_count[t]):
                for b in range(fleet.gate_count[t]):
                    stop, gate = fleet.stops[t, a], fleet.gates[t, b]
                    for j in range(waits[stop, gate], waits_end[stop, gate]):
                        other = network.waiting[j]
                        if desk.seen_group[other] == 0 and fleet.loads[t, other] > 0:
                            desk.seen_group[other] = 1
                            desk.from_coach[other] = t
                            desk.queue[tail] = other
                            tail += 1
    return 0


@njit(cache=True)
def _move_along(state, desk, first, last):  # type: ignore[no-untyped-def]
    """Move workers along the chain that ends at coach `last`, as many as its narrowest step lets through."""
    loads = state.fleet.loads
    workers = min(state.left[first], state.fleet.free[last])
    t = last
    while desk.from_group[t] != first:
        q = desk.from_group[t]
        t = desk.from_coach[q]
        workers = min(workers, loads[t, q])
    t = last
    while True:
        q = desk.from_group[t]
        _set_load(state, desk, t, q, loads[t, q] + workers)
        if q == first:
            break
        t = desk.from_coach[q]
        _set_load(state, desk, t, q, loads[t, q] - workers)
    state.left[first] -= workers
    return workers


@njit(cache=True)
def _draw(chance):  # type: ignore[no-untyped-def]
    """The next 64 bits (Marsaglia: Xorshift RNGs, Journal of Statistical Software 8, 2003)."""
    x = chance[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    chance[0] = x
    return x


@njit(cache=True)
def _below(chance, count):  # type: ignore[no-untyped-def]
    return np.int64(_draw(chance) % np.uint64(count))


@njit(cache=True)
def _part(chance):  # type: ignore[no-untyped-def]
    return np.float64(_draw(chance) >> np.uint64(11)) / 9007199254740992.0


@njit(cache=True)
def _somebody_left(state, chance):  # type: ignore[no-untyped-def]
    q = _below(chance, len(state.left))
    while state.left[q] == 0:
        q = (q + 1) % len(state.left)
    return q


@njit(cache=True)
def _holds(values, count, value):  # type: ignore[no-untyped-def]
    for i in range(count):  # noqa: SIM110 - a generator does not compile
        if values[i] == value:
            return True
    return False


@njit(cache=True)
def _include(values, count, value, chance, replace):  # type: ignore[no-untyped-def]
    """Put the value among them, in the place of another where all are taken or `replace`; returns how many there are."""
    if _holds(values, count, value):
        return count
    if count < len(values) and not replace:
        values[count] = value
        return count + 1
    values[_below(chance, count)] = value
    return count


@njit(cache=True)
def _propose(network, state, desk, ways, near_stops, near_gates, chance, waiting, t, move):  # type: ignore[no-untyped-def]
    """A change of coach t, written to the desk's stops and gates: (type, day, stops, gates); type -2 where it is none."""
    fleet, stops, gates = state.fleet, desk.stops, desk.gates
    coach, day = fleet.coach[t], fleet.day[t]
    stop_count, gate_count = fleet.stop_count[t], fleet.gate_count[t]
    for a in range(stop_count):
        stops[a] = fleet.stops[t, a]
    for b in range(gate_count):
        gates[b] = fleet.gates[t, b]
    for_them = waiting > 0 and _part(chance) < 0.5
    if move < 5:
        coach = NOBODY
    elif move < 15:
        coach = _below(chance, len(network.seats))
    elif move < 25:
        if stop_count == 1:
            return -2, day, 0, 0
        a = _below(chance, stop_count)
        stop_count -= 1
        stops[a] = stops[stop_count]
    elif move < 47:
        if for_them:
            s = network.group_stop[_somebody_left(state, chance)]
        else:
            s = near_stops[stops[_below(chance, stop_count)], _below(chance, near_stops.shape[1])]
        stop_count = _include(stops, stop_count, s, chance, move >= 36)
    elif move < 55:
        if gate_count == 1:
            return -2, day, 0, 0
        b = _below(chance, gate_count)
        gate_count -= 1
        gates[b] = gates[gate_count]
    elif move < 75:
        if for_them:
            g = network.group_gate[_somebody_left(state, chance)]
        else:
            g = near_gates[gates[_below(chance, gate_count)], _below(chance, near_gates.shape[1])]
        gate_count = _include(gates, gate_count, g, chance, move >= 66)
    elif move < 85 and waiting > 0:
        q = _somebody_left(state, chance)
        stop_count = _include(stops, stop_count, network.group_stop[q], chance, False)
        gate_count = _include(gates, gate_count, network.group_gate[q], chance, False)
    elif move < 90 and network.may.shape[1] > 1:
        day = _below(chance, network.may.shape[1])
    elif len(ways.stops) > 0:
        w = _below(chance, len(ways.stops))
        stop_count = gate_count = 0
        while stop_count < len(stops) and ways.stops[w, stop_count] >= 0:
            stops[stop_count] = ways.stops[w, stop_count]
            stop_count += 1
        while gate_count < len(gates) and ways.gates[w, gate_count] >= 0:
            gates[gate_count] = ways.gates[w, gate_count]
            gate_count += 1
    return coach, day, stop_count, gate_count


@njit(cache=True)
def price_way(network, coach, stops, stop_count, gates, gate_count, table):  # type: ignore[no-untyped-def]
    """The charter of the shortest way over these stops and gates; FAR where it would take too long or has no road."""
    metres = measure(stops, stop_count, gates, gate_count, network.metres, table)
    if metres >= NO_ROAD:
        return FAR
    driving_s, service_s = np.int64(0), network.service_s * (stop_count + gate_count)
    if network.tariffs.by_day or not network.is_always_lawful:
        driving_s = measure(stops, stop_count, gates, gate_count, network.seconds, table)
        if driving_s + service_s > network.duration_s:
            return FAR
    return charter_fen(network.tariffs, coach, metres, driving_s, service_s)


@njit(cache=True)
def _apply(network, state, desk, t, coach, day, stop_count, gate_count, price):  # type: ignore[no-untyped-def]
    """Give slot t this coach; who may not stay in it waits."""
    fleet, old = state.fleet, desk.old
    old.coach[0], old.day[0], old.charter_fen[0] = fleet.coach[t], fleet.day[t], fleet.charter_fen[t]
    old.stop_count[0], old.gate_count[0] = fleet.stop_count[t], fleet.gate_count[t]
    old.stops[0], old.gates[0] = fleet.stops[t], fleet.gates[t]
    if fleet.coach[t] >= 0:
        _cancel_calls(state, t)
        state.running[fleet.coach[t], fleet.day[t]] -= 1
    load = np.int64(0)
    for a in range(fleet.stop_count[t]):
        for b in range(fleet.gate_count[t]):
            s, g = fleet.stops[t, a], fleet.gates[t, b]
            for j in range(network.waits[s, g], network.waits_end[s, g]):
                q = network.waiting[j]
                if fleet.loads[t, q] > 0:
                    stays = coach >= 0 and network.may[q, day]
                    stays = stays and _holds(desk.stops, stop_count, s) and _holds(desk.gates, gate_count, g)
                    room = network.seats[coach] - load if stays else 0
                    kept = min(fleet.loads[t, q], room)
                    load += kept
                    if kept < fleet.loads[t, q]:
                        state.left[q] += fleet.loads[t, q] - kept
                        _set_load(state, desk, t, q, kept)
    fleet.coach[t], fleet.day[t], fleet.charter_fen[t] = coach, day, price
    fleet.stop_count[t] = stop_count if coach >= 0 else 0
    fleet.gate_count[t] = gate_count if coach >= 0 else 0
    for a in range(stop_count):
        fleet.stops[t, a] = desk.stops[a]
    for b in range(gate_count):
        fleet.gates[t, b] = desk.gates[b]
    fleet.free[t] = network.seats[coach] - load if coach >= 0 else 0
    if coach >= 0:
        _call(state, t)
        state.running[coach, day] += 1


@njit(cache=True)
def _undo(network, state, desk, t):  # type: ignore[no-untyped-def]
    """Put everything back as it was before `_apply`."""
    fleet, old = state.fleet, desk.old
    if fleet.coach[t] >= 0:
        _cancel_calls(state, t)
        state.running[fleet.coach[t], fleet.day[t]] -= 1
    for i in range(desk.log_length[0] - 1, -1, -1):
        slot, q, before = desk.log[i, 0], desk.log[i, 1], desk.log[i, 2]
        fleet.free[slot] += fleet.loads[slot, q] - before
        fleet.loads[slot, q] = before
    fleet.coach[t], fleet.day[t], fleet.charter_fen[t] = old.coach[0], old.day[0], old.charter_fen[0]
    fleet.stop_count[t], fleet.gate_count[t] = old.stop_count[0], old.gate_count[0]
    fleet.stops[t], fleet.gates[t] = old.stops[0], old.gates[0]
    fleet.free[t] = 0
    if fleet.coach[t] >= 0:
        fleet.free[t] = network.seats[fleet.coach[t]] - fleet.loads[t].sum()
        _call(state, t)
        state.running[fleet.coach[t], fleet.day[t]] += 1
    state.left[:] = desk.old_left


@njit(cache=True)
def anneal(  # type: ignore[no-untyped-def]
    network,
    state,
    best,
    best_rank,
    ways,
    near_stops,
    near_gates,
    penalty_fen,
    moves,
    warmth_fen,
    chance,
    desk,
):
    """Try this many moves at this warmth. A worker of group q without a seat costs `penalty_fen[q]`.

    `best` and `best_rank` (penalties in fen, then price in fen) are overwritten by each better fleet that is met.
    """
    fleet = state.fleet
    by_heads = network.judged.by_heads
    cost, owed = _count_fen(network, fleet), (state.left * penalty_fen).sum()
    waiting = state.left.sum()
    slots = len(fleet.coach)
    for _ in range(moves):
        move = _below(chance, 100)
        t = _below(chance, slots)
        if fleet.coach[t] < 0:
            # An empty slot: now and then a coach is opened in it, more readily where somebody waits.
            if move >= (30 if waiting > 0 else 5):
                continue
            q = _somebody_left(state, chance) if waiting > 0 else _below(chance, len(state.left))
            if network.demand[q] == 0:
                continue
            coach, day = _below(chance, len(network.seats)), _below(chance, network.may.shape[1])
            desk.stops[0], desk.gates[0] = network.group_stop[q], network.group_gate[q]
            stop_count = gate_count = 1
        else:
            coach, day, stop_count, gate_count = _propose(
                network, state, desk, ways, near_stops, near_gates, chance, waiting, t, move
            )
            if coach == -2:
                continue
        more = coach >= 0 and (coach != fleet.coach[t] or day != fleet.day[t])
        if more and state.running[coach, day] >= network.running_max[coach, day]:
            continue
        before = after = charter = np.int64(0)
        if fleet.coach[t] >= 0:
            riding = network.seats[fleet.coach[t]] - fleet.free[t]
            before = judge(network.judged, fleet.charter_fen[t], riding)
        if coach >= 0:
            charter = price_way(network, coach, desk.stops, stop_count, desk.gates, gate_count, desk.table)
            if charter == FAR:
                continue
            after = judge(network.judged, charter, network.seats[coach])
        grace = -warmth_fen * np.log(1.0 - _part(chance))
        if after - before - owed > grace:
            continue
        desk.log_length[0] = 0
        desk.old_left[:] = state.left
        _apply(network, state, desk, t, coach, day, stop_count, gate_count, charter)
        # Whoever finds no seat when it is their turn finds none later: the first who cannot be afforded end the trial.
        owing = np.int64(0)
        affordable = True
        for q in range(len(state.left)):
            while state.left[q] > 0 and desk.log_length[0] + 2 * slots < len(desk.log):
                if _seat(network, state, desk, q) == 0:
                    break
            owing += state.left[q] * penalty_fen[q]
            affordable = after - before + owing - owed <= grace
            if not affordable:
                break
        more = after - before
        if by_heads and affordable:
            # Whoever has moved may have taken coaches over the minimum, or under it.
            _level(network, state, desk)
            more = _count_fen(network, fleet) - cost
            affordable = more + owing - owed <= grace
        if not affordable:
            _undo(network, state, desk, t)
            continue
        cost += more
        owed = owing
        waiting = state.left.sum()
        if owed < best_rank[0] or (owed == best_rank[0] and cost < best_rank[1]):
            best_rank[0], best_rank[1] = owed, cost
            _copy(fleet, best)


@njit(cache=True)
def _count_fen(network, fleet):  # type: ignore[no-untyped-def]
    """What the fleet costs."""
    total = np.int64(0)
    for t in range(len(fleet.coach)):
        if fleet.coach[t] >= 0:
            riding = network.seats[fleet.coach[t]] - fleet.free[t]
            total += judge(network.judged, fleet.charter_fen[t], riding)
    return total


@njit(cache=True)
def _level(network, state, desk):  # type: ignore[no-untyped-def]
    """Fill coaches up to the minimum with whoever rides above it in others on the same stops and gates (`levelling`, in single workers)."""
    fleet, minimum = state.fleet, network.judged.min_passengers
    for t in range(len(fleet.coach)):
        if fleet.coach[t] < 0 or network.seats[fleet.coach[t]] < minimum:
            continue
        lacking = minimum - (network.seats[fleet.coach[t]] - fleet.free[t])
        for a in range(fleet.stop_count[t]):
            s = fleet.stops[t, a]
            for i in range(state.call_count[s]):
                u = state.calls[s, i]
                spare = network.seats[fleet.coach[u]] - fleet.free[u] - minimum
                for b in range(fleet.gate_count[t]):
                    g = fleet.gates[t, b]
                    for j in range(network.waits[s, g], network.waits_end[s, g]):
                        q = network.waiting[j]
                        workers = min(min(lacking, spare), fleet.loads[u, q])
                        if desk.log_length[0] + 2 > len(desk.log):
                            return
                        if workers > 0 and network.may[q, fleet.day[t]]:
                            _set_load(state, desk, u, q, fleet.loads[u, q] - workers)
                            _set_load(state, desk, t, q, fleet.loads[t, q] + workers)
                            lacking -= workers
                            spare -= workers


@njit(cache=True)
def _copy(source, target):  # type: ignore[no-untyped-def]
    target.coach[:], target.day[:], target.charter_fen[:], target.free[:] = (
        source.coach,
        source.day,
        source.charter_fen,
        source.free,
    )
    target.stop_count[:], target.gate_count[:] = source.stop_count, source.gate_count
    target.stops[:, :], target.gates[:, :], target.loads[:, :] = source.stops, source.gates, source.loads
