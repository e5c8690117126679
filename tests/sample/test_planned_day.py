"""24 February, planned batch by batch with first-fit: the coaches come out as published."""

import random
import statistics
from collections import Counter, defaultdict
from datetime import date

from services.dispatcher.planning.firstfit import plan_first_fit
from services.dispatcher.planning.problem import CoachType, Group, Limits, Problem
from services.dispatcher.roads import Place, TableRoads
from services.sample.enterprises import Directory
from services.sample.fleet import COACH_TYPES
from services.sample.people import Crowd
from services.sample.roll import Roll
from services.sample.season import Batch, people_by_day, plan_day
from shared import reference

DAY = date(2020, 2, 24)
COACHES = tuple(CoachType(k.code, k.seats // 2, 0, k.fen_per_km, (None,)) for k in COACH_TYPES)


def problem_of(roads: TableRoads, batch: Batch, roll: Roll, directory: Directory) -> Problem:
    """One batch as a pool: parties by (stop, gate), at half load, at most three stops and three gates."""
    parties: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for number, row in enumerate(roll.rows([batch])):
        parties[row.stop, row.enterprise, row.gate][row.party or f"#{number}"] += 1
    gates = {
        (e.name, g.name): Place(e.place.code, g.lon, g.lat) for e in directory.list_all() for g in e.gates
    }
    places: dict[str, Place] = {}
    for stop, enterprise, gate in parties:
        found = reference.find_stop(batch.county.code, stop)
        assert found is not None
        places[stop] = Place(found.code, found.lon, found.lat)
        places[enterprise + gate] = gates[enterprise, gate]
    matrix = roads.matrix(list(places.values()), list(places.values()))
    groups = tuple(
        Group(f"{i}", stop, enterprise + gate, tuple(sorted(heads.values())), (0,))
        for i, ((stop, enterprise, gate), heads) in enumerate(parties.items())
    )
    limits = Limits(pickups=3, drops=3, duration_s=100 * 3600, service_s=600)
    nodes = tuple(places)
    return Problem(
        "batch", nodes, nodes[0], matrix.distance_m, matrix.duration_s, (DAY,), groups, COACHES, limits
    )


def coaches_of(seed: int, roads: TableRoads) -> tuple[int, int]:
    """(coaches, workers left behind) of a seed's day."""
    rng = random.Random(seed)
    directory = Directory(rng)
    roll = Roll(rng, Crowd(rng, DAY), directory)
    [people] = people_by_day(rng, 6822, DAY, 1)
    coaches = unserved = 0
    for batch in plan_day(rng, DAY, people):
        plan = plan_first_fit(problem_of(roads, batch, roll, directory))
        coaches += len(plan.trips)
        unserved += len(plan.unserved)
    return coaches, unserved


def test_the_295_coaches_of_24_february_lie_within_the_spread_of_seeds_and_nobody_is_left() -> None:
    roads = TableRoads()
    days = [coaches_of(seed, roads) for seed in range(16)]
    coaches = [count for count, _ in days]
    assert min(coaches) <= 295 <= max(coaches)
    assert abs(295 - statistics.mean(coaches)) < statistics.stdev(coaches)
    assert all(unserved == 0 for _, unserved in days)
