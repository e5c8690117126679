"""Compiled: the least that a coach can cost by the objective over so many metres and seconds, the twin of `pricing` for searches and proofs.

It is a lower bound on the price of any lawful trip that is no shorter in either, and almost always that price: rests are not laid out,
and the days follow from the driving. Elapsed time of n days from 08:00 is n spans of 24 hours, in each of which a driver drives 8 hours
at most and the coach stands still from 02:00 to 05:00 once. So so many drivers drive at most `day_s` in each; and driving and service
fit into the whole. More drivers may need fewer days, but drive only on ways that are long enough: each number is tried at its least
metres. Both prices by length and by the day grow with metres and seconds, so the least of these is one that no trip goes below.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.dispatcher.domain.rules import RULE_SETS
from services.dispatcher.planning.compiled import compiled
from services.dispatcher.planning.objective import CHARTER, PUBLIC_THEN_CHARTER
from services.dispatcher.planning.problem import Problem

Ints = NDArray[np.int64]
_DAY_S = 24 * 3600
_ANY_M = 10**18
_NO_CAP_FEN = 10**15
_PUBLIC_WEIGHT = 16


class Tariffs(NamedTuple):
    """By type of coach the fen of `CoachType`; `last_m[d]` and `day_s[d]`: the longest way of d + 1 drivers, and the seconds that they may
    drive in 24 hours; `by_day`: whether any price depends on days or drivers."""

    fixed_fen: Ints
    fen_per_km: Ints
    toll_fen_per_km: Ints
    minimum_day_fen: Ints
    driver_day_fen: Ints
    last_m: Ints
    day_s: Ints
    by_day: bool


class Judged(NamedTuple):
    """The objective: so much for each fen of the public's and of the charter. Without a cap it is `_NO_CAP_FEN`; `by_heads`: whether the
    price depends on how many ride."""

    public_weight: int
    charter_weight: int
    rate_percent: int
    cap_fen: int
    min_passengers: int
    by_heads: bool


def lay_out_objective(problem: Problem, *, proof: bool) -> Judged:
    """The problem's objective as figures. Where the charter only decides between equals, a proof leaves it out and a search looks at it a
    little: `Draft.rank` is exact."""
    subsidy = problem.subsidy
    if problem.objective == CHARTER or subsidy is None:
        return Judged(0, 1, 0, 0, 0, by_heads=False)
    looks_at_charter = problem.objective == PUBLIC_THEN_CHARTER and not proof
    cap_fen = _NO_CAP_FEN if subsidy.cap_vehicle_fen is None else subsidy.cap_vehicle_fen
    # One passenger is what every coach that runs has.
    by_heads = subsidy.min_passengers > 1
    return Judged(
        public_weight=_PUBLIC_WEIGHT if looks_at_charter else 1,
        charter_weight=1 if looks_at_charter else 0,
        rate_percent=subsidy.rate_percent,
        cap_fen=cap_fen,
        min_passengers=subsidy.min_passengers if by_heads else 0,
        by_heads=by_heads,
    )


def lay_out_tariffs(problem: Problem) -> Tariffs:
    """The problem's prices as arrays."""

    def fen(field: str) -> Ints:
        return np.array([getattr(coach, field) for coach in problem.coaches], np.int64)

    minimum_day_fen, driver_day_fen = fen("minimum_day_fen"), fen("driver_day_fen")
    last_m, day_s = [_ANY_M], [_DAY_S]
    if problem.timetable is not None:
        rules = RULE_SETS[problem.timetable]
        last_m = [rules.two_drivers_above_m, rules.three_drivers_from_m - 1, _ANY_M]
        awake_s = _DAY_S - (rules.stop_to_h - rules.stop_from_h) * 3600
        day_s = [min(drivers * rules.driver_24h_s, awake_s) for drivers in (1, 2, 3)]
    return Tariffs(
        fixed_fen=fen("fixed_fen"),
        fen_per_km=fen("fen_per_km"),
        toll_fen_per_km=fen("toll_fen_per_km"),
        minimum_day_fen=minimum_day_fen,
        driver_day_fen=driver_day_fen,
        last_m=np.array(last_m, np.int64),
        day_s=np.array(day_s, np.int64),
        by_day=bool(minimum_day_fen.any() or driver_day_fen.any()),
    )


@compiled
def length_fen(tariffs, k, metres):  # type: ignore[no-untyped-def]
    """What a coach of type k costs by length alone."""
    return tariffs.fixed_fen[k] + (2 * tariffs.fen_per_km[k] * metres + 1000) // 2000


@compiled
def floors_fen(tariffs, metres, driving_s, service_s, hire, crew):  # type: ignore[no-untyped-def]
    """Write to `hire[k]` and `crew[k]`, once for all ways of these metres and seconds or more, what a coach of the type and its drivers
    beside it cost at least."""
    hire[:], crew[:] = 0, 0
    if tariffs.by_day:
        least_days = least_driver_days = np.int64(1) << np.int64(40)
        for d in range(len(tariffs.last_m)):
            if metres <= tariffs.last_m[d]:
                days = _count_days(tariffs, d, driving_s, service_s)
                least_days, least_driver_days = min(least_days, days), min(least_driver_days, (d + 1) * days)
        for k in range(len(hire)):
            hire[k] = tariffs.minimum_day_fen[k] * least_days + tariffs.toll_fen_per_km[k] * metres // 1000
            crew[k] = tariffs.driver_day_fen[k] * least_driver_days


@compiled
def _count_days(tariffs, d, driving_s, service_s):  # type: ignore[no-untyped-def]
    days = max(-(-driving_s // tariffs.day_s[d]), -(-(driving_s + service_s) // _DAY_S))
    return max(np.int64(1), days)


@compiled
def charter_fen(tariffs, k, metres, driving_s, service_s):  # type: ignore[no-untyped-def]
    """The least that a coach of type k costs over these metres, with so many seconds of driving and of service."""
    if not tariffs.by_day:
        return length_fen(tariffs, k, metres)
    least = np.int64(1) << np.int64(60)
    first_m = np.int64(0)
    for d in range(len(tariffs.last_m)):
        if metres <= tariffs.last_m[d]:
            way_m = max(metres, first_m)
            days = _count_days(tariffs, d, driving_s, service_s)
            by_day = tariffs.minimum_day_fen[k] * days + tariffs.toll_fen_per_km[k] * way_m // 1000
            hire = max(length_fen(tariffs, k, way_m), by_day)
            least = min(least, hire + tariffs.driver_day_fen[k] * (d + 1) * days)
        first_m = tariffs.last_m[d] + 1
    return least


@compiled
def judge(judged, fen, passengers):  # type: ignore[no-untyped-def]
    """What a charter of so many fen counts by the objective, with so many passengers: more for no dearer charter, and for no fuller coach."""
    if judged.public_weight == 0:
        return fen
    public = fen
    if passengers >= judged.min_passengers:
        public = min(fen * judged.rate_percent // 100, judged.cap_fen)
    return judged.public_weight * public + judged.charter_weight * fen
