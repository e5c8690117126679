"""The pages of people's files: list and search, and one file, where what contradicts is settled and two files are merged.

What is looked for is sent in a form's body and is in no address. Other subjects add their sections to `SECTIONS`.
"""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from services.registry.callers import Clerk, Page, PartsOf, Reader
from services.registry.domain.people.columns import Relation
from services.registry.domain.people.consent import CHANNEL_WORDS, PURPOSE_WORDS, Channel, ConsentPurpose
from services.registry.domain.people.statement import KIND_WORDS, Kind
from services.registry.store.file_list import FileFilters
from services.registry.usecases.parts import Parts
from services.registry.usecases.people.consent import record_consent, withdraw_consent
from services.registry.usecases.people.merge import REASON_MAX, merge, unmerge
from services.registry.usecases.people.settle import settle_statement, state
from services.registry.usecases.people.show import PersonLine, search_people, show_people, show_person
from services.registry.usecases.tracking.overview import months_of
from services.registry.web.pages import PAGE_SIZE, TEMPLATES
from services.registry.web.rewards import benefits_context
from services.registry.web.tracking import person_tracking
from shared.http import t, url
from shared.http.problems import status_of
from shared.kernel.clock import local_date
from shared.kernel.errors import NotFound, ZhidaError
from shared.security import Principal, Role

router = APIRouter(include_in_schema=False)
RELATION_WORDS: Final[dict[str, tuple[str, str]]] = {
    Relation.HEAD: ("户主", "head"),
    Relation.SPOUSE: ("配偶", "spouse"),
    Relation.CHILD: ("子女", "child"),
    Relation.PARENT: ("父母", "parent"),
    Relation.GRANDCHILD: ("祖孙", "grandchild"),
    Relation.SIBLING: ("兄弟姐妹", "sibling"),
    Relation.OTHER: ("其他", "other"),
}
SOURCE_WORDS: Final[dict[str, tuple[str, str]]] = {
    "roster": ("花名册", "Roster"),
    "request": ("单独报送", "Request"),
    "import": ("人员登记", "Register"),
    "tracking": ("按月跟踪", "Tracking"),
    "clerk": ("经办人", "Clerk"),
}
Section = Callable[[Parts, Principal, str], dict[str, Any]]


def _tracking(parts: Parts, principal: Principal, person_id: str) -> dict[str, Any]:
    return person_tracking(months_of(parts, principal, person_id))


def _benefits(parts: Parts, principal: Principal, person_id: str) -> dict[str, Any]:
    with parts.database.session() as session:
        return benefits_context(session, principal, person_id, parts)


SECTIONS: Final[tuple[tuple[str, Section], ...]] = (
    ("person_tracking.html", _tracking),
    ("benefits_section.html", _benefits),
)
"""What other subjects show on a person's page: a template, and what it needs."""


@router.get("/people")
def show_list(
    request: Request,
    principal: Reader,
    parts: PartsOf,
    place: Annotated[str, Query(pattern=r"^[0-9A-Z]{0,15}$")] = "",
    conflicts: bool = False,
    page: Page = 1,
) -> Response:
    """The files of the caller's area, masked, and the form to look for somebody."""
    filters = FileFilters(place=place or None, conflicts=conflicts)
    lines, total = show_people(parts, principal, filters, page=page, size=PAGE_SIZE)
    return _list(request, principal, lines, total, page, place=place, conflicts=conflicts)


@router.post("/people")
def look_for(
    request: Request,
    principal: Clerk,
    parts: PartsOf,
    sought: Annotated[str, Form(min_length=1, max_length=100)],
) -> Response:
    """Whoever has this whole resident ID, phone or name."""
    lines = search_people(parts, principal, sought)
    return _list(request, principal, lines, len(lines), 1, searched=True)


@router.get("/people/{person_id}")
def show_one(request: Request, person_id: str, principal: Reader, parts: PartsOf) -> Response:
    """One file: who it is, where it all comes from, and what a clerk has to settle."""
    return _person(request, principal, parts, person_id)


@router.post("/people/{person_id}/statements")
def add_statement(
    request: Request,
    person_id: str,
    principal: Clerk,
    parts: PartsOf,
    kind: Annotated[Kind, Form()],
    value: Annotated[str, Form(min_length=1, max_length=100)],
) -> Response:
    """Say what is true of a person."""
    return _act(request, principal, parts, person_id, lambda: state(parts, principal, person_id, kind, value))


@router.post("/people/{person_id}/statements/{statement_id}/settle")
def settle(request: Request, person_id: str, statement_id: str, principal: Clerk, parts: PartsOf) -> Response:
    """Let one of several values stand."""
    return _act(
        request,
        principal,
        parts,
        person_id,
        lambda: settle_statement(parts, principal, person_id, statement_id),
    )


@router.post("/people/{person_id}/merge")
def merge_into(
    request: Request,
    person_id: str,
    principal: Clerk,
    parts: PartsOf,
    into_id: Annotated[str, Form(min_length=1, max_length=40)],
    reason: Annotated[str, Form(min_length=1, max_length=REASON_MAX)],
) -> Response:
    """This ID and another are one human being."""
    return _act(
        request,
        principal,
        parts,
        person_id,
        lambda: merge(parts, principal, person_id, into_id.strip(), reason),
    )


@router.post("/people/{person_id}/unmerge")
def part(request: Request, person_id: str, principal: Clerk, parts: PartsOf) -> Response:
    """They are two after all."""
    return _act(request, principal, parts, person_id, lambda: unmerge(parts, principal, person_id))


@router.post("/people/{person_id}/consents")
def add_consent(
    request: Request,
    person_id: str,
    principal: Clerk,
    parts: PartsOf,
    purposes: Annotated[list[ConsentPurpose], Form(min_length=1)],
    channel: Annotated[Channel, Form()],
    given_on: Annotated[date, Form()],
) -> Response:
    """A person was told and agreed."""
    return _act(
        request,
        principal,
        parts,
        person_id,
        lambda: record_consent(
            parts, principal, person_id, purposes=purposes, channel=channel, given_on=given_on
        ),
    )


@router.post("/people/{person_id}/consents/{consent_id}/withdraw")
def take_back(
    request: Request, person_id: str, consent_id: str, principal: Clerk, parts: PartsOf
) -> Response:
    """A person takes their consent back."""
    return _act(
        request,
        principal,
        parts,
        person_id,
        lambda: withdraw_consent(parts, principal, person_id, consent_id),
    )


def _act(
    request: Request, principal: Principal, parts: Parts, person_id: str, act: Callable[[], object]
) -> Response:
    """What is not the caller's stays a page of its own; what the state of the file does not allow is told on the file."""
    try:
        act()
    except NotFound:
        raise
    except ZhidaError as error:
        if status_of(error) >= 500:
            raise
        return _person(request, principal, parts, person_id, error=error)
    return RedirectResponse(url(request, f"/people/{person_id}"), 303)


def _list(
    request: Request,
    principal: Principal,
    lines: list[PersonLine],
    total: int,
    page: int,
    *,
    place: str = "",
    conflicts: bool = False,
    searched: bool = False,
) -> Response:
    context = {
        "lines": lines,
        "total": total,
        "place": place,
        "conflicts": conflicts,
        "searched": searched,
        "can_act": principal.has(Role.BUREAU),
        "page": page,
        "pages": max(1, -(-total // PAGE_SIZE)),
    }
    return TEMPLATES.TemplateResponse(request, "people.html", context)


def _person(
    request: Request,
    principal: Principal,
    parts: Parts,
    person_id: str,
    *,
    error: ZhidaError | None = None,
) -> Response:
    view = show_person(parts, principal, person_id)
    context: dict[str, Any] = {
        "view": view,
        "error": error,
        "can_act": principal.has(Role.BUREAU) and not view.is_erased,
        "kinds": [(kind.value, t(*words)) for kind, words in KIND_WORDS.items()],
        "kind_words": KIND_WORDS,
        "channels": [(one.value, t(*words)) for one, words in CHANNEL_WORDS.items()],
        "channel_words": CHANNEL_WORDS,
        "purpose_words": PURPOSE_WORDS,
        "relation_words": RELATION_WORDS,
        "today": local_date(parts.clock.now()),
        "reason_max": REASON_MAX,
        "sections": [] if view.is_erased else [name for name, _ in SECTIONS],
    }
    if not view.is_erased:
        for _, section in SECTIONS:
            context |= section(parts, principal, person_id)
    return TEMPLATES.TemplateResponse(request, "person.html", context, status_of(error) if error else 200)


def source_words(source: str) -> str:
    """Where something comes from, in the reader's language, with the last of its number."""
    kind, _, rest = source.partition("/")
    words = SOURCE_WORDS.get(kind)
    return f"{t(*words)} {rest[-6:] if kind != 'clerk' else rest}" if words else kind


TEMPLATES.env.filters.update(source=source_words)
