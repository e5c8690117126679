"""Compiled: bettering a plan by simulated annealing over what coaches run where, while whoever rides in them flows.

A plan is coaches, each with a type, a day, some stops and some gates. Who sits in which is not part of it: after a change of one coach
`seating` seats whom it has put out, and by the best that the others can make of it the change is judged.
Kirkpatrick, Gelatt and Vecchi: Optimization by simulated annealing, Science 220, 1983.
"""

import numpy as np

from services.dispatcher.planning.compiled import compiled
from services.dispatcher.planning.fleet import call, cancel_calls, copy_fleet, copy_row, set_load
from services.dispatcher.planning.network import NO_ROAD
from services.dispatcher.planning.proposals import below, holds, part, propose, somebody_left
from services.dispatcher.planning.seating import level, seat
from services.dispatcher.planning.trip_cost import charter_fen, judge
from services.dispatcher.planning.ways import FAR, measure


@compiled
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
    cost, waiting = _count_fen(network, fleet), _count_left(state)
    owed = np.int64(0)
    for q in range(len(state.left)):
        owed += state.left[q] * penalty_fen[q]
    slots = len(fleet.coach)
    for _ in range(moves):
        move = below(chance, 100)
        t = below(chance, slots)
        if fleet.coach[t] < 0:
            # An empty slot: now and then a coach is opened in it, more readily where somebody waits.
            if move >= (30 if waiting > 0 else 5):
                continue
            q = somebody_left(state, chance) if waiting > 0 else below(chance, len(state.left))
            if network.demand[q] == 0:
                continue
            coach, day = below(chance, len(network.seats)), below(chance, network.may.shape[1])
            while not network.may[q, day]:
                day = (day + 1) % network.may.shape[1]
            desk.stops[0], desk.gates[0] = network.group_stop[q], network.group_gate[q]
            stop_count = gate_count = 1
        else:
            coach, day, stop_count, gate_count = propose(
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
        grace = -warmth_fen * np.log(1.0 - part(chance))
        if after - before - owed > grace:
            continue
        desk.log_length[0] = 0
        desk.mark[0] += 1
        _apply(network, state, desk, t, coach, day, stop_count, gate_count, charter)
        most = grace - (after - before) + owed
        owing = _seat_whoever_waits(network, state, desk, penalty_fen, most)
        affordable = owing <= most
        more = after - before
        if by_heads and affordable:
            # Whoever has moved may have taken coaches over the minimum, or under it.
            level(network, state, desk)
            more = _count_fen(network, fleet) - cost
            affordable = more + owing - owed <= grace
        if not affordable:
            _undo(state, desk, t)
            continue
        cost += more
        owed = owing
        waiting = _count_left(state)
        if owed < best_rank[0] or (owed == best_rank[0] and cost < best_rank[1]):
            best_rank[0], best_rank[1] = owed, cost
            copy_fleet(fleet, best)


@compiled
def _seat_whoever_waits(network, state, desk, penalty_fen, most):  # type: ignore[no-untyped-def]
    """Seat all who can be seated; returns the penalties of the others, or of some of them where these already are more than `most`."""
    put_out = desk.log_length[0]
    owing = np.int64(0)
    # Those put out just now first: the others waited before, and find a seat over the changed coach or none.
    for i in range(put_out):
        q = desk.log[i, 1]
        _seat_group(network, state, desk, q)
        owing += state.left[q] * penalty_fen[q]
        if owing > most:
            return owing
    owing = np.int64(0)
    for q in range(len(state.left)):
        if state.left[q] > 0:
            _seat_group(network, state, desk, q)
            owing += state.left[q] * penalty_fen[q]
            if owing > most:
                return owing
    return owing


@compiled
def _seat_group(network, state, desk, q):  # type: ignore[no-untyped-def]
    while state.left[q] > 0 and desk.log_length[0] + 2 * len(state.fleet.coach) < len(desk.log):
        if seat(network, state, desk, q) == 0:
            break


@compiled
def _apply(network, state, desk, t, coach, day, stop_count, gate_count, price):  # type: ignore[no-untyped-def]
    """Give slot t this coach; who may not stay in it waits."""
    fleet, old = state.fleet, desk.old
    old.coach[0], old.day[0], old.charter_fen[0] = fleet.coach[t], fleet.day[t], fleet.charter_fen[t]
    old.free[0] = fleet.free[t]
    old.stop_count[0], old.gate_count[0] = fleet.stop_count[t], fleet.gate_count[t]
    copy_row(fleet.stops, t, old.stops, 0)
    copy_row(fleet.gates, t, old.gates, 0)
    if fleet.coach[t] >= 0:
        cancel_calls(state, t)
        state.running[fleet.coach[t], fleet.day[t]] -= 1
    load = np.int64(0)
    for a in range(fleet.stop_count[t]):
        for b in range(fleet.gate_count[t]):
            s, g = fleet.stops[t, a], fleet.gates[t, b]
            for j in range(network.waits[s, g], network.waits_end[s, g]):
                q = network.waiting[j]
                if fleet.loads[t, q] > 0:
                    stays = coach >= 0 and network.may[q, day]
                    stays = stays and holds(desk.stops, stop_count, s) and holds(desk.gates, gate_count, g)
                    room = network.seats[coach] - load if stays else 0
                    kept = min(fleet.loads[t, q], room)
                    load += kept
                    if kept < fleet.loads[t, q]:
                        state.left[q] += fleet.loads[t, q] - kept
                        set_load(state, desk, t, q, kept)
    fleet.coach[t], fleet.day[t], fleet.charter_fen[t] = coach, day, price
    fleet.stop_count[t] = stop_count if coach >= 0 else 0
    fleet.gate_count[t] = gate_count if coach >= 0 else 0
    for a in range(stop_count):
        fleet.stops[t, a] = desk.stops[a]
    for b in range(gate_count):
        fleet.gates[t, b] = desk.gates[b]
    fleet.free[t] = network.seats[coach] - load if coach >= 0 else 0
    if coach >= 0:
        call(state, t)
        state.running[coach, day] += 1


@compiled
def _undo(state, desk, t):  # type: ignore[no-untyped-def]
    """Put everything back as it was before `_apply`."""
    fleet, old = state.fleet, desk.old
    if fleet.coach[t] >= 0:
        cancel_calls(state, t)
        state.running[fleet.coach[t], fleet.day[t]] -= 1
    for i in range(desk.log_length[0] - 1, -1, -1):
        slot, q, before = desk.log[i, 0], desk.log[i, 1], desk.log[i, 2]
        fleet.free[slot] += fleet.loads[slot, q] - before
        state.left[q] += fleet.loads[slot, q] - before
        fleet.loads[slot, q] = before
    fleet.coach[t], fleet.day[t], fleet.charter_fen[t] = old.coach[0], old.day[0], old.charter_fen[0]
    fleet.stop_count[t], fleet.gate_count[t] = old.stop_count[0], old.gate_count[0]
    copy_row(old.stops, 0, fleet.stops, t)
    copy_row(old.gates, 0, fleet.gates, t)
    fleet.free[t] = old.free[0]
    if fleet.coach[t] >= 0:
        call(state, t)
        state.running[fleet.coach[t], fleet.day[t]] += 1


@compiled
def _count_left(state):  # type: ignore[no-untyped-def]
    waiting = np.int64(0)
    for workers in state.left:
        waiting += workers
    return waiting


@compiled
def _count_fen(network, fleet):  # type: ignore[no-untyped-def]
    """What the fleet costs."""
    total = np.int64(0)
    for t in range(len(fleet.coach)):
        if fleet.coach[t] >= 0:
            riding = network.seats[fleet.coach[t]] - fleet.free[t]
            total += judge(network.judged, fleet.charter_fen[t], riding)
    return total


@compiled
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
