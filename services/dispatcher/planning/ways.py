"""Compiled: the shortest way from the start through some stops to some gates; knows no rule but the order of the two kinds."""

import numpy as np

from services.dispatcher.planning.compiled import compiled
from services.dispatcher.planning.network import Ints

FAR = np.int64(1) << np.int64(60)
KIND_MAX = 6
"""Visits of one kind on a trip, at most (`problem.STOPS_MAX`): the scratch array's width."""


def scratch() -> Ints:
    """What `measure` writes on: reused, since it is called millions of times."""
    return np.empty((2, 1 << KIND_MAX, KIND_MAX), np.int64)


@compiled
def measure(stops, stop_count, gates, gate_count, roads, table):  # type: ignore[no-untyped-def]
    """The least metres or seconds, as `roads` holds, over all orders of visits.

    By subsets (Held and Karp): the least way to each stop as the last, from each gate as the first.
    """
    heads(stops, stop_count, roads.start, roads.stops, table[0])
    tails(gates, gate_count, roads.gates, table[1])
    every_stop, every_gate = (1 << stop_count) - 1, (1 << gate_count) - 1
    least = FAR
    for a in range(stop_count):
        for b in range(gate_count):
            way = table[0, every_stop, a] + roads.across[stops[a], gates[b]] + table[1, every_gate, b]
            least = min(least, way)
    return least


@compiled
def heads(stops, count, start, between, table):  # type: ignore[no-untyped-def]
    """`table[subset, last]`: the least way from the start through this subset of the stops, to `last` at its end."""
    for subset in range(1, 1 << count):
        for last in range(count):
            if subset >> last & 1:
                before = subset ^ (1 << last)
                least = start[stops[last]] if before == 0 else FAR
                for other in range(count):
                    if before >> other & 1:
                        least = min(least, table[before, other] + between[stops[other], stops[last]])
                table[subset, last] = least


@compiled
def tails(gates, count, beyond, table):  # type: ignore[no-untyped-def]
    """`table[subset, first]`: the least way from `first` through the rest of this subset of the gates."""
    for subset in range(1, 1 << count):
        for first in range(count):
            if subset >> first & 1:
                after = subset ^ (1 << first)
                least = np.int64(0) if after == 0 else FAR
                for other in range(count):
                    if after >> other & 1:
                        least = min(least, beyond[gates[first], gates[other]] + table[after, other])
                table[subset, first] = least
