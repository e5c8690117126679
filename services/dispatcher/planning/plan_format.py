"""Knows the file format `zhida.plan/1`; judges no plan (`feasibility` does).

A trip's metres, seconds and fen are not in the format: they follow from the problem, and are worked out again
when a plan is read. `certificate` is null where the engine proves no bound.
"""

import json
from itertools import pairwise
from typing import Any, NoReturn

from services.dispatcher.planning.certificate import Certificate, CutPrice, Due
from services.dispatcher.planning.elapsed import ElapsedTime
from services.dispatcher.planning.faults import BadPlan
from services.dispatcher.planning.plan import Load, Mend, Plan, Reason, Trip, Unserved
from services.dispatcher.planning.pricing import price_trip_fen
from services.dispatcher.planning.problem import Problem

FORMAT = "zhida.plan/1"
CERTIFICATE_FORMAT = "zhida.certificate/1"
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


def read_plan(text: str | bytes, problem: Problem) -> Plan:
    """The plan in this JSON, its trips priced in the order they are listed (0 where a road is missing).

    Raises:
        BadPlan: not JSON, or a field is unknown, missing, of another type, or names what the problem has not.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadPlan(
            where="the file",
            fault=f"it is not JSON: {error}",
            fault_zh=f"不是有效的 JSON：{error}",
            mend="Give one JSON object in UTF-8",
            mend_zh="请提供一个 UTF-8 编码的 JSON 对象",
        ) from error
    fields = _fields("the file", value, _PLAN_FIELDS)
    if fields["format"] != FORMAT:
        _refuse("format", f'"{FORMAT}"')
    bound, proof = fields["bound_fen"], fields["certificate"]
    reader = _TripReader(problem)
    return Plan(
        problem_sha256=_text("problem_sha256", fields["problem_sha256"]),
        cost_fen=_number("cost_fen", fields["cost_fen"]),
        trips=tuple(
            reader.read(f"trips[{i}]", trip) for i, trip in enumerate(_list("trips", fields["trips"]))
        ),
        unserved=tuple(
            _unserved(f"unserved[{i}]", left) for i, left in enumerate(_list("unserved", fields["unserved"]))
        ),
        bound_fen=None if bound is None else _number("bound_fen", bound),
        certificate=None if proof is None else certificate_from_json("certificate", proof),
    )


def reason_from_json(where: str, value: Any) -> Reason:
    """The reason in this JSON value. Raises BadPlan, naming `where`."""
    fields = _fields(where, value, {"rule", "limit", "figure", "mend"})
    mend = fields["mend"]
    if not isinstance(mend, dict) or not mend.keys() <= _MEND_FIELDS or "change" not in mend:
        _refuse(f"{where}.mend", "a change and its figures")
    return Reason(
        rule=_text(f"{where}.rule", fields["rule"]),
        limit=_number_or_none(f"{where}.limit", fields["limit"]),
        figure=_number_or_none(f"{where}.figure", fields["figure"]),
        mend=Mend(
            change=_text(f"{where}.mend.change", mend["change"]),
            amount=_number_or_none(f"{where}.mend.amount", mend.get("amount")),
            coach=None if mend.get("coach") is None else _text(f"{where}.mend.coach", mend["coach"]),
            day=_number_or_none(f"{where}.mend.day", mend.get("day")),
            cost_fen=_number_or_none(f"{where}.mend.cost_fen", mend.get("cost_fen")),
            nodes=_texts(f"{where}.mend.nodes", mend.get("nodes", [])),
        ),
    )


def certificate_to_json(certificate: Certificate) -> dict[str, Any]:
    """The certificate as a JSON value."""
    return {
        "format": CERTIFICATE_FORMAT,
        "workers": dict(certificate.workers),
        "stops": dict(certificate.stops),
        "gates": dict(certificate.gates),
        "cuts": [{"weights": dict(cut.weights), "worth": cut.worth} for cut in certificate.cuts],
        "dues": [{"coach": due.coach, "day": due.day, "owed": due.owed} for due in certificate.dues],
    }


def certificate_from_json(where: str, value: Any) -> Certificate:
    """The certificate in this JSON value. Raises BadPlan, naming `where`."""
    fields = _fields(where, value, {"format", "workers", "stops", "gates", "cuts", "dues"})
    if fields["format"] != CERTIFICATE_FORMAT:
        _refuse(f"{where}.format", f'"{CERTIFICATE_FORMAT}"')
    cuts = [
        _fields(f"{where}.cuts", cut, {"weights", "worth"}) for cut in _list(f"{where}.cuts", fields["cuts"])
    ]
    dues = [
        _fields(f"{where}.dues", due, {"coach", "day", "owed"})
        for due in _list(f"{where}.dues", fields["dues"])
    ]
    return Certificate(
        workers=_prices(f"{where}.workers", fields["workers"]),
        stops=_prices(f"{where}.stops", fields["stops"]),
        gates=_prices(f"{where}.gates", fields["gates"]),
        cuts=tuple(
            CutPrice(
                _prices(f"{where}.cuts.weights", cut["weights"]), _price(f"{where}.cuts.worth", cut["worth"])
            )
            for cut in cuts
        ),
        dues=tuple(
            Due(
                _text(f"{where}.dues.coach", due["coach"]),
                _price(f"{where}.dues.day", due["day"]),
                _price(f"{where}.dues.owed", due["owed"]),
            )
            for due in dues
        ),
    )


def _prices(where: str, value: Any) -> dict[str, int]:
    if not isinstance(value, dict):
        _refuse(where, "an object of whole numbers")
    return {name: _price(f"{where}.{name}", price) for name, price in value.items()}


def _price(where: str, value: Any) -> int:
    if type(value) is not int or not 0 <= value < 10**15:
        _refuse(where, "a whole number from 0 to 10^15")
    return value


class _TripReader:
    """Reads the trips of one problem's plan; what a trip names must exist, so that it can be priced."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._elapsed = ElapsedTime(problem)

    def read(self, where: str, value: Any) -> Trip:
        fields = _fields(where, value, _TRIP_FIELDS)
        coach = _text(f"{where}.coach", fields["coach"])
        if coach not in self._problem.coach_index:
            _refuse(f"{where}.coach", "one of the problem's coaches")
        pickups, drops = (_texts(f"{where}.{name}", fields[name]) for name in ("pickups", "drops"))
        for node in (*pickups, *drops):
            if node not in self._problem.node_index:
                _refuse(where, f"a visit to one of the problem's nodes ({node!r} is none)")
        distance_m, duration_s = self._measure(pickups, drops)
        return Trip(
            coach=coach,
            day=_number(f"{where}.day", fields["day"]),
            pickups=pickups,
            drops=drops,
            loads=tuple(
                _load(f"{where}.loads[{i}]", load)
                for i, load in enumerate(_list(f"{where}.loads", fields["loads"]))
            ),
            distance_m=distance_m,
            duration_s=duration_s,
            cost_fen=price_trip_fen(
                self._problem,
                self._problem.coaches[self._problem.coach_index[coach]],
                distance_m,
                duration_s,
            ),
        )

    def _measure(self, pickups: tuple[str, ...], drops: tuple[str, ...]) -> tuple[int, int]:
        index = self._problem.node_index
        walk = tuple(index[node] for node in (self._problem.start, *pickups, *drops))
        legs = [self._problem.distance_m[a][b] for a, b in pairwise(walk)]
        known = [metres for metres in legs if metres is not None]
        if not known or len(known) < len(legs):
            return 0, 0
        return sum(known), self._elapsed.of(walk)


def _load(where: str, value: Any) -> Load:
    fields = _fields(where, value, {"group", "parties"})
    return Load(_text(f"{where}.group", fields["group"]), _numbers(f"{where}.parties", fields["parties"]))


def _unserved(where: str, value: Any) -> Unserved:
    fields = _fields(where, value, {"group", "parties", "reason"})
    return Unserved(
        _text(f"{where}.group", fields["group"]),
        _numbers(f"{where}.parties", fields["parties"]),
        reason_from_json(f"{where}.reason", fields["reason"]),
    )


def _refuse(where: str, wanted: str) -> NoReturn:
    raise BadPlan(
        where=where,
        fault=f"it is not {wanted}",
        fault_zh=f"应为 {wanted}",
        mend=f"Give {wanted}",
        mend_zh=f"请填写 {wanted}",
    )


def _fields(where: str, value: Any, names: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict) or value.keys() != names:
        _refuse(where, f"an object with exactly the fields {', '.join(sorted(names))}")
    return value


def _text(where: str, value: Any) -> str:
    if not isinstance(value, str):
        _refuse(where, "a text")
    return value


def _number(where: str, value: Any) -> int:
    if type(value) is not int:
        _refuse(where, "a whole number")
    return value


def _number_or_none(where: str, value: Any) -> int | None:
    return None if value is None else _number(where, value)


def _list(where: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        _refuse(where, "a list")
    return value


def _texts(where: str, value: Any) -> tuple[str, ...]:
    return tuple(_text(f"{where}[{i}]", item) for i, item in enumerate(_list(where, value)))


def _numbers(where: str, value: Any) -> tuple[int, ...]:
    return tuple(_number(f"{where}[{i}]", item) for i, item in enumerate(_list(where, value)))
