"""Holds a season's book to what is known outside of it: who rode, what the contract says, what the trip is."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from services.dispatcher.domain.trip import Answer, answer
from services.dispatcher.money.books.findings import Code
from services.dispatcher.money.books.recount import Json, standing
from services.dispatcher.money.books.tally import Tally, TripTally

Seats = list[tuple[str, str, str, str | None, str | None, int]]
"""Enterprise, organising mode, class, boarding, outcome, and how many."""
_STAGE_OF = {"approved": "promised", "departed": "promised", "settled": "confirmed"}
_NONE = TripTally()


@dataclass(frozen=True)
class Source:
    """What is known of a trip outside the books. `kept_heads` as it was last billed; `price_fen` of its contract; `waits` for a
    budget, so that the books stand still."""

    trip_id: str
    state: str
    waits: bool
    policy: str
    charter_fen: int
    seats_approved: int
    day: str
    parties: dict[str, str]
    kept_heads: list[dict[str, Any]]
    cuts: list[dict[str, Any]]
    price_fen: int | None
    seats: Seats


def check_source(source: Source, tally: Tally, policy: Json | None) -> None:
    """Tell where the trip's accounts are not what its riders and contract make of it; no policy: it cannot be worked out, and is
    told already."""
    trip = tally.trips.get(source.trip_id, _NONE)
    stage = _STAGE_OF.get(source.state, "ended")
    if source.waits:
        return
    wanted = _facts(source, stage)
    if stage != "ended" and wanted["heads"] != source.kept_heads:
        _tell(tally, source, _short(source.kept_heads), _short(wanted["heads"]))
    if source.price_fen is not None and source.price_fen != source.charter_fen:
        _tell(tally, source, f"charter 包车费 {source.charter_fen}", f"contract 合同价 {source.price_fen}")
    known = json.loads(trip.facts) if trip.facts else {}
    known.pop("policy_digest", None)
    if known != wanted and (policy is not None or stage == "ended"):
        # Facts that change no fen make no voucher, so it is the money that must be the same.
        due = standing(policy or {}, wanted)
        tally.compare(Code.SOURCE, source.trip_id, trip, due, committed=wanted["committed"])


def _facts(source: Source, stage: str) -> dict[str, Any]:
    """The facts of a voucher that would be written now."""
    return {
        "policy": source.policy,
        "run": {
            "charter_fen": source.charter_fen if source.price_fen is None else source.price_fen,
            "seats_approved": source.seats_approved,
            "day": source.day,
        },
        "heads": _heads(source.seats, confirmed=stage == "confirmed"),
        "parties": source.parties,
        "cuts": source.cuts,
        "stage": stage,
        "committed": source.price_fen is not None,
    }


def _heads(seats: Seats, *, confirmed: bool) -> list[dict[str, Any]]:
    """Whose workers ride, and who of them arrived or is in dispute by what escort and enterprise said."""
    found: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for enterprise, mode, category, boarding, outcome, count in seats:
        counts = found[enterprise, mode, category]
        counts["booked"] += count
        counts[answer(boarding, outcome) if confirmed else Answer.ARRIVED] += count
    return [
        {
            "enterprise_id": enterprise,
            "booked": counts["booked"],
            "arrived": counts[Answer.ARRIVED],
            "disputed": counts[Answer.DISPUTED],
            "mode": mode,
            "category": category,
        }
        for (enterprise, mode, category), counts in sorted(found.items())
    ]


def _short(heads: Iterable[Json]) -> str:
    """Heads as a line: enterprise, booked, arrived and disputed."""
    return "; ".join(f"{h['enterprise_id']} {h['booked']}/{h['arrived']}/{h['disputed']}" for h in heads)


def _tell(tally: Tally, source: Source, found: str, expected: str) -> None:
    tally.findings.of_all(Code.SOURCE, source.trip_id, found, expected)
