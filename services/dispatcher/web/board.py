"""The dispatcher's board: a day's figures, rounds, trips on the map and in a table, and who is left behind."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from sqlmodel import Session
from starlette.responses import JSONResponse, RedirectResponse, Response

from services.dispatcher.domain.pool import Pool
from services.dispatcher.domain.round import measure_gap, sum_bounds
from services.dispatcher.store import rounds, trips
from services.dispatcher.store.demand import count_waiting
from services.dispatcher.store.live import read_mark
from services.dispatcher.store.rounds import PoolFigures
from services.dispatcher.store.tables import RiderRow, RoundRow, TripRow, TripStopRow
from services.dispatcher.store.unserved import list_reasons
from services.dispatcher.usecases.decide_round import approve_round, reject_round
from services.dispatcher.usecases.open_round import open_round, require_area
from services.dispatcher.usecases.summarise_day import summarise_day
from services.dispatcher.web.pages import BOARD_READERS, PLANNERS, TEMPLATES, areas_of, may_plan, owners_of
from shared.database import Database
from shared.http import current_language, request_cause, url
from shared.kernel.clock import Clock, local_date
from shared.kernel.errors import Conflict, InvalidInput, ZhidaError
from shared.security import Principal, allow, covers

READERS = allow(*BOARD_READERS)
PAYERS_SHOWN = 5
TRIPS_A_PAGE = 50


@dataclass(frozen=True)
class TripLine:
    """A trip as the table shows it."""

    row: TripRow
    first: TripStopRow
    last: TripStopRow
    enterprise: str
    gates: int
    pickups: int
    riders: int


@dataclass(frozen=True)
class RoundProof:
    """How good a round's plan is: each pool's, and in all."""

    pools: list[PoolFigures]

    @property
    def planned(self) -> list[PoolFigures]:
        return [pool for pool in self.pools if pool.planned]

    @property
    def cost_fen(self) -> int:
        return sum(pool.cost_fen for pool in self.planned)

    @property
    def bound_fen(self) -> int | None:
        return sum_bounds(pool.bound_fen for pool in self.planned)

    @property
    def gap(self) -> float | None:
        return measure_gap(self.cost_fen, self.bound_fen)


def router(database: Database, clock: Clock) -> APIRouter:
    """The pages under /board and what their forms send."""
    routes = APIRouter(include_in_schema=False)

    def show(
        request: Request,
        principal: Principal,
        day: date | None,
        template: str = "board.html",
        page: int = 1,
        fault: ZhidaError | None = None,
    ) -> Response:
        today = local_date(clock.now())
        with database.session() as session:
            shown = day or rounds.find_busy_day(session, principal, today) or today + timedelta(days=1)
            context = _context(session, principal, shown, page)
        told = fault.message(current_language()) if fault else None
        context |= {"fault": told, "may_plan": may_plan(principal), "day": shown}
        headers = (
            {"HX-Trigger": '{"zhida:trips": {"target": "[data-map]"}}'} if template == "figures.html" else {}
        )
        return TEMPLATES.TemplateResponse(request, template, context, 409 if fault else 200, headers)

    @routes.get("/board")
    def board(
        request: Request,
        principal: Annotated[Principal, Depends(READERS)],
        day: date | None = None,
        page: Annotated[int, Query(ge=1)] = 1,
    ) -> Response:
        return show(request, principal, day, "board.html", page)

    @routes.get("/board/figures")
    def figures(
        request: Request,
        principal: Annotated[Principal, Depends(READERS)],
        day: date,
        page: Annotated[int, Query(ge=1)] = 1,
    ) -> Response:
        return show(request, principal, day, "figures.html", page)

    @routes.get("/board/map")
    def on_map(request: Request, principal: Annotated[Principal, Depends(READERS)], day: date) -> Response:
        with database.session() as session:
            lines = _lines(session, principal, day)
            stops = trips.list_stops(session, [line.row.trip_id for line in lines])
        standing = [line for line in lines if line.row.state not in ("rejected", "cancelled")]
        return JSONResponse({"trips": [_drawn(request, line, stops[line.row.trip_id]) for line in standing]})

    @routes.post("/board/rounds")
    def ask_for_round(
        request: Request,
        principal: Annotated[Principal, Depends(PLANNERS)],
        day: Annotated[date, Form()],
        area: Annotated[str, Form(pattern=r"^(\d{2,6})?$")] = "",
    ) -> Response:
        try:
            with database.session() as session:
                wanted = require_area(principal, area or None)
                cause = request_cause(request)
                by = principal.display_name
                open_round(session, day=day, area=wanted, requested_by=by, cause=cause, clock=clock)
        except (Conflict, InvalidInput) as fault:
            return show(request, principal, day, fault=fault)
        return RedirectResponse(url(request, f"/board?day={day}"), 303)

    @routes.post("/rounds/{round_id}/approve")
    def approve(
        request: Request, round_id: str, principal: Annotated[Principal, Depends(PLANNERS)]
    ) -> Response:
        day = None
        try:
            with database.session() as session:
                day = rounds.get_round(session, round_id, principal).day
                approve_round(session, round_id, principal.display_name, request_cause(request), clock)
        except Conflict as fault:
            return show(request, principal, day, fault=fault)
        return RedirectResponse(url(request, f"/board?day={day}"), 303)

    @routes.post("/rounds/{round_id}/reject")
    def reject(
        request: Request,
        round_id: str,
        principal: Annotated[Principal, Depends(PLANNERS)],
        reason: Annotated[str, Form(max_length=500)] = "",
    ) -> Response:
        day = None
        try:
            with database.session() as session:
                day = rounds.get_round(session, round_id, principal).day
                reject_round(session, round_id, principal.display_name, reason or None, clock)
        except Conflict as fault:
            return show(request, principal, day, fault=fault)
        return RedirectResponse(url(request, f"/board?day={day}"), 303)

    return routes


def _context(session: Session, principal: Principal, day: date, page: int) -> dict[str, Any]:
    mark = read_mark(session, principal, day)  # first: what changes while the rest is read is told again
    rows: list[RoundRow] = rounds.list_rounds(session, principal, day)
    figures = summarise_day(session, principal, day)
    payers = list(figures.subsidy_by_payer.items())
    lines = _lines(session, principal, day)
    return {
        "mark": mark,
        "figures": figures,
        "payers": payers[:PAYERS_SHOWN],
        "more_payers": payers[PAYERS_SHOWN:],
        "rounds": rows,
        "proofs": _proofs(session, principal, rows),
        "lines": lines[(page - 1) * TRIPS_A_PAGE : page * TRIPS_A_PAGE],
        "total": len(lines),
        "page": page,
        "pages": -(-len(lines) // TRIPS_A_PAGE),
        "reasons": list_reasons(session, principal, day),
        "waiting": count_waiting(session, principal, day),
        "areas": areas_of(principal),
    }


def _proofs(session: Session, principal: Principal, rows: list[RoundRow]) -> dict[str, RoundProof]:
    """Round id -> how good its plan is; of its pools, those that the caller may see."""
    found = rounds.list_figures(session, [row.round_id for row in rows])
    return {
        round_id: RoundProof(
            [pool for pool in pools if covers(principal, Pool.from_id(pool.pool_id).county_code)]
        )
        for round_id, pools in found.items()
    }


def _lines(session: Session, principal: Principal, day: date) -> list[TripLine]:
    found = trips.list_trips(session, principal, day=day)
    ids = [trip.trip_id for trip in found]
    stops, riders = trips.list_stops(session, ids), trips.list_riders(session, ids)
    owners = owners_of(session, (stop for way in stops.values() for stop in way), principal)
    return [_line(trip, stops[trip.trip_id], riders.get(trip.trip_id, []), owners) for trip in found]


def _line(
    trip: TripRow, stops: list[TripStopRow], riders: list[RiderRow], owners: dict[str, str]
) -> TripLine:
    pickups = [stop for stop in stops if stop.kind == "pickup"]
    gates, last = len(stops) - len(pickups), stops[-1]
    return TripLine(trip, stops[0], last, owners.get(last.code, ""), gates, len(pickups), len(riders))


def _drawn(request: Request, line: TripLine, stops: list[TripStopRow]) -> dict[str, Any]:
    gate = f"{line.enterprise} {line.last.name}".strip()
    label = f"{line.row.trip_id} {line.first.name} → {gate} {line.riders}/{line.row.seats_max}"
    return {
        "id": line.row.trip_id,
        "label": label,
        "state": line.row.state,
        "href": url(request, f"/trips/{line.row.trip_id}"),
        "points": [{"kind": s.kind, "name": s.name, "lon": s.lon, "lat": s.lat} for s in stops],
        "path": None,
    }
