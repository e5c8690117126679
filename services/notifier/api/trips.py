"""Trips over HTTP: what comes and when, who boarded, who arrived; people are request ids."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.notifier.domain.boarding import Presence
from services.notifier.domain.handover import Answer
from services.notifier.domain.trip import TripState
from services.notifier.store import trips
from services.notifier.store.tables import TripRow
from services.notifier.usecases.confirm_arrival import Confirmer
from services.notifier.usecases.make_link import LinkMaker
from services.notifier.usecases.mark_boarding import Mark, mark_boarding, report_departure
from shared.database import Database
from shared.events import ObjectionReason, Outcome
from shared.http import request_cause
from shared.kernel.clock import Clock
from shared.security import Principal, Role, allow

READERS = allow(Role.ENTERPRISE, Role.CARRIER, Role.DISPATCHER, Role.AUDIT, Role.OPERATOR)
CONFIRMERS = allow(Role.ENTERPRISE)
CREWS = allow(Role.CARRIER)
LINK_MAKERS = allow(Role.CARRIER, Role.ENTERPRISE)


class StopOut(BaseModel):
    """A stop; `code` is a stop code at a pickup, a gate id at a drop."""

    kind: str
    code: str
    name: str
    arrive_at: datetime
    depart_at: datetime


class TripOut(BaseModel):
    """A trip, with the riders that the caller may see counted."""

    trip_id: str
    day: date
    state: TripState
    carrier_id: str
    carrier_name: str
    coach_type: str
    departs_at: datetime
    arrives_at: datetime
    departed_at: datetime | None
    stops: list[StopOut]
    riders: int
    boarded: int
    confirmed: int


class TripPage(BaseModel):
    """Trips in order of their ids; ask for what follows with `after=next`."""

    trips: list[TripOut]
    next: str | None


class RiderOut(BaseModel):
    """One worker as a request: where from and to, what the escort marked, what the enterprise said."""

    request_id: str
    party_id: str
    stop_code: str
    enterprise_id: str
    gate_id: str
    presence: Presence
    marked_at: datetime | None
    outcome: Outcome | None
    reason: ObjectionReason | None
    note: str | None


class RiderList(BaseModel):
    """Who rides, as far as the caller may see."""

    riders: list[RiderOut]


class AnswerIn(BaseModel):
    """What became of one worker at the gate. Who is refused or disputed needs a reason or a note.

    A note is kept sealed and told to nobody else; it must hold no phone and no ID number.
    """

    model_config = ConfigDict(extra="forbid")

    request_id: str = Field(min_length=1, max_length=64)
    outcome: Outcome
    reason: ObjectionReason | None = None
    note: str | None = Field(default=None, max_length=1000)


class AnswersIn(BaseModel):
    """Answers that are taken all or none."""

    model_config = ConfigDict(extra="forbid")

    answers: list[AnswerIn] = Field(min_length=1, max_length=500)


class MarkIn(BaseModel):
    """What the escort says of one worker; `at` by the phone's clock."""

    model_config = ConfigDict(extra="forbid")

    request_id: str = Field(min_length=1, max_length=64)
    presence: Literal["boarded", "no_show"]
    at: AwareDatetime


class BoardingIn(BaseModel):
    """Marks, taken all or none, and the hour of departure once the coach has left its last pickup."""

    model_config = ConfigDict(extra="forbid")

    marks: list[MarkIn] = Field(default=[], max_length=500)
    departed_at: AwareDatetime | None = None


class LinkOut(BaseModel):
    """A link for one more device: the escort's page for a carrier, the hand-over page for an enterprise."""

    url: str
    expires_at: datetime


class Changed(BaseModel):
    """How many of what was sent changed something; what was known already is not an error."""

    changed: int


def router(database: Database, confirmer: Confirmer, link_maker: LinkMaker, clock: Clock) -> APIRouter:
    """The routes under /api/trips."""
    routes = APIRouter(prefix="/api/trips", tags=["trips"])

    @routes.get("", summary="List the trips that concern the caller")
    def list_trips(
        principal: Annotated[Principal, Depends(READERS)],
        day: date | None = None,
        after: Annotated[str | None, Query(description="`next` of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> TripPage:
        with database.session() as session:
            found = trips.list_trips(session, principal, day=day, after=after, limit=limit + 1)
        page = [_trip_out(count) for count in found[:limit]]
        return TripPage(trips=page, next=page[-1].trip_id if len(found) > limit else None)

    @routes.get("/{trip_id}/riders", summary="List who rides")
    def list_riders(trip_id: str, principal: Annotated[Principal, Depends(READERS)]) -> RiderList:
        with database.session() as session:
            trips.get_trip(session, trip_id, trips.scope_of(principal))
            rows = trips.list_riders_seen_by(session, trip_id, principal)
        fields = set(RiderOut.model_fields) - {"note"}
        return RiderList(
            riders=[
                RiderOut(note=confirmer.notes.read(row), **row.model_dump(include=fields)) for row in rows
            ]
        )

    @routes.post("/{trip_id}/confirmations", summary="Say who arrived")
    def confirm(
        request: Request,
        trip_id: str,
        sent: AnswersIn,
        principal: Annotated[Principal, Depends(CONFIRMERS)],
    ) -> Changed:
        answers = [Answer(one.request_id, one.outcome, one.note or None, one.reason) for one in sent.answers]
        with database.session() as session:
            changed = confirmer.confirm(
                session, trip_id, principal.organisation, answers, request_cause(request)
            )
        return Changed(changed=changed)

    @routes.post("/{trip_id}/boarding", summary="Say who boarded, and that the coach has left")
    def board(
        request: Request, trip_id: str, sent: BoardingIn, principal: Annotated[Principal, Depends(CREWS)]
    ) -> Changed:
        marks = [Mark(mark.request_id, Presence(mark.presence), mark.at) for mark in sent.marks]
        carrier, cause = principal.organisation, request_cause(request)
        with database.session() as session:
            changed = mark_boarding(session, trip_id, carrier, marks, cause, clock)
            if sent.departed_at is not None:
                changed += report_departure(session, trip_id, carrier, sent.departed_at, cause, clock)
        return Changed(changed=changed)

    @routes.post("/{trip_id}/links", summary="Make a link for one more device")
    def make_link(trip_id: str, principal: Annotated[Principal, Depends(LINK_MAKERS)]) -> LinkOut:
        organisation = principal.organisation or ""
        with database.session() as session:
            if principal.has(Role.CARRIER):
                made = link_maker.for_escort(session, trip_id, organisation)
            else:
                made = link_maker.for_gate(session, trip_id, organisation)
        return LinkOut(url=made.url, expires_at=made.expires_at)

    return routes


def _trip_out(count: trips.TripCount) -> TripOut:
    row: TripRow = count.row
    known = row.model_dump(include=set(TripOut.model_fields) - {"stops"})
    stops = [StopOut(**stop) for stop in row.stops]
    return TripOut(
        **known, stops=stops, riders=count.riders, boarded=count.boarded, confirmed=count.confirmed
    )
