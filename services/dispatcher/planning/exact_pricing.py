"""Compiled: exact pricing. For duals, the column of least reduced cost, by looking at every stop set and gate set.

For fixed duals the best load of a coach on a way is the knapsack of its groups by dual, largest first: exact in whole
workers, since each takes one seat. Whoever more rides costs nothing more and may bring a subsidy, and no dual is below 0, so that load
is as full as it can be and also decides what the coach costs where heads do. A stop set is left out where not even all gates at once, on the shortest way that one of
its stops allows, could pay for a coach.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from services.dispatcher.planning.compiled import compiled
from services.dispatcher.planning.network import Ints, Network
from services.dispatcher.planning.tally import Tally
from services.dispatcher.planning.trip_cost import charter_fen, floors_fen, judge, length_fen
from services.dispatcher.planning.ways import FAR, heads, measure, scratch, tails

MICRO = 1_000_000
"""Duals and reduced costs are whole millionths of a fen."""


class Found(NamedTuple):
    """Rows of columns, and for each group the least reduced cost of a column that carries it and that column's row (or -1)."""

    coach: Ints
    stops: Ints
    gates: Ints
    groups: Ints
    loads: Ints
    cost_fen: Ints
    best: Ints
    best_at: Ints


class Sheet(NamedTuple):
    """What a search writes on: `listed[s, :lengths[s]]` the groups of a stop, the dearest first, `active` the stops that have some; figures of
    the `depth` stops chosen so far, or the `level` gates, by row; and of one way's groups, by their place in the list."""

    listed: Ints
    lengths: Ints
    active: Ints
    gates_at_most: Ints
    hire_fen: Ints
    crew_fen: Ints
    by_seats: Ints
    chosen: Ints
    cursor: Ints
    merged: Ints
    merged_count: Ints
    floor_m: Ints
    sure: Ints
    hopeful: Ints
    met: Ints
    gates: Ints
    pick: Ints
    within: Ints
    called: Ints
    least_m: Ints
    set_down: Ints
    to_gate: Ints
    local: Ints
    bit_at: Ints
    heads_of: Ints
    dual_of: Ints
    bit_of: Ints
    gains: Ints
    table: Ints


class Worth(NamedTuple):
    """Millionths of a fen: a worker of each group, a coach of each type k, a visit of each stop and gate by such a coach.

    `joint[r, k]`: a coach of the type that tally r counts; bit r of `of_stop[s]` and `of_gate[g]` says that one which calls there may be
    counted, of `any_stop` and `any_gate` that it does not matter where it stops, or sets down (a path has fewer branches than 63 bits).
    """

    worker: Ints
    coach: Ints
    stop: Ints
    gate: Ints
    joint: Ints
    of_stop: Ints
    of_gate: Ints
    any_stop: int
    any_gate: int


def lay_out_worth(
    network: Network, workers: Sequence[int], coaches: Ints, tallies: Iterable[tuple[Tally, int]], day: int
) -> Worth:
    """What everything is worth on the day. `tallies`: each with what one unit is worth, less than nothing where it is to be paid."""
    kinds = len(network.seats)
    coach = coaches.copy()
    stop = np.zeros((len(network.stop_nodes), kinds), np.int64)
    gate = np.zeros((len(network.gate_nodes), kinds), np.int64)
    of_stop, of_gate = np.zeros(len(stop), np.int64), np.zeros(len(gate), np.int64)
    joint: list[Ints] = []
    any_stop = any_gate = 0
    for tally, unit in tallies:
        if not unit or (tally.days and day not in tally.days):
            continue
        each = np.array(tally.weights, np.int64) * unit
        if not tally.stops and not tally.gates:
            coach += each
        elif len(tally.stops) == 1 and not tally.gates:
            stop[tally.stops[0]] += each
        elif len(tally.gates) == 1 and not tally.stops:
            gate[tally.gates[0]] += each
        else:
            bit = 1 << len(joint)
            joint.append(each)
            of_stop[list(tally.stops)] |= bit
            of_gate[list(tally.gates)] |= bit
            any_stop |= 0 if tally.stops else bit
            any_gate |= 0 if tally.gates else bit
    return Worth(
        np.array(workers, np.int64),
        coach,
        stop,
        gate,
        np.array(joint, np.int64).reshape(len(joint), kinds),
        of_stop | any_stop,
        of_gate | any_gate,
        any_stop,
        any_gate,
    )


def make_found(network: Network, rows: int) -> Found:
    """Room for so many columns."""
    width = min(len(network.demand), int(network.seats.max())) + 1
    shapes = (rows, (rows, network.pickups), (rows, network.drops), (rows, width), (rows, width), rows)
    groups = len(network.demand)
    return Found(*(np.empty(shape, np.int64) for shape in (*shapes, groups, groups)))


def make_sheet(network: Network) -> Sheet:
    """An empty one for this network."""
    stops, gates, kinds = len(network.stop_nodes), len(network.gate_nodes), len(network.seats)
    pickups, drops = network.pickups, network.drops
    most = max(1, int((network.waits_end[:, -1] - network.waits[:, 0]).max()))
    width = most * pickups
    by_depth, by_level = pickups + 1, drops + 1
    shapes: dict[str, int | tuple[int, int]] = {
        "listed": (stops, most),
        "lengths": stops,
        "active": stops,
        "gates_at_most": kinds,
        "hire_fen": kinds,
        "crew_fen": kinds,
        "chosen": pickups,
        "cursor": by_depth,
        "merged": (by_depth, width),
        "merged_count": by_depth,
        "floor_m": by_depth,
        "sure": (by_depth, kinds),
        "hopeful": (by_depth, kinds),
        "met": by_depth,
        "gates": drops,
        "pick": by_level,
        "within": by_level,
        "called": by_level,
        "least_m": by_level,
        "set_down": (by_level, kinds),
        "to_gate": gates,
        "local": gates,
        "bit_at": gates,
        "heads_of": width,
        "dual_of": width,
        "bit_of": width,
        "gains": kinds,
    }
    arrays = {name: np.zeros(shape, np.int64) for name, shape in shapes.items()}
    return Sheet(**arrays, by_seats=np.argsort(network.seats, kind="stable"), table=scratch())


@compiled
def find_columns(  # type: ignore[no-untyped-def]
    network, worth, may, mates, first, last, threshold, found, sheet
):
    """Fill `found` with the columns of reduced cost below `threshold` that are better than `found.best` for one of the groups they carry.

    `may[q]`: whether the group may leave on the day; `mates[s, t]`: whether stops s
    and t may lie on one way; `first`, `last`: only ways whose first stop, as numbered, is one of these up to the last, which is not among them.
    Returns the least reduced cost of all columns, in millionths of a fen.
    """
    duals, demand, group_gate = worth.worker, network.demand, network.group_gate
    pickups, drops, seats = network.pickups, network.drops, network.seats
    coaches = len(seats)
    listed, lengths, active = sheet.listed, sheet.lengths, sheet.active
    active_count = _list_groups(network, worth, may, listed, lengths, active)
    gates_at_most, hire_fen, crew_fen = sheet.gates_at_most, sheet.hire_fen, sheet.crew_fen
    _sum_largest(worth.gate, drops, gates_at_most)
    floors_fen(
        network.tariffs, _least(network.least_m), network.least_s, 2 * network.service_s, hire_fen, crew_fen
    )
    merged, merged_count, floor_m = sheet.merged, sheet.merged_count, sheet.floor_m
    # What the stops chosen so far are worth by type whatever the gates, and at most for some gates.
    sure, hopeful = sheet.sure, sheet.hopeful
    met, called = sheet.met, sheet.called  # tallies of these stops, and of these gates
    set_down, chosen, cursor, pick, gates = (
        sheet.set_down,
        sheet.chosen,
        sheet.cursor,
        sheet.pick,
        sheet.gates,
    )
    to_gate, local, bit_at = sheet.to_gate, sheet.local, sheet.bit_at
    within, least_m = sheet.within, sheet.least_m
    heads_of, dual_of, bit_of = sheet.heads_of, sheet.dual_of, sheet.bit_of
    gains, by_seats, table = sheet.gains, sheet.by_seats, sheet.table
    merged_count[0] = floor_m[0] = cursor[0] = 0
    sure[0], hopeful[0] = 0, 0
    met[0] = worth.any_stop
    for r in range(len(worth.joint)):
        if worth.any_stop >> r & 1:
            for k in range(coaches):
                hopeful[0, k] += max(0, worth.joint[r, k])
    rows = 0
    least = FAR
    depth = 0
    while depth >= 0:
        if cursor[depth] >= active_count:
            depth -= 1
            continue
        stop = active[cursor[depth]]
        cursor[depth] += 1
        if depth == 0 and not first <= stop < last:
            continue
        together = True
        for a in range(depth):
            together = together and mates[chosen[a], stop]
        if not together:
            continue
        chosen[depth] = stop
        count = _merge(
            merged[depth], merged_count[depth], listed[stop], lengths[stop], duals, merged[depth + 1]
        )
        merged_count[depth + 1] = count
        floor_m[depth + 1] = max(floor_m[depth], network.least_m[stop])
        for k in range(coaches):
            sure[depth + 1, k] = sure[depth, k] + worth.stop[stop, k]
            hopeful[depth + 1, k] = hopeful[depth, k]
        met[depth + 1] = met[depth] | worth.of_stop[stop]
        news = met[depth + 1] & ~met[depth]
        for r in range(len(worth.joint)):
            if news >> r & 1:
                for k in range(coaches):
                    if worth.any_gate >> r & 1:
                        sure[depth + 1, k] += worth.joint[r, k]
                    else:
                        hopeful[depth + 1, k] += max(0, worth.joint[r, k])
        groups = merged[depth + 1]
        for i in range(count):
            heads_of[i], dual_of[i], bit_of[i] = demand[groups[i]], duals[groups[i]], 1
        _fill(count, 1, heads_of, dual_of, bit_of, seats, by_seats, gains)
        riders = _count_riders(network, count, 1, heads_of, bit_of)
        hope = False
        for k in range(coaches):
            gain = sure[depth + 1, k] + hopeful[depth + 1, k] + gates_at_most[k] + worth.coach[k] + gains[k]
            fen = max(length_fen(network.tariffs, k, floor_m[depth + 1]), hire_fen[k]) + crew_fen[k]
            if judge(network.judged, fen, min(seats[k], riders)) * MICRO - gain < threshold:
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
                    bit_at[g] = 1
                    way = FAR
                    for a in range(stop_count):
                        way = min(way, table[0, whole, a] + network.metres.across[chosen[a], g])
                    to_gate[g] = way
                    j = local_count
                    while j > 0 and to_gate[local[j - 1]] < way:
                        local[j] = local[j - 1]
                        j -= 1
                    local[j] = g
                    local_count += 1
            for j in range(local_count):
                bit_at[local[j]] = 1 << j
            for i in range(count):
                bit_of[i] = bit_at[group_gate[groups[i]]]
            for j in range(local_count):
                bit_at[local[j]] = 0
            # Every set of at most `drops` of these gates, depth first, the farthest first.
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
                g = gates[level]
                called[gate_count] = called[level] | (worth.of_gate[g] & ~worth.any_gate)
                news = met[depth + 1] & called[gate_count] & ~called[level]
                for k in range(coaches):
                    set_down[gate_count, k] = set_down[level, k] + worth.gate[g, k]
                for r in range(len(worth.joint)):
                    if news >> r & 1:
                        for k in range(coaches):
                            set_down[gate_count, k] += worth.joint[r, k]
                _fill(count, within[gate_count], heads_of, dual_of, bit_of, seats, by_seats, gains)
                riders = _count_riders(network, count, within[gate_count], heads_of, bit_of)
                service_s = network.service_s * (stop_count + gate_count)
                checked = lawful = network.is_always_lawful and not network.tariffs.by_day
                driving_s = np.int64(0)
                for k in range(coaches):
                    gain = sure[depth + 1, k] + set_down[gate_count, k] + worth.coach[k] + gains[k]
                    fen = max(length_fen(network.tariffs, k, metres), hire_fen[k]) + crew_fen[k]
                    fen = judge(network.judged, fen, min(seats[k], riders))
                    reduced = fen * MICRO - gain
                    if reduced >= least and reduced >= threshold:
                        continue
                    if not checked:
                        checked = True
                        driving_s = measure(chosen, stop_count, gates, gate_count, network.seconds, table)
                        lawful = driving_s + service_s <= network.duration_s
                        heads(chosen, stop_count, network.metres.start, network.metres.stops, table[0])
                    if not lawful:
                        break
                    if network.tariffs.by_day:
                        fen = charter_fen(network.tariffs, k, metres, driving_s, service_s)
                        fen = judge(network.judged, fen, min(seats[k], riders))
                        reduced = fen * MICRO - gain
                        if reduced >= least and reduced >= threshold:
                            continue
                    least = min(least, reduced)
                    if reduced < threshold and rows < len(found.coach):
                        rows += _keep(
                            network,
                            found,
                            rows,
                            k,
                            reduced,
                            fen,
                            chosen,
                            stop_count,
                            gates,
                            gate_count,
                            groups,
                            count,
                            bit_of,
                            within[gate_count],
                        )
                later = ((1 << local_count) - 1) >> pick[level] << pick[level]
                if gate_count == drops or later == 0:
                    continue
                # More gates make the way no shorter than the least, and at best bring all who go there.
                least_m[gate_count] = max(least_m[level], floor_m[depth + 1])
                for a in range(stop_count):
                    least_m[gate_count] = max(least_m[gate_count], network.between_m[chosen[a], g])
                direct_m = metres - (stop_count + gate_count) * network.detour_m
                least_m[gate_count] = max(least_m[gate_count], direct_m)
                _fill(count, within[gate_count] | later, heads_of, dual_of, bit_of, seats, by_seats, gains)
                riders = _count_riders(network, count, within[gate_count] | later, heads_of, bit_of)
                for k in range(coaches):
                    gain = sure[depth + 1, k] + set_down[gate_count, k] + worth.coach[k] + gains[k]
                    gain += hopeful[depth + 1, k] + gates_at_most[k]
                    fen = max(length_fen(network.tariffs, k, least_m[gate_count]), hire_fen[k]) + crew_fen[k]
                    if judge(network.judged, fen, min(seats[k], riders)) * MICRO - gain < threshold:
                        pick[level + 1] = pick[level]
                        level += 1
                        break
        if depth + 1 < pickups:
            cursor[depth + 1] = cursor[depth]
            depth += 1
    return least


@compiled
def _list_groups(network, worth, may, listed, lengths, active):  # type: ignore[no-untyped-def]
    """List each stop's groups that are worth carrying or worth a visit, largest dual first; returns how many stops have some.

    All of them where a coach may be worth its price empty, or cheaper by heads, or may reach a place sooner by calling at another.
    """
    waiting, demand, duals = network.waiting, network.demand, worth.worker
    empty_pays = network.judged.by_heads or not network.is_direct
    for k in range(len(network.seats)):
        fen = length_fen(network.tariffs, k, _least(network.least_m))
        fen = judge(network.judged, fen, network.seats[k])
        empty_pays = empty_pays or worth.coach[k] > fen * MICRO
    for r in range(len(worth.joint)):
        empty_pays = empty_pays or _has_gain(worth.joint, r)
    active_count = 0
    for s in range(len(lengths)):
        length = 0
        for i in range(network.waits[s, 0], network.waits_end[s, -1]):
            q = waiting[i]
            g = network.group_gate[q]
            earns = empty_pays or duals[q] > 0 or _has_gain(worth.stop, s) or _has_gain(worth.gate, g)
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
    return active_count


@compiled
def _has_gain(values, row):  # type: ignore[no-untyped-def]
    for k in range(values.shape[1]):  # noqa: SIM110 - a generator does not compile
        if values[row, k] > 0:
            return True
    return False


@compiled
def _least(values):  # type: ignore[no-untyped-def]
    least = values[0]
    for value in values:
        least = min(least, value)
    return least


@compiled
def _sum_largest(values, count, totals):  # type: ignore[no-untyped-def]
    """Write of each column the sum of its `count` largest values above 0."""
    for k in range(values.shape[1]):
        totals[k] = 0
        below = FAR
        taken = 0
        while taken < count:
            # The next largest, and how often it is there.
            largest, times = np.int64(0), 0
            for i in range(len(values)):
                if largest < values[i, k] < below:
                    largest, times = values[i, k], 1
                elif values[i, k] == largest:
                    times += 1
            if largest == 0:
                break
            times = min(times, count - taken)
            totals[k] += largest * times
            taken += times
            below = largest


@compiled
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


@compiled
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


@compiled
def _count_riders(network, count, within, heads_of, bit_of):  # type: ignore[no-untyped-def]
    """Workers of the groups whose gate is `within` the set; 0 where no price depends on them."""
    riders = np.int64(0)
    if network.judged.by_heads:
        for i in range(count):
            if bit_of[i] & within:
                riders += heads_of[i]
    return riders


@compiled
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


@compiled
def _keep(  # type: ignore[no-untyped-def]
    network,
    found,
    row,
    coach,
    reduced,
    fen,
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
    found.cost_fen[row] = fen
    return 1
