"""Claims over HTTP: what can be claimed, its papers and checks, each office's acts; computes nothing."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, File, Form, Query, Request, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from services.dispatcher.intake.claims import Clawback, DocumentKind, Number, Why, Words
from services.dispatcher.money.claims.claim import Act, list_acts
from services.dispatcher.store import claims
from services.dispatcher.store.tables import ClaimRow
from services.dispatcher.usecases.claims.desk import ClaimDesk
from services.dispatcher.usecases.claims.draft import PapersIn
from services.dispatcher.usecases.claims.offices import CLAIMANTS, CLAWERS, PARTIES, PAYERS, REVIEWERS
from shared.http import request_cause
from shared.http.attachment import attachment
from shared.security import OFFICES, Principal, Role, allow

OVERSEERS = allow(Role.BUREAU, Role.FINANCE, Role.AUDIT)
READERS = allow(
    Role.ENTERPRISE, Role.CARRIER, Role.BUREAU, Role.FINANCE, Role.AUDIT, Role.DISPATCHER, Role.OPERATOR
)

Who = Annotated[Principal, Depends(READERS)]
Claimant = Annotated[Principal, Depends(allow(*CLAIMANTS))]
Reviewer = Annotated[Principal, Depends(allow(*REVIEWERS))]
Payer = Annotated[Principal, Depends(allow(*PAYERS))]
Party = Annotated[Principal, Depends(allow(*PARTIES))]


class ClaimableOut(BaseModel):
    """What could be claimed in a county's season by one policy; `owed_fen` by the bill, before any check."""

    county_code: str
    season: str
    policy: str
    trips: int
    heads: int
    owed_fen: int


class Season(BaseModel):
    """A county's season."""

    model_config = ConfigDict(extra="forbid")

    county_code: str = Field(pattern=r"^\d{6}$")
    season: str


class Trips(BaseModel):
    """Trips by id."""

    model_config = ConfigDict(extra="forbid")

    trip_ids: list[str] = Field(min_length=1)


class Requests(BaseModel):
    """Workers by their requests."""

    model_config = ConfigDict(extra="forbid")

    request_ids: list[str] = Field(min_length=1)


class ClaimOut(BaseModel):
    """A claim; of its bank account the last four digits. Amounts in fen."""

    model_config = ConfigDict(from_attributes=True)

    claim_id: str
    version: int
    state: str
    county_code: str
    season: str
    claimant: str
    claimant_name: str
    policy: str
    ownership: str | None
    bank_account_tail: str
    notice_first: date | None
    notice_last: date | None
    payment_no: str | None
    note: str | None
    claimed_fen: int
    payable_fen: int
    paid_fen: int
    clawback_fen: int
    recovered_fen: int
    submitted_at: datetime | None
    checked_at: datetime | None


class LineOut(BaseModel):
    """A trip of a claim: its invoice, what each payer pays, and the arithmetic step by step."""

    model_config = ConfigDict(from_attributes=True)

    trip_id: str
    heads: int
    invoice_no: str | None
    invoice_issuer: str | None
    invoice_fen: int | None
    invoice_on: date | None
    payable_fen: int
    parts: list[dict[str, Any]]
    workings: list[dict[str, Any]]


class ClaimSeatOut(BaseModel):
    """One request that is claimed for, and whether it counts."""

    model_config = ConfigDict(from_attributes=True)

    request_id: str
    trip_id: str
    standing: str
    holds: bool


class FlagOut(BaseModel):
    """What a check found; `cleared_by` where somebody let it pass."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    code: str
    cause: str
    severity: str
    trip_id: str | None
    request_ids: list[str]
    evidence: dict[str, Any]
    zh: str
    en: str
    raised_at: datetime
    cleared_by: str | None
    cleared_at: datetime | None
    cleared_why: str | None


class StepOut(BaseModel):
    """What was done, by whom, and the state it led to."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    act: str
    state: str
    actor: str
    note: str
    at: datetime


class DocumentOut(BaseModel):
    """A document that was handed in."""

    evidence_id: str
    kind: str
    name: str
    sha256: str
    size: int
    added_by: str
    added_at: datetime


class ObjectionOut(BaseModel):
    """An objection to the notice and its answer; its words are the offices' alone."""

    objection_id: str
    words: str | None
    filed_at: datetime
    answer: str | None
    answered_by: str | None


class ClaimDetail(ClaimOut):
    """A claim with all that hangs on it, and what can be done to it now."""

    acts: list[str]
    lines: list[LineOut]
    seats: list[ClaimSeatOut]
    flags: list[FlagOut]
    steps: list[StepOut]
    documents: list[DocumentOut]
    objections: list[ObjectionOut]


class ClaimList(BaseModel):
    """Claims, the latest first."""

    claims: list[ClaimOut]


class OverpaidOut(BaseModel):
    """What a payer has paid a claimant for a trip beyond what is owed now, and nobody has asked back yet; by which claims."""

    model_config = ConfigDict(from_attributes=True)

    trip_id: str
    payer: str
    claimant: str
    fen: int
    claim_ids: list[str]


class PeriodOut(BaseModel):
    """A county's season that is closed; `digest` is the head of the season's book then."""

    model_config = ConfigDict(from_attributes=True)

    county_code: str
    season: str
    closed_by: str
    closed_at: datetime
    digest: str


def show_claim(desk: ClaimDesk, principal: Principal, claim_id: str) -> ClaimDetail:
    """All of a claim that the caller may see. Raises NoSuchClaim."""
    with desk.database.session() as session:
        claim = claims.get_claim(session, claim_id, principal)
        objections = [
            ObjectionOut(
                objection_id=row.objection_id,
                words=desk.seal.open(row.words, f"objection/{row.objection_id}")
                if principal.has(*OFFICES)
                else None,
                filed_at=row.filed_at,
                answer=row.answer,
                answered_by=row.answered_by,
            )
            for row in claims.list_objections(session, claim_id)
        ]
        documents = [
            DocumentOut(
                name=desk.seal.open(row.name, f"evidence/{row.evidence_id}/name"),
                **row.model_dump(exclude={"name", "content", "claim_id"}),
            )
            for row in claims.list_evidence(session, claim_id)
        ]
        return ClaimDetail(
            **ClaimOut.model_validate(claim).model_dump(),
            acts=[act.value for act in list_acts(claim.state)],
            lines=[LineOut.model_validate(row) for row in claims.list_lines(session, [claim_id])],
            seats=[ClaimSeatOut.model_validate(row) for row in claims.list_seats(session, claim_id)],
            flags=[FlagOut.model_validate(row) for row in claims.list_flags(session, claim_id)],
            steps=[StepOut.model_validate(row) for row in claims.list_steps(session, claim_id)],
            documents=documents,
            objections=objections,
        )


def router(desk: ClaimDesk) -> APIRouter:
    """The routes /api/claims, /api/claimable and /api/periods."""
    routes = APIRouter(prefix="/api", tags=["claims"])

    def shown(principal: Principal, claim_id: str) -> ClaimOut:
        with desk.database.session() as session:
            return ClaimOut.model_validate(claims.get_claim(session, claim_id, principal))

    @routes.get("/claimable", summary="List what the caller could claim")
    def list_claimable(principal: Claimant) -> list[ClaimableOut]:
        return [
            ClaimableOut(
                county_code=one.county_code,
                season=one.season,
                policy=one.policy,
                trips=len(one.requests),
                heads=sum(map(len, one.requests.values())),
                owed_fen=one.owed_fen,
            )
            for one in desk.list_claimable(principal)
        ]

    @routes.post("/claims", summary="Draft claims of all that is owed in a county's season")
    def post_claims(sent: Season, principal: Claimant, request: Request) -> ClaimList:
        rows = desk.draft(principal, sent.county_code, sent.season, request_cause(request))
        return ClaimList(claims=[ClaimOut.model_validate(row) for row in rows])

    @routes.get("/claims", summary="List claims")
    def list_claims(
        principal: Who,
        state: str | None = None,
        season: str | None = None,
        county_code: str | None = None,
        claimant_id: str | None = None,
        trip_id: str | None = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 500,
    ) -> ClaimList:
        with desk.database.session() as session:
            rows: list[ClaimRow] = claims.list_claims(
                session,
                principal,
                state=state,
                season=season,
                county_code=county_code,
                claimant_id=claimant_id,
                trip_id=trip_id,
                limit=limit,
            )
            return ClaimList(claims=[ClaimOut.model_validate(row) for row in rows])

    @routes.get("/claims/{claim_id}", summary="Show a claim with its workings")
    def get_claim(claim_id: str, principal: Who) -> ClaimDetail:
        return show_claim(desk, principal, claim_id)

    @routes.post("/claims/{claim_id}/papers", summary="Declare ownership, account and invoices")
    def post_papers(claim_id: str, sent: PapersIn, principal: Claimant) -> ClaimOut:
        desk.write_papers(principal, claim_id, sent)
        return shown(principal, claim_id)

    @routes.post("/claims/{claim_id}/drop", summary="Take trips out of a draft")
    def post_drop(claim_id: str, sent: Trips, principal: Claimant) -> ClaimOut:
        desk.drop_trips(principal, claim_id, sent.trip_ids)
        return shown(principal, claim_id)

    @routes.post("/claims/{claim_id}/drop-requests", summary="Take single workers out of a draft")
    def post_drop_requests(claim_id: str, sent: Requests, principal: Claimant) -> ClaimOut:
        desk.drop_requests(principal, claim_id, sent.request_ids)
        return shown(principal, claim_id)

    @routes.post("/claims/{claim_id}/evidence", summary="Hand in a document")
    def post_evidence(
        claim_id: str,
        principal: Party,
        file: Annotated[UploadFile, File()],
        kind: Annotated[DocumentKind, Form()],
    ) -> dict[str, str]:
        name = file.filename or "document"
        return {"evidence_id": desk.add_evidence(principal, claim_id, kind, name, file.file.read())}

    @routes.get("/claims/{claim_id}/evidence/{evidence_id}", summary="Fetch a document")
    def get_evidence(claim_id: str, evidence_id: str, principal: Party) -> Response:
        name, content = desk.open_evidence(principal, claim_id, evidence_id)
        return attachment(name, content)

    @routes.post("/claims/{claim_id}/submit", summary="Hand a claim in; it is checked at once")
    def post_submit(claim_id: str, principal: Claimant) -> ClaimOut:
        desk.submit(principal, claim_id)
        return shown(principal, claim_id)

    @routes.post("/claims/{claim_id}/check", summary="Run the sixteen checks again")
    def post_check(claim_id: str, principal: Reviewer) -> ClaimOut:
        desk.check(principal, claim_id)
        return shown(principal, claim_id)

    @routes.post("/claims/{claim_id}/take-up", summary="Begin the review")
    def post_take_up(claim_id: str, principal: Reviewer) -> ClaimOut:
        desk.take_up(principal, claim_id)
        return shown(principal, claim_id)

    @routes.post("/claims/{claim_id}/flags/{number}/clear", summary="Let a flag pass for a reason")
    def post_clear(claim_id: str, number: int, sent: Why, principal: Reviewer) -> ClaimOut:
        desk.clear_flag(principal, claim_id, number, sent.why)
        return shown(principal, claim_id)

    @routes.post("/claims/{claim_id}/decide/{act}", summary="Return, reject, suspend or resume")
    def post_decide(
        claim_id: str,
        act: Literal[Act.RETURN, Act.REJECT, Act.SUSPEND, Act.RESUME],
        sent: Why,
        principal: Reviewer,
    ) -> ClaimOut:
        desk.decide(principal, claim_id, act, sent.why)
        return shown(principal, claim_id)

    @routes.post("/claims/{claim_id}/publicise", summary="Publish the notice")
    def post_publicise(claim_id: str, principal: Reviewer) -> ClaimOut:
        desk.publicise(principal, claim_id)
        return shown(principal, claim_id)

    @routes.post("/claims/{claim_id}/objections", summary="Keep an objection to the notice")
    def post_objection(claim_id: str, sent: Words, principal: Reviewer) -> ClaimOut:
        desk.object(principal, claim_id, sent.words)
        return shown(principal, claim_id)

    @routes.post("/claims/{claim_id}/objections/{objection_id}/answer", summary="Answer an objection")
    def post_answer(claim_id: str, objection_id: str, sent: Words, principal: Reviewer) -> ClaimOut:
        desk.answer_objection(principal, claim_id, objection_id, sent.words)
        return shown(principal, claim_id)

    @routes.post("/claims/{claim_id}/approve", summary="Approve after the notice")
    def post_approve(claim_id: str, principal: Reviewer, request: Request) -> ClaimOut:
        desk.approve(principal, claim_id, request_cause(request))
        return shown(principal, claim_id)

    @routes.post("/claims/{claim_id}/receive", summary="Take into finance's review")
    def post_receive(claim_id: str, principal: Payer) -> ClaimOut:
        desk.receive(principal, claim_id)
        return shown(principal, claim_id)

    @routes.post("/claims/{claim_id}/pay", summary="Pay what was approved")
    def post_pay(claim_id: str, sent: Number, principal: Payer, request: Request) -> ClaimOut:
        desk.pay(principal, claim_id, sent.number, request_cause(request))
        return shown(principal, claim_id)

    @routes.post("/claims/{claim_id}/clawback", summary="Ask back what was paid for some workers")
    def post_clawback(
        claim_id: str,
        sent: Clawback,
        principal: Annotated[Principal, Depends(allow(*CLAWERS))],
        request: Request,
    ) -> ClaimOut:
        desk.open_clawback(principal, claim_id, sent.request_ids, sent.why, request_cause(request))
        return shown(principal, claim_id)

    @routes.get("/overpaid", summary="List what was paid beyond what is owed now")
    def list_overpaid(
        county_code: str, season: str, principal: Annotated[Principal, Depends(OVERSEERS)]
    ) -> list[OverpaidOut]:
        found = desk.list_overpaid(principal, county_code, season)
        return [OverpaidOut.model_validate(one) for one in found]

    @routes.post("/claims/{claim_id}/recover", summary="Book what was given back")
    def post_recover(claim_id: str, sent: Number, principal: Payer, request: Request) -> ClaimOut:
        desk.recover(principal, claim_id, sent.number, request_cause(request))
        return shown(principal, claim_id)

    @routes.post("/claims/{claim_id}/archive", summary="Put a claim away")
    def post_archive(claim_id: str, principal: Payer) -> ClaimOut:
        desk.archive(principal, claim_id)
        return shown(principal, claim_id)

    @routes.post("/periods/close", summary="Close a county's season")
    def post_close(sent: Season, principal: Payer, request: Request) -> PeriodOut:
        row = desk.close_period(principal, sent.county_code, sent.season, request_cause(request))
        return PeriodOut.model_validate(row)

    return routes
