"""Routes of travel requests: submit one or many, list, show, amend, withdraw."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Header

from services.registry.api.incoming import AmendIn, BatchIn, RequestIn, WithdrawIn
from services.registry.api.outgoing import (
    AcceptedOut,
    BatchOut,
    FactOut,
    FaultOut,
    RefusedOut,
    RequestDetailOut,
    RequestOut,
    RequestPage,
    SubmittedOut,
    json_of,
)
from services.registry.callers import CauseOf, Operator, Page, PartsOf, Reader, Size, Writer
from services.registry.domain.status import Status
from services.registry.store.requests import Filters
from services.registry.usecases.amend import amend
from services.registry.usecases.answer_once import answer_once
from services.registry.usecases.county import county_of
from services.registry.usecases.erase import erase
from services.registry.usecases.errors import RequestRefused, told
from services.registry.usecases.show import show_request, show_requests
from services.registry.usecases.submit import Sender, submit, submit_one
from services.registry.usecases.withdraw import withdraw
from shared.kernel.ids import new_id

router = APIRouter(prefix="/api/requests", tags=["requests"])
Key = Annotated[str, Header(alias="Idempotency-Key", pattern=r"^[!-~]{8,200}$")]
"""Chosen by the caller; the same key with the same body gets the first answer again."""


@router.post("", status_code=201)
def submit_request(
    body: RequestIn, principal: Writer, key: Key, parts: PartsOf, cause: CauseOf
) -> SubmittedOut:
    """Submit one worker's request. 422 with every fault where it is refused."""
    sender = Sender(county_of(principal, body.county_code), principal.subject, batch_id=new_id())
    parts_used: dict[str, Any] = {"vault": parts.vault, "clock": parts.clock}
    fresh = False

    try:
        with parts.database.session() as session:

            def work() -> dict[str, Any]:
                nonlocal fresh
                fresh = True
                request_id = submit_one(session, body.row(1), sender, cause=cause, **parts_used)
                return json_of(SubmittedOut(request_id=request_id, status=Status.SUBMITTED, version=1))

            answer = answer_once(
                session, work, principal=principal.subject, key=key, body=body.model_dump_json(), **parts_used
            )
    except RequestRefused:
        parts.count(refused=1)
        raise
    parts.count(accepted=int(fresh), known=int(not fresh))
    return SubmittedOut.model_validate(answer)


@router.post("/batch")
def submit_batch(body: BatchIn, principal: Writer, key: Key, parts: PartsOf, cause: CauseOf) -> BatchOut:
    """Submit up to 1,000 workers: what is good is accepted, the rest is refused with reasons; families as a whole."""
    sender = Sender(county_of(principal, body.county_code), principal.subject, batch_id=new_id())
    parts_used: dict[str, Any] = {"vault": parts.vault, "clock": parts.clock}
    fresh = False
    with parts.database.session() as session:

        def work() -> dict[str, Any]:
            nonlocal fresh
            fresh = True
            rows = [one.row(index) for index, one in enumerate(body.requests)]
            acceptance = submit(session, rows, sender, cause=cause, **parts_used)
            accepted = [AcceptedOut(index=n, request_id=id_) for n, id_ in acceptance.accepted.items()]
            refused = [
                RefusedOut(index=n, errors=[FaultOut(**told(one)) for one in faults])
                for n, faults in acceptance.refused.items()
            ]
            return json_of(BatchOut(accepted=accepted, refused=refused))

        answer = BatchOut.model_validate(
            answer_once(
                session, work, principal=principal.subject, key=key, body=body.model_dump_json(), **parts_used
            )
        )
    if fresh:
        parts.count(accepted=len(answer.accepted), refused=len(answer.refused))
    else:
        parts.count(known=len(body.requests))
    return answer


@router.get("")
def list_requests(
    principal: Reader,
    parts: PartsOf,
    status: Status | None = None,
    roster_id: str | None = None,
    enterprise_id: str | None = None,
    day: date | None = None,
    page: Page = 1,
    size: Size = 50,
) -> RequestPage:
    """A page of the caller's requests, newest first."""
    filters = Filters(status, roster_id, enterprise_id, day)
    with parts.database.session() as session:
        views, total = show_requests(session, principal, filters, parts.vault, page=page, size=size)
    return RequestPage(items=[RequestOut.of(view) for view in views], total=total, page=page, size=size)


@router.get("/{request_id}")
def get_request(request_id: str, principal: Reader, parts: PartsOf) -> RequestDetailOut:
    """One request with what has happened to it."""
    with parts.database.session() as session:
        view, history, party = show_request(session, principal, request_id, parts.vault)
    shown = RequestOut.of(view).model_dump()
    return RequestDetailOut(**shown, history=[FactOut.of(row) for row in history], party=party)


@router.patch("/{request_id}")
def amend_request(
    request_id: str, body: AmendIn, principal: Writer, parts: PartsOf, cause: CauseOf
) -> RequestDetailOut:
    """Change a request that is not planned yet; stop, gate and window change for its whole family."""
    with parts.database.session() as session:
        amend(
            session,
            principal,
            request_id,
            body.changes(),
            vault=parts.vault,
            clock=parts.clock,
            cause=cause,
        )
    return get_request(request_id, principal, parts)


@router.post("/{request_id}/withdraw")
def withdraw_request(
    request_id: str, body: WithdrawIn, principal: Writer, parts: PartsOf, cause: CauseOf
) -> RequestDetailOut:
    """Take a request back; to do it twice changes nothing."""
    with parts.database.session() as session:
        withdraw(session, principal, request_id, body.reason, clock=parts.clock, cause=cause)
    return get_request(request_id, principal, parts)


@router.post("/{request_id}/erase")
def erase_person(request_id: str, principal: Operator, parts: PartsOf, cause: CauseOf) -> RequestDetailOut:
    """Erase the person whose request it is, for good, in all their requests and refused rows. 409 while one is under way."""
    erase(parts, principal, request_id, cause=cause)
    return get_request(request_id, principal, parts)
