"""Compiled: who sits in which coach of a fleet; changes no coach.

Workers are seated, group by group, along shortest chains of moves (one boards a coach, another of it changes to a third), as in bipartite
matching (Hopcroft and Karp; the chains of a maximum flow).
"""

from services.dispatcher.planning.compiled import compiled
from services.dispatcher.planning.fleet import set_load


@compiled
def seat(network, state, desk, first):  # type: ignore[no-untyped-def]
    """Seat as many of the group's waiting workers as the shortest chain of moves allows; returns how many.

    What was seen in vain stays seen until somebody has been seated: no chain over it leads to a seat.
    """
    fleet, waits, waits_end = state.fleet, network.waits, network.waits_end
    mark = desk.mark[0]
    if desk.seen_group[first] == mark:
        return 0
    desk.queue[0] = first
    desk.seen_group[first] = mark
    head, tail = 0, 1
    while head < tail:
        q = desk.queue[head]
        head += 1
        s, g = network.group_stop[q], network.group_gate[q]
        for i in range(state.call_count[s]):
            t = state.calls[s, i]
            if desk.seen_coach[t] == mark or not network.may[q, fleet.day[t]]:
                continue
            goes = False
            for b in range(fleet.gate_count[t]):
                goes = goes or fleet.gates[t, b] == g
            if not goes:
                continue
            desk.seen_coach[t] = mark
            desk.from_group[t] = q
            if fleet.free[t] > 0:
                desk.mark[0] += 1
                return _move_along(state, desk, first, t)
            for a in range(fleet.stop_count[t]):
                for b in range(fleet.gate_count[t]):
                    stop, gate = fleet.stops[t, a], fleet.gates[t, b]
                    for j in range(waits[stop, gate], waits_end[stop, gate]):
                        other = network.waiting[j]
                        if desk.seen_group[other] != mark and fleet.loads[t, other] > 0:
                            desk.seen_group[other] = mark
                            desk.from_coach[other] = t
                            desk.queue[tail] = other
                            tail += 1
    return 0


@compiled
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
        set_load(state, desk, t, q, loads[t, q] + workers)
        if q == first:
            break
        t = desk.from_coach[q]
        set_load(state, desk, t, q, loads[t, q] - workers)
    state.left[first] -= workers
    return workers


@compiled
def level(network, state, desk):  # type: ignore[no-untyped-def]
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
                            set_load(state, desk, u, q, fleet.loads[u, q] - workers)
                            set_load(state, desk, t, q, fleet.loads[t, q] + workers)
                            lacking -= workers
                            spare -= workers
