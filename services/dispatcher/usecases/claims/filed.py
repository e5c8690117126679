"""Reads all that is stored of one claim, as it was at one moment, for the papers that are made of it; judges nothing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from services.dispatcher.store import claims
from services.dispatcher.store.demand import get_enterprise_names
from services.dispatcher.store.ledger import Head, find_head
from services.dispatcher.store.tables import (
    ClaimFlagRow,
    ClaimLineRow,
    ClaimRow,
    ClaimSeatRow,
    ClaimStepRow,
    ContractRow,
    EvidenceRow,
    RiderRow,
    TripRow,
    TripStopRow,
)
from services.dispatcher.store.terms import StoredPolicy, find_stored_policy
from services.dispatcher.store.trips import list_contracts, list_stops, list_these
from services.dispatcher.usecases.bill_trip import NoSuchPolicy
from shared.kernel.errors import Conflict


class NothingOnClaim(Conflict):
    """Claim {claim_id} has no trip, so there is nothing to make papers of. Draft another."""

    zh = "申报 {claim_id} 中没有班次，无法生成材料。请重新起草。"


@dataclass(frozen=True)
class Filed:
    """All that is stored of a claim, as it was at one moment."""

    claim: ClaimRow
    terms: StoredPolicy
    lines: list[ClaimLineRow]
    seats: list[ClaimSeatRow]
    flags: list[ClaimFlagRow]
    steps: list[ClaimStepRow]
    trips: Mapping[str, TripRow]
    stops: Mapping[str, list[TripStopRow]]
    contracts: Mapping[str, ContractRow]
    riders: Mapping[str, list[RiderRow]]
    """Trip -> those whom it is the claimant's to claim for, whether or not it does, by request."""
    employers: Mapping[str, str]
    evidence: Sequence[EvidenceRow]
    head: Head | None

    @property
    def request_ids(self) -> list[str]:
        """Everybody on the roster."""
        return sorted(rider.request_id for mine in self.riders.values() for rider in mine)

    @property
    def last_moment(self) -> datetime:
        """When the last thing happened that the papers tell of, in whole seconds, as files keep time."""
        riders = [rider for mine in self.riders.values() for rider in mine]
        moments = (
            *(step.at for step in self.steps),
            *(contract.recorded_at for contract in self.contracts.values()),
            *(at for flag in self.flags for at in (flag.raised_at, flag.cleared_at)),
            *(at for rider in riders for at in (rider.boarded_at, rider.confirmed_at)),
            *(row.added_at for row in self.evidence),
            self.claim.checked_at,
            self.head.recorded_at if self.head else None,
        )
        return max(at for at in moments if at is not None).replace(microsecond=0)


def read_claim(session: Session, claim: ClaimRow, evidence: Sequence[EvidenceRow] = ()) -> Filed:
    """All that is stored of a claim, with the documents that are wanted of it. Raises NothingOnClaim, NoSuchPolicy."""
    lines = claims.list_lines(session, [claim.claim_id])
    if not lines:
        raise NothingOnClaim(claim_id=claim.claim_id)
    terms = find_stored_policy(session, claim.policy)
    if terms is None:
        raise NoSuchPolicy(policy=claim.policy)
    trip_ids = [line.trip_id for line in lines]
    seats = claims.list_seats(session, claim.claim_id)
    riders = _riders(session, claim, trip_ids, {seat.request_id for seat in seats})
    return Filed(
        claim=claim,
        terms=terms,
        lines=lines,
        seats=seats,
        flags=claims.list_flags(session, claim.claim_id),
        steps=claims.list_steps(session, claim.claim_id),
        trips={trip.trip_id: trip for trip in list_these(session, trip_ids)},
        stops=list_stops(session, trip_ids),
        contracts=list_contracts(session, trip_ids),
        riders=riders,
        employers=get_enterprise_names(session, {r.enterprise_id for mine in riders.values() for r in mine}),
        evidence=evidence,
        head=find_head(session, claim.season),
    )


def _riders(
    session: Session, claim: ClaimRow, trip_ids: Iterable[str], claimed: set[str]
) -> dict[str, list[RiderRow]]:
    """Those for whom the claim asks, and of the others on its trips those who are the claimant's own."""
    query = select(RiderRow).where(col(RiderRow.trip_id).in_(list(trip_ids)))
    all_of_it = claim.claimant.startswith("carrier:")
    found: dict[str, list[RiderRow]] = defaultdict(list)
    for rider in session.exec(query.order_by(RiderRow.trip_id, RiderRow.request_id)):
        own = rider.riding and (all_of_it or rider.enterprise_id == claim.claimant_id)
        if own or rider.request_id in claimed:
            found[rider.trip_id].append(rider)
    return found
