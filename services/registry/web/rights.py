"""The pages of workers' cases: the list with the most urgent first, one case, taking a call down, an audit's counts.

None of these routes leaves a trace in the access log or the figures (`CONFIDENTIAL`).
"""

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from services.registry.callers import (
    CaseCounter,
    CaseReader,
    CauseOf,
    Clerk,
    ClerkOrHelper,
    Page,
    PartsOf,
    RightsOffice,
)
from services.registry.domain.rights.case import OVER, CaseType, Note, State
from services.registry.domain.rights.clocks import ClockKind
from services.registry.usecases.parts import Parts
from services.registry.usecases.rights import hands
from services.registry.usecases.rights.count import count_cases
from services.registry.usecases.rights.documents import add_documents
from services.registry.usecases.rights.links import make_link
from services.registry.usecases.rights.proceed import proceed
from services.registry.usecases.rights.show import (
    open_in_full,
    show_case,
    show_cases,
    show_found,
)
from services.registry.usecases.rights.take import take_case
from services.registry.usecases.rights.views import CaseView, Found, OpeningReason
from services.registry.usecases.rights.whose import by_file
from services.registry.web import rights_words as words
from services.registry.web.pages import PAGE_SIZE, TEMPLATES
from services.registry.web.rights_forms import SentForm, move_of, sent_of, taken_of
from shared.http import t, url
from shared.http.edge import CONFIDENTIAL
from shared.http.problems import status_of
from shared.kernel.errors import ZhidaError
from shared.security import Principal, Role

router = APIRouter(include_in_schema=False, tags=[CONFIDENTIAL])
TEMPLATES.env.filters.update(
    case_type=words.type_words,
    case_state=words.state_words,
    case_tone=words.tone_of,
    case_act=words.act_words,
    case_outcome=words.outcome_words,
    case_clock=words.clock_words,
    case_channel=words.channel_words,
    days_left=words.left_words,
)


@router.get("/cases")
def list_all(
    request: Request,
    principal: CaseReader,
    parts: PartsOf,
    only_open: bool = True,
    state: State | None = None,
    page: Page = 1,
) -> Response:
    """The caller's cases: what is overdue first, then what is due next."""
    with parts.database.session() as session:
        lines, total, overdue = show_cases(
            session, parts, principal, only_open=only_open, state=state, page=page, size=PAGE_SIZE
        )
    context = {
        "lines": lines,
        "total": total,
        "overdue": overdue,
        "only_open": only_open,
        "state": state,
        "states": list(State),
        "may_open": principal.has(Role.BUREAU),
        "page": page,
        "pages": max(1, -(-total // PAGE_SIZE)),
    }
    return TEMPLATES.TemplateResponse(request, "cases.html", context)


@router.get("/cases/new")
def show_new(request: Request, _: Clerk) -> Response:
    """Who calls: first by resident ID or phone, else taken down."""
    return _new(request)


@router.post("/cases/find")
def find(
    request: Request,
    principal: Clerk,
    parts: PartsOf,
    resident_id: Annotated[str, Form()] = "",
    phone: Annotated[str, Form()] = "",
) -> Response:
    """Whom of the caller's area it is; what was typed is neither kept nor shown again."""
    with parts.database.session() as session:
        found = show_found(session, parts, principal, resident_id=resident_id, phone=phone)
    return _new(request, found=found)


@router.post("/cases/new")
def open_new(
    request: Request,
    principal: Clerk,
    parts: PartsOf,
    form: SentForm,
    files: Annotated[list[UploadFile] | None, File()] = None,
) -> Response:
    """Open the case and show it; after a refusal the form with what had been written."""
    try:
        case_id = take_case(parts, principal, taken_of(form, sent_of(files)))
    except ZhidaError as error:
        if status_of(error) >= 500:
            raise
        return _new(request, said=form, error=error)
    return RedirectResponse(url(request, f"/cases/{case_id}"), 303)


@router.post("/cases/links/{person_id}")
def make_one(request: Request, person_id: str, principal: ClerkOrHelper, parts: PartsOf) -> Response:
    """A link for this worker's own phone, to be read out or copied into a message."""
    state = request.app.state
    with parts.database.session() as session:
        whose = by_file(session, principal, person_id)
        made = make_link(session, parts, principal, whose, state.keyring, state.public_url)
    return TEMPLATES.TemplateResponse(request, "case_link.html", {"made": made})


@router.get("/cases/{case_id}")
def show_one(request: Request, case_id: str, principal: CaseReader, parts: PartsOf) -> Response:
    """One case, masked, with what may be done."""
    return _one(request, case_id, principal, parts)


@router.post("/cases/{case_id}/open")
def open_one(
    request: Request,
    case_id: str,
    principal: CaseReader,
    parts: PartsOf,
    cause: CauseOf,
    reason: Annotated[OpeningReason, Form()],
) -> Response:
    """The case with all that is said in it and who it is: written into the access log."""
    with parts.database.session() as session:
        view = open_in_full(session, parts, principal, case_id, reason, cause)
    return _show(request, view, principal)


@router.post("/cases/{case_id}/steps")
def take_step(
    request: Request, case_id: str, principal: CaseReader, parts: PartsOf, form: SentForm
) -> Response:
    """Take the case on, write a note, or change a clock."""

    def act() -> None:
        proceed(parts, principal, case_id, move_of(form))

    return _done(request, case_id, principal, parts, act)


@router.post("/cases/{case_id}/hand-over")
def hand_over(
    request: Request,
    case_id: str,
    principal: Clerk,
    parts: PartsOf,
    area: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
) -> Response:
    """Offer the case to the rights office of a division."""
    return _done(
        request,
        case_id,
        principal,
        parts,
        lambda: hands.hand_over(parts, principal, case_id, area.strip()[:6], note),
    )


@router.post("/cases/{case_id}/accept")
def accept(request: Request, case_id: str, principal: RightsOffice, parts: PartsOf) -> Response:
    """Take the case that was handed over."""
    return _done(request, case_id, principal, parts, lambda: hands.accept(parts, principal, case_id))


@router.post("/cases/{case_id}/return")
def give_back(
    request: Request,
    case_id: str,
    principal: RightsOffice,
    parts: PartsOf,
    note: Annotated[str, Form()] = "",
) -> Response:
    """Give the case back, and go on with the list: it is not the caller's any more."""
    try:
        hands.give_back(parts, principal, case_id, note)
    except ZhidaError as error:
        return _failed(request, case_id, principal, parts, error)
    return RedirectResponse(url(request, "/cases"), 303)


@router.post("/cases/{case_id}/documents")
def add_document(
    request: Request,
    case_id: str,
    principal: CaseReader,
    parts: PartsOf,
    files: Annotated[list[UploadFile] | None, File()] = None,
) -> Response:
    """Keep photos or PDFs with the case."""
    sent = sent_of(files)
    return _done(request, case_id, principal, parts, lambda: add_documents(parts, principal, case_id, sent))


@router.get("/case-counts")
def show_counts(request: Request, principal: CaseCounter, parts: PartsOf) -> Response:
    """Counts alone, for an audit."""
    return TEMPLATES.TemplateResponse(request, "case_counts.html", {"counts": count_cases(parts, principal)})


def choices_of_types() -> list[tuple[str, str]]:
    """The types with their words, to choose from."""
    return [(kind.value, words.type_words(kind)) for kind in CaseType]


def _new(
    request: Request,
    *,
    found: list[Found] | None = None,
    said: dict[str, str] | None = None,
    error: ZhidaError | None = None,
) -> Response:
    context = {
        "found": found,
        "said": said or {},
        "error": error,
        "faults": {
            one["field"]: t(one["fault_zh"], one["fault_en"]) for one in (error.data.get("errors") or [])
        }
        if error
        else {},
        "types": choices_of_types(),
        "client_id": (said or {}).get("client_id") or secrets.token_hex(8),
    }
    return TEMPLATES.TemplateResponse(request, "case_new.html", context, status_of(error) if error else 200)


def _done(request: Request, case_id: str, principal: Principal, parts: Parts, act: Any) -> Response:
    """Do it and show the case; after a refusal the case with what was wrong."""
    try:
        act()
    except ZhidaError as error:
        return _failed(request, case_id, principal, parts, error)
    return RedirectResponse(url(request, f"/cases/{case_id}"), 303)


def _failed(
    request: Request, case_id: str, principal: Principal, parts: Parts, error: ZhidaError
) -> Response:
    if status_of(error) >= 500 or status_of(error) == 404:
        raise error
    return _one(request, case_id, principal, parts, error)


def _one(
    request: Request, case_id: str, principal: Principal, parts: Parts, error: ZhidaError | None = None
) -> Response:
    with parts.database.session() as session:
        view = show_case(session, parts, principal, case_id)
    return _show(request, view, principal, error)


def _show(
    request: Request, view: CaseView, principal: Principal, error: ZhidaError | None = None
) -> Response:
    running, is_over = [one for one in view.clocks if one.ended_on is None], view.line.state in OVER
    admission = [Note.ADMIT] if any(one.kind is ClockKind.ACCEPTANCE for one in running) else []
    notes = [] if is_over else [Note.NOTE]
    context = {
        "view": view,
        "line": view.line,
        "error": error,
        "running": running,
        "acts": [(one.value, words.act_words(one)) for one in (*admission, *view.acts, *notes)],
        "outcomes": [(one.value, words.outcome_words(one)) for one in view.outcomes],
        "clocks": [(one.kind.value, words.clock_words(one.kind)) for one in running],
        "clock_acts": [
            (one.value, words.act_words(one)) for one in (Note.EXTEND, Note.SUSPEND, Note.RESUME, Note.LIMIT)
        ],
        "reasons": [(one.value, t(*words.REASONS[one])) for one in OpeningReason],
        "is_bureau": principal.has(Role.BUREAU),
        "is_over": is_over,
    }
    return TEMPLATES.TemplateResponse(request, "case.html", context, status_of(error) if error else 200)
