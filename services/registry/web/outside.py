"""The pages of the lists that other offices keep: load one, see which lines came back, withdraw one that was wrong."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from services.registry.callers import ClerkOrFinance, Page, PartsOf, PaymentReader
from services.registry.domain.outside import WORDS, OutsideKind
from services.registry.intake.grid import FILE_BYTES_MAX
from services.registry.store.outside import list_outside
from services.registry.usecases.load_outside import Loading, load_outside, withdraw_outside
from services.registry.usecases.parts import Parts
from services.registry.usecases.place_names import place_name
from services.registry.web.pages import PAGE_SIZE, TEMPLATES
from shared.http import t, url
from shared.http.problems import status_of
from shared.kernel.errors import ZhidaError
from shared.security import Principal, Role

router = APIRouter(include_in_schema=False)


@router.get("/outside-lists")
def show_lists(request: Request, principal: PaymentReader, parts: PartsOf, page: Page = 1) -> Response:
    """The lists that were loaded, newest first, and the form to load one."""
    return _page(request, principal, parts, page)


@router.post("/outside-lists")
def send_list(
    request: Request,
    principal: ClerkOrFinance,
    parts: PartsOf,
    kind: Annotated[OutsideKind, Form()],
    file: Annotated[UploadFile, File()],
    area_code: Annotated[str | None, Form()] = None,
) -> Response:
    """Load a list and show which lines came back: they are kept nowhere. To send it again changes nothing."""
    try:
        name = (file.filename or "list")[:120]
        loading = load_outside(parts, principal, kind, file.file.read(), file=name, area_code=area_code)
    except ZhidaError as error:
        if status_of(error) >= 500:
            raise
        return _page(request, principal, parts, 1, error=error)
    return _page(request, principal, parts, 1, loading=loading)


@router.post("/outside-lists/{list_id}/withdraw")
def withdraw_list(request: Request, list_id: str, principal: ClerkOrFinance, parts: PartsOf) -> Response:
    """Take back a list that was wrong."""
    withdraw_outside(parts, principal, list_id)
    return RedirectResponse(url(request, "/outside-lists"), 303)


def _page(
    request: Request,
    principal: Principal,
    parts: Parts,
    page: int,
    *,
    loading: Loading | None = None,
    error: ZhidaError | None = None,
) -> Response:
    with parts.database.session() as session:
        lists, total = list_outside(session, principal, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    context = {
        "lists": lists,
        "loading": loading,
        "refused_shown": list(loading.refused.items())[:PAGE_SIZE] if loading else [],
        "error": error,
        "can_load": principal.has(Role.BUREAU, Role.FINANCE),
        "areas": [(area, place_name(area)) for area in principal.areas],
        "kinds": [(kind, t(*WORDS[kind])) for kind in OutsideKind],
        "words": WORDS,
        "bytes_max": FILE_BYTES_MAX,
        "page": page,
        "pages": max(1, -(-total // PAGE_SIZE)),
    }
    return TEMPLATES.TemplateResponse(request, "outside.html", context, status_of(error) if error else 200)
