"""The routes under /claims/{claim_id}: every act is the claim desk's; where a rule refuses it, the page says so and keeps what was typed."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from services.dispatcher.intake.claims import DocumentKind, Number, Why, Words
from services.dispatcher.intake.form import read_form
from services.dispatcher.intake.yuan import Yuan, at_most
from services.dispatcher.money.claims.claim import Act
from services.dispatcher.money.rules.policy import Ownership
from services.dispatcher.usecases.claims.desk import ClaimDesk
from services.dispatcher.usecases.claims.draft import InvoiceIn, PapersIn
from services.dispatcher.usecases.claims.offices import CLAIMANTS, CLAWERS, PARTIES, PAYERS, REVIEWERS
from services.dispatcher.web.claim_page import ClaimPage, people_of
from services.dispatcher.web.forms import refusal_of
from services.dispatcher.web.pages import CLAIM_READERS, TEMPLATES
from shared.http import request_cause, url
from shared.http.attachment import attachment
from shared.http.problems import status_of
from shared.security import Principal, allow

Reader = Annotated[Principal, Depends(allow(*CLAIM_READERS))]
Claimant = Annotated[Principal, Depends(allow(*CLAIMANTS))]
Reviewer = Annotated[Principal, Depends(allow(*REVIEWERS))]
Payer = Annotated[Principal, Depends(allow(*PAYERS))]
Clawer = Annotated[Principal, Depends(allow(*CLAWERS))]
WithPapers = Annotated[Principal, Depends(allow(*PARTIES))]
Text = Annotated[str, Form(max_length=2000)]
Texts = Annotated[list[str], Form(default_factory=list)]


class _Invoice(BaseModel):
    trip_id: str
    invoice_no: str = Field(min_length=1, max_length=60)
    issuer_id: str = Field(min_length=1, max_length=60)
    amount_yuan: Annotated[Yuan, at_most(10**11)]
    issued_on: date
    heads: int | None = Field(default=None, ge=0)


class _Papers(BaseModel):
    ownership: Ownership | None
    bank_account: str | None = Field(pattern=r"^\d{9,30}$")
    invoices: tuple[_Invoice, ...]

    def papers(self) -> PapersIn:
        invoices = tuple(
            InvoiceIn(amount_fen=one.amount_yuan, **one.model_dump(exclude={"amount_yuan"}))
            for one in self.invoices
        )
        return PapersIn(ownership=self.ownership, bank_account=self.bank_account, invoices=invoices)


_COLUMNS = ("trip_id", "invoice_no", "issuer_id", "amount_yuan", "issued_on", "heads")


def router(desk: ClaimDesk) -> APIRouter:
    """The claim's page, its documents and people, and the acts of each office."""
    routes, page = APIRouter(prefix="/claims/{claim_id}", include_in_schema=False), ClaimPage(desk)

    @routes.get("")
    def show_claim(request: Request, claim_id: str, principal: Reader) -> Response:
        return page.show(request, principal, claim_id)

    @routes.get("/people")
    def show_people(request: Request, claim_id: str, principal: Reader) -> Response:
        return TEMPLATES.TemplateResponse(request, "claim_people.html", people_of(desk, principal, claim_id))

    @routes.get("/documents/{evidence_id}")
    def fetch_document(claim_id: str, evidence_id: str, principal: WithPapers) -> Response:
        name, content = desk.open_evidence(principal, claim_id, evidence_id)
        return attachment(name, content)

    @routes.post("/documents")
    def add_document(
        request: Request,
        claim_id: str,
        principal: WithPapers,
        file: Annotated[UploadFile, File()],
        kind: Annotated[DocumentKind, Form()] = "other",
    ) -> Response:
        def act() -> None:
            name = (file.filename or "document")[:200]
            desk.add_evidence(principal, claim_id, kind, name, file.file.read())

        return page.do(request, principal, claim_id, "documents", act)

    _add_claimants(routes, page)
    _add_reviewers(routes, page)
    _add_payers(routes, page)
    return routes


def _add_claimants(routes: APIRouter, page: ClaimPage) -> None:
    desk = page.desk

    @routes.post("/papers")
    def write_papers(
        request: Request,
        claim_id: str,
        principal: Claimant,
        trip_id: Texts,
        invoice_no: Texts,
        issuer_id: Texts,
        amount_yuan: Texts,
        issued_on: Texts,
        heads: Texts,
        drop: Texts,
        ownership: Text = "",
        bank_account: Text = "",
        then: Text = "",
    ) -> Response:
        columns = (trip_id, invoice_no, issuer_id, amount_yuan, issued_on, heads)
        lines = [
            dict(zip(_COLUMNS, map(str.strip, line), strict=True)) for line in zip(*columns, strict=False)
        ]

        def act() -> None:
            filled = [line for line in lines if line["invoice_no"] or line["amount_yuan"]]
            fields: dict[str, Any] = {
                "ownership": ownership or None,
                "bank_account": "".join(bank_account.split()) or None,
                "invoices": [line | {"heads": line["heads"] or None} for line in filled],
            }
            desk.write_papers(principal, claim_id, read_form(_Papers, fields).papers())
            if drop:
                desk.drop_trips(principal, claim_id, drop)
            if then == "submit":
                desk.submit(principal, claim_id)

        typed = {"ownership": ownership, "bank_account": bank_account, "lines": lines, "drop": drop}
        return page.do(request, principal, claim_id, "papers", act, **typed)

    @routes.post("/people")
    def drop_people(request: Request, claim_id: str, principal: Claimant, request_id: Texts) -> Response:
        fault = refusal_of(lambda: desk.drop_requests(principal, claim_id, request_id))
        if fault is not None:
            context = people_of(desk, principal, claim_id) | {"fault": fault, "chosen": set(request_id)}
            return TEMPLATES.TemplateResponse(request, "claim_people.html", context, status_of(fault))
        return RedirectResponse(url(request, f"/claims/{claim_id}/people"), 303)


def _add_reviewers(routes: APIRouter, page: ClaimPage) -> None:
    desk = page.desk

    @routes.post("/check")
    def check(request: Request, claim_id: str, principal: Reviewer) -> Response:
        return page.do(request, principal, claim_id, "acts", lambda: desk.check(principal, claim_id))

    @routes.post("/take-up")
    def take_up(request: Request, claim_id: str, principal: Reviewer) -> Response:
        return page.do(request, principal, claim_id, "acts", lambda: desk.take_up(principal, claim_id))

    @routes.post("/flags/{number}/clear")
    def clear_flag(
        request: Request, claim_id: str, number: int, principal: Reviewer, why: Text = ""
    ) -> Response:
        def act() -> None:
            desk.clear_flag(principal, claim_id, number, read_form(Why, {"why": why.strip()}).why)

        return page.do(request, principal, claim_id, f"flag-{number}", act, why=why)

    @routes.post("/decide/{act}")
    def decide(
        request: Request,
        claim_id: str,
        act: Literal[Act.RETURN, Act.REJECT, Act.SUSPEND, Act.RESUME],
        principal: Reviewer,
        why: Text = "",
    ) -> Response:
        def decided() -> None:
            desk.decide(principal, claim_id, act, read_form(Why, {"why": why.strip()}).why)

        return page.do(request, principal, claim_id, "decide", decided, why=why)

    @routes.post("/publicise")
    def publicise(request: Request, claim_id: str, principal: Reviewer) -> Response:
        return page.do(request, principal, claim_id, "acts", lambda: desk.publicise(principal, claim_id))

    @routes.post("/objections")
    def object_to(request: Request, claim_id: str, principal: Reviewer, words: Text = "") -> Response:
        def act() -> None:
            desk.object(principal, claim_id, read_form(Words, {"words": words.strip()}).words)

        return page.do(request, principal, claim_id, "object", act, words=words)

    @routes.post("/objections/{objection_id}/answer")
    def answer(
        request: Request, claim_id: str, objection_id: str, principal: Reviewer, words: Text = ""
    ) -> Response:
        def act() -> None:
            said = read_form(Words, {"words": words.strip()}).words
            desk.answer_objection(principal, claim_id, objection_id, said)

        return page.do(request, principal, claim_id, f"answer-{objection_id}", act, words=words)

    @routes.post("/approve")
    def approve(request: Request, claim_id: str, principal: Reviewer) -> Response:
        cause = request_cause(request)
        return page.do(request, principal, claim_id, "acts", lambda: desk.approve(principal, claim_id, cause))

    @routes.post("/clawback")
    def claw_back(
        request: Request, claim_id: str, principal: Clawer, request_id: Texts, why: Text = ""
    ) -> Response:
        def act() -> None:
            reason = read_form(Why, {"why": why.strip()}).why
            desk.open_clawback(principal, claim_id, request_id, reason, request_cause(request))

        fault = refusal_of(act)
        if fault is not None:
            context = people_of(desk, principal, claim_id)
            context |= {"fault": fault, "why": why, "chosen": set(request_id)}
            return TEMPLATES.TemplateResponse(request, "claim_people.html", context, status_of(fault))
        return RedirectResponse(url(request, f"/claims/{claim_id}"), 303)


def _add_payers(routes: APIRouter, page: ClaimPage) -> None:
    desk = page.desk

    @routes.post("/receive")
    def receive(request: Request, claim_id: str, principal: Payer) -> Response:
        return page.do(request, principal, claim_id, "acts", lambda: desk.receive(principal, claim_id))

    @routes.post("/pay")
    def pay(request: Request, claim_id: str, principal: Payer, number: Text = "") -> Response:
        def act() -> None:
            given = read_form(Number, {"number": number.strip()}).number
            desk.pay(principal, claim_id, given, request_cause(request))

        return page.do(request, principal, claim_id, "pay", act, number=number)

    @routes.post("/recover")
    def recover(request: Request, claim_id: str, principal: Payer, number: Text = "") -> Response:
        def act() -> None:
            given = read_form(Number, {"number": number.strip()}).number
            desk.recover(principal, claim_id, given, request_cause(request))

        return page.do(request, principal, claim_id, "pay", act, number=number)

    @routes.post("/archive")
    def archive(request: Request, claim_id: str, principal: Payer) -> Response:
        return page.do(request, principal, claim_id, "acts", lambda: desk.archive(principal, claim_id))
