"""The bureau's pages of monthly tracking: how the month stands, milestones, named helpers and whose list goes to whom."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import uuid4

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from services.registry.callers import Clerk, Page, PartsOf, Reader
from services.registry.domain.fault import Fault
from services.registry.domain.months import add_months, month_text
from services.registry.domain.tracking.late import LEVEL_WORDS
from services.registry.domain.tracking.outcome import FINDING_WORDS, WAGE_WORDS, Finding, WageBand
from services.registry.domain.tracking.rules import shipped_rule
from services.registry.usecases.parts import Parts
from services.registry.usecases.tracking.helpers import (
    hand_over,
    register_helper,
    show_helper,
    show_helpers,
)
from services.registry.usecases.tracking.open_area import follow_area, stop_following
from services.registry.usecases.tracking.overview import (
    PersonMonth,
    months_of,
    overview,
    show_files,
    show_milestones,
    show_tasks,
)
from services.registry.usecases.tracking.record import Given, record
from services.registry.web.pages import PAGE_SIZE, TEMPLATES
from shared.http import t, url
from shared.http.problems import status_of
from shared.kernel.clock import local_date
from shared.kernel.errors import ZhidaError
from shared.reference import list_stops
from shared.security import Principal, Role, covers

router = APIRouter(include_in_schema=False)
HELPERS_MAX = 200
Month = Annotated[date | None, Query()]


def finding_words(code: str) -> str:
    """How somebody was found, in the reader's language."""
    return t(*FINDING_WORDS[code])


def level_words(code: str) -> str:
    """Whose a late task is, in the reader's language."""
    return t(*LEVEL_WORDS[code])


def wage_words(code: str) -> str:
    """A wage band in the reader's language."""
    return t(*WAGE_WORDS[code])


TEMPLATES.env.filters.update(finding=finding_words, level=level_words, wage=wage_words)


@router.get("/tracking")
def show_tracking(request: Request, principal: Reader, parts: PartsOf, month: Month = None) -> Response:
    """How a month stands: counts, who is late and where, milestones, the helpers of the area."""
    return _page(request, principal, parts, month)


@router.get("/tracking/tasks")
def show_task_list(
    request: Request,
    principal: Reader,
    parts: PartsOf,
    month: Month = None,
    is_open: bool = True,
    page: Page = 1,
) -> Response:
    """The month's tasks one by one, those that are open or those that are done; people are masked."""
    tasks, total = show_tasks(
        parts,
        principal,
        month,
        helper_id=None,
        is_open=is_open,
        offset=(page - 1) * PAGE_SIZE,
        limit=PAGE_SIZE,
    )
    stands = overview(parts, principal, month)
    context = {"tasks": tasks, "total": total, "stands": stands, "is_open": is_open, **_paging(page, total)}
    return TEMPLATES.TemplateResponse(request, "tracking_tasks.html", context)


@router.post("/tracking/areas")
def follow_people(
    request: Request, principal: Clerk, parts: PartsOf, area_code: Annotated[str, Form(max_length=20)]
) -> Response:
    """Follow the people of an area who work outside their county."""
    try:
        followed = follow_area(parts, principal, area_code)
    except ZhidaError as error:
        return _refused(request, principal, parts, error)
    return RedirectResponse(url(request, f"/tracking?followed={followed}"), 303)


@router.post("/tracking/helpers")
def register(
    request: Request,
    principal: Clerk,
    parts: PartsOf,
    helper_id: Annotated[str, Form(min_length=2, max_length=60, pattern=r"^[\w.@-]+$")],
    name: Annotated[str, Form(max_length=40)],
    phone: Annotated[str, Form(max_length=20)],
    place_code: Annotated[str, Form(max_length=20)],
) -> Response:
    """Register a helper, or write anew who they are."""
    try:
        register_helper(parts, principal, helper_id, name=name, phone=phone, place_code=place_code)
    except ZhidaError as error:
        return _refused(request, principal, parts, error)
    return RedirectResponse(url(request, f"/tracking/helpers/{helper_id}"), 303)


@router.get("/tracking/helpers/{helper_id}")
def show_one(
    request: Request,
    helper_id: str,
    principal: Reader,
    parts: PartsOf,
    page: Page = 1,
    moved: int | None = None,
) -> Response:
    """A helper's list, masked, and the form that hands it over."""
    return _helper_page(request, principal, parts, helper_id, page, moved=moved)


@router.post("/tracking/helpers/{helper_id}/hand-over")
def hand_list_over(
    request: Request,
    helper_id: str,
    principal: Clerk,
    parts: PartsOf,
    to: Annotated[str, Form(min_length=1, max_length=60)],
    which: Annotated[str, Form(pattern="^(all|chosen)$")] = "all",
    person_ids: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Give the whole list, or the chosen people of it, to another helper."""
    show_helper(parts, principal, helper_id)
    try:
        chosen = None if which == "all" else person_ids or []
        moved = hand_over(parts, principal, helper_id, to, chosen)
    except ZhidaError as error:
        return _helper_page(request, principal, parts, helper_id, 1, error=error)
    return RedirectResponse(url(request, f"/tracking/helpers/{helper_id}?moved={moved}"), 303)


@router.get("/tracking/people/{person_id}")
def show_person(request: Request, person_id: str, principal: Reader, parts: PartsOf) -> Response:
    """A person's months on a page of their own, and the form to record one."""
    return _person_page(request, principal, parts, person_id)


@router.post("/tracking/people/{person_id}/records")
def record_one(
    request: Request,
    person_id: str,
    principal: Clerk,
    parts: PartsOf,
    record_id: Annotated[str, Form(min_length=1, max_length=60)],
    month: Annotated[date, Form()],
    outcome: Annotated[Finding, Form()],
    area_code: Annotated[str, Form(pattern=r"^(\d{6})?$")] = "",
    wage_band: Annotated[WageBand | Literal[""] | None, Form()] = None,
) -> Response:
    """Record what the office itself has found; the page's form holds the id, so that to send it twice is to send it once."""
    now = parts.clock.now()
    given = Given(record_id, person_id, month, outcome, now, now, None, area_code or None, wage_band or None)
    known = [one.id for row in months_of(parts, principal, person_id) for one in row.records]
    if given.record_id not in known:
        [result] = record(parts, principal, [given])
        if result.fault:
            return _person_page(request, principal, parts, person_id, result.fault)
    return RedirectResponse(url(request, f"/tracking/people/{person_id}"), 303)


@router.post("/tracking/people/{person_id}/stop")
def stop_person(request: Request, person_id: str, principal: Clerk, parts: PartsOf) -> Response:
    """Follow somebody no more."""
    stop_following(parts, principal, person_id)
    return RedirectResponse(url(request, f"/tracking/people/{person_id}"), 303)


def _person_page(
    request: Request, principal: Principal, parts: Parts, person_id: str, refused: Fault | None = None
) -> Response:
    months = months_of(parts, principal, person_id)
    today = local_date(parts.clock.now())
    context = {
        "person_id": person_id,
        "can_act": principal.has(Role.BUREAU),
        "record_id": str(uuid4()),
        "months_open": [
            (one.task.month.isoformat(), month_text(one.task.month))
            for one in months
            if one.task.month <= today <= shipped_rule(one.task.month).closes_on(one.task.month)
        ],
        "findings": [(code, t(*words)) for code, words in FINDING_WORDS.items()],
        "wages": [("", "—"), *((code, t(*words)) for code, words in WAGE_WORDS.items())],
        "refused": refused,
        **person_tracking(months),
    }
    return TEMPLATES.TemplateResponse(request, "person_months.html", context, 422 if refused else 200)


def person_tracking(months: list[PersonMonth]) -> dict[str, Any]:
    """What the section `person_tracking.html` needs, for a page about a person that includes it."""
    return {"tracking_months": months}


def _page(
    request: Request,
    principal: Principal,
    parts: Parts,
    month: date | None,
    error: ZhidaError | None = None,
) -> Response:
    stands = overview(parts, principal, month)
    milestones, milestones_total = show_milestones(parts, principal, month, offset=0, limit=PAGE_SIZE)
    helpers, helpers_total = show_helpers(parts, principal, offset=0, limit=HELPERS_MAX)
    followed = request.query_params.get("followed", "")
    context = {
        "stands": stands,
        "earlier": add_months(stands.month, -1),
        "later": add_months(stands.month, 1) if add_months(stands.month, 1) <= stands.today else None,
        "milestones": milestones,
        "milestones_total": milestones_total,
        "helpers": helpers,
        "helpers_total": helpers_total,
        "places": _places(principal),
        "can_act": principal.has(Role.BUREAU),
        "followed": int(followed) if followed.isdigit() else None,
        "error": error,
    }
    return TEMPLATES.TemplateResponse(request, "tracking.html", context, status_of(error) if error else 200)


def _refused(request: Request, principal: Principal, parts: Parts, error: ZhidaError) -> Response:
    if status_of(error) >= 500:
        raise error
    return _page(request, principal, parts, None, error)


def _helper_page(
    request: Request,
    principal: Principal,
    parts: Parts,
    helper_id: str,
    page: int,
    *,
    moved: int | None = None,
    error: ZhidaError | None = None,
) -> Response:
    if error and status_of(error) >= 500:
        raise error
    helper = show_helper(parts, principal, helper_id)
    people, total = show_files(parts, principal, helper_id, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    others, _ = show_helpers(parts, principal, offset=0, limit=HELPERS_MAX)
    context = {
        "helper": helper,
        "people": people,
        "others": [
            (one.helper_id, f"{one.name} · {one.place_name} · {one.people}")
            for one in others
            if one.helper_id != helper_id
        ],
        "moved": moved,
        "can_act": principal.has(Role.BUREAU),
        "error": error,
        **_paging(page, total),
    }
    return TEMPLATES.TemplateResponse(
        request, "tracking_helper.html", context, status_of(error) if error else 200
    )


def _paging(page: int, total: int) -> dict[str, int]:
    return {"page": page, "pages": max(1, -(-total // PAGE_SIZE))}


def _places(principal: Principal) -> list[tuple[str, str]]:
    """The townships and sites of the caller's area, where it is a county or a part of one."""
    if any(len(area) < 6 for area in principal.areas):
        return []
    return [(stop.code, stop.name) for stop in list_stops() if covers(principal, stop.code)]
