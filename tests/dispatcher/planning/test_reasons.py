import json
from dataclasses import replace
from typing import Any

import pytest

from services.dispatcher.planning import Params, Plan, Problem, Stop, Unserved, plan
from services.dispatcher.planning.feasibility import list_violations
from services.dispatcher.planning.plan_format import reason_from_json, reason_to_json
from services.dispatcher.planning.problem_format import problem_from_json
from services.dispatcher.planning.wording import word_reason

ENGINES = ("routing", "firstfit", "separate")
pytestmark = pytest.mark.parametrize("engine", ENGINES)


def answer_of(problem: Problem, engine: str) -> Plan:
    answer = plan(problem, Stop(work=20), 0, Params(engine))
    assert list_violations(problem, answer) == []
    return answer


def only(answer: Plan) -> Unserved:
    (left,) = answer.unserved
    return left


def test_a_party_larger_than_every_coach_is_told_the_seats_it_needs(
    engine: str, document: dict[str, Any]
) -> None:
    document["groups"][0]["parties"] = [1, 12]
    problem = problem_from_json(document)
    left = only(answer_of(problem, engine))
    assert (left.group, left.parties) == ("ax", (1,))
    assert (left.reason.rule, left.reason.limit, left.reason.figure) == ("party-exceeds-coach", 10, 12)
    assert word_reason(problem, left.reason, "zh") == (
        "同行小组有 12 人，最大车型只可售 10 座；可行的办法：提供可售 12 座的车辆。"
    )
    assert "a coach with 12 seats" in word_reason(problem, left.reason, "en")


def test_a_missing_road_is_named(engine: str, document: dict[str, Any]) -> None:
    for matrix in ("distance_m", "duration_s"):
        document[matrix][2][3] = document[matrix][2][4] = None  # from b to both gates
        document[matrix][2][1] = None  # and to the other stop
    problem = problem_from_json(document)
    left = only(answer_of(problem, engine))
    assert (left.group, left.reason.rule) == ("by", "no-road")
    assert left.reason.mend.nodes == ("b", "y")
    assert "a road from b to y" in word_reason(problem, left.reason, "en")
    assert "b 至 y" in word_reason(problem, left.reason, "zh")


def test_a_stop_without_a_road_of_its_own_is_reached_by_another_stop(
    engine: str, document: dict[str, Any]
) -> None:
    for matrix in ("distance_m", "duration_s"):
        document[matrix][0][2] = None  # from the start to b
    answer = answer_of(problem_from_json(document), engine)
    assert answer.unserved == ()


def test_a_trip_too_long_even_alone_is_told_the_seconds_it_needs(
    engine: str, document: dict[str, Any]
) -> None:
    document["limits"]["duration_s"] = 24_100
    problem = problem_from_json(document)
    left = only(answer_of(problem, engine))
    needed_s = 510 * 45 + 2 * 600
    assert (left.group, left.reason.rule, left.reason.limit, left.reason.figure) == (
        "by",
        "duration-exceeded",
        24_100,
        needed_s,
    )
    assert left.reason.mend.amount == needed_s
    mended = replace(problem, limits=replace(problem.limits, duration_s=needed_s))
    assert answer_of(mended, engine).unserved == ()
    assert "6 h 43 min" in word_reason(problem, left.reason, "en")
    assert "6小时43分钟" in word_reason(problem, left.reason, "zh")


def test_a_timetable_that_breaks_the_limit_is_told_so(engine: str, document: dict[str, Any]) -> None:
    document["timetable"] = "cn-charter-2020"
    document["limits"]["duration_s"] = 24_150  # enough without the rest of twenty minutes
    problem = problem_from_json(document)
    reasons = {left.group: left.reason for left in answer_of(problem, engine).unserved}
    assert reasons["by"].rule == "timetable-exceeded"
    assert reasons["by"].figure == 510 * 45 + 2 * 600 + 1200
    assert "驾驶时间规定" in word_reason(problem, reasons["by"], "zh")
    assert "lawful timetable" in word_reason(problem, reasons["by"], "en")


def test_when_no_coach_is_left_the_cheapest_further_coach_is_named_and_would_do(
    engine: str, document: dict[str, Any]
) -> None:
    document["days"], document["limits"]["drops"] = ["2020-02-24"], 1
    document["groups"][0]["days"] = [0]
    document["coaches"] = [document["coaches"][0] | {"per_day": [1]}]
    problem = problem_from_json(document)
    left = only(answer_of(problem, engine))
    assert left.group == "by"  # the first priority class had the coach
    assert (left.reason.rule, left.reason.limit, left.reason.figure) == ("no-coach-left", 1, 4)
    mend = left.reason.mend
    assert (mend.change, mend.amount, mend.coach, mend.day) == ("one-more-coach", 1, "c6", 0)
    assert mend.cost_fen == 100_000 + 510 * 300
    assert word_reason(problem, left.reason, "en", elsewhere=49) == (
        "The fleet has 50 coaches large enough, other trips of the day take 49 and this pool 1, and 4 workers from "
        "this stop to this gate find no seat; what would carry them: 1 more c6 on 2020-02-24 (CNY 2,530.00)."
    )
    assert word_reason(problem, left.reason, "zh", elsewhere=49) == (
        "车队有 50 辆座位足够的车，当日其他班次占用 49 辆，本资源池用 1 辆，由此上车点前往此厂门的 4 人没有座位；"
        "可行的办法：2020-02-24 增加 1 辆 c6（2,530.00 元）。"
    )
    mended = replace(problem, coaches=(replace(problem.coaches[0], per_day=(2,)),))
    assert answer_of(mended, engine).unserved == ()


def test_when_another_day_is_cheaper_than_another_coach_it_is_named(
    engine: str, document: dict[str, Any]
) -> None:
    document["coaches"] = [document["coaches"][1] | {"per_day": [0, 1]}]
    document["groups"][0]["days"] = [1]
    problem = problem_from_json(document)
    left = only(answer_of(problem, engine))
    assert (left.group, left.reason.rule, left.reason.limit) == ("by", "no-coach-left", 0)
    assert (left.reason.mend.change, left.reason.mend.day) == ("another-day", 1)
    assert "改在 2020-02-25 出发" in word_reason(problem, left.reason, "zh")
    assert "leaving on 2020-02-25 instead" in word_reason(problem, left.reason, "en")
    groups = tuple(replace(group, days=(1,)) for group in problem.groups)
    mended = answer_of(replace(problem, groups=groups), engine)
    assert mended.unserved == ()
    assert mended.cost_fen - answer_of(problem, engine).cost_fen <= (left.reason.mend.cost_fen or 0)


def test_a_reason_is_written_and_read_back_the_same(engine: str, document: dict[str, Any]) -> None:
    document["coaches"] = [document["coaches"][0] | {"per_day": [0, 0]}]
    for left in answer_of(problem_from_json(document), engine).unserved:
        text = json.dumps(reason_to_json(left.reason))
        assert reason_from_json("reason", json.loads(text)) == left.reason
