"""Brings what a trip costs whom, and the ledger with it, up to what is known of its riders."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from services.dispatcher.domain.trip import Answer, TripState, answer, follow
from services.dispatcher.money.books import ledger
from services.dispatcher.money.books.voucher import Act, TripStage, Voucher, trip_facts
from services.dispatcher.money.rules.policy import Policy
from services.dispatcher.money.rules.subsidy import (
    Cut,
    Heads,
    Line,
    Parties,
    Run,
    bear,
    cut,
    owe,
)
from services.dispatcher.store import ledger as books
from services.dispatcher.store.tables import RiderRow, TripRow
from services.dispatcher.store.terms import find_policy, get_policy_digest
from services.dispatcher.store.trips import find_contract, list_riders
from shared.kernel.errors import NotFound
from shared.kernel.ids import new_id
from shared.messaging import Cause

SYSTEM = "zhida"
"""Whose act it is when an event and not a person moves the money."""


class NoSuchPolicy(NotFound):
    """Policy {policy} is not loaded. Load it with POST /api/policies."""

    zh = "政策 {policy} 未载入。请通过 POST /api/policies 载入。"


def get_policy(session: Session, key: str) -> Policy:
    """The policy of `id@version`. Raises NoSuchPolicy."""
    policy = find_policy(session, key)
    if policy is None:
        raise NoSuchPolicy(policy=key)
    return policy


def parties_of(trip: TripRow) -> Parties:
    """Who may have to pay for the trip."""
    return Parties(
        trip.season,
        trip.county_code,
        trip.prefecture_code,
        trip.carrier_id,
        trip.destination_county_code,
    )


def run_of(trip: TripRow) -> Run:
    """What its charter costs, and the coach and day that bands and periods go by."""
    return Run(trip.cost_fen, trip.seats_approved, trip.day)


def bill_as_booked(policy: Policy, trip: TripRow, riders: Iterable[RiderRow]) -> None:
    """Write onto the trip who bears it if everyone who rides arrives."""
    write_lines(policy, trip, heads_as_booked(riders))


def bill_as_confirmed(policy: Policy, trip: TripRow, riders: Iterable[RiderRow]) -> None:
    """Write onto the trip who bears it by who arrived and who is in dispute."""
    write_lines(policy, trip, heads_as_confirmed(riders))


def heads_as_booked(riders: Iterable[RiderRow]) -> list[Heads]:
    """Each enterprise's workers of each mode and class, all expected."""
    return [
        Heads.as_booked(enterprise, len(mine), mode, category)
        for (enterprise, mode, category), mine in _grouped(riders).items()
    ]


def heads_as_confirmed(riders: Iterable[RiderRow]) -> list[Heads]:
    """Each enterprise's workers of each mode and class, and what became of them."""
    heads = []
    for (enterprise, mode, category), mine in _grouped(riders).items():
        answers = [answer(rider.boarding, rider.outcome) for rider in mine]
        arrived, disputed = answers.count(Answer.ARRIVED), answers.count(Answer.DISPUTED)
        heads.append(Heads(enterprise, len(mine), arrived, disputed, mode, category))
    return heads


def provision_of_rider(policy: Policy, rider: RiderRow) -> int:
    """The provision that a rider comes under, by its place; -1 for none."""
    return policy.place_of(rider.organising_mode, rider.category)


def write_lines(policy: Policy, trip: TripRow, heads: Sequence[Heads]) -> None:
    """Keep on the trip whose workers it is for and who bears it after the cuts, and the public part as its subsidy.

    A cut that is more than its claimant is owed now becomes less: on a shared coach it would eat what another is owed.
    """
    run, parties = run_of(trip), parties_of(trip)
    owed: dict[tuple[str, str], int] = defaultdict(int)
    for cell in owe(policy, run, heads, parties) if trip.cuts else ():
        owed[cell.payer, cell.claimant] += cell.due_fen
    kept = []
    for one in read_cuts(trip):
        fen = min(one.fen, owed[one.payer, one.claimant])
        owed[one.payer, one.claimant] -= fen
        kept += [replace(one, fen=fen)] if fen else []
    trip.cuts = [cut_values(one) for one in kept]
    lines = cut(bear(policy, run, heads, parties), kept)
    trip.heads = [asdict(h) for h in heads]
    trip.lines = [asdict(line) for line in lines]
    trip.subsidy_fen = sum(line.amount_fen for line in lines if line.account.startswith("payer:"))


def read_lines(stored: Sequence[dict[str, Any]]) -> list[Line]:
    """The lines as they were written."""
    return [Line(**line) for line in stored]


def read_heads(trip: TripRow) -> list[Heads]:
    """Whose workers the trip was last billed for."""
    return [Heads(**h) for h in trip.heads]


def read_cuts(trip: TripRow) -> list[Cut]:
    """What claims may not have of the trip."""
    return [Cut(**one) for one in trip.cuts]


def cut_values(one: Cut) -> dict[str, Any]:
    """A cut as it is kept on its trip."""
    return asdict(one)


def reserve(session: Session, trip: TripRow, cause: Cause, at: datetime) -> None:
    """Make the trip's promises equal to its lines. Raises BudgetShort."""
    _bring(session, trip, TripStage.PROMISED, cause, at)


def settle(session: Session, trip: TripRow, cause: Cause, at: datetime) -> None:
    """Settle what is due by the trip's lines, keep what is held, release the rest. Raises BudgetShort."""
    _bring(session, trip, TripStage.CONFIRMED, cause, at)


def release(session: Session, trip: TripRow, cause: Cause, at: datetime) -> None:
    """Give back all that the trip has reserved."""
    _bring(session, trip, TripStage.ENDED, cause, at)


def promise(session: Session, trip: TripRow, cause: Cause, at: datetime) -> None:
    """Reserve a trip's lines as it is approved: nothing of it is in the books before, and no contract is signed. Raises
    BudgetShort."""
    _move(session, trip, TripStage.PROMISED, [], cause, at, committed=False)


def settle_trip(session: Session, trip: TripRow, cause: Cause, at: datetime) -> None:
    """Bill a trip that is over as its riders arrived, where something else of its bill has changed."""
    settle_as_arrived(session, trip, list_riders(session, [trip.trip_id]).get(trip.trip_id, []), cause, at)


def settle_as_arrived(
    session: Session, trip: TripRow, riders: Sequence[RiderRow], cause: Cause, at: datetime
) -> None:
    """Bill a trip that is over as these, its riders, arrived. Where a payer's budget is too short the books stay as they are, and
    the trip says for whom it waits: what happened is true whether or not there is money."""
    bill_as_confirmed(get_policy(session, trip.policy), trip, riders)
    trip.version += 1
    try:
        settle(session, trip, cause, at)
    except books.BudgetShort as short:
        trip.waits_for = short.account
        return
    trip.waits_for = None
    if trip.state != TripState.SETTLED:
        trip.state = follow(trip.trip_id, trip.state, TripState.SETTLED)
        trip.settled_at = at


def _bring(session: Session, trip: TripRow, stage: TripStage, cause: Cause, at: datetime) -> None:
    """Bring the books from what they have of the trip to its lines at this stage."""
    known = books.list_of_trip(session, trip.trip_id)
    committed = find_contract(session, trip.trip_id) is not None
    _move(session, trip, stage, known, cause, at, committed=committed)


def _move(
    session: Session,
    trip: TripRow,
    stage: TripStage,
    known: Sequence[ledger.Transfer],
    cause: Cause,
    at: datetime,
    *,
    committed: bool,
) -> None:
    """What brings the books from `known` to the trip's lines, with the voucher that says why."""
    parties = parties_of(trip)
    lines = read_lines(trip.lines) if stage is not TripStage.ENDED else []
    move = ledger.settle if stage is TripStage.CONFIRMED else ledger.reserve
    made = move(trip.trip_id, parties.carrier_account, lines, known, cause=name(cause), committed=committed)
    if not made:
        return
    facts = trip_facts(
        trip.policy,
        get_policy_digest(session, trip.policy),
        run_of(trip),
        read_heads(trip),
        parties,
        read_cuts(trip),
        stage,
        committed=committed,
    )
    voucher = Voucher(
        id=new_id(),
        act=Act.BILL,
        season=trip.season,
        cause=name(cause),
        actor=cause.caller or SYSTEM,
        facts=facts,
        transfers=tuple(made),
        trip_id=trip.trip_id,
    )
    books.append(session, voucher, trip.county_code, at)


def name(cause: Cause) -> str:
    """What a transfer names as its cause: the event, or the chain that somebody began."""
    return cause.event_id or cause.correlation_id


def _grouped(riders: Iterable[RiderRow]) -> dict[tuple[str, str, str], list[RiderRow]]:
    found: dict[tuple[str, str, str], list[RiderRow]] = {}
    for rider in riders:
        found.setdefault((rider.enterprise_id, rider.organising_mode, rider.category), []).append(rider)
    return dict(sorted(found.items()))
