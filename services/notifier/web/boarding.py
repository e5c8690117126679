"""The escort's phone page: who gets on where, two large buttons a worker, and the report that the coach has left.

Every button is a plain form, so it works without scripts; pressed twice, it does no more than once.
"""

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from services.notifier.domain.boarding import Presence
from services.notifier.domain.wording import Names, gate_of
from services.notifier.store import organisations, trips
from services.notifier.store.tables import RiderRow, TripRow
from services.notifier.store.trips import stops_of
from services.notifier.usecases.mark_boarding import Mark, mark_boarding, report_departure
from services.notifier.usecases.people import ask_people
from services.notifier.web.links import exchange, home_of_link, show_button
from services.notifier.web.pages import TEMPLATES, group_by_pickup, line_of
from shared.database import Database
from shared.directory import Directory
from shared.http import current_language, request_cause
from shared.kernel.clock import Clock
from shared.security import Link, by_link, links

CLOSED = by_link("boarding", opened=False)
OPENED = by_link("boarding")
AGE_MAX = timedelta(days=7)
Age = Annotated[int, Form(ge=0, le=AGE_MAX // timedelta(milliseconds=1))]
"""How long ago a button was pressed, in milliseconds: a phone without a network sends it later."""


def router(database: Database, directory: Directory, clock: Clock) -> APIRouter:
    """The routes under /b/{token}."""
    routes = APIRouter(prefix="/b/{token}", include_in_schema=False)

    @routes.get("")
    def show(request: Request, link: Annotated[Link, Depends(CLOSED)]) -> Response:
        if not links.is_open(request, link):
            return show_button(request, link, clock)
        with database.session() as session:
            trip = trips.get_trip(session, link.trip_id, trips.scope_of_carrier(link.organisation))
            riders = trips.list_riders(session, link.trip_id)
            names = _names(session, riders)
        people = ask_people(
            directory, [rider.request_id for rider in riders], "boarding", request.state.caller
        )
        context = _context(request, link, trip, riders, names) | {
            "groups": group_by_pickup(trip, riders, people, names),
            "people": people,
        }
        return TEMPLATES.TemplateResponse(request, "boarding.html", context)

    @routes.post("/open")
    def press(request: Request, link: Annotated[Link, Depends(CLOSED)]) -> Response:
        return exchange(request, link, database, clock)

    @routes.post("/marks")
    def mark(
        request: Request,
        link: Annotated[Link, Depends(OPENED)],
        request_id: Annotated[str, Form()],
        presence: Annotated[Literal["boarded", "no_show"], Form()],
        age_ms: Age = 0,
    ) -> Response:
        made_at = clock.now() - timedelta(milliseconds=age_ms)
        with database.session() as session:
            marked = Mark(request_id, Presence(presence), made_at)
            cause = request_cause(request)
            mark_boarding(session, link.trip_id, link.organisation, [marked], cause, clock)
            trip = trips.get_trip(session, link.trip_id, trips.scope_of_carrier(link.organisation))
            riders = trips.list_riders(session, link.trip_id)
            names = _names(session, riders)
        if "hx-request" not in request.headers:
            return RedirectResponse(f"{home_of_link(request, link)}#r-{request_id}", 303)
        rider = next(rider for rider in riders if rider.request_id == request_id)
        people = ask_people(directory, [request_id], "boarding", request.state.caller)
        context = _context(request, link, trip, riders, names) | {"line": line_of(trip, rider, people, names)}
        return TEMPLATES.TemplateResponse(request, "boarding_answer.html", context)

    @routes.post("/departure")
    def depart(
        request: Request,
        link: Annotated[Link, Depends(OPENED)],
        age_ms: Age = 0,
    ) -> Response:
        left_at = clock.now() - timedelta(milliseconds=age_ms)
        with database.session() as session:
            report_departure(session, link.trip_id, link.organisation, left_at, request_cause(request), clock)
        return RedirectResponse(home_of_link(request, link), 303)

    return routes


def _context(
    request: Request, link: Link, trip: TripRow, riders: list[RiderRow], names: Names
) -> dict[str, object]:
    """What the page and one line of it have in common."""
    last = stops_of(trip)[-1]
    last_of = sorted({rider.enterprise_id for rider in riders if rider.gate_id == last.code})
    counts = {presence.value: 0 for presence in Presence}
    for rider in riders:
        counts[rider.presence] += 1
    return {
        "trip": trip,
        "counts": counts,
        "home": home_of_link(request, link),
        "total": len(riders),
        "last_drop": gate_of(last.name, last_of, names, current_language()),
    }


def _names(session: Session, riders: list[RiderRow]) -> Names:
    return organisations.list_names(session, {rider.enterprise_id for rider in riders})
