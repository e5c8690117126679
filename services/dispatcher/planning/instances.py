"""Knows how to invent pools for tests and benches from a seed; the figures are no real county's."""

import math
import random
from datetime import date, timedelta

from services.dispatcher.planning.problem import CoachType, Group, Limits, Matrix, Problem

_AVERAGE_M_PER_S = 80_000 / 3600  # the road table's average speed, domain.md section 7
_ROAD_FACTOR = 1.3
_FIRST_DAY = date(2020, 2, 24)
# Seats at full load, fixed price and price a km of the shipped price model (domain.md section 3.4, with the
# day's minimum charge and two drivers as the fixed part).
_COACHES = ((16, 180_000, 500), (36, 260_000, 750), (46, 320_000, 950), (52, 360_000, 1050))


def invent_corridor(
    stops: int = 40,
    seed: int = 0,
    *,
    gates: int = 12,
    workers: int = 1700,
    corridor_km: int = 1100,
    days: int = 1,
    half_load: bool = False,
    per_day: int | None = None,
    timetable: str | None = None,
) -> Problem:
    """A pool with its stops in one county and its gates in one prefecture `corridor_km` of road away.

    The same arguments give the same problem. `half_load` halves the seats, `per_day` limits every type of
    coach on every day. A trip may take 63,000 s without a rule set and 130,000 s with one.
    """
    draw = random.Random(f"{stops}/{gates}/{workers}/{seed}")  # noqa: S311 - a test pool is no secret
    places = {"start": (0.0, 0.0)}
    places |= {f"s{i:02d}": _within(draw, 0, 40_000) for i in range(stops)}
    places |= {f"g{i:02d}": _within(draw, corridor_km * 1000 / _ROAD_FACTOR, 30_000) for i in range(gates)}
    distance_m = _distances(list(places.values()))
    limit_s = 63_000 if timetable is None else 130_000
    return Problem(
        name=f"corridor-n{stops}-s{seed}",
        nodes=tuple(places),
        start="start",
        distance_m=distance_m,
        duration_s=tuple(tuple(round((m or 0) / _AVERAGE_M_PER_S) for m in row) for row in distance_m),
        days=tuple(_FIRST_DAY + timedelta(days=day) for day in range(days)),
        groups=_groups(draw, stops, gates, workers, days),
        coaches=tuple(
            CoachType(f"c{seats}", seats // (2 if half_load else 1), fixed, per_km, (per_day,) * days)
            for seats, fixed, per_km in _COACHES
        ),
        limits=Limits(pickups=3, drops=3, duration_s=limit_s, service_s=600),
        timetable=timetable,
    )


def _within(draw: random.Random, centre_m: float, radius_m: float) -> tuple[float, float]:
    angle, reach = draw.uniform(0, 2 * math.pi), radius_m * math.sqrt(draw.random())
    return centre_m + reach * math.cos(angle), reach * math.sin(angle)


def _distances(places: list[tuple[float, float]]) -> Matrix:
    return tuple(tuple(round(math.dist(a, b) * _ROAD_FACTOR) for b in places) for a in places)


def _groups(draw: random.Random, stops: int, gates: int, workers: int, days: int) -> tuple[Group, ...]:
    """Each stop sends its share to two to four gates, the first gates being the largest."""
    weights = [draw.paretovariate(1.6) for _ in range(stops)]
    groups: list[Group] = []
    for stop, weight in enumerate(weights):
        wanted = sorted(
            set(draw.choices(range(gates), [1 / (g + 1) for g in range(gates)], k=draw.randint(2, 4)))
        )
        share = max(len(wanted), round(workers * weight / sum(weights)))
        for position, gate in enumerate(wanted):
            heads = (share + position) // len(wanted)
            first = draw.randrange(days)
            window = tuple(range(first, min(days, first + draw.randint(1, 3))))
            groups.append(
                Group(f"q{len(groups):04d}", f"s{stop:02d}", f"g{gate:02d}", _parties(draw, heads), window)
            )
    return tuple(groups)


def _parties(draw: random.Random, heads: int) -> tuple[int, ...]:
    parties: list[int] = []
    while heads > 0:
        party = min(heads, draw.choices((1, 2, 3, 4), (70, 20, 8, 2))[0])
        parties.append(party)
        heads -= party
    return tuple(parties)
