"""Knows what a trip still owes each claimant, and what was paid beyond that; moves no money.

A bill that changes after a payment, for a word that came later, leaves somebody with more than they may have. That is told
here until it is asked back: the books alone would only show it for a payer's trip as a whole.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from services.dispatcher.domain.trip import Answer, answer
from services.dispatcher.money.books.ledger import Kind, Transfer
from services.dispatcher.money.rules.policy import Policy
from services.dispatcher.money.rules.subsidy import owe
from services.dispatcher.store import claims
from services.dispatcher.store import ledger as books
from services.dispatcher.store.tables import ClaimLineRow, ClaimRow, RiderRow, TripRow
from services.dispatcher.usecases import bill_trip

Left = Mapping[tuple[str, str], int]
"""Payer and claimant -> fen."""


@dataclass(frozen=True)
class Overpaid:
    """What a payer has paid a claimant for a trip beyond what is owed now, and has not asked back yet; by which claims."""

    trip_id: str
    payer: str
    claimant: str
    fen: int
    claim_ids: tuple[str, ...]


def arrived_for(policy: Policy, riders: Iterable[RiderRow], claimant: str) -> list[RiderRow]:
    """Those who arrived and are the claimant's to claim for: all, for a carrier or a lead enterprise, and else its own."""
    lead = claimant.startswith("carrier:") or policy.joint_charter == "lead_enterprise"
    organisation = claimant.split(":")[1]
    return [
        rider
        for rider in riders
        if answer(rider.boarding, rider.outcome) is Answer.ARRIVED
        and (lead or rider.enterprise_id == organisation)
    ]


def left_of(session: Session, trip: TripRow, transfers: Iterable[Transfer]) -> Left:
    """What a trip still owes each claimant by its bill, after what was cut, paid and recovered; below 0 what it paid too much."""
    policy = bill_trip.get_policy(session, trip.policy)
    left: dict[tuple[str, str], int] = defaultdict(int)
    due: dict[str, int] = defaultdict(int)
    for cell in owe(policy, bill_trip.run_of(trip), bill_trip.read_heads(trip), bill_trip.parties_of(trip)):
        left[cell.payer, cell.claimant] += cell.due_fen
        due[cell.payer] += cell.due_fen
    for one in bill_trip.read_cuts(trip):
        fen = min(one.fen, due[one.payer])
        due[one.payer] -= fen
        left[one.payer, one.claimant] -= fen
    for transfer in transfers:
        if transfer.kind == Kind.PAY:
            left[transfer.debit, transfer.credit] -= transfer.amount_fen
        elif transfer.kind == Kind.RECOVER:
            left[transfer.credit, transfer.debit] += transfer.amount_fen
    return left


def list_overpaid(session: Session, trips: Sequence[TripRow]) -> list[Overpaid]:
    """What was paid for these trips and is owed no longer, but for what a claw-back asks for already."""
    trip_ids = [trip.trip_id for trip in trips]
    known = books.list_of_trips(session, trip_ids)
    asked: dict[str, list[tuple[ClaimRow, ClaimLineRow]]] = defaultdict(list)
    for claim, line in claims.list_live_lines(session, trip_ids):
        asked[line.trip_id].append((claim, line))
    found = []
    for trip in trips:
        open_fen: dict[tuple[str, str], int] = defaultdict(int)
        of: dict[tuple[str, str], list[str]] = defaultdict(list)
        for claim, line in asked[trip.trip_id]:
            for part in line.parts if claim.paid_fen else ():
                of[part["payer"], claim.claimant].append(claim.claim_id)
                open_fen[part["payer"], claim.claimant] += part.get("clawback_fen", 0)
        for transfer in known[trip.trip_id]:
            if transfer.kind == Kind.RECOVER:
                open_fen[transfer.credit, transfer.debit] -= transfer.amount_fen
        for (payer, claimant), fen in sorted(left_of(session, trip, known[trip.trip_id]).items()):
            over = -fen - open_fen[payer, claimant]
            if over > 0:
                found.append(Overpaid(trip.trip_id, payer, claimant, over, tuple(of[payer, claimant])))
    return found
