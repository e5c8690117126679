"""The carrier's page: its coaches of these days, and a link for an escort whose phone is another."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.notifier.store import trips
from services.notifier.usecases.make_link import FreshLink, LinkMaker
from services.notifier.web.pages import ARRIVALS_MAX, RECENT, TEMPLATES
from shared.database import Database
from shared.kernel.clock import Clock
from shared.security import Principal, Role, allow

SIGNED_IN = allow(Role.CARRIER)


def router(database: Database, link_maker: LinkMaker, clock: Clock) -> APIRouter:
    """The routes under /coaches."""
    routes = APIRouter(prefix="/coaches", include_in_schema=False)

    def page(
        request: Request,
        principal: Principal,
        earlier: bool,
        trip_id: str = "",
        made: FreshLink | None = None,
    ) -> Response:
        since = clock.now() - RECENT
        with database.session() as session:
            found = trips.list_arrivals(session, principal, since, earlier=earlier, limit=ARRIVALS_MAX)
        context = {"coaches": found, "earlier": earlier, "made": made, "made_for": trip_id}
        return TEMPLATES.TemplateResponse(request, "coaches.html", context)

    @routes.get("")
    def list_coaches(
        request: Request, principal: Annotated[Principal, Depends(SIGNED_IN)], earlier: bool = False
    ) -> Response:
        return page(request, principal, earlier)

    @routes.post("/{trip_id}/links")
    def make_link(
        request: Request, trip_id: str, principal: Annotated[Principal, Depends(SIGNED_IN)]
    ) -> Response:
        with database.session() as session:
            made = link_maker.for_escort(session, trip_id, principal.organisation or "")
        return page(request, principal, earlier=False, trip_id=trip_id, made=made)

    return routes
