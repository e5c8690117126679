"""The money of a trip worked out a second time, by hand: from the policy's text and the riders' outcomes alone.

Written from `domain.md` §2.1 and §2.6 and not from the dispatcher's code, of which it uses nothing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

Due = dict[str, tuple[int, int]]
"""Account -> fen that are due, and fen that wait for a dispute."""


def work_out(policy: Mapping[str, Any], trip: Any, riders: Sequence[Any]) -> Due:
    """Who owes what for a trip that is over; `riders` have boarding and outcome, `trip` its cost."""
    arrived: Counter[str] = Counter()
    disputed: Counter[str] = Counter()
    booked = Counter(rider.enterprise_id for rider in riders)
    for rider in riders:
        if rider.outcome == "disputed" or (rider.outcome == "arrived" and rider.boarding == "no_show"):
            disputed[rider.enterprise_id] += 1
        elif rider.outcome == "arrived":
            arrived[rider.enterprise_id] += 1
    passengers = arrived.total() + disputed.total()
    (provision,) = policy["provisions"]
    least = policy["min_passengers_vehicle"]
    public_fen = 0
    if passengers >= max(1, least):
        public_fen = min(trip.cost_fen * provision["rule"]["rate_percent"] // 100, policy["cap_vehicle_fen"])
    certain = arrived.total() if arrived.total() >= least else 0
    due: Due = {}
    if public_fen:
        owing = divide(public_fen, [payer["share"] for payer in provision["payers"]])
        for payer, fen in zip(provision["payers"], owing, strict=True):
            paid, waiting = divide(fen, [certain, disputed.total()])
            due[f"payer:{payer['payer']}:{_code(payer['payer'], trip)}:{trip.season}"] = paid, waiting
    enterprises = sorted(booked)
    heads = [(arrived[e], disputed[e]) if passengers else (booked[e], 0) for e in enterprises]
    parts = divide(trip.cost_fen - public_fen, [head for pair in heads for head in pair])
    for number, enterprise in enumerate(enterprises):
        due[f"enterprise:{enterprise}:{trip.season}"] = parts[2 * number], parts[2 * number + 1]
    return {account: fen for account, fen in due.items() if any(fen)}


def divide(fen: int, weights: Sequence[int]) -> list[int]:
    """Whole fen by weight; what is left over goes to the largest remainders, the earlier one first."""
    exact = [Fraction(fen * weight, sum(weights) or 1) for weight in weights]
    parts = [int(part) for part in exact]
    behind = sorted(range(len(weights)), key=lambda i: (parts[i] - exact[i], i))
    for i in behind[: fen - sum(parts)]:
        parts[i] += 1
    return parts


def _code(payer: str, trip: Any) -> str:
    codes = {
        "origin_county": trip.county_code,
        "origin_prefecture": trip.county_code[:4] + "00",
        "origin_province": trip.county_code[:2] + "0000",
        "destination_prefecture": trip.prefecture_code,
    }
    return str(codes[payer])
