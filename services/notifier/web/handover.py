"""The enterprise's page, by link or signed in: who came, one tap for all and one for each exception."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from services.notifier.domain.boarding import Presence
from services.notifier.domain.handover import Answer, ConfirmationsRefused, correctable_until
from services.notifier.domain.trip import TripState
from services.notifier.store import organisations, trips
from services.notifier.store.tables import RiderRow, TripRow
from services.notifier.usecases.confirm_arrival import Confirmer, arrival_of
from services.notifier.usecases.people import ask_people
from services.notifier.web.links import exchange, home_of_link, show_button
from services.notifier.web.pages import ARRIVALS_MAX, RECENT, TEMPLATES, group_by_gate
from shared.database import Database
from shared.directory import Directory
from shared.events import Outcome
from shared.http import request_cause, t, url
from shared.kernel.clock import Clock
from shared.kernel.errors import InvalidInput
from shared.security import Link, Principal, Role, allow, by_link, links

CLOSED = by_link("handover", opened=False)
OPENED = by_link("handover")
SIGNED_IN = allow(Role.ENTERPRISE)


_WORDS = {
    Outcome.ARRIVED: ("到达", "Arrived", "good"),
    Outcome.NO_SHOW: ("未到", "Absent", "bad"),
    Outcome.REFUSED: ("不接收", "Refused", "bad"),
    Outcome.DISPUTED: ("有异议", "Dispute", "warn"),
}


class OutcomeUnknown(InvalidInput):
    """{field} is none of arrived, no_show, refused, disputed. Reload the page and choose again."""

    zh = "{field} 不是到达、未到、不予接收、有异议之一。请刷新页面重新选择。"


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form whose names depend on who rides."""
    return {name: str(value) for name, value in (await request.form()).items()}


SentForm = Annotated[dict[str, str], Depends(read_form)]


class HandoverPage:
    """Shows a trip's workers to their enterprise and takes its answers; the same for link and sign-in."""

    def __init__(self, database: Database, directory: Directory, confirmer: Confirmer, clock: Clock) -> None:
        self._database = database
        self._directory = directory
        self._confirmer = confirmer
        self._clock = clock

    def show(
        self,
        request: Request,
        trip_id: str,
        enterprise_id: str | None,
        home: str,
        refused: ConfirmationsRefused | None = None,
        chosen: dict[str, Answer] | None = None,
    ) -> Response:
        """The page; after a refusal with each fault beside its worker and with what had been chosen."""
        with self._database.session() as session:
            trip = trips.get_trip(session, trip_id, trips.scope_of_enterprise(enterprise_id))
            riders = trips.list_riders(session, trip_id, enterprise_id=enterprise_id)
        people = ask_people(self._directory, [rider.request_id for rider in riders], "handover")
        context = {
            "trip": trip,
            "groups": group_by_gate(trip, riders, people),
            "people": people,
            "home": home,
            "riders": riders,
            "outcomes": [(outcome.value, t(zh, en), tone) for outcome, (zh, en, tone) in _WORDS.items()],
            "hours": int(self._confirmer.correctable_for.total_seconds()) // 3600,
            "saved": "saved" in request.query_params,
            "chosen": chosen or {},
            "faults": {fault["request_id"]: fault for fault in refused.errors} if refused else {},
            "open": self._is_open(trip),
            "correctable": {rider.request_id: self._correctable(trip, rider) for rider in riders},
        }
        return TEMPLATES.TemplateResponse(request, "handover.html", context, 422 if refused else 200)

    def take(
        self, request: Request, trip_id: str, enterprise_id: str | None, home: str, form: dict[str, str]
    ) -> Response:
        """The form: `outcome.<request id>`, `note.<request id>`, and `all=arrived` for those nobody answered."""
        answers: dict[str, Answer] = {}
        try:
            with self._database.session() as session:
                # Locked before its riders are read: another phone may be answering for them at this moment.
                trips.get_trip(session, trip_id, trips.scope_of_enterprise(enterprise_id), lock=True)
                riders = trips.list_riders(session, trip_id, enterprise_id=enterprise_id)
                answers = _answers(riders, form)
                self._confirmer.confirm(
                    session, trip_id, enterprise_id, list(answers.values()), request_cause(request)
                )
        except ConfirmationsRefused as error:
            return self.show(request, trip_id, enterprise_id, home, error, answers)
        return RedirectResponse(f"{home}?saved=1", 303)

    def _is_open(self, trip: TripRow) -> bool:
        """Whether answers can be taken at all now."""
        departed = trip.state == TripState.DEPARTED or self._clock.now() >= trip.departs_at
        return trip.state != TripState.CANCELLED and departed

    def _correctable(self, trip: TripRow, rider: RiderRow) -> bool:
        until = correctable_until(arrival_of(trip), rider.first_answered_at, self._confirmer.correctable_for)
        return until is None or self._clock.now() <= until


def _answers(riders: list[RiderRow], form: dict[str, str]) -> dict[str, Answer]:
    """What the form says, by request id. "All arrived" leaves out those whom the escort marked as not come."""
    answers = {}
    for rider in riders:
        outcome = form.get(f"outcome.{rider.request_id}") or rider.outcome
        if not outcome and form.get("all") == Outcome.ARRIVED and rider.presence != Presence.NO_SHOW:
            outcome = Outcome.ARRIVED
        if outcome:
            note = form.get(f"note.{rider.request_id}", rider.note or "").strip() or None
            if outcome not in set(Outcome):
                raise OutcomeUnknown(field=f"outcome.{rider.request_id}")
            answers[rider.request_id] = Answer(rider.request_id, Outcome(outcome), note)
    return answers


def link_router(page: HandoverPage, database: Database, clock: Clock) -> APIRouter:
    """The routes under /h/{token}."""
    routes = APIRouter(prefix="/h/{token}", include_in_schema=False)

    @routes.get("")
    def show(request: Request, link: Annotated[Link, Depends(CLOSED)]) -> Response:
        if not links.is_open(request, link):
            return show_button(request, link, clock)
        return page.show(request, link.trip_id, link.organisation, home_of_link(request, link))

    @routes.post("/open")
    def press(request: Request, link: Annotated[Link, Depends(CLOSED)]) -> Response:
        return exchange(request, link, database, clock)

    @routes.post("")
    def confirm(request: Request, link: Annotated[Link, Depends(OPENED)], form: SentForm) -> Response:
        return page.take(request, link.trip_id, link.organisation, home_of_link(request, link), form)

    return routes


def arrivals_router(page: HandoverPage, database: Database, clock: Clock) -> APIRouter:
    """The signed-in enterprise's routes under /arrivals."""
    routes = APIRouter(prefix="/arrivals", include_in_schema=False)

    @routes.get("")
    def list_arrivals(
        request: Request, principal: Annotated[Principal, Depends(SIGNED_IN)], earlier: bool = False
    ) -> Response:
        since = clock.now() - RECENT
        with database.session() as session:
            found = trips.list_arrivals(session, principal, since, earlier=earlier, limit=ARRIVALS_MAX)
            own = principal.organisation or ""
            name = organisations.list_names(session, [own]).get(own, principal.name)
        context = {"name": name, "arrivals": found, "earlier": earlier, "now": clock.now()}
        return TEMPLATES.TemplateResponse(request, "arrivals.html", context)

    @routes.get("/{trip_id}")
    def show(request: Request, trip_id: str, principal: Annotated[Principal, Depends(SIGNED_IN)]) -> Response:
        return page.show(request, trip_id, principal.organisation, url(request, f"/arrivals/{trip_id}"))

    @routes.post("/{trip_id}")
    def confirm(
        request: Request, trip_id: str, principal: Annotated[Principal, Depends(SIGNED_IN)], form: SentForm
    ) -> Response:
        home = url(request, f"/arrivals/{trip_id}")
        return page.take(request, trip_id, principal.organisation, home, form)

    return routes
