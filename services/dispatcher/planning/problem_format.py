"""Knows the file format `zhida.problem/1`, field by field; leaves what is possible to `problem`."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any, TypeVar

from services.dispatcher.planning.faults import BadProblem
from services.dispatcher.planning.objective import CHARTER, Subsidy
from services.dispatcher.planning.problem import CoachType, Group, Limits, Problem

FORMAT = "zhida.problem/1"
_PROBLEM_FIELDS = (
    "format",
    "name",
    "nodes",
    "start",
    "distance_m",
    "duration_s",
    "days",
    "groups",
    "coaches",
    "limits",
    "timetable",
)
_JUDGED_BY = ("objective", "subsidy")
"""Optional: without them what counts is the charter, and what is absent is not written."""

_GROUP_FIELDS = ("id", "pickup", "drop", "parties", "days", "priority")
_COACH_FIELDS = ("id", "seats", "fixed_fen", "fen_per_km", "per_day")
_TARIFF_FIELDS = ("minimum_day_fen", "driver_day_fen", "toll_fen_per_km")
"""Of a coach, and optional: one that is not there is 0, and 0 is not written."""

_SUBSIDY_FIELDS = ("rate_percent", "cap_vehicle_fen", "min_passengers")
_LIMIT_FIELDS = ("pickups", "drops", "duration_s", "service_s")
T = TypeVar("T")


def read_problem(text: str | bytes) -> Problem:
    """The problem in this JSON.

    Raises:
        BadProblem: the text is not JSON, a field is unknown, missing or of another type, or impossible.
    """
    try:
        value = json.loads(text, object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError) as error:
        raise BadProblem(
            where="the file",
            fault=f"it is not JSON: {error}",
            fault_zh=f"不是有效的 JSON：{error}",
            mend="Give one JSON object in UTF-8",
            mend_zh="请提供一个 UTF-8 编码的 JSON 对象",
        ) from error
    return problem_from_json(value)


def problem_from_json(value: Any) -> Problem:
    """The problem in this decoded JSON value. Raises BadProblem as `read_problem` does."""
    fields = _fields("the file", value, _PROBLEM_FIELDS, _JUDGED_BY)
    if fields["format"] != FORMAT:
        raise _of_other_kind("format", f'"{FORMAT}"', fields["format"])
    return Problem(
        name=_text("name", fields["name"]),
        nodes=_each("nodes", fields["nodes"], _text),
        start=_text("start", fields["start"]),
        distance_m=_each("distance_m", fields["distance_m"], _row),
        duration_s=_each("duration_s", fields["duration_s"], _row),
        days=_each("days", fields["days"], _day),
        groups=_each("groups", fields["groups"], _group),
        coaches=_each("coaches", fields["coaches"], _coach),
        limits=_limits("limits", fields["limits"]),
        timetable=None if fields["timetable"] is None else _text("timetable", fields["timetable"]),
        objective=_text("objective", fields.get("objective", CHARTER)),
        subsidy=_subsidy("subsidy", fields["subsidy"]) if "subsidy" in fields else None,
    )


def problem_to_json(problem: Problem) -> dict[str, Any]:
    """The problem as a JSON value; `problem_from_json` gives an equal problem back."""
    return {
        "format": FORMAT,
        "name": problem.name,
        "nodes": list(problem.nodes),
        "start": problem.start,
        "distance_m": [list(row) for row in problem.distance_m],
        "duration_s": [list(row) for row in problem.duration_s],
        "days": [day.isoformat() for day in problem.days],
        "groups": [
            {
                "id": group.id,
                "pickup": group.pickup,
                "drop": group.drop,
                "parties": list(group.parties),
                "days": list(group.days),
                "priority": group.priority,
            }
            for group in problem.groups
        ],
        "coaches": [
            {
                "id": coach.id,
                "seats": coach.seats,
                "fixed_fen": coach.fixed_fen,
                "fen_per_km": coach.fen_per_km,
                "per_day": list(coach.per_day),
                **{name: fen for name in _TARIFF_FIELDS if (fen := getattr(coach, name))},
            }
            for coach in problem.coaches
        ],
        "limits": {
            "pickups": problem.limits.pickups,
            "drops": problem.limits.drops,
            "duration_s": problem.limits.duration_s,
            "service_s": problem.limits.service_s,
        },
        "timetable": problem.timetable,
        **({} if problem.objective == CHARTER else {"objective": problem.objective}),
        **({} if problem.subsidy is None else {"subsidy": asdict(problem.subsidy)}),
    }


def write_problem(problem: Problem) -> str:
    """The problem as JSON text, the same bytes for equal problems."""
    return json.dumps(problem_to_json(problem), ensure_ascii=False) + "\n"


def hash_problem(problem: Problem) -> str:
    """SHA-256 (hex) of the problem's canonical JSON: sorted keys, no spaces, UTF-8."""
    text = json.dumps(problem_to_json(problem), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _group(where: str, value: Any) -> Group:
    fields = _fields(where, value, _GROUP_FIELDS)
    return Group(
        id=_text(f"{where}.id", fields["id"]),
        pickup=_text(f"{where}.pickup", fields["pickup"]),
        drop=_text(f"{where}.drop", fields["drop"]),
        parties=_each(f"{where}.parties", fields["parties"], _number),
        days=_each(f"{where}.days", fields["days"], _number),
        priority=_number(f"{where}.priority", fields["priority"]),
    )


def _coach(where: str, value: Any) -> CoachType:
    fields = _fields(where, value, _COACH_FIELDS, _TARIFF_FIELDS)
    return CoachType(
        id=_text(f"{where}.id", fields["id"]),
        seats=_number(f"{where}.seats", fields["seats"]),
        fixed_fen=_number(f"{where}.fixed_fen", fields["fixed_fen"]),
        fen_per_km=_number(f"{where}.fen_per_km", fields["fen_per_km"]),
        per_day=_each(f"{where}.per_day", fields["per_day"], _number_or_none),
        **{name: _number(f"{where}.{name}", fields[name]) for name in _TARIFF_FIELDS if name in fields},
    )


def _subsidy(where: str, value: Any) -> Subsidy:
    fields = _fields(where, value, _SUBSIDY_FIELDS)
    return Subsidy(
        rate_percent=_number(f"{where}.rate_percent", fields["rate_percent"]),
        cap_vehicle_fen=_number_or_none(f"{where}.cap_vehicle_fen", fields["cap_vehicle_fen"]),
        min_passengers=_number(f"{where}.min_passengers", fields["min_passengers"]),
    )


def _limits(where: str, value: Any) -> Limits:
    fields = _fields(where, value, _LIMIT_FIELDS)
    return Limits(**{name: _number(f"{where}.{name}", fields[name]) for name in _LIMIT_FIELDS})


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"a field stands twice: {next(n for n in names if names.count(n) > 1)!r}")
    return fields


def _fields(
    where: str, value: Any, names: tuple[str, ...], optional: tuple[str, ...] = ()
) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _of_other_kind(where, "an object", value)
    for name in value:
        if name not in (*names, *optional):
            raise BadProblem(
                where=where,
                fault=f"the field {name!r} is unknown",
                fault_zh=f"字段 {name!r} 未知",
                mend=f"Take it out; the fields are: {', '.join((*names, *optional))}",
                mend_zh=f"请删除；可用字段为：{'、'.join((*names, *optional))}",
            )
    for name in names:
        if name not in value:
            raise BadProblem(
                where=where,
                fault=f"the field {name!r} is missing",
                fault_zh=f"缺少字段 {name!r}",
                mend="Add it",
                mend_zh="请补充",
            )
    return value


def _of_other_kind(where: str, wanted: str, value: Any) -> BadProblem:
    shown = json.dumps(value, ensure_ascii=False, default=str)
    shown = shown if len(shown) <= 40 else shown[:40] + "…"
    return BadProblem(
        where=where,
        fault=f"{shown} is not {wanted}",
        fault_zh=f"{shown} 类型不符（应为 {wanted}）",
        mend=f"Give {wanted}",
        mend_zh=f"请填写 {wanted}",
    )


def _text(where: str, value: Any) -> str:
    if not isinstance(value, str):
        raise _of_other_kind(where, "a text", value)
    return value


def _number(where: str, value: Any) -> int:
    if type(value) is not int:
        raise _of_other_kind(where, "a whole number", value)
    return value


def _number_or_none(where: str, value: Any) -> int | None:
    return None if value is None else _number(where, value)


def _day(where: str, value: Any) -> date:
    try:
        return date.fromisoformat(_text(where, value))
    except ValueError as error:
        raise _of_other_kind(where, "a date like 2020-02-24", value) from error


def _row(where: str, value: Any) -> tuple[int | None, ...]:
    return _each(where, value, _number_or_none)


def _each(where: str, value: Any, read: Callable[[str, Any], T]) -> tuple[T, ...]:
    if not isinstance(value, list):
        raise _of_other_kind(where, "a list", value)
    return tuple(read(f"{where}[{index}]", item) for index, item in enumerate(value))
