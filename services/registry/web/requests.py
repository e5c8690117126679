"""The bureau's pages of requests: how many stand where, the list, one request with its history, withdrawing."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from services.registry.callers import CauseOf, Page, PartsOf, Reader, Writer
from services.registry.domain.status import WITHDRAWABLE, Status
from services.registry.domain.withdrawal import WithdrawalReason
from services.registry.store.requests import Filters, count_by_status
from services.registry.usecases.show import RequestView, show_request, show_requests
from services.registry.usecases.withdraw import withdraw
from services.registry.web.pages import PAGE_SIZE, TEMPLATES, read_day
from shared.http import url
from shared.reference import Stop, list_stops
from shared.security import Role

router = APIRouter(include_in_schema=False)
_WAY = (Status.SUBMITTED, Status.PLANNED, Status.NOTIFIED, Status.BOARDED, Status.ARRIVED)
"""The way of a request that goes well."""


@router.get("/requests")
def show_list(
    request: Request,
    principal: Reader,
    parts: PartsOf,
    status: Status | None = None,
    roster_id: str | None = None,
    day: str = "",
    stop: str = "",
    page: Page = 1,
) -> Response:
    """The caller's requests, by status, roster, day and where they board."""
    departure = read_day(day)
    boarding = _stop(stop)
    wide = Filters(roster_id=roster_id, day=departure, stop_code=boarding.code if boarding else None)
    with parts.database.session() as session:
        counts = count_by_status(session, principal, wide)
        views, total = show_requests(
            session,
            principal,
            replace(wide, status=status),
            parts.vault,
            page=page,
            size=PAGE_SIZE,
        )
    context = {
        "views": views,
        "counts": counts,
        "statuses": list(Status),
        "status": status,
        "roster_id": roster_id,
        "stop": boarding,
        "day": departure.isoformat() if departure else "",
        "page": page,
        "pages": max(1, -(-total // PAGE_SIZE)),
    }
    return TEMPLATES.TemplateResponse(request, "requests.html", context)


@router.get("/requests/{request_id}")
def show_one(request: Request, request_id: str, principal: Reader, parts: PartsOf) -> Response:
    """One request: who (masked), from where to where, how far it has come and what happened."""
    with parts.database.session() as session:
        view, history, party = show_request(session, principal, request_id, parts.vault)
    can_withdraw = Status(view.status) in WITHDRAWABLE and principal.has(Role.BUREAU, Role.OPERATOR)
    context = {
        "view": view,
        "history": history,
        "party": party,
        "way": _way(view),
        "reasons": list(WithdrawalReason) if can_withdraw else [],
    }
    return TEMPLATES.TemplateResponse(request, "request.html", context)


@router.post("/requests/{request_id}/withdraw")
def withdraw_one(
    request: Request,
    request_id: str,
    principal: Writer,
    parts: PartsOf,
    cause: CauseOf,
    reason: Annotated[WithdrawalReason, Form()],
) -> Response:
    """Take a request back and show it."""
    with parts.database.session() as session:
        withdraw(session, principal, request_id, reason, clock=parts.clock, cause=cause)
    return RedirectResponse(url(request, f"/requests/{request_id}"), 303)


def _stop(code: str) -> Stop | None:
    """The stop of a link; a code that is none narrows nothing."""
    return next((stop for stop in list_stops() if stop.code == code), None)


def _way(view: RequestView) -> list[tuple[str, bool, bool]]:
    """Status, whether it is behind, whether it is the present one; a side exit ends the way where it left it."""
    status = Status(view.status)
    if status in _WAY:
        at = _WAY.index(status)
        return [(one, n <= at, n == at) for n, one in enumerate(_WAY)]
    left_after = {
        Status.NO_SHOW: 3,
        Status.REFUSED: 4,
        Status.DISPUTED: 4,
        Status.UNSERVED: 1,
        Status.WITHDRAWN: 1,
    }
    behind = [(str(one), True, False) for one in _WAY[: left_after[status]]]
    return [*behind, (str(status), False, True)]
