"""Knows a fleet of coaches in slots, and who sits in them, as arrays that the compiled searches write; judges none."""

from typing import NamedTuple

import numpy as np

from services.dispatcher.planning.compiled import compiled
from services.dispatcher.planning.network import Ints, Network
from services.dispatcher.planning.ways import scratch

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


class State(NamedTuple):
    """The fleet, whoever has no seat (`left[q]`), coaches that run by type and day, and which coaches stop at `calls[s, :call_count[s]]`."""

    fleet: Fleet
    left: Ints
    running: Ints
    calls: Ints
    call_count: Ints


class Desk(NamedTuple):
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
    mark: Ints
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
        call(state, t)
        state.running[fleet.coach[t], fleet.day[t]] += 1
    return state


def make_desk(network: Network, slots: int) -> Desk:
    """Room to search on for a network and so many slots."""
    groups = len(network.demand)
    return Desk(
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
        mark=np.zeros(1, np.int64),
        table=scratch(),
    )


@compiled
def call(state, t):  # type: ignore[no-untyped-def]
    """Enter coach t at its stops."""
    fleet = state.fleet
    for a in range(fleet.stop_count[t]):
        s = fleet.stops[t, a]
        state.calls[s, state.call_count[s]] = t
        state.call_count[s] += 1


@compiled
def cancel_calls(state, t):  # type: ignore[no-untyped-def]
    fleet = state.fleet
    for a in range(fleet.stop_count[t]):
        s = fleet.stops[t, a]
        for i in range(state.call_count[s]):
            if state.calls[s, i] == t:
                state.call_count[s] -= 1
                state.calls[s, i] = state.calls[s, state.call_count[s]]
                break


@compiled
def set_load(state, desk, t, q, workers):  # type: ignore[no-untyped-def]
    """Change a load and the free seats, and remember what it was."""
    loads = state.fleet.loads
    n = desk.log_length[0]
    desk.log[n, 0], desk.log[n, 1], desk.log[n, 2] = t, q, loads[t, q]
    desk.log_length[0] = n + 1
    state.fleet.free[t] += loads[t, q] - workers
    loads[t, q] = workers


@compiled
def copy_fleet(source, target):  # type: ignore[no-untyped-def]
    for t in range(len(source.coach)):
        target.coach[t], target.day[t] = source.coach[t], source.day[t]
        target.charter_fen[t], target.free[t] = source.charter_fen[t], source.free[t]
        target.stop_count[t], target.gate_count[t] = source.stop_count[t], source.gate_count[t]
        copy_row(source.stops, t, target.stops, t)
        copy_row(source.gates, t, target.gates, t)
        copy_row(source.loads, t, target.loads, t)


@compiled
def copy_row(source, i, target, j):  # type: ignore[no-untyped-def]
    for k in range(source.shape[1]):
        target[j, k] = source[i, k]
