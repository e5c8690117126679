"""Routes of workers' cases. None of them leaves a trace in the access log or the figures (`CONFIDENTIAL`)."""

from typing import Annotated

from fastapi import APIRouter, File, Request, Response, UploadFile

from services.registry.api.rights_shapes import (
    CaseHandOverIn,
    CaseIn,
    CaseLineOut,
    CaseOut,
    CasePage,
    CaseStepIn,
    CountsOut,
    DocumentOut,
    LinkOut,
    OpenedOut,
    ReasonIn,
    ReturnIn,
)
from services.registry.callers import (
    CaseCounter,
    CaseReader,
    CauseOf,
    Clerk,
    ClerkOrHelper,
    Page,
    PartsOf,
    RightsOffice,
    Size,
)
from services.registry.domain.rights.case import State
from services.registry.domain.rights.document import BYTES_MAX
from services.registry.usecases.parts import Parts
from services.registry.usecases.rights import hands
from services.registry.usecases.rights.count import count_cases
from services.registry.usecases.rights.documents import add_documents, hand_out
from services.registry.usecases.rights.links import make_link
from services.registry.usecases.rights.proceed import proceed
from services.registry.usecases.rights.show import open_in_full, show_case, show_cases
from services.registry.usecases.rights.take import take_case
from services.registry.usecases.rights.whose import by_file, by_request
from shared.http.attachment import attachment
from shared.http.edge import CONFIDENTIAL
from shared.security import Principal

router = APIRouter(tags=["cases", CONFIDENTIAL])


@router.post("/api/cases", status_code=201)
def open_case(body: CaseIn, principal: ClerkOrHelper, parts: PartsOf) -> OpenedOut:
    """Open a case for a worker who calls or comes. The same `client_id` again gives the same case.

    A helper opens one for somebody on their own list, by `person_id`, and is told its number alone.
    """
    return OpenedOut(case_id=take_case(parts, principal, body.taken()))


@router.get("/api/cases")
def list_cases(
    principal: CaseReader,
    parts: PartsOf,
    only_open: bool = True,
    state: State | None = None,
    page: Page = 1,
    size: Size = 50,
) -> CasePage:
    """A page of the caller's cases: of their place, or handed over to their office. The most urgent first."""
    with parts.database.session() as session:
        lines, total, overdue = show_cases(
            session, parts, principal, only_open=only_open, state=state, page=page, size=size
        )
    items = [CaseLineOut.model_validate(one) for one in lines]
    return CasePage(items=items, total=total, overdue=overdue, page=page, size=size)


@router.get("/api/cases/{case_id}")
def get_case(case_id: str, principal: CaseReader, parts: PartsOf) -> CaseOut:
    """One case with its steps, clocks and documents, masked."""
    return _shown(case_id, principal, parts)


@router.post("/api/cases/{case_id}/open")
def read_case(case_id: str, body: ReasonIn, principal: CaseReader, parts: PartsOf, cause: CauseOf) -> CaseOut:
    """One case with all that is said in it and who it is: written into the access log, which its subject can ask for."""
    with parts.database.session() as session:
        return CaseOut.of(open_in_full(session, parts, principal, case_id, body.reason, cause))


@router.post("/api/cases/{case_id}/steps")
def take_step(case_id: str, body: CaseStepIn, principal: CaseReader, parts: PartsOf) -> CaseOut:
    """Take a case on, write a note, or change one of its clocks."""
    proceed(parts, principal, case_id, body.move())
    return _shown(case_id, principal, parts)


@router.post("/api/cases/{case_id}/hand-over")
def hand_case_over(case_id: str, body: CaseHandOverIn, principal: Clerk, parts: PartsOf) -> CaseOut:
    """Offer a case to the rights office of a division; from then on both see it, and whoever had it before does not."""
    hands.hand_over(parts, principal, case_id, body.area, body.note)
    return _shown(case_id, principal, parts)


@router.post("/api/cases/{case_id}/accept")
def accept_case(case_id: str, principal: RightsOffice, parts: PartsOf) -> CaseOut:
    """Take a case that was handed over to the caller's office."""
    hands.accept(parts, principal, case_id)
    return _shown(case_id, principal, parts)


@router.post("/api/cases/{case_id}/return", status_code=204)
def return_case(case_id: str, body: ReturnIn, principal: RightsOffice, parts: PartsOf) -> None:
    """Give a case back with a reason; the caller's office sees it no more."""
    hands.give_back(parts, principal, case_id, body.note)


@router.post("/api/cases/{case_id}/documents", status_code=201)
def add_document(
    case_id: str, principal: CaseReader, parts: PartsOf, file: Annotated[UploadFile, File()]
) -> DocumentOut:
    """Keep a photo (JPEG, PNG) or a PDF of up to 5 MB with a case; bytes that it has already stay as they are."""
    sent = (file.filename or "", file.file.read(BYTES_MAX + 1))
    return DocumentOut.of(add_documents(parts, principal, case_id, [sent])[0])


@router.get("/api/cases/{case_id}/documents/{document_id}", response_class=Response)
def get_document(
    case_id: str, document_id: str, principal: CaseReader, parts: PartsOf, cause: CauseOf
) -> Response:
    """A document of a case: written into the access log."""
    found = hand_out(parts, principal, case_id, document_id, cause)
    return attachment(found.name, found.content, found.media)


@router.get("/api/case-counts")
def show_counts(principal: CaseCounter, parts: PartsOf) -> CountsOut:
    """How many cases were opened by county, month and type; fewer than 3 are told as `<3`."""
    return CountsOut.of(count_cases(parts, principal))


@router.post("/api/people/{person_id}/rights-link", status_code=201)
def link_person(person_id: str, request: Request, principal: ClerkOrHelper, parts: PartsOf) -> LinkOut:
    """A link by which this worker opens a case on one device, good for 48 hours."""
    state = request.app.state
    with parts.database.session() as session:
        whose = by_file(session, principal, person_id)
        made = make_link(session, parts, principal, whose, state.keyring, state.public_url)
    return LinkOut(url=made.url, expires_at=made.expires_at)


@router.post("/api/requests/{request_id}/rights-link", status_code=201)
def link_request(request_id: str, request: Request, principal: Clerk, parts: PartsOf) -> LinkOut:
    """The same for who sent a request, whether they have a file yet or not."""
    state = request.app.state
    with parts.database.session() as session:
        whose = by_request(session, principal, request_id)
        made = make_link(session, parts, principal, whose, state.keyring, state.public_url)
    return LinkOut(url=made.url, expires_at=made.expires_at)


def _shown(case_id: str, principal: Principal, parts: Parts) -> CaseOut:
    with parts.database.session() as session:
        return CaseOut.of(show_case(session, parts, principal, case_id))
