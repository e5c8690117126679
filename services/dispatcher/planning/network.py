"""Knows a problem as arrays of whole numbers, the form that the compiled searches read; decides nothing.

Stops and gates are numbered apart, groups and coaches as in the problem. A road that is not there is `NO_ROAD` metres and
seconds long, longer than any trip and short enough that a sum of some stays within 64 bits. Named tuples, since compiled code takes
them apart without a copy.
"""

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.dispatcher.planning.problem import Matrix, Problem
from services.dispatcher.planning.trip_cost import Judged, Tariffs, lay_out_objective, lay_out_tariffs

Ints = NDArray[np.int64]
NO_ROAD = 10**13


class Roads(NamedTuple):
    """Metres or seconds: from the start to each stop, between stops, from stops to gates, between gates."""

    start: Ints
    stops: Ints
    across: Ints
    gates: Ints


class Network(NamedTuple):
    """`demand[q]`: workers of group q who may be carried; `waits[s, g]` .. `waits_end[s, g]`: where in `waiting` the groups from stop s
    to gate g stand; `may[q, d]`: whether group q may leave on day d.

    `least_m[s]`, `between_m[s, g]`: no way through the stop, or through both, is shorter, wherever else it leads; `least_s`: none is driven
    in less. `running_max[k, d]`: coaches of type k on day d. `is_always_lawful`: no way could take longer than `duration_s`, so that none
    needs to be looked at. `is_direct`: no road is longer or takes longer than the way over another place; `detour_m`: none is longer by more.
    """

    stop_nodes: Ints
    gate_nodes: Ints
    metres: Roads
    seconds: Roads
    least_m: Ints
    between_m: Ints
    least_s: int
    group_stop: Ints
    group_gate: Ints
    demand: Ints
    waiting: Ints
    waits: Ints
    waits_end: Ints
    may: NDArray[np.bool_]
    seats: Ints
    tariffs: Tariffs
    judged: Judged
    running_max: Ints
    pickups: int
    drops: int
    service_s: int
    duration_s: int
    is_always_lawful: bool
    is_direct: bool
    detour_m: int

    @property
    def workers(self) -> int:
        return int(self.demand.sum())


def lay_out(problem: Problem, demand: Sequence[int], *, proof: bool = False) -> Network:
    """The problem's arrays, its objective as a search or a proof looks at it."""
    index = problem.node_index
    pickups = [index[group.pickup] for group in problem.groups]
    drops = [index[group.drop] for group in problem.groups]
    stops, gates = sorted(set(pickups)), sorted(set(drops))
    group_stop = np.array([stops.index(node) for node in pickups], np.int64)
    group_gate = np.array([gates.index(node) for node in drops], np.int64)
    cells = [(int(s), int(g)) for s, g in zip(group_stop, group_gate, strict=True)]
    counts = [[cells.count((s, g)) for g in range(len(gates))] for s in range(len(stops))]
    ends = np.array(list(accumulate(count for row in counts for count in row)), np.int64).reshape(
        len(stops), len(gates)
    )
    unlimited = max(1, sum(demand))
    most_stops, most_gates = min(problem.limits.pickups, len(stops)), min(problem.limits.drops, len(gates))
    duration_s = problem.limits.duration_s
    lengths = [to_array(matrix) for matrix in (problem.distance_m, problem.duration_s)]
    shortest = [shorten(whole) for whole in lengths]
    metres, seconds = (_take_roads(problem, whole, stops, gates) for whole in lengths)
    least, quickest = (_take_roads(problem, whole, stops, gates) for whole in shortest)
    between_m = least.start[:, None] + least.across
    longest_s = int(
        seconds.start.max() + seconds.across.max() + (most_stops + most_gates) * problem.limits.service_s
    )
    longest_s += int((most_stops - 1) * seconds.stops.max() + (most_gates - 1) * seconds.gates.max())
    return Network(
        stop_nodes=np.array(stops, np.int64),
        gate_nodes=np.array(gates, np.int64),
        metres=metres,
        seconds=seconds,
        least_m=between_m.min(axis=1),
        between_m=between_m,
        least_s=int(quickest.start.min() + quickest.across.min()),
        group_stop=group_stop,
        group_gate=group_gate,
        demand=np.array(demand, np.int64),
        waiting=np.array(sorted(range(len(cells)), key=lambda q: (cells[q], q)), np.int64),
        waits=ends - np.array(counts, np.int64),
        waits_end=ends,
        may=np.array([[d in g.days for d in range(len(problem.days))] for g in problem.groups], np.bool_),
        seats=np.array([coach.seats for coach in problem.coaches], np.int64),
        tariffs=lay_out_tariffs(problem),
        judged=lay_out_objective(problem, proof=proof),
        running_max=np.array(
            [[unlimited if n is None else n for n in coach.per_day] for coach in problem.coaches], np.int64
        ),
        pickups=most_stops,
        drops=most_gates,
        service_s=problem.limits.service_s,
        duration_s=duration_s,
        is_always_lawful=longest_s <= duration_s,
        is_direct=all(bool((a == b).all()) for a, b in zip(lengths, shortest, strict=True)),
        detour_m=int((lengths[0] - shortest[0]).max()),
    )


def to_array(matrix: Matrix) -> Ints:
    """Rows from, columns to; `NO_ROAD` where there is none."""
    return np.array([[NO_ROAD if v is None else v for v in row] for row in matrix], np.int64)


def shorten(whole: Ints) -> Ints:
    """From each place to each over any others, the shortest (Floyd and Warshall): no trip undercuts that, wherever else it calls."""
    for via in range(len(whole)):
        whole = np.minimum(whole, whole[:, via : via + 1] + whole[via : via + 1, :])
    return whole


def _take_roads(problem: Problem, whole: Ints, stops: Sequence[int], gates: Sequence[int]) -> Roads:
    start = problem.node_index[problem.start]
    return Roads(
        start=whole[start, stops].copy(),
        stops=whole[np.ix_(stops, stops)].copy(),
        across=whole[np.ix_(stops, gates)].copy(),
        gates=whole[np.ix_(gates, gates)].copy(),
    )
