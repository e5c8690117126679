"""Knows how the proof of a bound is written down (`zhida.certificate/1`) and read; proves and checks nothing.

A certificate is prices: what a worker of each group is worth, a visit of each stop and gate, a unit of each cut on the fleet, and what
a scarce coach owes beyond its price, all in whole thousandths of a fen. It holds if no coach, on any way and with anybody in it, is
worth more than it costs; then no plan can cost less than what carrying everybody is worth. `checker` says what that comes to.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.dispatcher.planning.faults import BadPlan

FORMAT = "zhida.certificate/1"


@dataclass(frozen=True)
class CutPrice:
    """A unit of a cut's worth; each coach counts by the weight of its type, and the fleet must come to as much as the cheapest
    whole fleet that seats everybody does."""

    weights: Mapping[str, int]
    worth: int


@dataclass(frozen=True)
class Due:
    """What each coach of a type owes on a day of which there is a limited number."""

    coach: str
    day: int
    owed: int


@dataclass(frozen=True)
class Certificate:
    """The prices, by the problem's names; who is not named is worth nothing."""

    workers: Mapping[str, int]
    stops: Mapping[str, int]
    gates: Mapping[str, int]
    cuts: tuple[CutPrice, ...]
    dues: tuple[Due, ...]


def certificate_to_json(certificate: Certificate) -> dict[str, Any]:
    """The certificate as a JSON value."""
    return {
        "format": FORMAT,
        "workers": dict(certificate.workers),
        "stops": dict(certificate.stops),
        "gates": dict(certificate.gates),
        "cuts": [{"weights": dict(cut.weights), "worth": cut.worth} for cut in certificate.cuts],
        "dues": [{"coach": due.coach, "day": due.day, "owed": due.owed} for due in certificate.dues],
    }


def certificate_from_json(where: str, value: Any) -> Certificate:
    """The certificate in this JSON value. Raises BadPlan, naming `where`."""
    fields = _fields(where, value, {"format", "workers", "stops", "gates", "cuts", "dues"})
    if fields["format"] != FORMAT:
        _refuse(f"{where}.format", f'"{FORMAT}"')
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
                str(due["coach"]),
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
    return int(value)


def _fields(where: str, value: Any, names: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict) or value.keys() != names:
        _refuse(where, f"an object with exactly the fields {', '.join(sorted(names))}")
    return dict(value)


def _list(where: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        _refuse(where, "a list")
    return list(value)


def _refuse(where: str, wanted: str) -> None:
    raise BadPlan(
        where=where,
        fault=f"it is not {wanted}",
        fault_zh=f"应为 {wanted}",
        mend=f"Give {wanted}",
        mend_zh=f"请填写 {wanted}",
    )
