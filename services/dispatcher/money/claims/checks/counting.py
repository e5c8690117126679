"""Knows which seats a policy counts, and who may claim for them: the same rules by which the trip is paid."""

from collections.abc import Callable, Iterable

from services.dispatcher.domain.trip import Answer
from services.dispatcher.money.claims.facts import Seat, TripFacts
from services.dispatcher.money.rules.policy import Claimant, JointCharter, Policy
from services.dispatcher.money.rules.subsidy import Heads, lead_of

NONE = -1
"""The provision of somebody whom none is for."""


def provisions_for(policy: Policy) -> Callable[[Seat], int]:
    """Which provision a seat comes under, looked up once for each mode and class."""
    known: dict[tuple[str, str], int] = {}

    def find(seat: Seat) -> int:
        key = (seat.organising_mode, seat.category)
        if key not in known:
            known[key] = policy.place_of(*key)
        return known[key]

    return find


def count_eligible(policy: Policy, seats: Iterable[Seat]) -> int:
    """How many of them the policy's floors count: who came, and whom a provision is for."""
    find = provisions_for(policy)
    return sum(seat.came and find(seat) != NONE for seat in seats)


def claimants_of(
    policy: Policy, trip: TripFacts, find: Callable[[Seat], int]
) -> Callable[[Seat], str | None]:
    """Who may claim for a seat of this trip: the carrier, its enterprise, or the vehicle's lead enterprise as the bill has it;
    None where no provision is for it."""
    lead = ""
    if policy.joint_charter is JointCharter.LEAD_ENTERPRISE:
        lead = lead_of(policy, [_as_billed(seat) for seat in trip.seats if seat.riding])

    def claimant(seat: Seat) -> str | None:
        provision = find(seat)
        if provision == NONE:
            return None
        if policy.provisions[provision].claimant is Claimant.CARRIER:
            return trip.carrier_id
        return lead or seat.enterprise_id

    return claimant


def _as_billed(seat: Seat) -> Heads:
    counts = seat.answer
    return Heads(
        seat.enterprise_id,
        1,
        int(counts is Answer.ARRIVED),
        int(counts is Answer.DISPUTED),
        seat.organising_mode,
        seat.category,
    )
