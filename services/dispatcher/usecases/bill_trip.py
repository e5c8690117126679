"""Brings what a trip costs whom, and the ledger with it, up to what is known of its riders."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlmodel import Session

from services.dispatcher.domain.trip import Answer, answer
from services.dispatcher.money import ledger
from services.dispatcher.money.policy import Policy
from services.dispatcher.money.subsidy import Heads, Line, Parties, bear
from services.dispatcher.store import ledger as books
from services.dispatcher.store.tables import RiderRow, TripRow
from services.dispatcher.store.terms import find_policy
from shared.kernel.errors import NotFound
from shared.messaging import Cause


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
    return Parties(trip.season, trip.county_code, trip.prefecture_code, trip.carrier_id)


def bill_as_booked(policy: Policy, trip: TripRow, riders: Iterable[RiderRow]) -> None:
    """Write onto the trip who bears it if everyone who rides arrives."""
    booked = _by_enterprise(riders)
    heads = [Heads.as_booked(enterprise, len(mine)) for enterprise, mine in booked.items()]
    write_lines(trip, bear(policy, trip.cost_fen, heads, parties_of(trip)))


def bill_as_confirmed(policy: Policy, trip: TripRow, riders: Iterable[RiderRow]) -> None:
    """Write onto the trip who bears it by who arrived and who is in dispute."""
    heads = []
    for enterprise, mine in _by_enterprise(riders).items():
        answers = [answer(rider.boarding, rider.outcome) for rider in mine]
        arrived, disputed = answers.count(Answer.ARRIVED), answers.count(Answer.DISPUTED)
        heads.append(Heads(enterprise, len(mine), arrived, disputed))
    write_lines(trip, bear(policy, trip.cost_fen, heads, parties_of(trip)))


def write_lines(trip: TripRow, lines: Sequence[Line]) -> None:
    """Keep the lines on the trip, and the public part as its subsidy."""
    trip.lines = [asdict(line) for line in lines]
    trip.subsidy_fen = sum(line.amount_fen for line in lines if line.account.startswith("payer:"))


def read_lines(stored: Sequence[dict[str, Any]]) -> list[Line]:
    """The lines as they were written."""
    return [Line(**line) for line in stored]


def reserve(session: Session, trip: TripRow, cause: Cause, at: datetime) -> None:
    """Make the trip's reservations equal to its lines."""
    known = books.list_of_trip(session, trip.trip_id)
    carrier = parties_of(trip).carrier_account
    made = ledger.reserve(trip.trip_id, carrier, read_lines(trip.lines), known, cause=name(cause))
    books.append(session, trip, made, at)


def settle(session: Session, trip: TripRow, cause: Cause, at: datetime) -> None:
    """Settle what is due by the trip's lines, keep what is held, release the rest."""
    known = books.list_of_trip(session, trip.trip_id)
    carrier = parties_of(trip).carrier_account
    made = ledger.settle(trip.trip_id, carrier, read_lines(trip.lines), known, cause=name(cause))
    books.append(session, trip, made, at)


def release(session: Session, trip: TripRow, cause: Cause, at: datetime) -> None:
    """Give back all that the trip has reserved."""
    known = books.list_of_trip(session, trip.trip_id)
    made = ledger.release(trip.trip_id, parties_of(trip).carrier_account, known, cause=name(cause))
    books.append(session, trip, made, at)


def name(cause: Cause) -> str:
    """What a transfer names as its cause: the event, or the chain that somebody began."""
    return cause.event_id or cause.correlation_id


def _by_enterprise(riders: Iterable[RiderRow]) -> dict[str, list[RiderRow]]:
    found: dict[str, list[RiderRow]] = {}
    for rider in sorted(riders, key=lambda r: (r.enterprise_id, r.request_id)):
        found.setdefault(rider.enterprise_id, []).append(rider)
    return found
