"""Knows what a plan may be judged by: what is paid for it, or what the public pays; knows no tariff and no policy's history.

`money.subsidy` bills what is settled afterwards; planning knows nothing of money, so a problem carries the policy's figures itself.
"""

from dataclasses import dataclass
from typing import Final

CHARTER: Final = "charter"
PUBLIC: Final = "public"
PUBLIC_THEN_CHARTER: Final = "public, then charter"
OBJECTIVES = (CHARTER, PUBLIC, PUBLIC_THEN_CHARTER)
"""What is least: the charters; what the public pays for them; or that, and among plans that are equal in it the charters."""


@dataclass(frozen=True)
class Subsidy:
    """What government adds to a vehicle's charter: `rate_percent` of it, at most `cap_vehicle_fen` (None: without a cap), and nothing
    for a vehicle with fewer than `min_passengers`."""

    rate_percent: int
    cap_vehicle_fen: int | None
    min_passengers: int


def public_fen(subsidy: Subsidy, charter_fen: int, passengers: int) -> int:
    """What the public pays for one trip: its subsidy, rounded down to whole fen as it is billed.

    A trip below the minimum gets none from the programme, and the county that has organised it bears the whole charter. It is not free to
    the public for that: were it, the cheapest plan would be coaches too empty to be funded.
    """
    if passengers < subsidy.min_passengers:
        return charter_fen
    by_rate_fen = charter_fen * subsidy.rate_percent // 100
    return by_rate_fen if subsidy.cap_vehicle_fen is None else min(by_rate_fen, subsidy.cap_vehicle_fen)
