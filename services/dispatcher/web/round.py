"""A round's page: what is laid down for it, other plans of its pools with what they would change, taken or dropped here."""

from collections import Counter
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from services.dispatcher.domain.amendment import AmendmentState
from services.dispatcher.domain.mark import MarkKind, RequestNotInPool
from services.dispatcher.planning.mending import Promises
from services.dispatcher.roads import Roads
from services.dispatcher.store import trips
from services.dispatcher.store.amendments import (
    count_seekers,
    find_by_number,
    get_amendment,
    list_amendments,
)
from services.dispatcher.store.marks import get_mark, list_marks
from services.dispatcher.store.rounds import get_round
from services.dispatcher.store.tables import RoundRow
from services.dispatcher.usecases.ask_amendment import Asked, ask_amendment
from services.dispatcher.usecases.decide_amendment import approve_amendment, drop_amendment
from services.dispatcher.usecases.mark_round import Marked, lift_mark, set_mark
from services.dispatcher.usecases.paper_words import names_of
from services.dispatcher.web.pages import BOARD_READERS, PLANNERS, TEMPLATES, may_plan
from shared.database import Database
from shared.http import current_language, request_cause, url
from shared.kernel.clock import Clock
from shared.kernel.errors import Conflict, InvalidInput, NotFound, ZhidaError
from shared.security import Principal, allow

READERS = allow(*BOARD_READERS)
FAULTS = (Conflict, InvalidInput, NotFound)
STANDING = ("proposed", "approved")


def router(database: Database, clock: Clock, promises: Promises, roads: Callable[[], Roads]) -> APIRouter:
    """The pages under /rounds and what their forms send."""
    routes = APIRouter(include_in_schema=False)

    def show(
        request: Request, round_id: str, principal: Principal, fault: ZhidaError | None = None
    ) -> Response:
        with database.session() as session:
            context = _context(session, get_round(session, round_id, principal), principal)
        told = fault.message(current_language()) if fault else None
        context |= {"fault": told, "may_plan": may_plan(principal)}
        return TEMPLATES.TemplateResponse(request, "round.html", context, 409 if fault else 200)

    def do(
        request: Request, round_id: str, principal: Principal, act: Callable[[Session], object]
    ) -> Response:
        """Do it and show the round, or show the round and why it was not done."""
        try:
            with database.session() as session:
                act(session)
        except FAULTS as fault:
            return show(request, round_id, principal, fault)
        return RedirectResponse(url(request, f"/rounds/{round_id}"), 303)

    @routes.get("/rounds/{round_id}")
    def show_round(
        request: Request, round_id: str, principal: Annotated[Principal, Depends(READERS)]
    ) -> Response:
        return show(request, round_id, principal)

    @routes.post("/rounds/{round_id}/amendments")
    def ask(
        request: Request,
        round_id: str,
        principal: Annotated[Principal, Depends(PLANNERS)],
        pool_id: Annotated[str, Form()],
        broken: Annotated[str, Form()] = "",
        again: Annotated[bool, Form()] = False,
    ) -> Response:
        def act(session: Session) -> None:
            row = get_round(session, round_id, principal)
            asked = Asked(pool_id, (broken,) if broken else (), again)
            ask_amendment(session, row, asked, promises, roads(), principal.display_name, clock)

        return do(request, round_id, principal, act)

    @routes.post("/amendments/{amendment_id}/approve")
    def approve(
        request: Request, amendment_id: str, principal: Annotated[Principal, Depends(PLANNERS)]
    ) -> Response:
        with database.session() as session:
            round_id = get_amendment(session, amendment_id, principal).round_id
        by, cause = principal.display_name, request_cause(request)
        return do(
            request, round_id, principal, lambda s: approve_amendment(s, amendment_id, by, cause, clock)
        )

    @routes.post("/amendments/{amendment_id}/drop")
    def drop(
        request: Request, amendment_id: str, principal: Annotated[Principal, Depends(PLANNERS)]
    ) -> Response:
        with database.session() as session:
            round_id = get_amendment(session, amendment_id, principal).round_id
        by = principal.display_name
        return do(request, round_id, principal, lambda s: drop_amendment(s, amendment_id, by, clock))

    @routes.post("/rounds/{round_id}/marks")
    def mark(
        request: Request,
        round_id: str,
        principal: Annotated[Principal, Depends(PLANNERS)],
        kind: Annotated[MarkKind, Form()],
        reason: Annotated[str, Form(min_length=1, max_length=500)],
        trip_id: Annotated[str, Form()] = "",
        number: Annotated[str, Form(max_length=40)] = "",
        other: Annotated[str, Form(max_length=40)] = "",
    ) -> Response:
        def act(session: Session) -> None:
            row = get_round(session, round_id, principal)
            pool_id = trips.get_trip(session, trip_id, principal).pool_id if trip_id else ""
            found = [_find(session, row, one) for one in (number, other)]
            pool_id = pool_id or next((pool for _, pool in found if pool), "")
            ids = [request_id for request_id, _ in found]
            marked = Marked(kind, pool_id, reason, trip_id or None, *ids)
            set_mark(session, row, marked, principal.display_name, clock)

        return do(request, round_id, principal, act)

    @routes.post("/marks/{mark_id}/lift")
    def lift(request: Request, mark_id: str, principal: Annotated[Principal, Depends(PLANNERS)]) -> Response:
        with database.session() as session:
            round_id = get_mark(session, mark_id, principal).round_id
        return do(request, round_id, principal, lambda s: lift_mark(s, mark_id, principal, clock))

    return routes


def _find(session: Session, row: RoundRow, number: str) -> tuple[str | None, str | None]:
    """The request that a manifest shows under this number, and its pool. Raises RequestNotInPool."""
    if not number.strip():
        return None, None
    demand = find_by_number(session, row.round_id, row.day, number.strip())
    if demand is None:
        raise RequestNotInPool(request_id=number)
    return demand.request_id, demand.pool_id


def _context(session: Session, row: RoundRow, principal: Principal) -> dict[str, Any]:
    standing = [
        trip for trip in trips.list_trips(session, principal, round_id=row.round_id) if trip.state in STANDING
    ]
    pools = Counter(trip.pool_id for trip in standing)
    amendments = list_amendments(session, row.round_id)
    accounts = {account for one in amendments for account in one.difference["accounts"]}
    return {
        "round": row,
        "trips": standing,
        "pools": sorted(pools.items()),
        "seekers": count_seekers(session, row.round_id, row.day),
        "open": [one for one in amendments if one.state == AmendmentState.PROPOSED],
        "decided": [one for one in amendments if one.state != AmendmentState.PROPOSED],
        "marks": list_marks(session, row.round_id),
        "kinds": list(MarkKind),
        "names": names_of(session, accounts),
    }
