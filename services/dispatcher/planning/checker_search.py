"""Compiled: looks at every coach on every way of one day for one that is worth more than it costs; part of `checker`, and its own code.

A coach on a way may seat the dearest of those whose stop and gate lie on it. A set of stops is passed over only where all who board there,
wherever they go, with every count that could speak for the coach, could not pay for the nearest gate.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
NO_ROAD = 10**13
MICRO = 1_000_000
DAY_S = 24 * 3600


class Places(NamedTuple):
    """Metres and seconds from place to place (`NO_ROAD` where there is no road); `at` and `to` are the nodes of stops and gates."""

    metres: Ints
    seconds: Ints
    start: int
    at: Ints
    to: Ints
    pickups: int
    drops: int
    service_s: int
    duration_s: int


class Coaches(NamedTuple):
    """Those that run on the day, by type, and what they cost. `crews[i]`: metres from which and up to which there are i + 1 drivers, and
    the seconds that so many may drive in 24 hours. The public's part is the charter below `public_from` passengers, and else so many per
    cent of it up to the cap; `public_from` is -1 where all of it counts in any case."""

    seats: Ints
    fixed_fen: Ints
    fen_per_km: Ints
    toll_fen_per_km: Ints
    minimum_day_fen: Ints
    driver_day_fen: Ints
    crews: Ints
    public_from: int
    rate_percent: int
    cap_fen: int


class Riders(NamedTuple):
    """Who may leave on the day, the dearest first: what each is worth, their stop and gate, and how many fit each type of coach."""

    worth: Ints
    stop: Ints
    gate: Ints
    heads: Ints


class Counts(NamedTuple):
    """What counts for or against a coach: by type, and where it must call for it (`stops[i, s]`, `gates[i, g]`)."""

    worth: Ints
    stops: Ints
    gates: Ints


class Overpaid(NamedTuple):
    """A coach that is worth so many millionths of a fen more than it costs (0: there is none), and its way."""

    over: int
    coach: int
    stops: Ints
    stop_count: int
    gates: Ints
    gate_count: int


@njit(cache=True)
def find_overpaid(places, coaches, riders, counts):  # type: ignore[no-untyped-def]
    """The first coach found that is worth more than it costs."""
    stops, gates = np.zeros(places.pickups, np.int64), np.zeros(places.drops, np.int64)
    all_gates = np.arange(len(places.to))
    for stop_count in range(1, places.pickups + 1):
        for a in range(stop_count):
            stops[a] = a
        more = stop_count <= len(places.at)
        while more:
            board = _boarding(riders, stops, stop_count)
            if len(board) > 0:
                heads_m = _heads(places.metres, places, stops, stop_count)
                if _may_pay(places, coaches, riders, counts, board, stops, stop_count, heads_m, all_gates):
                    heads_s = _heads(places.seconds, places, stops, stop_count)
                    for gate_count in range(1, places.drops + 1):
                        for b in range(gate_count):
                            gates[b] = b
                        others = gate_count <= len(places.to)
                        while others:
                            over, k = _look(
                                places, coaches, riders, counts, board, stops, stop_count, gates, gate_count,
                                heads_m, heads_s,
                            )  # fmt: skip
                            if over > 0:
                                return Overpaid(over, k, stops, stop_count, gates, gate_count)
                            others = _next_set(gates, gate_count, len(places.to))
            more = _next_set(stops, stop_count, len(places.at))
    return Overpaid(0, 0, stops, 0, gates, 0)


@njit(cache=True)
def _next_set(members, count, of):  # type: ignore[no-untyped-def]
    """The next of the sets of so many numbers below `of`, in order; False after the last."""
    i = count - 1
    while i >= 0 and members[i] == of - count + i:
        i -= 1
    if i < 0:
        return False
    members[i] += 1
    for j in range(i + 1, count):
        members[j] = members[j - 1] + 1
    return True


@njit(cache=True)
def _boarding(riders, stops, stop_count):  # type: ignore[no-untyped-def]
    """Riders of these stops, the dearest first; nobody where some stop has none, since no coach calls there then."""
    found = np.empty(len(riders.stop), np.int64)
    size = 0
    met = 0
    for i in range(len(riders.stop)):
        for a in range(stop_count):
            if riders.stop[i] == stops[a]:
                found[size] = i
                size += 1
                met |= 1 << a
    return found[:size] if met == (1 << stop_count) - 1 else found[:0]


@njit(cache=True)
def _heads(lengths, places, stops, stop_count):  # type: ignore[no-untyped-def]
    """From the start over all these stops to each of them as the last: the least of all orders, one stop put behind the other."""
    full = 1 << stop_count
    least = np.full((full, stop_count), NO_ROAD, np.int64)
    for a in range(stop_count):
        least[1 << a, a] = lengths[places.start, places.at[stops[a]]]
    for done in range(1, full):
        for a in range(stop_count):
            if done >> a & 1 and least[done, a] < NO_ROAD:
                for b in range(stop_count):
                    if not done >> b & 1:
                        onward = least[done, a] + lengths[places.at[stops[a]], places.at[stops[b]]]
                        least[done | 1 << b, b] = min(least[done | 1 << b, b], onward)
    return least[full - 1]


@njit(cache=True)
def _whole_way(lengths, places, heads, stops, stop_count, gates, gate_count):  # type: ignore[no-untyped-def]
    """After the stops over all these gates, in the best order."""
    full = 1 << gate_count
    least = np.full((full, gate_count), NO_ROAD, np.int64)
    for b in range(gate_count):
        for a in range(stop_count):
            onward = heads[a] + lengths[places.at[stops[a]], places.to[gates[b]]]
            least[1 << b, b] = min(least[1 << b, b], onward)
    for done in range(1, full):
        for a in range(gate_count):
            if done >> a & 1 and least[done, a] < NO_ROAD:
                for b in range(gate_count):
                    if not done >> b & 1:
                        onward = least[done, a] + lengths[places.to[gates[a]], places.to[gates[b]]]
                        least[done | 1 << b, b] = min(least[done | 1 << b, b], onward)
    return least[full - 1].min()


@njit(cache=True)
def _cost_fen(coaches, k, metres, driving_s, service_s, passengers):  # type: ignore[no-untyped-def]
    """What no lawful trip counts less than that is no shorter and no quicker and carries no more. Half a fen and more is a fen.

    A day of the charter is 24 hours from 08:00: in it each driver drives his hours at most, and the coach stands from 02:00 to 05:00.
    That more drivers are fewer days is paid for by the metres from which they are allowed to be so many.
    """
    charter = np.int64(4) * 10**18
    for i in range(len(coaches.crews)):
        if metres <= coaches.crews[i, 1]:
            way = max(metres, coaches.crews[i, 0])
            days = max(1, -(-driving_s // coaches.crews[i, 2]), -(-(driving_s + service_s) // DAY_S))
            hire = coaches.fixed_fen[k] + (2 * coaches.fen_per_km[k] * way + 1000) // 2000
            hire = max(hire, coaches.minimum_day_fen[k] * days + coaches.toll_fen_per_km[k] * way // 1000)
            charter = min(charter, hire + coaches.driver_day_fen[k] * (i + 1) * days)
    if coaches.public_from < 0 or passengers < coaches.public_from:
        return charter
    return min(charter * coaches.rate_percent // 100, coaches.cap_fen)


@njit(cache=True)
def _may_pay(  # type: ignore[no-untyped-def]
    places, coaches, riders, counts, board, stops, stop_count, heads_m, all_gates
):  # fmt: skip
    """Whether some coach over these stops could be worth more than it costs, if it went to every gate and yet no farther than the nearest."""
    nearest = NO_ROAD
    for g in range(len(places.to)):
        for a in range(stop_count):
            nearest = min(nearest, heads_m[a] + places.metres[places.at[stops[a]], places.to[g]])
    if nearest >= NO_ROAD:
        return False
    for k in range(len(coaches.seats)):
        worth, passengers = _seated(coaches, riders, board, k, all_gates, len(all_gates))
        for i in range(len(counts.worth)):
            if _counts(counts.stops[i], stops, stop_count):
                certain = counts.gates[i].all()
                worth += counts.worth[i, k] if certain else max(0, counts.worth[i, k])
        if worth > _cost_fen(coaches, k, nearest, 0, 0, passengers) * MICRO:
            return True
    return False


@njit(cache=True)
def _counts(where, places, count):  # type: ignore[no-untyped-def]
    for i in range(count):  # noqa: SIM110 - a generator does not compile
        if where[places[i]]:
            return True
    return False


@njit(cache=True)
def _seated(coaches, riders, board, k, gates, gate_count):  # type: ignore[no-untyped-def]
    """What the dearest riders to these gates are worth that fill a coach, and how many they are: as many as there can be."""
    worth, free = np.int64(0), coaches.seats[k]
    for i in board:
        if free == 0:
            break
        for b in range(gate_count):
            if riders.gate[i] == gates[b]:
                seated = min(free, riders.heads[i, k])
                worth += seated * riders.worth[i]
                free -= seated
    return worth, coaches.seats[k] - free


@njit(cache=True)
def _look(  # type: ignore[no-untyped-def]
    places, coaches, riders, counts, board, stops, stop_count, gates, gate_count, heads_m, heads_s
):  # fmt: skip
    """How much more than it costs the best coach on this way is worth, and its type; 0 where nobody can want the way or may drive it."""
    boarded, left = 0, 0
    for i in board:
        for b in range(gate_count):
            if riders.gate[i] == gates[b]:
                left |= 1 << b
                for a in range(stop_count):
                    if riders.stop[i] == stops[a]:
                        boarded |= 1 << a
    if boarded != (1 << stop_count) - 1 or left != (1 << gate_count) - 1:
        return 0, 0
    metres = _whole_way(places.metres, places, heads_m, stops, stop_count, gates, gate_count)
    if metres >= NO_ROAD:
        return 0, 0
    seconds = _whole_way(places.seconds, places, heads_s, stops, stop_count, gates, gate_count)
    service_s = places.service_s * (stop_count + gate_count)
    if seconds + service_s > places.duration_s:
        return 0, 0
    most, which = np.int64(0), 0
    for k in range(len(coaches.seats)):
        worth, passengers = _seated(coaches, riders, board, k, gates, gate_count)
        for i in range(len(counts.worth)):
            if _counts(counts.stops[i], stops, stop_count) and _counts(counts.gates[i], gates, gate_count):
                worth += counts.worth[i, k]
        over = worth - _cost_fen(coaches, k, metres, seconds, service_s, passengers) * MICRO
        if over > most:
            most, which = over, k
    return most, which
