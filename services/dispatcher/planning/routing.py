"""Knows how to improve a plan with OR-Tools' routing library, and is the only module that imports it.

The pool as a pickup-and-delivery problem with a mixed fleet of fixed prices. Groups are cut into pieces that
the library moves whole (parties stay whole inside a piece); the search starts from the best plan so far, and
what it finds counts only after our own rules and prices. Nothing here is a callback: every transit is a
registered matrix.
"""

import random
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from services.dispatcher.domain.rules import RULE_SETS
from services.dispatcher.domain.timetable import measure_elapsed_s
from services.dispatcher.planning.boarding import settle
from services.dispatcher.planning.draft import Draft, DraftTrip
from services.dispatcher.planning.elapsed import DEPARTURE_S
from services.dispatcher.planning.firstfit import fill_first_fit
from services.dispatcher.planning.plan import Plan
from services.dispatcher.planning.pricing import Itineraries, price_charter_fen
from services.dispatcher.planning.problem import Problem
from services.dispatcher.planning.reasons import explain_waiting
from services.dispatcher.planning.refill import refill
from services.dispatcher.planning.stop import Allowance, Stop

PIECE_SEATS = 20  # seats that the library moves together (planning.md: 10 and whole groups are worse)
REFILL_SHARE = 0.7  # part of the allowance for refilling before the library's search
SPARE_COACHES = 2  # vehicles of each type and day beyond those of the plan a search starts from
_START, _END, _FIRST_PIECE = 0, 1, 2
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class _Piece:
    """Parties of one group that a search moves together."""

    group: int
    parties: tuple[int, ...]
    heads: int


def plan_routes(problem: Problem, stop: Stop, seed: int) -> Plan:
    """First fit, refilled, then searched on by the routing library; each keeps the best plan so far."""
    allowance = stop.begin()
    draw = random.Random(seed)  # noqa: S311 - a search's chance is no secret
    best, unserved = fill_first_fit(problem, Itineraries(problem))
    best = refill(best, draw, allowance, REFILL_SHARE)
    if best.trips:
        found = _Search(best, draw).run(allowance)
        if found is not None and found.rank() < best.rank():
            best = found
    return best.publish([*unserved, *explain_waiting(best)])


class _Search:
    """One search: the routing model of a plan's loads cut into pieces, and the way back to a draft."""

    def __init__(self, incumbent: Draft, draw: random.Random) -> None:
        self._incumbent = incumbent
        self._problem = incumbent.problem
        self._pieces: list[_Piece] = []
        self._pieces_of: list[tuple[DraftTrip, range]] = []  # the incumbent's trips, cut
        order = list(incumbent.trips)
        draw.shuffle(order)
        for trip in order:
            first = len(self._pieces)
            for group, parties in trip.loads.items():
                self._cut(group, parties)
            self._pieces_of.append((trip, range(first, len(self._pieces))))
        for group, parties in incumbent.waiting.items():
            self._cut(group, parties)
        self._vehicles = self._list_vehicles()
        self._places = self._list_places()
        self._manager = pywrapcp.RoutingIndexManager(
            _FIRST_PIECE + 2 * len(self._pieces),
            len(self._vehicles),
            [_START] * len(self._vehicles),
            [_END] * len(self._vehicles),
        )
        self._model = pywrapcp.RoutingModel(self._manager)

    def run(self, allowance: Allowance) -> Draft | None:
        """The draft of the best routes found in what is left, made lawful; None where none was found."""
        rest = allowance.rest()
        if rest is None:
            return None
        self._add_costs()
        self._add_limits()
        self._add_pieces()
        parameters = _parameters(rest)
        self._model.CloseModelWithParameters(parameters)  # before the warm start, or GLS is dropped
        start = self._model.ReadAssignmentFromRoutes(self._start_routes(), True)
        rest = allowance.rest()  # again: making a large model takes a second or two
        if rest is None:
            return None  # before a look at `start`, which the library gives up too when the time is over
        if start is None:
            raise RuntimeError("the routing library refuses the plan that the search starts from")
        _limit(parameters, rest)
        solution = self._model.SolveFromAssignmentWithParameters(start, parameters)
        return None if solution is None else self._draft(solution)

    def _cut(self, group: int, parties: list[int]) -> None:
        """Pieces of at most `PIECE_SEATS`; a party that is larger is a piece of its own."""
        sizes = self._problem.groups[group].parties
        piece: list[int] = []
        heads = 0
        for party in sorted(parties, key=lambda party: (-sizes[party], party)):
            if piece and heads + sizes[party] > PIECE_SEATS:
                self._pieces.append(_Piece(group, tuple(piece), heads))
                piece, heads = [], 0
            piece.append(party)
            heads += sizes[party]
        if piece:
            self._pieces.append(_Piece(group, tuple(piece), heads))

    def _list_vehicles(self) -> list[tuple[int, int]]:
        """Coach and day of each vehicle: those that run in the incumbent and a few spare ones."""
        running = Counter((trip.coach, trip.day) for trip in self._incumbent.trips)
        vehicles = []
        for coach, coach_type in enumerate(self._problem.coaches):
            for day, limit in enumerate(coach_type.per_day):
                count = running[coach, day] + SPARE_COACHES
                vehicles += [(coach, day)] * (count if limit is None else min(count, limit))
        return vehicles

    def _list_places(self) -> Ints:
        """The problem's node of each of the model's nodes (the end has none: -1)."""
        places = [self._problem.node_index[self._problem.start], -1]
        for piece in self._pieces:
            places += self._incumbent.ends[piece.group]
        return np.array(places, dtype=np.int64)

    def _spread(self, matrix: tuple[tuple[int | None, ...], ...], closed: int) -> Ints:
        """The matrix of the model's nodes from the problem's, `closed` where there is no road."""
        table = np.array([[closed if v is None else v for v in row] for row in matrix], dtype=np.int64)
        spread: Ints = table[np.ix_(self._places, self._places)]
        spread[:, _END] = 0
        spread[_END, :] = 0
        return spread

    def _add_costs(self) -> None:
        """By the km, and all that goes by the day as a usual trip pays it, of whose charter the public pays this part once it is full: the
        library can count neither days nor heads."""
        trips = sorted(self._incumbent.trips, key=lambda trip: trip.itinerary.distance_m)
        usual = trips[len(trips) // 2].itinerary
        metres = self._spread(self._problem.distance_m, closed=0)  # closed roads: see `_add_limits`
        transits, fixed = [], []
        for index, coach in enumerate(self._problem.coaches):
            charter_fen = price_charter_fen(self._problem, coach, usual.distance_m, usual.duration_s)
            price_fen = self._incumbent.quote_fen(index, usual, coach.seats)
            parts = charter_fen or 1
            by_way_fen = (2 * coach.fen_per_km * metres + 1000) // 2000 * price_fen // parts
            by_km_fen = (2 * coach.fen_per_km * usual.distance_m + 1000) // 2000 * price_fen // parts
            transits.append(self._model.RegisterTransitMatrix(by_way_fen.tolist()))
            fixed.append(price_fen - by_km_fen)
        for vehicle, (kind, _) in enumerate(self._vehicles):
            self._model.SetArcCostEvaluatorOfVehicle(transits[kind], vehicle)
            self._model.SetFixedCostOfVehicle(fixed[kind], vehicle)

    def _add_limits(self) -> None:
        limits = self._problem.limits
        nodes = len(self._places)
        is_pickup, is_drop = np.zeros(nodes, dtype=bool), np.zeros(nodes, dtype=bool)
        is_pickup[_FIRST_PIECE::2] = True
        is_drop[_FIRST_PIECE + 1 :: 2] = True
        elsewhere = self._places[:, None] != self._places[None, :]
        elsewhere |= is_pickup[:, None] != is_pickup[None, :]
        elsewhere[_START, :] = True
        pickups = (elsewhere & is_pickup[None, :]).astype(np.int64)
        drops = (elsewhere & is_drop[None, :]).astype(np.int64)
        drops[np.ix_(is_drop, is_pickup)] = limits.drops + 1  # nobody boards once somebody has got off
        self._add_dimension(pickups, limits.pickups, "pickups")
        self._add_dimension(drops, limits.drops, "drops")
        budget_s = _moving_budget_s(self._incumbent)
        seconds = self._spread(self._problem.duration_s, closed=budget_s + 1)
        seconds += limits.service_s * (pickups + np.minimum(drops, 1))
        self._add_dimension(np.minimum(seconds, budget_s + 1), budget_s, "seconds")
        heads = [0, 0, *(sign * piece.heads for piece in self._pieces for sign in (1, -1))]
        self._model.AddDimensionWithVehicleCapacity(
            self._model.RegisterUnaryTransitVector(heads),
            0,
            [self._problem.coaches[coach].seats for coach, _ in self._vehicles],
            True,
            "heads",
        )

    def _add_dimension(self, transit: Ints, limit: int, name: str) -> None:
        self._model.AddDimension(self._model.RegisterTransitMatrix(transit.tolist()), 0, limit, True, name)

    def _add_pieces(self) -> None:
        solver = self._model.solver()
        every_day = len(self._problem.days)
        for piece_index, piece in enumerate(self._pieces):
            pickup, drop = self._indices(piece_index)
            self._model.AddPickupAndDelivery(pickup, drop)
            solver.Add(self._model.VehicleVar(pickup) == self._model.VehicleVar(drop))
            days = self._problem.groups[piece.group].days
            if len(days) < every_day:
                closed = [v for v, (_, day) in enumerate(self._vehicles) if day not in days]
                self._model.VehicleVar(pickup).RemoveValues(closed)
                self._model.VehicleVar(drop).RemoveValues(closed)
            if self._incumbent.waiting:
                penalty = self._penalty_fen(piece)
                self._model.AddDisjunction([pickup], penalty)
                self._model.AddDisjunction([drop], 0)

    def _penalty_fen(self, piece: _Piece) -> int:
        """Dearer than any coach for each head, and more so for the first priority classes."""
        dearest = max(self._incumbent.price_fen(trip) for trip in self._incumbent.trips)
        classes = sorted({group.priority for group in self._problem.groups}, reverse=True)
        return 2 * dearest * piece.heads * (1 + classes.index(self._problem.groups[piece.group].priority))

    def _indices(self, piece: int) -> tuple[int, int]:
        node = _FIRST_PIECE + 2 * piece
        return self._manager.NodeToIndex(node), self._manager.NodeToIndex(node + 1)

    def _start_routes(self) -> list[list[int]]:
        """The incumbent's trips as routes of the model's indices, one a vehicle."""
        waiting: dict[tuple[int, int], list[list[int]]] = {}
        for trip, pieces in self._pieces_of:
            pickups = sorted(pieces, key=lambda p: trip.itinerary.pickups.index(self._ends(p)[0]))
            drops = sorted(pieces, key=lambda p: trip.itinerary.drops.index(self._ends(p)[1]))
            route = [self._indices(p)[0] for p in pickups] + [self._indices(p)[1] for p in drops]
            waiting.setdefault((trip.coach, trip.day), []).append(route)
        return [routes.pop() if (routes := waiting.get(vehicle)) else [] for vehicle in self._vehicles]

    def _ends(self, piece: int) -> tuple[int, int]:
        return self._incumbent.ends[self._pieces[piece].group]

    def _draft(self, solution: pywrapcp.Assignment) -> Draft:
        """The routes as a draft: our own shortest orders, and whoever a rule throws out boarded anew."""
        draft = Draft(self._problem, self._incumbent.itineraries)
        for vehicle, (coach, day) in enumerate(self._vehicles):
            self._add_trip(draft, coach, day, self._pieces_on(solution, vehicle))
        carried = {(g, p) for trip in draft.trips for g, parties in trip.loads.items() for p in parties}
        for piece in self._pieces:
            left = [party for party in piece.parties if (piece.group, party) not in carried]
            if left:
                draft.waiting.setdefault(piece.group, []).extend(left)
        settle(draft)
        return draft

    def _add_trip(self, draft: Draft, coach: int, day: int, pieces: list[_Piece]) -> None:
        ends = [draft.ends[piece.group] for piece in pieces]
        pickups, drops = frozenset(pickup for pickup, _ in ends), frozenset(drop for _, drop in ends)
        itinerary = draft.itineraries.find(pickups, drops) if pieces else None
        if itinerary is None:
            return
        trip = draft.open_trip(coach, day, itinerary)
        for piece in pieces:
            draft.board(trip, piece.group, list(piece.parties), itinerary)

    def _pieces_on(self, solution: pywrapcp.Assignment, vehicle: int) -> list[_Piece]:
        pieces = []
        index = self._model.Start(vehicle)
        while not self._model.IsEnd(index):
            node = self._manager.IndexToNode(index)
            if node >= _FIRST_PIECE and (node - _FIRST_PIECE) % 2 == 0:
                pieces.append(self._pieces[(node - _FIRST_PIECE) // 2])
            index = solution.Value(self._model.NextVar(index))
        return pieces


def _moving_budget_s(draft: Draft) -> int:
    """Seconds of driving and service that a route may take so that its lawful timetable may still fit.

    With a rule set this is an estimate, made from one leg without stops in between: the timetable itself is
    checked when routes become trips.
    """
    limit_s = draft.problem.limits.duration_s
    if draft.problem.timetable is None:
        return limit_s
    rules = RULE_SETS[draft.problem.timetable]
    drivers = max(rules.drivers_for(trip.itinerary.distance_m, expressway=False) for trip in draft.trips)
    low, high = 0, limit_s
    while low < high:
        middle = (low + high + 1) // 2
        if measure_elapsed_s((middle,), (0, 0), DEPARTURE_S, drivers, rules) <= limit_s:
            low = middle
        else:
            high = middle - 1
    return low


def _parameters(stop: Stop) -> Any:
    """Guided local search, which only a limit ends; without one, plain descent, which ends by itself."""
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic
    limited = stop.seconds is not None or stop.work is not None
    parameters.local_search_metaheuristic = (
        metaheuristic.GUIDED_LOCAL_SEARCH if limited else metaheuristic.GREEDY_DESCENT
    )
    _limit(parameters, stop)
    return parameters


def _limit(parameters: Any, stop: Stop) -> None:
    if stop.seconds is not None:
        parameters.time_limit.FromTimedelta(timedelta(seconds=max(stop.seconds, 0.001)))
    if stop.work is not None:
        parameters.solution_limit = stop.work
