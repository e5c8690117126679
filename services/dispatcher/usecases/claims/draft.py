"""Drafts a claim from what the books owe a claimant, takes its papers, and submits it; judges nothing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session, col, select

from services.dispatcher.domain.trip import TripState
from services.dispatcher.money.books.ledger import Transfer
from services.dispatcher.money.claims.claim import Act, ClaimState, Note
from services.dispatcher.money.rules.policy import Ownership
from services.dispatcher.money.rules.subsidy import owe
from services.dispatcher.store import claims
from services.dispatcher.store import ledger as books
from services.dispatcher.store.demand import get_enterprise_names
from services.dispatcher.store.tables import (
    ClaimLineRow,
    ClaimRow,
    ClaimSeatRow,
    EvidenceRow,
    RiderRow,
    TripRow,
)
from services.dispatcher.store.trips import list_riders, list_these
from services.dispatcher.usecases import bill_trip
from services.dispatcher.usecases.claims.owed import arrived_for, left_of
from services.dispatcher.usecases.claims.step import require_open, take_note, take_step
from shared.database import hold
from shared.kernel.clock import Clock, local_date
from shared.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound
from shared.kernel.ids import new_id
from shared.messaging import Cause
from shared.security import Principal, Role, Seal

EVIDENCE_MAX = 5 * 1024 * 1024


class NothingToClaim(NotFound):
    """Nothing is owed to {claimant} for season {season} of county {county_code} that no other claim asks for. Trips must be
    settled: their enterprises must have confirmed every arrival."""

    zh = "{claimant} 在 {county_code} {season} 没有尚未申报的应付补贴。班次须已结算，即企业已确认全部人员到岗。"


class NotAClaimant(Forbidden):
    """Only an enterprise or a carrier claims, for itself. Sign in as one."""

    zh = "只有用工企业或客运企业可为本单位申报。请以企业身份登录。"


class NotOnClaim(InvalidInput):
    """Trip {trip_id} is not in claim {claim_id}. Give invoices for its own trips."""

    zh = "申报 {claim_id} 中没有班次 {trip_id}。请只填写本申报的班次。"


class NotAskedFor(InvalidInput):
    """Claim {claim_id} does not ask for {requests}. Name requests that are in it."""

    zh = "申报 {claim_id} 中没有申请 {requests}。请只填写本申报中的申请编号。"


class EvidenceTooLarge(InvalidInput):
    """{name} has {size} bytes, and at most {most} are taken. Scan it smaller or divide it."""

    zh = "文件 {name} 为 {size} 字节，上限为 {most} 字节。请降低扫描精度或拆分。"


class NotADraft(Conflict):
    """Claim {claim_id} is {state}: its papers change only while it is a draft or was returned."""

    zh = "申报 {claim_id} 的状态为 {state}，只有草稿或被退回时可以修改。"


class InvoiceIn(BaseModel):
    """A carrier's invoice for a trip's charter, and how many of its heads the claimant says are its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    trip_id: str
    invoice_no: str = Field(min_length=1, max_length=60)
    issuer_id: str = Field(min_length=1, max_length=60)
    amount_fen: int = Field(gt=0, le=10**11)
    issued_on: date
    heads: int | None = Field(default=None, ge=0)


class PapersIn(BaseModel):
    """What a claimant declares: whose it is, where to pay, and its invoices."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ownership: Ownership | None = None
    bank_account: str | None = Field(default=None, pattern=r"^\d{9,30}$")
    invoices: tuple[InvoiceIn, ...] = ()


@dataclass(frozen=True)
class Claimable:
    """What could be claimed: a county's season by one policy, its trips with the requests of each, and what is owed in fen."""

    county_code: str
    season: str
    policy: str
    requests: Mapping[str, tuple[str, ...]]
    owed_fen: int


def claimant_account(principal: Principal, season: str) -> str:
    """The caller's account in the books. Raises NotAClaimant."""
    for role in (Role.ENTERPRISE, Role.CARRIER):
        if principal.has(role) and principal.organisation:
            return f"{role}:{principal.organisation}:{season}"
    raise NotAClaimant


def list_claimable(session: Session, principal: Principal) -> list[Claimable]:
    """What the books owe the caller and no claim that is alive asks for, by county, season and policy."""
    claimant_account(principal, "")
    query = select(TripRow).where(TripRow.state == TripState.SETTLED.value)
    if principal.has(Role.CARRIER):
        query = query.where(TripRow.carrier_id == principal.organisation)
    else:
        mine = select(RiderRow.trip_id).where(RiderRow.enterprise_id == principal.organisation)
        query = query.where(col(TripRow.trip_id).in_(mine))
    trips = list(session.exec(query.order_by(TripRow.trip_id)))
    riders = list_riders(session, [trip.trip_id for trip in trips])
    known = books.list_of_trips(session, [trip.trip_id for trip in trips])
    asked = claims.list_asked_for(session, [trip.trip_id for trip in trips])
    found: dict[tuple[str, str, str], dict[str, tuple[str, ...]]] = defaultdict(dict)
    owed: dict[tuple[str, str, str], int] = defaultdict(int)
    for trip in trips:
        account = claimant_account(principal, trip.season)
        requests, fen = owed_of(session, trip, riders.get(trip.trip_id, []), account)
        left = tuple(sorted(set(requests) - asked))
        if not left:
            continue
        open_fen = _open_fen(session, trip, account, known[trip.trip_id])
        if open_fen:
            key = (trip.county_code, trip.season, trip.policy)
            found[key][trip.trip_id] = left
            owed[key] += min(open_fen, fen * len(left) // len(requests))
    return [Claimable(*key, requests, owed[key]) for key, requests in sorted(found.items())]


def owed_of(
    session: Session, trip: TripRow, riders: Sequence[RiderRow], claimant: str
) -> tuple[list[str], int]:
    """For whom a trip's bill owes the claimant, and how many fen in all."""
    policy = bill_trip.get_policy(session, trip.policy)
    heads, parties = bill_trip.read_heads(trip), bill_trip.parties_of(trip)
    cells = [c for c in owe(policy, bill_trip.run_of(trip), heads, parties) if c.claimant == claimant]
    provisions = {cell.provision for cell in cells if cell.due_fen}
    requests = [
        rider.request_id
        for rider in arrived_for(policy, riders, claimant)
        if bill_trip.provision_of_rider(policy, rider) in provisions
    ]
    return requests, sum(cell.due_fen for cell in cells)


def _open_fen(session: Session, trip: TripRow, claimant: str, transfers: Iterable[Transfer]) -> int:
    """What a trip still owes a claimant, whoever claims it."""
    owes = left_of(session, trip, transfers)
    return sum(max(0, rest) for (_, whose), rest in owes.items() if whose == claimant)


def draft_claim(
    session: Session, principal: Principal, county_code: str, season: str, cause: Cause, clock: Clock
) -> list[ClaimRow]:
    """Drafts of all that the caller may claim in a county's season, one a policy. Raises NotAClaimant, NothingToClaim,
    PeriodClosed."""
    require_open(session, county_code, season)
    account = claimant_account(principal, season)
    # One at a time, so that no two have the same number, or the same people.
    hold(session, f"draft/{county_code}")
    wanted = [
        c for c in list_claimable(session, principal) if (c.county_code, c.season) == (county_code, season)
    ]
    if not wanted:
        raise NothingToClaim(claimant=principal.organisation, season=season, county_code=county_code)
    return [_draft(session, principal, account, one, cause, clock) for one in wanted]


def _draft(
    session: Session, principal: Principal, account: str, wanted: Claimable, cause: Cause, clock: Clock
) -> ClaimRow:
    prefix = f"C-{wanted.county_code}-{local_date(clock.now()):%Y%m%d}-"
    organisation = str(principal.organisation)
    names = get_enterprise_names(session, [organisation])
    row = ClaimRow(
        claim_id=f"{prefix}{claims.last_number(session, prefix) + 1:04d}",
        state=ClaimState.DRAFT.value,
        county_code=wanted.county_code,
        season=wanted.season,
        claimant=account,
        claimant_id=organisation,
        claimant_name=names.get(organisation, principal.display_name),
        policy=wanted.policy,
        policy_id=wanted.policy.rpartition("@")[0],
        claimed_fen=wanted.owed_fen,
        correlation_id=cause.correlation_id,
    )
    session.add(row)
    session.flush()
    for trip_id, requests in wanted.requests.items():
        session.add(
            ClaimLineRow(claim_id=row.claim_id, trip_id=trip_id, heads=len(requests), parts=[], workings=[])
        )
        session.add_all(
            ClaimSeatRow(claim_id=row.claim_id, request_id=one, trip_id=trip_id, season=wanted.season)
            for one in requests
        )
    take_note(session, row, Note.DRAFT, principal.subject, clock)
    return row


def write_papers(
    session: Session, principal: Principal, claim: ClaimRow, papers: PapersIn, seal: Seal, clock: Clock
) -> None:
    """Keep what the claimant declares, its bank account sealed; whose account it is, is the claimant's part. Raises NotADraft,
    NotOnClaim, DutiesNotSeparate."""
    require_draft(claim)
    lines = {line.trip_id: line for line in claims.list_lines(session, [claim.claim_id])}
    for invoice in papers.invoices:
        line = lines.get(invoice.trip_id)
        if line is None:
            raise NotOnClaim(trip_id=invoice.trip_id, claim_id=claim.claim_id)
        line.invoice_no, line.invoice_issuer = invoice.invoice_no, invoice.issuer_id
        line.invoice_fen, line.invoice_on = invoice.amount_fen, invoice.issued_on
        line.heads = line.heads if invoice.heads is None else invoice.heads
    if papers.ownership is not None:
        claim.ownership = papers.ownership.value
    if papers.bank_account is not None:
        claim.bank_account = seal.seal(papers.bank_account, f"claim/{claim.claim_id}/account")
        claim.bank_account_tail = papers.bank_account[-4:]
    note = f"****{claim.bank_account_tail}" if papers.bank_account is not None else ""
    take_note(session, claim, Note.PAPERS, principal.subject, clock, note)


def drop_trips(
    session: Session, principal: Principal, claim: ClaimRow, trip_ids: Iterable[str], clock: Clock
) -> None:
    """Take trips out of a draft, for another claim. Raises NotADraft, NotOnClaim, DutiesNotSeparate."""
    require_draft(claim)
    wanted = set(trip_ids)
    unknown = wanted - {line.trip_id for line in claims.list_lines(session, [claim.claim_id])}
    if unknown:
        raise NotOnClaim(trip_id=", ".join(sorted(unknown)), claim_id=claim.claim_id)
    seats = claims.list_seats(session, claim.claim_id)
    _drop(session, claim, [seat for seat in seats if seat.trip_id in wanted])
    take_note(session, claim, Note.PAPERS, principal.subject, clock, "- " + ", ".join(sorted(wanted)))


def drop_requests(
    session: Session, principal: Principal, claim: ClaimRow, request_ids: Iterable[str], clock: Clock
) -> None:
    """Take single workers out of a draft, as checks tell the claimant to. Raises NotADraft, NotAskedFor, DutiesNotSeparate."""
    require_draft(claim)
    wanted = set(request_ids)
    mine = [seat for seat in claims.list_seats(session, claim.claim_id) if seat.request_id in wanted]
    unknown = wanted - {seat.request_id for seat in mine}
    if unknown:
        raise NotAskedFor(claim_id=claim.claim_id, requests=", ".join(sorted(unknown)))
    _drop(session, claim, mine)
    take_note(session, claim, Note.PAPERS, principal.subject, clock, "- " + ", ".join(sorted(wanted)))


def _drop(session: Session, claim: ClaimRow, seats: Sequence[ClaimSeatRow]) -> None:
    """Without these seats, and without the trips that have none left."""
    lines = {line.trip_id: line for line in claims.list_lines(session, [claim.claim_id])}
    for seat in seats:
        session.delete(seat)
        line = lines[seat.trip_id]
        line.heads = max(0, line.heads - 1)
    session.flush()
    left = {seat.trip_id for seat in claims.list_seats(session, claim.claim_id)}
    for trip_id, line in lines.items():
        if trip_id not in left:
            session.delete(line)
    session.flush()
    _sum_up(session, claim)


def _sum_up(session: Session, claim: ClaimRow) -> None:
    """Let the claim ask for what the books owe now for those who are in it, as it was drafted."""
    asked: dict[str, set[str]] = defaultdict(set)
    for seat in claims.list_seats(session, claim.claim_id):
        asked[seat.trip_id].add(seat.request_id)
    riders, known = list_riders(session, asked), books.list_of_trips(session, list(asked))
    claim.claimed_fen = 0
    for trip in list_these(session, asked):
        requests, fen = owed_of(session, trip, riders.get(trip.trip_id, []), claim.claimant)
        mine = asked[trip.trip_id].intersection(requests)
        if mine:
            open_fen = _open_fen(session, trip, claim.claimant, known[trip.trip_id])
            claim.claimed_fen += min(open_fen, fen * len(mine) // len(requests))


def add_evidence(
    session: Session,
    principal: Principal,
    claim: ClaimRow,
    kind: str,
    name: str,
    content: bytes,
    sha256: str,
    seal: Seal,
    clock: Clock,
) -> EvidenceRow:
    """Keep a document with a claim, sealed; late ones too. Raises EvidenceTooLarge."""
    if len(content) > EVIDENCE_MAX:
        raise EvidenceTooLarge(name=name, size=len(content), most=EVIDENCE_MAX)
    known = [row for row in claims.list_evidence(session, claim.claim_id) if row.sha256 == sha256]
    if known:
        return known[0]
    identity = new_id()
    row = EvidenceRow(
        evidence_id=identity,
        claim_id=claim.claim_id,
        kind=kind,
        name=seal.seal(name, f"evidence/{identity}/name"),
        sha256=sha256,
        size=len(content),
        content=seal.seal_bytes(content, f"evidence/{identity}/content"),
        added_by=principal.subject,
        added_at=clock.now(),
    )
    session.add(row)
    claim.version += 1
    return row


def submit_claim(session: Session, principal: Principal, claim: ClaimRow, clock: Clock) -> None:
    """Hand a claim in. Raises NothingToClaim where all was taken out of it, ClaimNotReady, DutiesNotSeparate, PeriodClosed."""
    require_open(session, claim.county_code, claim.season)
    if not claims.list_lines(session, [claim.claim_id]):
        raise NothingToClaim(claimant=claim.claimant_id, season=claim.season, county_code=claim.county_code)
    take_step(session, claim, Act.SUBMIT, principal.subject, clock)
    _sum_up(session, claim)  # a bill may have changed since the draft, by another contract too
    claim.submitted_at, claim.checked_at = clock.now(), None


def require_draft(claim: ClaimRow) -> None:
    """Raises NotADraft once the claim is handed in."""
    if claim.state not in (ClaimState.DRAFT, ClaimState.RETURNED):
        raise NotADraft(claim_id=claim.claim_id, state=claim.state)
