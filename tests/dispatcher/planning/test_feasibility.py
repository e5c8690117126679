from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from services.dispatcher.domain.rules import CN_CHARTER_2020
from services.dispatcher.domain.timetable import Timetable, build_timetable
from services.dispatcher.planning import (
    Load,
    Params,
    Plan,
    Problem,
    Reason,
    Stop,
    Trip,
    Unserved,
    feasibility,
    plan,
)
from services.dispatcher.planning.feasibility import list_violations
from services.dispatcher.planning.plan import Mend
from services.dispatcher.planning.problem_format import problem_from_json

Change = Callable[[Problem, Plan], tuple[Problem, Plan]]


@pytest.fixture
def sound(document: dict[str, Any]) -> tuple[Problem, Plan]:
    """One trip start -> a -> b -> x -> y with both groups on the large coach."""
    problem = problem_from_json(document)
    return problem, plan(problem, Stop(), 0, Params("firstfit"))


def on_trip(**fields: object) -> Change:
    return lambda problem, answer: (problem, replace(answer, trips=(replace(answer.trips[0], **fields),)))


def in_limits(**fields: int) -> Change:
    def change(problem: Problem, answer: Plan) -> tuple[Problem, Plan]:
        return replace(problem, limits=replace(problem.limits, **fields)), answer

    return change


def leave_behind(problem: Problem, answer: Plan) -> tuple[Problem, Plan]:
    reason = Reason("no-coach-left", 0, 1, Mend("one-more-coach"))
    trip = replace(answer.trips[0], loads=(Load("ax", (0, 1)), Load("by", (0,))))
    return problem, replace(answer, trips=(trip,), unserved=(Unserved("ax", (2,), reason),))


def break_road(problem: Problem, answer: Plan) -> tuple[Problem, Plan]:
    def cut(matrix: tuple[tuple[int | None, ...], ...]) -> tuple[tuple[int | None, ...], ...]:
        return (*matrix[:1], (*matrix[1][:2], None, *matrix[1][3:]), *matrix[2:])

    return replace(problem, distance_m=cut(problem.distance_m), duration_s=cut(problem.duration_s)), answer


def run_no_large_coach(problem: Problem, answer: Plan) -> tuple[Problem, Plan]:
    return replace(problem, coaches=(problem.coaches[0], replace(problem.coaches[1], per_day=(0, 3)))), answer


def close_first_day(problem: Problem, answer: Plan) -> tuple[Problem, Plan]:
    return replace(problem, groups=(problem.groups[0], replace(problem.groups[1], days=(1,)))), answer


BREACHES: dict[str, Change] = {
    "problem-hash": lambda problem, answer: (problem, replace(answer, problem_sha256="0" * 64)),
    "unknown-name": on_trip(coach="c99"),
    "party-once": on_trip(loads=(Load("ax", (0, 1, 1)), Load("by", (0,)))),
    "seats": on_trip(coach="c6"),
    "empty-trip": on_trip(loads=()),
    "day": close_first_day,
    "visits": on_trip(pickups=("a", "b", "a")),
    "pickups": in_limits(pickups=1),
    "drops": in_limits(drops=1),
    "per-day": run_no_large_coach,
    "no-road": break_road,
    "duration": in_limits(duration_s=510 * 45 + 4 * 600 - 1),
    "duration-figure": on_trip(duration_s=1),
    "distance-figure": on_trip(distance_m=1),
    "shortest-order": on_trip(pickups=("b", "a")),
    "price": on_trip(cost_fen=1),
    "cost": lambda problem, answer: (problem, replace(answer, cost_fen=answer.cost_fen + 1)),
    "needlessly-unserved": leave_behind,
}


def test_the_plan_that_is_spoilt_below_is_sound(sound: tuple[Problem, Plan]) -> None:
    problem, answer = sound
    (trip,) = answer.trips
    assert (trip.coach, trip.pickups, trip.drops) == ("c10", ("a", "b"), ("x", "y"))
    assert list_violations(problem, answer) == []


@pytest.mark.parametrize("rule", BREACHES)
def test_a_plan_that_breaks_a_rule_is_found_out_by_that_rule(rule: str, sound: tuple[Problem, Plan]) -> None:
    problem, answer = BREACHES[rule](*sound)
    if rule != "problem-hash":
        answer = rehash(problem, answer)
    assert rule in {violation.rule for violation in list_violations(problem, answer)}


def test_a_timetable_that_breaks_the_law_is_found_out_by_the_laws_own_rule(
    document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    document["timetable"], document["limits"]["duration_s"] = CN_CHARTER_2020.name, 48 * 3600
    problem = problem_from_json(document)
    answer = plan(problem, Stop(), 0, Params("firstfit"))
    assert list_violations(problem, answer) == []
    lax = replace(CN_CHARTER_2020, continuous_day_s=6 * 3600)

    def build_lax(*times: Any, rules: object, **rest: Any) -> Timetable:
        return build_timetable(*times, rules=lax, **rest)

    monkeypatch.setattr(feasibility, "build_timetable", build_lax)
    monkeypatch.setattr(
        feasibility, "_lay_out", feasibility._lay_out.__wrapped__
    )  # nothing laid out before is remembered
    (found,) = list_violations(problem, answer)
    assert (found.rule, found.limit, found.figure) == ("continuous-driving", 4 * 3600, 6 * 3600)
    assert found.where == "trips[0] drive at 02-24 08:00"


def rehash(problem: Problem, answer: Plan) -> Plan:
    return replace(answer, problem_sha256=plan(problem, Stop(), 0, Params("firstfit")).problem_sha256)


def test_figures_at_their_limit_are_no_breach(sound: tuple[Problem, Plan]) -> None:
    problem, answer = in_limits(pickups=2, drops=2, duration_s=510 * 45 + 4 * 600)(*sound)
    coaches = (problem.coaches[0], replace(problem.coaches[1], seats=10, per_day=(1, 0)))
    problem = replace(problem, coaches=coaches)
    assert list_violations(problem, rehash(problem, answer)) == []


def test_a_violation_says_what_and_where(sound: tuple[Problem, Plan]) -> None:
    problem, answer = BREACHES["seats"](*sound)
    found = next(v for v in list_violations(problem, answer) if v.rule == "seats")
    assert (found.limit, found.figure, found.where) == (6, 10, "trips[0]")


def test_a_trip_in_a_plan_is_a_value(sound: tuple[Problem, Plan]) -> None:
    trip = sound[1].trips[0]
    assert isinstance(trip, Trip)
    assert (trip.distance_m, trip.duration_s, trip.cost_fen) == (
        510_000,
        510 * 45 + 2400,
        150_000 + 510 * 401,
    )


@pytest.mark.parametrize("changes", [{"minimum_day_fen": 400_000}, {"driver_day_fen": 1}], ids=str)
def test_an_edited_tariff_is_found_out_by_the_price(
    changes: dict[str, int], sound: tuple[Problem, Plan]
) -> None:
    problem, answer = sound
    problem = replace(problem, coaches=tuple(replace(coach, **changes) for coach in problem.coaches))
    assert {v.rule for v in list_violations(problem, rehash(problem, answer))} == {"price", "cost"}


def test_toll_does_not_count_towards_the_minimum(sound: tuple[Problem, Plan]) -> None:
    problem, answer = sound
    hire_fen = 150_000 + 510 * (401 - 10)
    coaches = tuple(replace(c, toll_fen_per_km=10, minimum_day_fen=hire_fen + 1) for c in problem.coaches)
    problem = replace(problem, coaches=coaches)
    found = [v for v in list_violations(problem, rehash(problem, answer)) if v.rule == "price"]
    assert [v.limit for v in found] == [150_000 + 510 * 401 + 1]
