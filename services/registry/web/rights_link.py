"""The worker's own page behind a link: say what happened, and afterwards see the case's number and state, on one device."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, File, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from services.registry.callers import PartsOf
from services.registry.store.enterprises import list_enterprises
from services.registry.usecases.parts import Parts
from services.registry.usecases.rights.links import (
    about_of_link,
    case_of_link,
    open_by_link,
    open_link,
)
from services.registry.usecases.rights.take import complaint_of
from services.registry.web.pages import TEMPLATES
from services.registry.web.rights import choices_of_types
from services.registry.web.rights_forms import SentForm, sent_of
from shared.http import t, url
from shared.http.edge import CONFIDENTIAL
from shared.http.problems import status_of
from shared.kernel.errors import ZhidaError
from shared.security import Link, by_link, links
from shared.security.sessions import set_cookie

router = APIRouter(prefix="/r/{token}", include_in_schema=False, tags=[CONFIDENTIAL])
CLOSED = by_link("rights", opened=False)
OPENED = by_link("rights")
_DEVICE = "zhida_device"


@router.get("")
def show(request: Request, parts: PartsOf, link: Annotated[Link, Depends(CLOSED)]) -> Response:
    """The button, the form, or the case that was opened."""
    if not links.is_open(request, link):
        return _button(request, parts, link)
    return _page(request, parts, link)


@router.post("/open")
def press(request: Request, parts: PartsOf, link: Annotated[Link, Depends(CLOSED)]) -> Response:
    """The link is this device's from now on; pressed again by this device, it leads on."""
    response = RedirectResponse(_home(request), 303)
    if not links.is_open(request, link):
        open_link(parts, link, request.cookies.get(_DEVICE) or secrets.token_urlsafe(24))
        links.open_on_device(response, request, link)
    return response


@router.post("/case")
def send(
    request: Request,
    parts: PartsOf,
    link: Annotated[Link, Depends(OPENED)],
    form: SentForm,
    files: Annotated[list[UploadFile] | None, File()] = None,
) -> Response:
    """Open the case; sent twice it is opened once. After a refusal the form with what had been written."""
    try:
        complaint = complaint_of(parts, form)
        about_trip = form.get("about_trip") == "yes"
        open_by_link(parts, link, complaint, is_about_trip=about_trip, sent=sent_of(files))
    except ZhidaError as error:
        if status_of(error) >= 500:
            raise
        return _page(request, parts, link, form, error)
    return RedirectResponse(_home(request), 303)


def _button(request: Request, parts: Parts, link: Link) -> Response:
    """Following a link by itself, as a scanner does, uses nothing up."""
    context = {"link": link, "home": _home(request)}
    response = TEMPLATES.TemplateResponse(request, "rights_button.html", context)
    if _DEVICE not in request.cookies:
        ttl = link.expires_at - parts.clock.now()
        set_cookie(response, request, _DEVICE, secrets.token_urlsafe(24), _home(request), ttl)
    return response


def _page(
    request: Request,
    parts: Parts,
    link: Link,
    said: dict[str, str] | None = None,
    error: ZhidaError | None = None,
) -> Response:
    with parts.database.session() as session:
        case = case_of_link(session, link)
        about = about_of_link(session, link)
        known = list_enterprises(session, [about.enterprise_id]) if about.enterprise_id else []
    context = {
        "case": case,
        "home": _home(request),
        "said": said or {},
        "error": error,
        "faults": {
            one["field"]: t(one["fault_zh"], one["fault_en"]) for one in (error.data.get("errors") or [])
        }
        if error
        else {},
        "types": choices_of_types(),
        "enterprise": known[0][0].name if known else "",
    }
    return TEMPLATES.TemplateResponse(request, "rights.html", context, status_of(error) if error else 200)


def _home(request: Request) -> str:
    return url(request, f"/r/{request.path_params['token']}")
