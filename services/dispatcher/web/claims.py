"""The list of claims by state, and for a claimant what it could claim and drafts; judges nothing."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from services.dispatcher.money.claims.claim import ClaimState
from services.dispatcher.store import claims
from services.dispatcher.store.tables import ClaimRow
from services.dispatcher.usecases.claims.desk import ClaimDesk
from services.dispatcher.usecases.claims.offices import CLAIMANTS
from services.dispatcher.web.forms import refusal_of
from services.dispatcher.web.pages import CLAIM_READERS, TEMPLATES
from shared.http import request_cause, url
from shared.http.problems import status_of
from shared.kernel.errors import ZhidaError
from shared.security import OFFICES, Principal, allow

READERS = allow(*CLAIM_READERS)
SHOWN_MAX = 300


def router(desk: ClaimDesk) -> APIRouter:
    """The page /claims and the form that drafts."""
    routes = APIRouter(include_in_schema=False)

    def show(
        request: Request, principal: Principal, state: str = "", fault: ZhidaError | None = None
    ) -> Response:
        with desk.database.session() as session:
            counts = claims.count_by_state(session, principal)
            rows = claims.list_claims(session, principal, state=state or None, limit=SHOWN_MAX)
        is_claimant = principal.has(*CLAIMANTS) and bool(principal.organisation)
        context = {
            "counts": [(one.value, *counts[one]) for one in ClaimState if one in counts],
            "rows": rows,
            "state": state,
            "shown_max": SHOWN_MAX,
            "claimable": desk.list_claimable(principal) if is_claimant else None,
            "is_office": principal.has(*OFFICES),
            "fault": fault,
        }
        status = status_of(fault) if fault else 200
        return TEMPLATES.TemplateResponse(request, "claims.html", context, status)

    @routes.get("/claims")
    def list_claims(
        request: Request, principal: Annotated[Principal, Depends(READERS)], state: str = ""
    ) -> Response:
        return show(request, principal, state if state in set(ClaimState) else "")

    @routes.post("/claims")
    def draft(
        request: Request,
        principal: Annotated[Principal, Depends(allow(*CLAIMANTS))],
        county_code: Annotated[str, Form(max_length=6)] = "",
        season: Annotated[str, Form(max_length=40)] = "",
    ) -> Response:
        made: list[ClaimRow] = []
        cause = request_cause(request)
        fault = refusal_of(lambda: made.extend(desk.draft(principal, county_code, season, cause)))
        if fault is not None:
            return show(request, principal, fault=fault)
        path = f"/claims/{made[0].claim_id}" if len(made) == 1 else "/claims?state=draft"
        return RedirectResponse(url(request, path), 303)

    return routes
