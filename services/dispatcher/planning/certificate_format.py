"""Knows how a certificate stands in a plan file, `zhida.certificate/2`; proves and checks nothing."""

from typing import Any

from services.dispatcher.planning.certificate import (
    DEPTH_MAX,
    Certificate,
    Count,
    CutPrice,
    Due,
    Prices,
    Split,
)
from services.dispatcher.planning.fields import (
    fields,
    items,
    number,
    numbers,
    price,
    prices,
    refuse,
    text,
    texts,
)

FORMAT = "zhida.certificate/2"


def certificate_to_json(certificate: Certificate) -> dict[str, Any]:
    """The certificate as a JSON value."""
    return {"format": FORMAT, "proof": _proof_to_json(certificate)}


def _proof_to_json(proof: Certificate) -> dict[str, Any]:
    if isinstance(proof, Split):
        return {
            "count": _count_to_json(proof.count),
            "at_most": proof.at_most,
            "below": _proof_to_json(proof.below),
            "above": _proof_to_json(proof.above),
        }
    return {
        "workers": dict(proof.workers),
        "cuts": [{"count": _count_to_json(cut.count), "worth": cut.worth} for cut in proof.cuts],
        "splits": list(proof.splits),
        "dues": [{"coach": due.coach, "day": due.day, "owed": due.owed} for due in proof.dues],
    }


def _count_to_json(count: Count) -> dict[str, Any]:
    return {
        "coaches": dict(count.coaches),
        "stops": list(count.stops),
        "gates": list(count.gates),
        "days": list(count.days),
    }


def certificate_from_json(where: str, value: Any) -> Certificate:
    """The certificate in this JSON value. Raises BadPlan, naming `where`."""
    whole = fields(where, value, {"format", "proof"})
    if whole["format"] != FORMAT:
        refuse(f"{where}.format", f'"{FORMAT}"')
    return _proof(f"{where}.proof", whole["proof"], 0)


def _proof(where: str, value: Any, depth: int) -> Certificate:
    if isinstance(value, dict) and "at_most" in value:
        if depth == DEPTH_MAX:
            refuse(where, f"prices: there are {DEPTH_MAX} splits above them")
        split = fields(where, value, {"count", "at_most", "below", "above"})
        return Split(
            count=_count(f"{where}.count", split["count"]),
            at_most=price(f"{where}.at_most", split["at_most"]),
            below=_proof(f"{where}.below", split["below"], depth + 1),
            above=_proof(f"{where}.above", split["above"], depth + 1),
        )
    leaf = fields(where, value, {"workers", "cuts", "splits", "dues"})
    cuts, splits, dues = (items(f"{where}.{name}", leaf[name]) for name in ("cuts", "splits", "dues"))
    return Prices(
        workers=prices(f"{where}.workers", leaf["workers"]),
        cuts=tuple(_cut(f"{where}.cuts[{i}]", cut) for i, cut in enumerate(cuts)),
        splits=tuple(price(f"{where}.splits[{i}]", worth) for i, worth in enumerate(splits)),
        dues=tuple(_due(f"{where}.dues[{i}]", due) for i, due in enumerate(dues)),
    )


def _count(where: str, value: Any) -> Count:
    count = fields(where, value, {"coaches", "stops", "gates", "days"})
    return Count(
        coaches=prices(f"{where}.coaches", count["coaches"]),
        stops=texts(f"{where}.stops", count["stops"]),
        gates=texts(f"{where}.gates", count["gates"]),
        days=numbers(f"{where}.days", count["days"]),
    )


def _cut(where: str, value: Any) -> CutPrice:
    cut = fields(where, value, {"count", "worth"})
    return CutPrice(_count(f"{where}.count", cut["count"]), price(f"{where}.worth", cut["worth"]))


def _due(where: str, value: Any) -> Due:
    due = fields(where, value, {"coach", "day", "owed"})
    return Due(
        text(f"{where}.coach", due["coach"]),
        number(f"{where}.day", due["day"]),
        price(f"{where}.owed", due["owed"]),
    )
