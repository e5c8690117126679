"""The bureau's pages of rosters: send a file, see what became of each row."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from services.registry.callers import CauseOf, Page, PartsOf, Reader, Writer
from services.registry.intake.grid import FILE_BYTES_MAX
from services.registry.store.rosters import get_roster, list_rosters
from services.registry.usecases.import_roster import receive_roster
from services.registry.usecases.parts import Parts
from services.registry.usecases.show import show_rows, view_roster
from services.registry.web.pages import PAGE_SIZE, TEMPLATES
from shared.http import url
from shared.http.problems import status_of
from shared.kernel.errors import ZhidaError
from shared.reference import list_counties
from shared.security import Principal, Role, covers

router = APIRouter(include_in_schema=False)


@router.get("/rosters")
def show_rosters(request: Request, principal: Reader, parts: PartsOf, page: Page = 1) -> Response:
    """The rosters that were sent, newest first, and the form to send one."""
    return _page(request, principal, parts, page, None)


@router.post("/rosters")
def send_roster(
    request: Request,
    principal: Writer,
    parts: PartsOf,
    cause: CauseOf,
    file: Annotated[UploadFile, File()],
    county_code: Annotated[str | None, Form()] = None,
) -> Response:
    """Take a file in and lead to its rows; a file that is refused as a whole leads back with the reason."""
    try:
        roster, is_new = receive_roster(
            parts, principal, file.file.read(), file=file.filename or "", county_code=county_code, cause=cause
        )
    except ZhidaError as error:
        if status_of(error) >= 500:
            raise
        return _page(request, principal, parts, 1, error)
    return RedirectResponse(url(request, f"/rosters/{roster.id}{'' if is_new else '?known=1'}"), 303)


@router.get("/rosters/{roster_id}")
def show_roster(
    request: Request,
    roster_id: str,
    principal: Reader,
    parts: PartsOf,
    known: bool = False,
    outcome: Annotated[str, Query(pattern="^(all|refused)$")] = "all",
    page: Page = 1,
) -> Response:
    """A roster row by row, all of them or those that were refused."""
    only_refused = outcome == "refused"
    with parts.database.session() as session:
        roster = get_roster(session, principal, roster_id)
        rows = show_rows(
            session, principal, roster, parts.vault, only_refused=only_refused, page=page, size=PAGE_SIZE
        )
    total = roster.refused if only_refused else roster.accepted + roster.refused
    context = {
        "roster": view_roster(roster, principal, parts.vault),
        "rows": rows,
        "known": known,
        "outcome": outcome,
        "page": page,
        "pages": max(1, -(-total // PAGE_SIZE)),
    }
    return TEMPLATES.TemplateResponse(request, "roster.html", context)


def _page(
    request: Request, principal: Principal, parts: Parts, page: int, error: ZhidaError | None
) -> Response:
    with parts.database.session() as session:
        rosters, total = list_rosters(session, principal, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    context = {
        "rosters": [view_roster(roster, principal, parts.vault) for roster in rosters],
        "error": error,
        "can_send": principal.has(Role.BUREAU, Role.OPERATOR),
        "counties": _counties(principal),
        "bytes_max": FILE_BYTES_MAX,
        "page": page,
        "pages": max(1, -(-total // PAGE_SIZE)),
    }
    status = status_of(error) if error else 200
    return TEMPLATES.TemplateResponse(request, "rosters.html", context, status)


def _counties(principal: Principal) -> list[tuple[str, str]]:
    """Code and name of each of the caller's counties."""
    mine = (county for county in list_counties() if covers(principal, county.code))
    return [(county.code, f"{county.prefecture_name} {county.name}") for county in mine]
