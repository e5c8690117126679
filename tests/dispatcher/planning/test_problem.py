import json
from collections.abc import Callable
from typing import Any

import pytest

from services.dispatcher.planning.engines import plan
from services.dispatcher.planning.faults import BadProblem, BadStop, UnknownEngine
from services.dispatcher.planning.problem_format import (
    hash_problem,
    problem_from_json,
    read_problem,
    write_problem,
)
from services.dispatcher.planning.stop import Params, Stop

Document = dict[str, Any]


def test_a_problem_is_written_and_read_back_the_same(document: Document) -> None:
    problem = problem_from_json(document)
    assert read_problem(write_problem(problem)) == problem
    assert json.loads(write_problem(problem)) == document


def test_a_tariff_by_the_day_is_written_only_where_there_is_one(document: Document) -> None:
    plain = problem_from_json(document)
    document["coaches"][0] |= {"minimum_day_fen": 0, "driver_day_fen": 0, "toll_fen_per_km": 0}
    assert hash_problem(problem_from_json(document)) == hash_problem(plain)
    assert "minimum_day_fen" not in write_problem(problem_from_json(document))
    for field in ("minimum_day_fen", "driver_day_fen", "toll_fen_per_km"):
        changed = json.loads(json.dumps(document))
        changed["coaches"][0][field] = 7
        problem = problem_from_json(changed)
        assert hash_problem(problem) != hash_problem(plain)
        assert read_problem(write_problem(problem)) == problem


def test_the_hash_is_of_the_problem_and_not_of_the_files_layout(document: Document) -> None:
    problem = read_problem(json.dumps(document, indent=3))
    assert hash_problem(problem) == hash_problem(read_problem(json.dumps(document, sort_keys=True)))
    document["coaches"][0]["fixed_fen"] += 1
    assert hash_problem(problem_from_json(document)) != hash_problem(problem)


def test_what_a_plan_is_judged_by_is_written_only_where_it_is_not_the_charter(document: Document) -> None:
    plain = problem_from_json(document)
    document["objective"] = "charter"
    assert hash_problem(problem_from_json(document)) == hash_problem(plain)
    subsidy = {"rate_percent": 50, "cap_vehicle_fen": None, "min_passengers": 20}
    for changes in ({"subsidy": subsidy}, {"subsidy": subsidy, "objective": "public, then charter"}):
        problem = problem_from_json(document | changes)
        assert hash_problem(problem) != hash_problem(plain)
        assert read_problem(write_problem(problem)) == problem
        assert {key: json.loads(write_problem(problem)).get(key) for key in changes} == changes


def set_at(path: str, value: object) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        *way, last = [int(key) if key.isdigit() else key for key in path.split(".")]
        place: Any = document
        for key in way:
            place = place[key]
        place[last] = value

    return change


FAULTS = {
    "format": set_at("format", "zhida.problem/2"),
    "name": set_at("name", ""),
    "nodes[1]": set_at("nodes.1", "start"),
    "start": set_at("start", "nowhere"),
    "distance_m[2]": set_at("distance_m.2", [0]),
    "distance_m[1][2]": set_at("distance_m.1.2", -1),
    "distance_m[1][1]": set_at("distance_m.1.1", 7),
    "duration_s[1][2]": set_at("duration_s.1.2", None),
    "duration_s[0][1]": set_at("duration_s.0.1", 1.5),
    "days": set_at("days", []),
    "days[1]": set_at("days.1", "2020-02-24"),
    "days[0]": set_at("days.0", "24/02/2020"),
    "groups[1].id": set_at("groups.1.id", 7),
    "groups[1]": set_at("groups.1.id", "ax"),
    "groups[0].pickup": set_at("groups.0.pickup", "c"),
    "groups[0].drop": set_at("groups.0.drop", "a"),
    "groups[0].parties": set_at("groups.0.parties", []),
    "groups[0].parties[1]": set_at("groups.0.parties.1", 0),
    "groups[0].days": set_at("groups.0.days", [1, 1]),
    "groups[0].days[0]": set_at("groups.0.days.0", 2),
    "groups[0].priority": set_at("groups.0.priority", -1),
    "coaches": set_at("coaches", []),
    "coaches[1]": set_at("coaches.1.id", "c6"),
    "coaches[0].seats": set_at("coaches.0.seats", True),
    "coaches[0].fixed_fen": set_at("coaches.0.fixed_fen", -1),
    "coaches[0].fen_per_km": set_at("coaches.0.fen_per_km", "300"),
    "coaches[0].minimum_day_fen": set_at("coaches.0.minimum_day_fen", -1),
    "coaches[0].driver_day_fen": set_at("coaches.0.driver_day_fen", None),
    "coaches[0].toll_fen_per_km": set_at("coaches.0.toll_fen_per_km", 301),
    "coaches[0].per_day": set_at("coaches.0.per_day", [None]),
    "coaches[0].per_day[1]": set_at("coaches.0.per_day.1", -2),
    "limits.pickups": set_at("limits.pickups", 0),
    "limits.drops": set_at("limits.drops", 7),
    "limits.duration_s": set_at("limits.duration_s", 0),
    "limits.service_s": set_at("limits.service_s", None),
    "limits": set_at("limits.colour", 1),
    "the file": set_at("colour", "red"),
    "timetable": set_at("timetable", "moon-2020"),
    "objective": set_at("objective", "profit"),
    "subsidy": set_at("objective", "public"),
    "subsidy.rate_percent": set_at(
        "subsidy", {"rate_percent": 101, "cap_vehicle_fen": None, "min_passengers": 0}
    ),
    "subsidy.cap_vehicle_fen": set_at(
        "subsidy", {"rate_percent": 50, "cap_vehicle_fen": -1, "min_passengers": 0}
    ),
    "subsidy.min_passengers": set_at(
        "subsidy", {"rate_percent": 50, "cap_vehicle_fen": 1, "min_passengers": None}
    ),
}


@pytest.mark.parametrize("where", FAULTS)
def test_an_impossible_problem_is_refused_where_it_is_wrong_in_both_languages(
    where: str, document: Document
) -> None:
    FAULTS[where](document)
    with pytest.raises(BadProblem) as refused:
        problem_from_json(document)
    assert refused.value.where == where
    assert f"at {where}: " in refused.value.message("en")
    assert f"在 {where} 处" in refused.value.message("zh")


@pytest.mark.parametrize(
    "text", ["", "[1, 2", '{"a": 1, "a": 2}', "[]", '{"format": NaN}', b"\xff\xfe", "[" * 10**5]
)
def test_text_that_is_no_problem_is_refused(text: str | bytes) -> None:
    with pytest.raises(BadProblem):
        read_problem(text)


def test_a_missing_field_is_named(document: Document) -> None:
    del document["groups"][1]["days"]
    with pytest.raises(BadProblem) as refused:
        problem_from_json(document)
    assert (refused.value.where, "'days' is missing" in refused.value.message("en")) == ("groups[1]", True)


def test_a_problem_can_be_without_groups(document: Document) -> None:
    document["groups"] = []
    problem = problem_from_json(document)
    for engine in ("routing", "firstfit", "separate"):
        empty = plan(problem, Stop(work=1), 0, Params(engine))
        assert (empty.cost_fen, empty.trips, empty.unserved) == (0, (), ())


@pytest.mark.parametrize("field", ["seconds", "work"])
def test_a_stopping_rule_of_nothing_is_refused(field: str) -> None:
    with pytest.raises(BadStop, match=f"{field} is 0"):
        Stop(**{field: 0})


def test_an_engine_nobody_knows_is_refused_with_those_there_are(document: Document) -> None:
    with pytest.raises(UnknownEngine, match="routing, firstfit, separate"):
        plan(problem_from_json(document), Stop(), 0, Params("magic"))
