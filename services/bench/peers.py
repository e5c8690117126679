"""Asks PyVRP and VROOM for plans of a pool of one day, modelled as well as they can be; imported only where peers are measured.

Both solve vehicle routing with a mixed fleet, fixed prices and prices a metre, but split no delivery, and know no limit of stops and
gates a trip. So groups are cut into pieces, and a piece is one client that stands for both of its ends: from one piece to the next the
coach drives from stop to stop and, in the reverse order, from gate to gate; the last piece's own corridor leads to the end. That
is the length of the trip exactly. What they take for time counts the places that a coach comes to, as many as a trip's stops and gates
together. Whoever is over either limit all the same is put on other coaches with the steps of our first fit, the cheapest coach is
chosen again, and the plan is priced as all others are.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations
from math import gcd
from typing import Any, cast

import numpy as np
import pyvrp
import vroom
from numpy.typing import NDArray
from pyvrp.stop import MaxRuntime

from services.bench.corridors import Solver
from services.dispatcher.planning.boarding import join_part, join_whole, open_for, settle
from services.dispatcher.planning.draft import Draft
from services.dispatcher.planning.firstfit import plan_first_fit
from services.dispatcher.planning.plan import Plan
from services.dispatcher.planning.pricing import Itineraries, Itinerary
from services.dispatcher.planning.problem import Problem
from services.dispatcher.planning.reasons import explain_waiting, screen

Variant = tuple[tuple[int, ...], int | None]
"""Sizes of pieces in workers, largest first (none: a coach), and how many pieces a coach may carry."""

VARIANTS: dict[str, tuple[Variant, ...]] = {
    "pyvrp": (((), 4), ((26, 13, 6, 3, 1), None)),
    "vroom": (((), None), ((26, 13, 6, 3, 1), None)),
}
"""Those that came out best at 40 stops."""

FAR = 5_000_000
"""Metres or seconds where there is no way: past any trip, and small enough for their sums."""

PENALTY_MAX = 1e7
"""PyVRP's own is less than a seat costs, so that it would rather overfill a coach."""

METRES_A_UNIT = 100
_END = 1


@dataclass(frozen=True)
class Piece:
    """Parties of one group that ride together."""

    group: int
    parties: tuple[int, ...]
    heads: int


@dataclass(frozen=True)
class Model:
    """A problem in a peer's terms: places are the start, the end, and one for each group that has a piece."""

    problem: Problem
    pieces: tuple[Piece, ...]
    places: tuple[int, ...]
    """Of each piece."""
    metres: NDArray[np.int64]
    visits: NDArray[np.int64]
    """Places that the coach comes to anew, from each place to the next."""
    pieces_max: int | None

    def vehicles(self, coach: int) -> int:
        """As many of the type as could ever run."""
        heads = sum(piece.heads for piece in self.pieces)
        enough = -(-heads * 3 // (2 * self.problem.coaches[coach].seats)) + 3
        limit = self.problem.coaches[coach].per_day[0]
        return enough if limit is None else min(enough, limit)


Route = tuple[int, list[int]]
"""A coach's type and its pieces."""


def peer_solvers() -> dict[str, Solver]:
    """Both, by name."""
    return {"pyvrp": solve_pyvrp, "vroom": solve_vroom}


def solve_pyvrp(problem: Problem, seconds: float, seed: int) -> Plan:
    """PyVRP's best plan over the variants."""
    return _solve(problem, seconds, VARIANTS["pyvrp"], lambda model, left_s: ask_pyvrp(model, left_s, seed))


def solve_vroom(problem: Problem, seconds: float, _seed: int) -> Plan:
    """VROOM's best plan over the variants; it leaves nothing to chance."""
    return _solve(problem, seconds, VARIANTS["vroom"], ask_vroom)


def _solve(
    problem: Problem,
    seconds: float,
    variants: Sequence[Variant],
    ask: Callable[[Model, float], list[Route]],
) -> Plan:
    until = time.monotonic() + seconds
    itineraries = Itineraries(problem)
    screened = Draft(problem, itineraries)
    unserved = screen(screened)
    best: Draft | None = None
    for number, (sizes, pieces) in enumerate(variants):
        left_s = (until - time.monotonic()) / (len(variants) - number)
        if left_s <= 0:
            break
        model = build_model(screened, sizes, pieces)
        draft = make_lawful(screened, model, ask(model, left_s))
        best = draft if best is None else min(best, draft, key=Draft.rank)
    if best is None:
        return plan_first_fit(problem)
    return best.publish([*unserved, *explain_waiting(best)])


def build_model(screened: Draft, sizes: tuple[int, ...], pieces_max: int | None) -> Model:
    """All who can be carried, in pieces of these sizes, or of a coach where there are none."""
    problem = screened.problem
    seats = max(coach.seats for coach in problem.coaches)
    pieces = [piece for group in screened.waiting for piece in _cut(screened, group, sizes or (seats,))]
    groups = list(dict.fromkeys(piece.group for piece in pieces))
    place = {group: 2 + at for at, group in enumerate(groups)}
    stops = np.array([screened.ends[group][0] for group in groups], np.int64)
    gates = np.array([screened.ends[group][1] for group in groups], np.int64)
    start = problem.node_index[problem.start]
    nothing = [[0] * len(problem.nodes)] * len(problem.nodes)
    return Model(
        problem,
        tuple(pieces),
        tuple(place[piece.group] for piece in pieces),
        _between(problem.distance_m, start, stops, gates, 0),
        _between(nothing, start, stops, gates, 1),
        pieces_max,
    )


def _cut(draft: Draft, group: int, sizes: Sequence[int]) -> list[Piece]:
    """Each piece as full as the first of the sizes that the rest of the group can fill, so that small ones fill up seats."""
    heads = draft.problem.groups[group].parties
    rest = sorted(draft.waiting[group], key=lambda party: -heads[party])
    pieces: list[Piece] = []
    while rest:
        left = sum(heads[party] for party in rest)
        size = max(heads[rest[0]], next((size for size in sizes if size <= left), left))
        taken, filled = [], 0
        for party in rest:
            if filled + heads[party] <= size:
                taken.append(party)
                filled += heads[party]
        rest = [party for party in rest if party not in taken]
        pieces.append(Piece(group, tuple(taken), filled))
    return pieces


def _between(
    matrix: Sequence[Sequence[int | None]],
    start: int,
    stops: NDArray[np.int64],
    gates: NDArray[np.int64],
    visit: int,
) -> NDArray[np.int64]:
    """From start, over pieces, to the end; `visit` is added for each place that the coach comes to."""
    roads = np.array([[FAR if value is None else value for value in row] for row in matrix], np.int64)
    size = len(stops) + 2
    found = np.full((size, size), FAR, np.int64)
    np.fill_diagonal(found, 0)
    found[0, 2:] = roads[start, stops] + visit
    found[2:, _END] = roads[stops, gates] + visit
    found[2:, 2:] = roads[np.ix_(stops, stops)] + visit * (stops[:, None] != stops[None, :])
    # The gates are driven to in the reverse order.
    found[2:, 2:] += (roads[np.ix_(gates, gates)] + visit * (gates[:, None] != gates[None, :])).T
    found[0, _END] = 0  # a coach that stays at home
    return np.minimum(found, FAR)


def ask_pyvrp(model: Model, seconds: float, seed: int) -> list[Route]:
    """PyVRP's best routes in that time."""
    problem = model.problem
    piece = [1] if model.pieces_max else []
    room = [model.pieces_max] if model.pieces_max else []
    data = pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in range(len(model.metres))],
        clients=[
            pyvrp.Client(place, delivery=[one.heads, *piece])
            for one, place in zip(model.pieces, model.places, strict=True)
        ],
        depots=[pyvrp.Depot(0), pyvrp.Depot(_END)],
        vehicle_types=[
            pyvrp.VehicleType(
                num_available=model.vehicles(k),
                capacity=[coach.seats, *room],
                start_depot=0,
                end_depot=1,
                fixed_cost=coach.fixed_fen * 1000 // METRES_A_UNIT,
                unit_distance_cost=coach.fen_per_km,
                shift_duration=problem.limits.pickups + problem.limits.drops,
            )
            for k, coach in enumerate(problem.coaches)
        ],
        distance_matrices=[cast(Any, model.metres // METRES_A_UNIT)],  # its stubs name no shape
        duration_matrices=[cast(Any, model.visits)],
    )
    params = pyvrp.SolveParams(penalty=pyvrp.PenaltyParams(max_penalty=PENALTY_MAX))
    result = pyvrp.solve(data, MaxRuntime(seconds), seed=seed, collect_stats=False, params=params)
    if not result.is_feasible():
        return []
    return [(route.vehicle_type(), _clients(route)) for route in result.best.routes()]


def _clients(route: pyvrp.Route) -> list[int]:
    return [step.idx for step in route if step.is_client()]


def ask_vroom(model: Model, seconds: float) -> list[Route]:
    """VROOM's routes in that time, of its deepest search."""
    problem = model.problem
    asked = vroom.Input()
    asked.set_durations_matrix("car", model.visits.astype(np.uint32))
    asked.set_distances_matrix("car", model.metres.astype(np.uint32))
    kinds: list[int] = []
    unit = gcd(*(fen for coach in problem.coaches for fen in (coach.fixed_fen, coach.fen_per_km)))
    for k, coach in enumerate(problem.coaches):
        for _ in range(model.vehicles(k)):
            asked.add_vehicle(
                vroom.Vehicle(
                    len(kinds),
                    start=0,
                    end=_END,
                    capacity=[coach.seats],
                    costs=vroom.VehicleCosts(
                        coach.fixed_fen // unit, per_hour=0, per_km=coach.fen_per_km // unit
                    ),
                    max_travel_time=problem.limits.pickups + problem.limits.drops,
                    **({"max_tasks": model.pieces_max} if model.pieces_max else {}),
                )
            )
            kinds.append(k)
    asked.add_job(
        [
            vroom.Job(i, location=place, delivery=[one.heads])
            for i, (one, place) in enumerate(zip(model.pieces, model.places, strict=True))
        ]
    )
    solution = asked.solve(exploration_level=5, nb_threads=1, timeout=timedelta(seconds=seconds))
    routes: dict[int, list[int]] = {}
    for step in solution.routes[solution.routes["type"] == "job"].itertuples():
        routes.setdefault(int(step.vehicle_id), []).append(int(step.id))
    return [(kinds[vehicle], pieces) for vehicle, pieces in routes.items()]


def make_lawful(screened: Draft, model: Model, routes: list[Route]) -> Draft:
    """The routes as trips that keep every rule; whoever finds no place on them rides on what the other engines' steps find."""
    draft = screened.copy()
    for coach, numbers in routes:
        _open(draft, coach, [model.pieces[number] for number in numbers])
    for group in sorted(draft.waiting, key=lambda g: -draft.heads(g, draft.waiting[g])):
        while group in draft.waiting:
            if not (join_whole(draft, group) or join_part(draft, group) or open_for(draft, group)):
                break
    settle(draft)
    return draft


def _open(draft: Draft, coach: int, pieces: list[Piece]) -> None:
    """One coach with those of its pieces that may ride together and are the most heads; the others go on waiting."""
    if not draft.is_left(coach, 0):
        return
    together, itinerary = _most(draft, pieces, draft.problem.coaches[coach].seats)
    if itinerary is None:
        return
    trip = draft.open_trip(coach, 0, itinerary)
    for piece in together:
        draft.board(trip, piece.group, list(piece.parties), itinerary)
        rest = [party for party in draft.waiting.pop(piece.group) if party not in piece.parties]
        if rest:
            draft.waiting[piece.group] = rest


def _most(draft: Draft, pieces: list[Piece], seats: int) -> tuple[list[Piece], Itinerary | None]:
    """Of all choices of as many stops and gates as a trip may have, the lawful one with the most heads that find a seat."""
    limits = draft.problem.limits
    stops = sorted({draft.ends[piece.group][0] for piece in pieces})
    gates = sorted({draft.ends[piece.group][1] for piece in pieces})
    choices = []
    for its_stops in combinations(stops, min(limits.pickups, len(stops))):
        for its_gates in combinations(gates, min(limits.drops, len(gates))):
            chosen, free = [], seats
            for piece in pieces:
                stop, gate = draft.ends[piece.group]
                if stop in its_stops and gate in its_gates and piece.heads <= free:
                    chosen.append(piece)
                    free -= piece.heads
            choices.append((seats - free, chosen))
    for _, chosen in sorted(choices, key=lambda choice: -choice[0]):
        ends = [draft.ends[piece.group] for piece in chosen]
        itinerary = draft.itineraries.find(
            frozenset(stop for stop, _ in ends), frozenset(gate for _, gate in ends)
        )
        if chosen and itinerary is not None:
            return chosen, itinerary
    return [], None
