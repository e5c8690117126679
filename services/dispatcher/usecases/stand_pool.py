"""Reads a pool of a round as it stands today into a problem and the trips that stand in it; changes nothing.

Prices, seats and limits are those that the round planned with; the coaches are those that are left on the day beside the
pool's own. Whoever came since waits in the problem; whoever withdrew is no longer in it.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from sqlmodel import Session

from services.dispatcher.domain.amendment import NothingStands
from services.dispatcher.domain.mark import MarkKind
from services.dispatcher.domain.pool import Pool
from services.dispatcher.planning.changes import Standing, Wishes
from services.dispatcher.planning.plan import Load, Trip
from services.dispatcher.planning.problem import Problem
from services.dispatcher.planning.problem_format import read_problem
from services.dispatcher.roads import Roads
from services.dispatcher.store.amendments import (
    list_demand_of,
    list_seekers,
    list_shortened,
    list_standing_trips,
)
from services.dispatcher.store.demand import count_ready, get_gates
from services.dispatcher.store.marks import list_marks
from services.dispatcher.store.tables import (
    DemandRow,
    FleetRow,
    MarkRow,
    PoolPlanRow,
    RoundRow,
    TripRow,
    TripStopRow,
)
from services.dispatcher.store.terms import count_taken, list_home_fleet
from services.dispatcher.store.trips import list_stops
from services.dispatcher.usecases.bill_trip import get_policy
from services.dispatcher.usecases.build_problem import build_problem, coach_id
from services.dispatcher.usecases.form_pools import Family, form_pools
from services.dispatcher.usecases.freeze_pools import without_unknown_places
from services.dispatcher.usecases.open_round import get_tariffs


@dataclass(frozen=True)
class PoolStanding:
    """A pool as it stands. `trips` are in the order of the standing ones; `members`: group id -> request ids of each
    party; `fleet`: coach id -> its row."""

    pool_id: str
    standing: Standing
    trips: list[TripRow]
    members: dict[str, list[list[str]]]
    demands: dict[str, DemandRow]
    fleet: dict[str, FleetRow]
    marks: list[MarkRow]

    def riders_of(self, trip_id: str) -> frozenset[str]:
        """The requests that ride a trip as it is."""
        return frozenset(one for one, demand in self.demands.items() if demand.trip_id == trip_id)

    def aboard(self, trip: Trip) -> frozenset[str]:
        """The requests that a planned trip carries."""
        parties = (self.members[load.group][party] for load in trip.loads for party in load.parties)
        return frozenset(request_id for party in parties for request_id in party)

    @property
    def base(self) -> dict[str, dict[str, int]]:
        """The versions that it was read at."""
        return {
            "trips": {trip.trip_id: trip.version for trip in self.trips},
            "requests": {demand.request_id: demand.version for demand in self.demands.values()},
        }


def stand_pool(
    session: Session, row: RoundRow, pool_id: str, roads: Roads, broken: Collection[str] = ()
) -> PoolStanding:
    """The pool as it stands; the coaches of the `broken` trips do not run. Raises NothingStands."""
    planned = session.get(PoolPlanRow, (row.round_id, pool_id))
    trips = list_standing_trips(session, row.round_id, pool_id)
    if planned is None or planned.problem is None or planned.fleet is None or not trips:
        raise NothingStands(pool_id=pool_id, round_id=row.round_id)
    riding = list_demand_of(session, [trip.trip_id for trip in trips])
    seekers, _lost = without_unknown_places(
        session, list_seekers(session, row.round_id, pool_id, row.day), roads
    )
    ready = Counter(count_ready(session, sorted({d.party_id for d in (*riding, *seekers)}), row.round_id))
    ready.update(demand.party_id for demand in seekers if demand.round_id != row.round_id)
    seekers = _who_may_join(riding, seekers, ready)
    torn = {demand.party_id for demand in seekers}
    last = [demand.request_id for demand in (*riding, *seekers) if demand.latest == row.day]
    looking = [*seekers, *(demand for demand in riding if demand.party_id in torn)]
    seated = [demand for demand in riding if demand.party_id not in torn]
    whole = {demand.party_id: demand.party_size for demand in seated}  # who is seated waits for nobody else
    families = [
        *_families(seated, whole, last),
        *_families(looking, ready, last),
    ]
    known = read_problem(planned.problem)
    fleet = {coach: FleetRow(**values) for coach, values in planned.fleet.items()}
    pool = Pool.from_id(pool_id)
    left = _coaches_left(session, row, pool, trips, broken)
    problem, members = build_problem(
        f"{pool_id} {row.day}",
        row.day,
        pool.county_code,
        families,
        get_gates(session, {family.gate_id for family in families}),
        [(fleet[coach.id], left[coach.id]) for coach in known.coaches],
        get_tariffs(session, row),
        get_policy(session, row.policy),
        roads,
        known.limits,
        known.objective,
    )
    coaches = tuple(replace(coach, per_day=(left[coach.id],)) for coach in known.coaches)
    problem = replace(problem, coaches=coaches)
    demands = {demand.request_id: demand for demand in (*riding, *seekers)}
    kept = {request_id for parties in members.values() for party in parties for request_id in party}
    if fallen := {demand.request_id for demand in riding} - kept:
        raise RuntimeError(f"{len(fallen)} riders of {pool_id} would lose their seats without a word")
    stops = list_stops(session, [trip.trip_id for trip in trips])
    aboard = _aboard(problem, members, demands)
    shortened = list_shortened(session, [trip.trip_id for trip in trips])
    shortened |= {demand.trip_id for demand in riding if demand.party_id in torn and demand.trip_id}
    marks = list_marks(session, row.round_id, pool_id=pool_id)
    standing = Standing(
        problem,
        tuple(_trip(trip, stops[trip.trip_id], aboard.get(trip.trip_id, [])) for trip in trips),
        touched=frozenset(at for at, trip in enumerate(trips) if trip.trip_id in shortened),
        lost=frozenset(at for at, trip in enumerate(trips) if trip.trip_id in broken),
        wishes=_wishes(marks, [trip.trip_id for trip in trips], members),
    )
    return PoolStanding(pool_id, standing, trips, members, demands, fleet, marks)


def _who_may_join(
    riding: Collection[DemandRow], seekers: Collection[DemandRow], ready: Mapping[str, int]
) -> list[DemandRow]:
    """Who looks for a seat. A family rides together: where some of it have seats, all of it looks for new ones, once
    the whole family is known and wants the same way; until then those who have seats keep them, and the others wait."""
    ways: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for demand in (*riding, *seekers):
        ways[demand.party_id].add((demand.stop_code, demand.gate_id))
    seated = {demand.party_id for demand in riding}
    return [
        demand
        for demand in seekers
        if demand.party_id not in seated
        or (len(ways[demand.party_id]) == 1 and ready[demand.party_id] >= demand.party_size)
    ]


def _families(rows: Collection[DemandRow], ready: Mapping[str, int], last: Collection[str]) -> list[Family]:
    pools, _unserved = form_pools(list(rows), ready, last)
    return [family for pool in pools for family in pool.families]


def _coaches_left(
    session: Session, row: RoundRow, pool: Pool, trips: list[TripRow], broken: Collection[str]
) -> Counter[str]:
    """Coach id -> how many may run for the pool: those of its trips, and what no other trip of the day has taken."""
    left: Counter[str] = Counter()
    taken = count_taken(session, pool.home, row.day)
    for coach in list_home_fleet(session, pool.home):
        free = coach.coaches_per_day - taken.get((coach.carrier_id, coach.coach_type), 0)
        left[coach_id(coach)] = max(0, free)
    left.update(f"{trip.carrier_id}/{trip.coach_type}" for trip in trips if trip.trip_id not in broken)
    return left


def _wishes(
    marks: Collection[MarkRow], trip_ids: list[str], members: Mapping[str, list[list[str]]]
) -> Wishes:
    """The marks in the problem's names: a request stands for its whole family. What they name may be gone meanwhile."""
    party_of = {
        request_id: (group, party)
        for group, parties in members.items()
        for party, request_ids in enumerate(parties)
        for request_id in request_ids
    }
    place = {trip_id: at for at, trip_id in enumerate(trip_ids)}
    locked, forced, forbidden, apart = set(), {}, set(), set()
    for mark in marks:
        at, one, other = (
            place.get(mark.trip_id or ""),
            party_of.get(mark.request_id or ""),
            party_of.get(mark.other_id or ""),
        )
        if mark.kind == MarkKind.LOCK and at is not None:
            locked.add(at)
        elif mark.kind == MarkKind.FORCE and at is not None and one is not None:
            forced[one] = at
        elif mark.kind == MarkKind.FORBID and one is not None and other is not None:
            apart.add((one, other))
        elif mark.kind == MarkKind.FORBID and one is not None and at is not None:
            forbidden.add((one, at))
    return Wishes(frozenset(locked), forced, frozenset(forbidden), frozenset(apart))


def _aboard(
    problem: Problem, members: Mapping[str, list[list[str]]], demands: Mapping[str, DemandRow]
) -> dict[str, list[Load]]:
    """Trip id -> what it carries, in the problem's names."""
    loads: dict[str, list[Load]] = defaultdict(list)
    for group in problem.groups:
        on: dict[str, list[int]] = defaultdict(list)
        for party, request_ids in enumerate(members[group.id]):
            trip_ids = {demands[request_id].trip_id for request_id in request_ids}
            if len(trip_ids) == 1 and (trip_id := trip_ids.pop()) is not None:
                on[trip_id].append(party)
        for trip_id, parties in on.items():
            loads[trip_id].append(Load(group.id, tuple(parties)))
    return loads


def _trip(trip: TripRow, stops: list[TripStopRow], loads: list[Load]) -> Trip:
    return Trip(
        coach=f"{trip.carrier_id}/{trip.coach_type}",
        day=0,
        pickups=tuple(stop.code for stop in stops if stop.kind == "pickup"),
        drops=tuple(stop.code for stop in stops if stop.kind == "drop"),
        loads=tuple(loads),
        distance_m=trip.distance_m,
        duration_s=trip.duration_s,
        cost_fen=trip.planned_fen,
    )
