"""The page on which finance closes a county's season: what stands in the way, what would lapse, and a confirmation."""

from collections import defaultdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from services.dispatcher.store import claims, trips
from services.dispatcher.usecases.claims.desk import ClaimDesk
from services.dispatcher.usecases.claims.offices import PAYERS
from services.dispatcher.usecases.claims.pay import Closing
from services.dispatcher.usecases.paper_words import names_of
from services.dispatcher.web.forms import refusal_of
from services.dispatcher.web.pages import TEMPLATES
from shared.http import request_cause, url
from shared.http.problems import status_of
from shared.kernel.errors import InvalidInput, ZhidaError
from shared.security import Principal, allow


class NotConfirmed(InvalidInput):
    """A season that is closed is not opened again. Tick that you have read what lapses, then close it."""

    zh = "结账后不能撤销。请先勾选“已核对失效金额”，再结账。"


def router(desk: ClaimDesk) -> APIRouter:
    """The page /periods and its form."""
    routes = APIRouter(include_in_schema=False)

    def show(
        request: Request,
        principal: Principal,
        county_code: str,
        season: str,
        fault: ZhidaError | None = None,
    ) -> Response:
        closing = desk.foresee_close(principal, county_code, season) if county_code and season else None
        with desk.database.session() as session:
            seasons = [
                (*one, claims.find_period(session, one[0], one[1]))
                for one in trips.list_seasons(session, principal)
            ]
            lapsing = _by_account(closing) if closing else {}
            names = names_of(session, lapsing)
        context: dict[str, Any] = {
            "seasons": seasons,
            "chosen": (county_code, season),
            "closed": next((one[3] for one in seasons if one[:2] == (county_code, season)), None),
            "closing": closing,
            "lapsing": lapsing,
            "names": names,
            "fault": fault,
        }
        status = status_of(fault) if fault else 200
        return TEMPLATES.TemplateResponse(request, "periods.html", context, status)

    @routes.get("/periods")
    def show_periods(
        request: Request,
        principal: Annotated[Principal, Depends(allow(*PAYERS))],
        county_code: str = "",
        season: str = "",
    ) -> Response:
        return show(request, principal, county_code, season)

    @routes.post("/periods")
    def close(
        request: Request,
        principal: Annotated[Principal, Depends(allow(*PAYERS))],
        county_code: Annotated[str, Form(max_length=6)] = "",
        season: Annotated[str, Form(max_length=40)] = "",
        confirmed: Annotated[str, Form(max_length=10)] = "",
    ) -> Response:
        def act() -> None:
            if confirmed != "yes":
                raise NotConfirmed
            desk.close_period(principal, county_code, season, request_cause(request))

        fault = refusal_of(act)
        if fault is not None:
            return show(request, principal, county_code, season, fault)
        return RedirectResponse(url(request, f"/periods?county_code={county_code}&season={season}"), 303)

    return routes


def _by_account(closing: Closing) -> dict[str, int]:
    """Payer's or claimant's account -> what lapses of it."""
    found: dict[str, int] = defaultdict(int)
    for cuts in closing.lapsing.values():
        for one in cuts:
            found[one.payer] += one.fen
            found[one.claimant] += one.fen
    return dict(sorted(found.items()))
