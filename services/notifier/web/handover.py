"""The enterprise's page, by link or signed in: who came, one tap for all and one for each exception."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from services.notifier.domain.boarding import Presence
from services.notifier.domain.handover import (
    OBJECTIONS,
    Answer,
    ConfirmationsRefused,
    arrivable_from,
    correctable_until,
)
from services.notifier.domain.trip import TripState
from services.notifier.store import organisations, trips
from services.notifier.store.tables import RiderRow, TripRow
from services.notifier.usecases.confirm_arrival import Confirmer, arrival_of, gates_of
from services.notifier.usecases.people import ask_people
from services.notifier.web.links import exchange, home_of_link, show_button
from services.notifier.web.pages import ARRIVALS_MAX, RECENT, TEMPLATES, group_by_gate
from shared.database import Database
from shared.directory import Directory
from shared.events import ObjectionReason, Outcome
from shared.http import request_cause, t, url
from shared.kernel.clock import Clock
from shared.kernel.errors import InvalidInput
from shared.security import Link, Principal, Role, allow, by_link, links

CLOSED = by_link("handover", opened=False)
OPENED = by_link("handover")
SIGNED_IN = allow(Role.ENTERPRISE)
Code = TypeVar("Code", bound=StrEnum)

_WORDS = {
    Outcome.ARRIVED: ("到达", "Arrived", "good"),
    Outcome.NO_SHOW: ("未到", "Absent", "bad"),
    Outcome.REFUSED: ("不接收", "Refused", "bad"),
    Outcome.DISPUTED: ("有异议", "Dispute", "warn"),
}


class CodeUnknown(InvalidInput):
    """{field} is none of what the page offers. Reload the page and choose again."""

    zh = "{field} 不是页面提供的选项。请刷新页面重新选择。"


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
        request_ids = [rider.request_id for rider in riders]
        people = ask_people(self._directory, request_ids, "handover", request.state.caller)
        arrivable_at = min((_arrivable_at(trip, rider) for rider in riders), default=trip.arrives_at)
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
            "reasons": list(ObjectionReason),
            "notes": {rider.request_id: self._confirmer.notes.read(rider) or "" for rider in riders},
            "open": self._clock.now() >= arrivable_at and trip.state != TripState.CANCELLED,
            "left": trip.state == TripState.DEPARTED or self._clock.now() >= trip.departs_at,
            "arrivable_at": arrivable_at,
            "correctable": {rider.request_id: self._correctable(trip, rider) for rider in riders},
        }
        return TEMPLATES.TemplateResponse(request, "handover.html", context, 422 if refused else 200)

    def take(
        self, request: Request, trip_id: str, enterprise_id: str | None, home: str, form: dict[str, str]
    ) -> Response:
        """The form: `outcome.<id>`, `reason.<id>` and `note.<id>` by request, and `all=arrived` for who has no answer."""
        answers: dict[str, Answer] = {}
        try:
            with self._database.session() as session:
                # Locked before its riders are read: another phone may be answering for them at this moment.
                trip = trips.get_trip(session, trip_id, trips.scope_of_enterprise(enterprise_id), lock=True)
                riders = trips.list_riders(session, trip_id, enterprise_id=enterprise_id)
                answers = self._answers(trip, riders, form)
                self._confirmer.confirm(
                    session, trip_id, enterprise_id, list(answers.values()), request_cause(request)
                )
        except ConfirmationsRefused as error:
            return self.show(request, trip_id, enterprise_id, home, error, answers)
        return RedirectResponse(f"{home}?saved=1", 303)

    def _correctable(self, trip: TripRow, rider: RiderRow) -> bool:
        until = correctable_until(arrival_of(trip), rider.first_answered_at, self._confirmer.correctable_for)
        return until is None or self._clock.now() <= until

    def _answers(self, trip: TripRow, riders: list[RiderRow], form: dict[str, str]) -> dict[str, Answer]:
        """What the form says, by request id; what it does not hold is as it was.

        "All arrived" leaves out those whom the escort marked as not come, and whose gate is still too far.
        """
        answers = {}
        for rider in riders:
            request_id = rider.request_id
            said = form.get(f"outcome.{request_id}") or rider.outcome
            may_be_there = rider.presence != Presence.NO_SHOW and self._clock.now() >= _arrivable_at(
                trip, rider
            )
            if not said and form.get("all") == Outcome.ARRIVED and may_be_there:
                said = Outcome.ARRIVED
            outcome = _code(Outcome, f"outcome.{request_id}", said)
            reason = _code(
                ObjectionReason, f"reason.{request_id}", form.get(f"reason.{request_id}", rider.reason)
            )
            written = form.get(f"note.{request_id}", self._confirmer.notes.read(rider) or "").strip()
            if outcome is not None and outcome not in OBJECTIONS:
                reason = None  # chosen for an answer that was changed again before it was sent
            if outcome or reason or written:
                answers[request_id] = Answer(request_id, outcome, written or None, reason)
        return answers


def _arrivable_at(trip: TripRow, rider: RiderRow) -> datetime:
    return arrivable_from(arrival_of(trip), gates_of(trip)[rider.gate_id])


def _code(kind: type[Code], field: str, said: str | None) -> Code | None:
    """The code in a form's field; raises CodeUnknown."""
    if said and said not in set(kind):
        raise CodeUnknown(field=field)
    return kind(said) if said else None


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
