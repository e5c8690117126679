"""Compiled: what annealing tries next, as chance has it; judges nothing."""

from typing import NamedTuple

import numpy as np

from services.dispatcher.planning.compiled import compiled
from services.dispatcher.planning.fleet import NOBODY
from services.dispatcher.planning.network import Ints


class Ways(NamedTuple):
    """Stops, gates and a day that a coach may be given at a stroke, one way a row, filled up with -1."""

    day: Ints
    stops: Ints
    gates: Ints


@compiled
def propose(network, state, desk, ways, near_stops, near_gates, chance, waiting, t, move):  # type: ignore[no-untyped-def]
    """A change of coach t, written to the desk's stops and gates: (type, day, stops, gates); type -2 where it is none."""
    fleet, stops, gates = state.fleet, desk.stops, desk.gates
    coach, day = fleet.coach[t], fleet.day[t]
    stop_count, gate_count = fleet.stop_count[t], fleet.gate_count[t]
    for a in range(stop_count):
        stops[a] = fleet.stops[t, a]
    for b in range(gate_count):
        gates[b] = fleet.gates[t, b]
    for_them = waiting > 0 and part(chance) < 0.5
    if move < 5:
        coach = NOBODY
    elif move < 15:
        coach = below(chance, len(network.seats))
    elif move < 25:
        if stop_count == 1:
            return -2, day, 0, 0
        a = below(chance, stop_count)
        stop_count -= 1
        stops[a] = stops[stop_count]
    elif move < 47:
        if for_them:
            s = network.group_stop[somebody_left(state, chance)]
        else:
            s = near_stops[stops[below(chance, stop_count)], below(chance, near_stops.shape[1])]
        stop_count = _include(stops, stop_count, s, chance, move >= 36)
    elif move < 55:
        if gate_count == 1:
            return -2, day, 0, 0
        b = below(chance, gate_count)
        gate_count -= 1
        gates[b] = gates[gate_count]
    elif move < 75:
        if for_them:
            g = network.group_gate[somebody_left(state, chance)]
        else:
            g = near_gates[gates[below(chance, gate_count)], below(chance, near_gates.shape[1])]
        gate_count = _include(gates, gate_count, g, chance, move >= 66)
    elif move < 85 and waiting > 0:
        q = somebody_left(state, chance)
        stop_count = _include(stops, stop_count, network.group_stop[q], chance, False)
        gate_count = _include(gates, gate_count, network.group_gate[q], chance, False)
    elif move < 90 and network.may.shape[1] > 1:
        day = below(chance, network.may.shape[1])
    elif len(ways.stops) > 0:
        w = below(chance, len(ways.stops))
        day = ways.day[w]
        stop_count = gate_count = 0
        while stop_count < len(stops) and ways.stops[w, stop_count] >= 0:
            stops[stop_count] = ways.stops[w, stop_count]
            stop_count += 1
        while gate_count < len(gates) and ways.gates[w, gate_count] >= 0:
            gates[gate_count] = ways.gates[w, gate_count]
            gate_count += 1
    return coach, day, stop_count, gate_count


@compiled
def _include(values, count, value, chance, replace):  # type: ignore[no-untyped-def]
    """Put the value among them, in the place of another where all are taken or `replace`; returns how many there are."""
    if holds(values, count, value):
        return count
    if count < len(values) and not replace:
        values[count] = value
        return count + 1
    values[below(chance, count)] = value
    return count


@compiled
def holds(values, count, value):  # type: ignore[no-untyped-def]
    for i in range(count):  # noqa: SIM110 - a generator does not compile
        if values[i] == value:
            return True
    return False


@compiled
def somebody_left(state, chance):  # type: ignore[no-untyped-def]
    q = below(chance, len(state.left))
    while state.left[q] == 0:
        q = (q + 1) % len(state.left)
    return q


@compiled
def _draw(chance):  # type: ignore[no-untyped-def]
    """The next 64 bits (Marsaglia: Xorshift RNGs, Journal of Statistical Software 8, 2003)."""
    x = chance[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    chance[0] = x
    return x


@compiled
def below(chance, count):  # type: ignore[no-untyped-def]
    return np.int64(_draw(chance) % np.uint64(count))


@compiled
def part(chance):  # type: ignore[no-untyped-def]
    return np.float64(_draw(chance) >> np.uint64(11)) / 9007199254740992.0
