"""Knows where annealing begins, how it cools and how long it goes on; the moves themselves are in `annealing`."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from services.dispatcher.planning.annealing import anneal, price_way
from services.dispatcher.planning.fleet import Fleet, make_desk, make_fleet, make_state
from services.dispatcher.planning.master import Column
from services.dispatcher.planning.network import Ints, Network
from services.dispatcher.planning.proposals import Ways
from services.dispatcher.planning.stop import Allowance
from services.dispatcher.planning.ways import FAR, scratch

MOVES_A_CHUNK = 5_000
MOVES_A_WORK = 5_000
"""Moves that count as one unit of work."""

WARM_SEATS, WARM_AGAIN_SEATS, COLD_SEATS = 0.5, 0.1, 0.03
"""Warmth at the beginning, when a good fleet is annealed again, and at the end, in prices of a seat."""

PENALTY_SEATS, PENALTY_SEATS_MAX = 1.4, 100.0
"""What a worker without a seat costs, in prices of a seat: at first, and while somebody waits growing to more than a coach."""

NEAR_STOPS = 10

_LEAST_PART = 1e-6  # of the allowance: once annealed is better than never

Shares = Sequence[tuple[Column, float]]


class FleetSearch:
    """The fleets that annealing finds on one network, and the best of them. `columns`: what a divisible optimum runs; `seat_fen`: about what
    a worker's seat costs; `precedence[q]`: how many times as much it costs to leave one of group q behind."""

    def __init__(self, network: Network, columns: Shares, seat_fen: int, precedence: Ints, seed: int) -> None:
        self._network = self._roomy = network  # the latter with room for who finds no seat with their family
        self._seat_fen, self._precedence = seat_fen, precedence
        self._slots = 2 * -(-network.workers // int(network.seats.max())) + len(network.seats) + 4
        self._desk = make_desk(network, self._slots)
        self._near = (
            _near(network.metres.stops, NEAR_STOPS),
            _near(network.metres.gates, len(network.gate_nodes)),
        )
        self._chance = np.array([_seed_bits(seed)], np.uint64)
        self.best, self._rank = make_fleet(network, self._slots), np.array([FAR, FAR], np.int64)
        self.begin(columns)

    @property
    def cost_fen(self) -> int | None:
        """What the best fleet costs; None where the search counts public and charter together, where it leaves somebody behind or there is none yet."""
        counts_twice = self._network.judged.public_weight > 1
        return int(self._rank[1]) if self._rank[0] == 0 and not counts_twice else None

    def begin(self, columns: Shares) -> None:
        """From now on begin with the coaches that these columns nearly run whole, and seek along their ways."""
        self._ways = _ways(self._network, columns)
        self._begin, self._warm_seats = self.round_off(columns), WARM_SEATS

    def make_room(self, workers: Mapping[int, int]) -> None:
        """From now on seek fleets with room for so many more of these groups than there are, beginning with the best there is, which has
        none."""
        demand = self._network.demand.copy()
        for group, more in workers.items():
            demand[group] += more
        self._roomy = self._network._replace(demand=demand)
        self._begin, self._warm_seats = self.best, WARM_AGAIN_SEATS
        self.best, self._rank = make_fleet(self._network, self._slots), np.array([FAR, FAR], np.int64)

    def cool(self, allowance: Allowance, until: float, is_enough: Callable[[], bool]) -> None:
        """Anneal once until this part of the allowance is spent, from where `begin` or `make_room` has said."""
        state = make_state(self._roomy, self._begin)
        begun = allowance.spent()
        part = max(until - begun, _LEAST_PART)
        owing = PENALTY_SEATS
        while (spent := (allowance.spent() - begun) / part) < 1 and not is_enough():
            warmth_seats = self._warm_seats * (COLD_SEATS / self._warm_seats) ** spent
            self._anneal(state, owing, warmth_seats)
            allowance.count(MOVES_A_CHUNK // MOVES_A_WORK)
            waiting = state.left.any()
            owing = min(owing * 1.1, PENALTY_SEATS_MAX) if waiting else max(owing / 1.05, PENALTY_SEATS)

    def round_off(self, columns: Shares) -> Fleet:
        """The columns' coaches, their shares rounded, nobody in them yet; within the number that may run."""
        network, slots = self._network, self._slots
        fleet, running = make_fleet(network, slots), np.zeros_like(network.running_max)
        shares: dict[tuple[int, int, tuple[int, ...], tuple[int, ...]], float] = {}
        for column, share in columns:
            way = column.coach, column.day, column.stops, column.gates
            shares[way] = shares.get(way, 0.0) + share
        t = 0
        for (coach, day, stops, gates), share in sorted(shares.items(), key=lambda one: (-one[1], one[0])):
            its_stops, its_gates = np.array(stops, np.int64), np.array(gates, np.int64)
            fen = int(price_way(network, coach, its_stops, len(stops), its_gates, len(gates), scratch()))
            if fen >= FAR:
                continue
            for _ in range(min(round(share), int(network.running_max[coach, day] - running[coach, day]))):
                if t == slots:
                    return fleet
                fleet.coach[t], fleet.day[t] = coach, day
                fleet.stop_count[t], fleet.gate_count[t] = len(stops), len(gates)
                fleet.stops[t, : len(stops)], fleet.gates[t, : len(gates)] = stops, gates
                fleet.charter_fen[t], fleet.free[t] = fen, network.seats[coach]
                running[coach, day] += 1
                t += 1
        return fleet

    def _anneal(self, state: object, owing: float, warmth_seats: float) -> None:
        penalty = self._precedence * round(owing * self._seat_fen)
        anneal(
            self._roomy,
            state,
            self.best,
            self._rank,
            self._ways,
            *self._near,
            penalty,
            MOVES_A_CHUNK,
            warmth_seats * self._seat_fen,
            self._chance,
            self._desk,
        )


def _ways(network: Network, columns: Shares) -> Ways:
    """The ways that the columns' coaches take."""
    ways = sorted({(column.day, column.stops, column.gates) for column, _ in columns})
    days = np.array([day for day, _, _ in ways], np.int64)
    stops = np.full((len(ways), network.pickups), -1, np.int64)
    gates = np.full((len(ways), network.drops), -1, np.int64)
    for row, (_, its_stops, its_gates) in enumerate(ways):
        stops[row, : len(its_stops)] = its_stops
        gates[row, : len(its_gates)] = its_gates
    return Ways(days, stops, gates)


def _near(between: Ints, count: int) -> Ints:
    """For each place the nearest others, itself among them: one that is drawn changes nothing."""
    return np.argsort(between, axis=1, kind="stable")[:, : count + 1].astype(np.int64)


def _seed_bits(seed: int) -> int:
    """64 bits that are never 0 and differ widely for seeds that do not."""
    return (0x9E3779B97F4A7C15 * (seed + 1)) % (1 << 64) or 1
