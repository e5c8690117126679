"""The public notices (公示) that run today, for everybody: to whom, how much, until when and where to object; names no worker."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from services.dispatcher.usecases.claims.desk import ClaimDesk
from services.dispatcher.usecases.claims.public_notices import list_running
from services.dispatcher.web.pages import TEMPLATES
from shared.security import Role, covers, public
from shared.security.access import find_session


def router(desk: ClaimDesk) -> APIRouter:
    """The page /notices."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(
        "/notices",
        dependencies=[Depends(public("a public notice is for everybody, and names no worker"))],
    )
    def show_notices(
        request: Request, county_code: Annotated[str, Query(pattern=r"^(\d{6})?$")] = ""
    ) -> Response:
        session, notices = find_session(request), list_running(desk, county_code or None)
        principal = session.principal if session and session.principal.has(Role.BUREAU) else None
        mine = {one.claim_id for one in notices if principal and covers(principal, one.county_code)}
        context = {"notices": notices, "mine": mine}
        return TEMPLATES.TemplateResponse(request, "notices.html", context)

    return routes
