"""Knows what is written beside every transfer: the voucher (记账凭证) with all the facts that its amounts follow from.

Whoever has the vouchers and the policies can work out every transfer again; `audit` does, with code of its own.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from services.dispatcher.money.books.ledger import Transfer
from services.dispatcher.money.rules.subsidy import Cut, Heads, Parties, Run


class Act(StrEnum):
    """What was done: a budget, a trip's money or a claim's."""

    ALLOCATE = "allocate"
    OVERRIDE = "override"
    BILL = "bill"
    """A trip's money follows its approval, contract, heads, cuts or end; `stage` of its facts says how far it is."""
    PAY = "pay"
    RECOVER = "recover"


class TripStage(StrEnum):
    """How far a trip's money is: all of it promised, what is due owed, or all of it given back."""

    PROMISED = "promised"
    CONFIRMED = "confirmed"
    ENDED = "ended"


@dataclass(frozen=True)
class Voucher:
    """One act in the books with its transfers. `cause` is the event or chain that led to it, `actor` who did it; `facts`
    are plain JSON values."""

    id: str
    act: Act
    season: str
    cause: str
    actor: str
    facts: dict[str, Any]
    transfers: tuple[Transfer, ...]
    trip_id: str | None = None
    claim_id: str | None = None


def trip_facts(
    policy: str,
    policy_digest: str,
    run: Run,
    heads: Sequence[Heads],
    parties: Parties,
    cuts: Sequence[Cut],
    stage: TripStage,
    *,
    committed: bool,
) -> dict[str, Any]:
    """All that a trip's bill follows from, as JSON values; `policy` is its key, the digest that of what is stored of it."""
    return {
        "policy": policy,
        "policy_digest": policy_digest,
        "run": {**asdict(run), "day": run.day.isoformat()},
        "heads": [asdict(h) for h in heads],
        "parties": asdict(parties),
        "cuts": [asdict(cut) for cut in cuts],
        "stage": stage.value,
        "committed": committed,
    }
