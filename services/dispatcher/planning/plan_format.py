"""Knows the file format `zhida.plan/1`; judges no plan (`feasibility` does).

A trip's metres, seconds and fen are not in the format: they follow from the problem, and are worked out again
when a plan is read. `certificate` is null where the engine proves no bound.
"""

import json
from itertools import pairwise
from typing import Any

from services.dispatcher.planning.certificate_format import certificate_from_json, certificate_to_json
from services.dispatcher.planning.elapsed import ElapsedTime
from services.dispatcher.planning.faults import BadPlan
from services.dispatcher.planning.fields import (
    fields,
    items,
    number,
    number_or_none,
    numbers,
    refuse,
    text,
    texts,
)
from services.dispatcher.planning.plan import Load, Mend, Plan, Reason, Trip, Unserved
from services.dispatcher.planning.pricing import price_trip_fen
from services.dispatcher.planning.problem import Problem

FORMAT = "zhida.plan/1"
_PLAN_FIELDS = {"format", "problem_sha256", "cost_fen", "bound_fen", "trips", "unserved", "certificate"}
_TRIP_FIELDS = {"coach", "day", "pickups", "drops", "loads"}
_MEND_FIELDS = {"change", "amount", "coach", "day", "cost_fen", "nodes"}


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """The plan as a JSON value."""
    return {
        "format": FORMAT,
        "problem_sha256": plan.problem_sha256,
        "cost_fen": plan.cost_fen,
        "bound_fen": plan.bound_fen,
        "trips": [
            {
                "coach": trip.coach,
                "day": trip.day,
                "pickups": list(trip.pickups),
                "drops": list(trip.drops),
                "loads": [{"group": load.group, "parties": list(load.parties)} for load in trip.loads],
            }
            for trip in plan.trips
        ],
        "unserved": [
            {"group": left.group, "parties": list(left.parties), "reason": reason_to_json(left.reason)}
            for left in plan.unserved
        ],
        "certificate": None if plan.certificate is None else certificate_to_json(plan.certificate),
    }


def reason_to_json(reason: Reason) -> dict[str, Any]:
    """The reason as a JSON value; of the mend only the figures that it has."""
    mend = reason.mend
    figures = {
        "amount": mend.amount,
        "coach": mend.coach,
        "day": mend.day,
        "cost_fen": mend.cost_fen,
        "nodes": list(mend.nodes) or None,
    }
    return {
        "rule": reason.rule,
        "limit": reason.limit,
        "figure": reason.figure,
        "mend": {"change": mend.change, **{name: v for name, v in figures.items() if v is not None}},
    }


def write_plan(plan: Plan) -> str:
    """The plan as JSON text, the same bytes for equal plans."""
    return json.dumps(plan_to_json(plan), ensure_ascii=False) + "\n"


def read_plan(written: str | bytes, problem: Problem) -> Plan:
    """The plan in this JSON, its trips priced in the order they are listed (0 where a road is missing).

    Raises:
        BadPlan: not JSON, or a field is unknown, missing, of another type, or names what the problem has not.
    """
    try:
        value = json.loads(written)
    except (ValueError, RecursionError) as error:
        raise BadPlan(
            where="the file",
            fault=f"it is not JSON: {error}",
            fault_zh=f"不是有效的 JSON：{error}",
            mend="Give one JSON object in UTF-8",
            mend_zh="请提供一个 UTF-8 编码的 JSON 对象",
        ) from error
    found = fields("the file", value, _PLAN_FIELDS)
    if found["format"] != FORMAT:
        refuse("format", f'"{FORMAT}"')
    bound, proof = found["bound_fen"], found["certificate"]
    reader = _TripReader(problem)
    return Plan(
        problem_sha256=text("problem_sha256", found["problem_sha256"]),
        cost_fen=number("cost_fen", found["cost_fen"]),
        trips=tuple(
            reader.read(f"trips[{i}]", trip) for i, trip in enumerate(items("trips", found["trips"]))
        ),
        unserved=tuple(
            _unserved(f"unserved[{i}]", left) for i, left in enumerate(items("unserved", found["unserved"]))
        ),
        bound_fen=None if bound is None else number("bound_fen", bound),
        certificate=None if proof is None else certificate_from_json("certificate", proof),
    )


def reason_from_json(where: str, value: Any) -> Reason:
    """The reason in this JSON value. Raises BadPlan, naming `where`."""
    found = fields(where, value, {"rule", "limit", "figure", "mend"})
    mend = found["mend"]
    if not isinstance(mend, dict) or not mend.keys() <= _MEND_FIELDS or "change" not in mend:
        refuse(f"{where}.mend", "a change and its figures")
    return Reason(
        rule=text(f"{where}.rule", found["rule"]),
        limit=number_or_none(f"{where}.limit", found["limit"]),
        figure=number_or_none(f"{where}.figure", found["figure"]),
        mend=Mend(
            change=text(f"{where}.mend.change", mend["change"]),
            amount=number_or_none(f"{where}.mend.amount", mend.get("amount")),
            coach=None if mend.get("coach") is None else text(f"{where}.mend.coach", mend["coach"]),
            day=number_or_none(f"{where}.mend.day", mend.get("day")),
            cost_fen=number_or_none(f"{where}.mend.cost_fen", mend.get("cost_fen")),
            nodes=texts(f"{where}.mend.nodes", mend.get("nodes", [])),
        ),
    )


class _TripReader:
    """Reads the trips of one problem's plan; what a trip names must exist, so that it can be priced."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._elapsed = ElapsedTime(problem)

    def read(self, where: str, value: Any) -> Trip:
        found = fields(where, value, _TRIP_FIELDS)
        coach = text(f"{where}.coach", found["coach"])
        if coach not in self._problem.coach_index:
            refuse(f"{where}.coach", "one of the problem's coaches")
        pickups, drops = (texts(f"{where}.{name}", found[name]) for name in ("pickups", "drops"))
        for node in (*pickups, *drops):
            if node not in self._problem.node_index:
                refuse(where, f"a visit to one of the problem's nodes ({node!r} is none)")
        distance_m, duration_s = self._measure(pickups, drops)
        loads = tuple(
            _load(f"{where}.loads[{i}]", load)
            for i, load in enumerate(items(f"{where}.loads", found["loads"]))
        )
        return Trip(
            coach=coach,
            day=number(f"{where}.day", found["day"]),
            pickups=pickups,
            drops=drops,
            loads=loads,
            distance_m=distance_m,
            duration_s=duration_s,
            cost_fen=price_trip_fen(
                self._problem,
                self._problem.coaches[self._problem.coach_index[coach]],
                distance_m,
                duration_s,
                self._count_passengers(loads),
            ),
        )

    def _count_passengers(self, loads: tuple[Load, ...]) -> int:
        """Heads of the parties that the problem has; whoever judges the plan names the others."""
        sizes = {group.id: dict(enumerate(group.parties)) for group in self._problem.groups}
        return sum(sizes.get(load.group, {}).get(party, 0) for load in loads for party in load.parties)

    def _measure(self, pickups: tuple[str, ...], drops: tuple[str, ...]) -> tuple[int, int]:
        index = self._problem.node_index
        walk = tuple(index[node] for node in (self._problem.start, *pickups, *drops))
        legs = [self._problem.distance_m[a][b] for a, b in pairwise(walk)]
        known = [metres for metres in legs if metres is not None]
        if not known or len(known) < len(legs):
            return 0, 0
        return sum(known), self._elapsed.of(walk)


def _load(where: str, value: Any) -> Load:
    found = fields(where, value, {"group", "parties"})
    return Load(text(f"{where}.group", found["group"]), numbers(f"{where}.parties", found["parties"]))


def _unserved(where: str, value: Any) -> Unserved:
    found = fields(where, value, {"group", "parties", "reason"})
    return Unserved(
        text(f"{where}.group", found["group"]),
        numbers(f"{where}.parties", found["parties"]),
        reason_from_json(f"{where}.reason", found["reason"]),
    )
