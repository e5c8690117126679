"""Compiled: exact pricing. For duals, the column of least reduced cost, by looking at every stop set and gate set.

For fixed duals the best load of a coach on a way is the knapsack of its groups by dual, largest first: exact in whole
workers, since each takes one seat. A stop set is left out where not even all gates at once, on the shortest way that one of
its stops allows, could pay for a coach.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from services.dispatcher.planning.network import Ints, Network
from services.dispatcher.planning.ways import FAR, heads, measure, price_fen, tails

MILLI = 1000
"""Duals and reduced costs are whole thousandths of a fen."""


class Found(NamedTuple):
    """Rows of columns, and for each group the least reduced cost of a column that carries it and that column's row (or -1)."""

    coach: Ints
    stops: Ints
    gates: Ints
    groups: Ints
    loads: Ints
    metres: Ints
    best: Ints
    best_at: Ints


class Worth(NamedTuple):
    """Thousandths of a fen: a worker of each group, a coach of each type, a visit of each stop and gate."""

    worker: Ints
    coach: Ints
    stop: Ints
    gate: Ints


def make_found(network: Network, rows: int) -> Found:
    """Room for so many columns."""
    width = min(len(network.demand), int(network.seats.max())) + 1
    shapes = (rows, (rows, network.pickups), (rows, network.drops), (rows, width), (rows, width), rows)
    groups = len(network.demand)
    return Found(*(np.empty(shape, np.int64) for shape in (*shapes, groups, groups)))


@njit(cache=True)
def find_columns(network, worth, may, least_m, pickups, threshold, found, table):  # type: ignore[no-untyped-def]
    """Fill `found` with the columns of reduced cost below `threshold` that are the best for one of the groups they carry.

    `may[q]`: whether the group may leave on the day; `least_m[s]`: no way through the stop is shorter; `pickups`: stops of a
    way at most.
    Returns the least reduced cost of all columns, in thousandths of a fen.
    """
    duals, demand, group_gate = worth.worker, network.demand, network.group_gate
    drops, seats = network.drops, network.seats
    best, best_at = found.best, found.best_at
    coaches = len(seats)
    for q in range(len(duals)):
        best[q] = threshold
        best_at[q] = -1
    listed, lengths, active, active_count = _list_groups(network, worth, may, least_m)
    gates_at_most = _largest_sum(worth.gate, drops)
    width = listed.shape[1] * pickups
    merged = np.empty((pickups + 1, width), np.int64)
    merged_count = np.zeros(pickups + 1, np.int64)
    floor_m = np.zeros(pickups + 1, np.int64)
    visits_dual = np.zeros(pickups + 1, np.int64)
    chosen = np.empty(pickups, np.int64)
    cursor = np.zeros(pickups + 1, np.int64)
    to_gate = np.empty(len(worth.gate), np.int64)
    local = np.empty(len(worth.gate), np.int64)
    heads_of = np.empty(width, np.int64)
    dual_of = np.empty(width, np.int64)
    bit_of = np.empty(width, np.int64)
    bit_at = np.zeros(len(worth.gate), np.int64)
    pick = np.zeros(drops + 1, np.int64)
    gates = np.empty(drops, np.int64)
    within = np.zeros(drops + 1, np.int64)
    gains = np.empty(coaches, np.int64)
    by_seats = np.argsort(seats)
    rows = 0
    least = FAR
    depth = 0
    while depth >= 0:
        if cursor[depth] >= active_count:
            depth -= 1
            continue
        stop = active[cursor[depth]]
        cursor[depth] += 1
        chosen[depth] = stop
        count = _merge(
            merged[depth], merged_count[depth], listed[stop], lengths[stop], duals, merged[depth + 1]
        )
        merged_count[depth + 1] = count
        floor_m[depth + 1] = max(floor_m[depth], least_m[stop])
        visits_dual[depth + 1] = visits_dual[depth] + worth.stop[stop]
        groups = merged[depth + 1]
        for i in range(count):
            heads_of[i], dual_of[i], bit_of[i] = demand[groups[i]], duals[groups[i]], 1
        _fill(count, 1, heads_of, dual_of, bit_of, seats, by_seats, gains)
        hope = False
        for k in range(coaches):
            gain = visits_dual[depth + 1] + gates_at_most + worth.coach[k] + gains[k]
            if network.fixed_fen[k] * MILLI + network.fen_per_km[k] * floor_m[depth + 1] - gain < threshold:
                hope = True
                break
        if hope:
            stop_count = depth + 1
            whole = (1 << stop_count) - 1
            heads(chosen, stop_count, network.metres.start, network.metres.stops, table[0])
            local_count = 0
            for i in range(count):
                g = group_gate[groups[i]]
                if bit_at[g] == 0:
                    bit_at[g] = 1 << local_count
                    local[local_count] = g
                    local_count += 1
                    way = FAR
                    for a in range(stop_count):
                        way = min(way, table[0, whole, a] + network.metres.across[chosen[a], g])
                    to_gate[g] = way
                bit_of[i] = bit_at[g]
            for j in range(local_count):
                bit_at[local[j]] = 0
            # Every set of at most `drops` of these gates, depth first.
            level = 0
            pick[0] = 0
            while level >= 0:
                if pick[level] >= local_count:
                    level -= 1
                    continue
                gates[level] = local[pick[level]]
                within[level + 1] = within[level] | (1 << pick[level])
                pick[level] += 1
                gate_count = level + 1
                metres = _from_gates(gates, gate_count, to_gate, network.metres.gates, table)
                gates_dual = np.int64(0)
                for b in range(gate_count):
                    gates_dual += worth.gate[gates[b]]
                _fill(count, within[gate_count], heads_of, dual_of, bit_of, seats, by_seats, gains)
                checked = lawful = network.is_always_lawful
                for k in range(coaches):
                    gain = visits_dual[depth + 1] + gates_dual + worth.coach[k] + gains[k]
                    reduced = price_fen(network.fixed_fen[k], network.fen_per_km[k], metres) * MILLI - gain
                    if reduced >= least and reduced >= threshold:
                        continue
                    if not checked:
                        checked = True
                        moving_s = measure(chosen, stop_count, gates, gate_count, network.seconds, table)
                        service_s = network.service_s * (stop_count + gate_count)
                        lawful = moving_s + service_s <= network.duration_s
                        heads(chosen, stop_count, network.metres.start, network.metres.stops, table[0])
                    if not lawful:
                        break
                    least = min(least, reduced)
                    if reduced < threshold and rows < len(found.coach):
                        rows += _keep(
                            network,
                            found,
                            rows,
                            k,
                            reduced,
                            metres,
                            chosen,
                            stop_count,
                            gates,
                            gate_count,
                            groups,
                            count,
                            bit_of,
                            within[gate_count],
                        )
                if gate_count < drops:
                    pick[level + 1] = pick[level]
                    level += 1
        if depth + 1 < pickups:
            cursor[depth + 1] = cursor[depth]
            depth += 1
    return least


@njit(cache=True)
def _list_groups(network, worth, may, least_m):  # type: ignore[no-untyped-def]
    """Each stop's groups that are worth carrying or worth a visit, largest dual first, and the stops that have some.

    All of them where a coach may be worth its price empty.
    """
    waiting, demand, duals = network.waiting, network.demand, worth.worker
    empty_pays = False
    for k in range(len(network.seats)):
        price = network.fixed_fen[k] * MILLI + network.fen_per_km[k] * least_m.min()
        empty_pays = empty_pays or worth.coach[k] > price
    first, last = network.waits[:, 0], network.waits_end[:, -1]
    stops = len(first)
    width = 1
    for s in range(stops):
        width = max(width, last[s] - first[s])
    listed = np.empty((stops, width), np.int64)
    lengths = np.zeros(stops, np.int64)
    active = np.empty(stops, np.int64)
    active_count = 0
    for s in range(stops):
        length = 0
        for i in range(first[s], last[s]):
            q = waiting[i]
            earns = empty_pays or duals[q] > 0 or worth.stop[s] > 0 or worth.gate[network.group_gate[q]] > 0
            if demand[q] > 0 and earns and may[q]:
                j = length
                while j > 0 and duals[listed[s, j - 1]] < duals[q]:
                    listed[s, j] = listed[s, j - 1]
                    j -= 1
                listed[s, j] = q
                length += 1
        lengths[s] = length
        if length:
            active[active_count] = s
            active_count += 1
    return listed, lengths, active, active_count


@njit(cache=True)
def _largest_sum(values, count):  # type: ignore[no-untyped-def]
    ordered = np.sort(values)
    total = np.int64(0)
    for i in range(min(count, len(values))):
        total += max(np.int64(0), ordered[len(values) - 1 - i])
    return total


@njit(cache=True)
def _merge(first, first_count, second, second_count, duals, into):  # type: ignore[no-untyped-def]
    """Two lists of groups in one, largest dual first; returns its length."""
    a = b = 0
    while a < first_count or b < second_count:
        if b == second_count or (a < first_count and duals[first[a]] >= duals[second[b]]):
            into[a + b] = first[a]
            a += 1
        else:
            into[a + b] = second[b]
            b += 1
    return a + b


@njit(cache=True)
def _fill(count, within, heads_of, dual_of, bit_of, seats, by_seats, gains):  # type: ignore[no-untyped-def]
    """The most that each type's seats earn with the groups whose gate is `within` the set, in one walk over them."""
    gain = np.int64(0)
    used = np.int64(0)
    at = 0
    k = by_seats[0]
    for i in range(count):
        if bit_of[i] & within:
            while seats[k] <= used + heads_of[i]:
                gains[k] = gain + (seats[k] - used) * dual_of[i]
                at += 1
                if at == len(by_seats):
                    return
                k = by_seats[at]
            used += heads_of[i]
            gain += heads_of[i] * dual_of[i]
    while at < len(by_seats):
        gains[by_seats[at]] = gain
        at += 1


@njit(cache=True)
def _from_gates(gates, count, to_gate, beyond, table):  # type: ignore[no-untyped-def]
    """The least way that enters at one of the gates, `to_gate` metres from the start, and visits the others."""
    if count == 1:
        return to_gate[gates[0]]
    if count == 2:
        a, b = gates[0], gates[1]
        return min(to_gate[a] + beyond[a, b], to_gate[b] + beyond[b, a])
    if count == 3:
        a, b, c = gates[0], gates[1], gates[2]
        least = to_gate[a] + min(beyond[a, b] + beyond[b, c], beyond[a, c] + beyond[c, b])
        least = min(least, to_gate[b] + min(beyond[b, a] + beyond[a, c], beyond[b, c] + beyond[c, a]))
        return min(least, to_gate[c] + min(beyond[c, a] + beyond[a, b], beyond[c, b] + beyond[b, a]))
    tails(gates, count, beyond, table[1])
    least = FAR
    for b in range(count):
        least = min(least, to_gate[gates[b]] + table[1, (1 << count) - 1, b])
    return least


@njit(cache=True)
def _keep(  # type: ignore[no-untyped-def]
    network,
    found,
    row,
    coach,
    reduced,
    metres,
    stops,
    stop_count,
    gates,
    gate_count,
    groups,
    count,
    bit_of,
    within,
):
    """Write the column to this row if it is the best yet for some group; returns the rows written."""
    left = network.seats[coach]
    size = 0
    better = False
    for i in range(count):
        q = groups[i]
        if left > 0 and bit_of[i] & within:
            found.groups[row, size] = q
            found.loads[row, size] = min(network.demand[q], left)
            left -= found.loads[row, size]
            size += 1
            better = better or reduced < found.best[q]
    if not better:
        return 0
    for i in range(size):
        q = found.groups[row, i]
        if reduced < found.best[q]:
            found.best[q] = reduced
            found.best_at[q] = row
    if size < found.groups.shape[1]:
        found.groups[row, size] = -1
    for a in range(found.stops.shape[1]):
        found.stops[row, a] = stops[a] if a < stop_count else -1
    for b in range(found.gates.shape[1]):
        found.gates[row, b] = gates[b] if b < gate_count else -1
    found.coach[row] = coach
    found.metres[row] = metres
    return 1
