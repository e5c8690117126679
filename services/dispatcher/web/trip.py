"""A trip's page and its printable manifest; names are asked of the registry at that moment and kept nowhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from services.dispatcher.domain.manifest import Seat
from services.dispatcher.domain.trip import RUNNING, TripState, answer
from services.dispatcher.intake.contracts import read_contract
from services.dispatcher.store import trips
from services.dispatcher.store.demand import get_enterprise_names
from services.dispatcher.store.tables import TripStopRow
from services.dispatcher.usecases.amend_trip import cancel_trip
from services.dispatcher.usecases.paper_words import names_of
from services.dispatcher.usecases.show_trip import Manifest, show_manifest, shown_lines
from services.dispatcher.usecases.sign_contract import sign_contracts
from services.dispatcher.web.forms import refusal_of
from services.dispatcher.web.pages import (
    MANIFEST_READERS,
    NAMED,
    PLANNERS,
    TEMPLATES,
    TRACE_READERS,
    TRIP_READERS,
    may_plan,
    owners_of,
)
from shared.database import Database
from shared.directory import Contact, Directory
from shared.http import current_language, request_cause, url
from shared.http.problems import status_of
from shared.kernel.clock import Clock
from shared.kernel.errors import Unavailable, ZhidaError
from shared.security import Principal, Role, allow, mask

READERS = allow(*TRIP_READERS)
MANIFESTS = allow(*MANIFEST_READERS)
_SIGNERS = (Role.DISPATCHER, Role.BUREAU)
SIGNERS = allow(*_SIGNERS)
_CHINA_TIME = "+08:00"
"""What a browser's field for an instant leaves out."""

Text = Annotated[str, Form(max_length=500)]


@dataclass(frozen=True)
class SeatLine:
    """One line of the manifest. By its short number a dispatcher names the worker; without a contact it stands alone."""

    number: str
    seat: Seat
    contact: Contact | None


def router(database: Database, directory: Directory, clock: Clock) -> APIRouter:
    """The pages under /trips."""
    routes = APIRouter(include_in_schema=False)

    def show(
        request: Request,
        trip_id: str,
        principal: Principal,
        typed: Mapping[str, str] | None = None,
        fault: ZhidaError | None = None,
    ) -> Response:
        with database.session() as session:
            trip = trips.get_trip(session, trip_id, principal)
            stops = trips.list_stops(session, [trip_id])[trip_id]
            riders = trips.list_riders(session, [trip_id], organisation=trips.only_of(principal))
            lines = shown_lines(trip, principal)
            names = names_of(session, [line["account"] for line in lines])
            owners = owners_of(session, stops, principal)
            contract = trips.find_contract(session, trip_id)
        mine = riders.get(trip_id, [])
        context = {
            "trip": trip,
            "stops": stops,
            "owners": owners,
            "entries": [_entry(entry, stops) for entry in trip.timetable],
            "riders": mine,
            "answers": [answer(rider.boarding, rider.outcome) for rider in mine],
            "lines": lines,
            "names": names,
            "contract": contract,
            "may_sign": principal.has(*_SIGNERS) and trip.state in RUNNING,
            "may_cancel": may_plan(principal) and trip.state == TripState.APPROVED,
            "may_print": principal.has(*MANIFEST_READERS),
            "may_trace": principal.has(*TRACE_READERS),
            "typed": typed or {},
            "fault": fault,
        }
        status = status_of(fault) if fault else 200
        return TEMPLATES.TemplateResponse(request, "trip.html", context, status)

    @routes.get("/trips/{trip_id}")
    def show_trip(
        request: Request, trip_id: str, principal: Annotated[Principal, Depends(READERS)]
    ) -> Response:
        return show(request, trip_id, principal)

    @routes.get("/trips/{trip_id}/map")
    def on_map(trip_id: str, principal: Annotated[Principal, Depends(READERS)]) -> dict[str, Any]:
        with database.session() as session:
            trip = trips.get_trip(session, trip_id, principal)
            stops = trips.list_stops(session, [trip_id])[trip_id]
        points = [{"kind": s.kind, "name": s.name, "lon": s.lon, "lat": s.lat} for s in stops]
        drawn = {"id": trip_id, "label": trip_id, "state": trip.state, "href": None, "points": points}
        return {"trips": [drawn | {"path": None}]}

    @routes.post("/trips/{trip_id}/cancel")
    def cancel(
        request: Request,
        trip_id: str,
        principal: Annotated[Principal, Depends(PLANNERS)],
        reason: Annotated[str, Form(min_length=1, max_length=500)],
    ) -> Response:
        with database.session() as session:
            trips.get_trip(session, trip_id, principal)
            cancel_trip(session, trip_id, reason, request_cause(request), clock)
        return RedirectResponse(url(request, f"/trips/{trip_id}"), 303)

    @routes.post("/trips/{trip_id}/contract")
    def sign(
        request: Request,
        trip_id: str,
        principal: Annotated[Principal, Depends(SIGNERS)],
        contract_no: Text = "",
        charterer_id: Text = "",
        price_yuan: Text = "",
        plate: Text = "",
        plate_prefecture_code: Text = "",
        signed_on: Text = "",
        filed_at: Text = "",
        emergency_order: Text = "",
    ) -> Response:
        typed = {
            "contract_no": contract_no.strip(),
            "charterer_id": charterer_id.strip(),
            "price_yuan": price_yuan.strip(),
            "plate": plate.strip(),
            "plate_prefecture_code": plate_prefecture_code.strip(),
            "signed_on": signed_on.strip(),
            "filed_at": filed_at.strip(),
            "emergency_order": emergency_order.strip(),
        }

        def act() -> None:
            optional = {
                "filed_at": f"{typed['filed_at']}{_CHINA_TIME}" if typed["filed_at"] else None,
                "emergency_order": typed["emergency_order"] or None,
            }
            contract = read_contract({"trip_id": trip_id, **typed, **optional})
            with database.session() as session:
                sign_contracts(session, principal, [contract], request_cause(request), clock)

        fault = refusal_of(act)
        if fault is not None:
            return show(request, trip_id, principal, typed, fault)
        return RedirectResponse(url(request, f"/trips/{trip_id}"), 303)

    @routes.get("/trips/{trip_id}/manifest")
    def manifest(
        request: Request, trip_id: str, principal: Annotated[Principal, Depends(MANIFESTS)]
    ) -> Response:
        with database.session() as session:
            shown = show_manifest(session, trip_id, principal)
            gates = {stop.code: stop.name for stop in shown.stops if stop.kind == "drop"}
            firms = {seat.enterprise_id for _, seats in shown.pickups for seat in seats}
            enterprises = get_enterprise_names(session, firms)
        contacts, away = _contacts(directory, shown, principal)
        context = {
            "trip": shown.trip,
            "stops": shown.stops,
            "pickups": _number(shown, contacts),
            "gates": gates,
            "enterprises": enterprises,
            "away": away,
            "printed_at": clock.now(),
        }
        return TEMPLATES.TemplateResponse(request, "manifest.html", context)

    return routes


def _contacts(
    directory: Directory, manifest: Manifest, principal: Principal
) -> tuple[dict[str, Contact], str | None]:
    """Names for those who may see them, masked for the others; and why there are none."""
    request_ids = [seat.request_id for _, seats in manifest.pickups for seat in seats]
    try:
        contacts = directory.lookup(request_ids, "manifest", principal.subject)
    except Unavailable as error:
        return {}, error.message(current_language())
    if principal.has(*NAMED) and not principal.has(Role.AUDIT):
        return contacts, None
    return {key: _masked(contact) for key, contact in contacts.items()}, None


def _masked(contact: Contact) -> Contact:
    return Contact(mask.name(contact.name), mask.phone(contact.phone), contact.resident_id_tail)


def _number(
    manifest: Manifest, contacts: dict[str, Contact]
) -> list[tuple[TripStopRow, list[tuple[int, SeatLine]]]]:
    """The pickups with their riders, numbered through the whole coach."""
    numbered, number = [], 0
    for stop, seats in manifest.pickups:
        lines = []
        for seat in seats:
            number += 1
            line = SeatLine(seat.request_id[-8:], seat, contacts.get(seat.request_id))
            lines.append((number, line))
        numbered.append((stop, lines))
    return numbered


def _entry(entry: dict[str, Any], stops: list[TripStopRow]) -> dict[str, Any]:
    """A line of the timetable with instants and the stop's name."""
    stop = entry["stop"]
    return entry | {
        "starts_at": datetime.fromisoformat(entry["starts_at"]),
        "ends_at": datetime.fromisoformat(entry["ends_at"]),
        "name": stops[stop].name if stop is not None and stop >= 0 else None,
    }
