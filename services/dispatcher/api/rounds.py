"""Pools and planning rounds over HTTP: who waits, ask for a round, look at it, approve or reject it."""

from datetime import date, datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from services.dispatcher.domain.round import measure_gap, sum_bounds
from services.dispatcher.store.demand import list_pools
from services.dispatcher.store.rounds import get_round, list_figures, list_rounds
from services.dispatcher.store.tables import RoundRow
from services.dispatcher.store.unserved import list_unserved
from services.dispatcher.usecases.decide_round import approve_round, reject_round
from services.dispatcher.usecases.open_round import open_round, require_area
from shared.database import Database
from shared.http import request_cause
from shared.kernel.clock import Clock
from shared.security import Principal, Role, allow

READERS = allow(Role.DISPATCHER, Role.BUREAU, Role.FINANCE, Role.AUDIT, Role.OPERATOR)
PLANNERS = allow(Role.DISPATCHER)


class PoolOut(BaseModel):
    """Who waits from one county to one prefecture, and the first and last days of their windows."""

    pool_id: str
    waiting: int
    earliest: date
    latest: date


class PoolList(BaseModel):
    """The pools of the caller's area, largest first."""

    pools: list[PoolOut]


class RoundIn(BaseModel):
    """A day, and a county's code or its beginning; without an area the caller's own."""

    model_config = ConfigDict(extra="forbid")

    day: date
    area: str | None = Field(default=None, pattern=r"^\d{2,6}$")


class RejectionIn(BaseModel):
    """Why a plan is put away."""

    model_config = ConfigDict(extra="forbid")

    reason: str | None = Field(default=None, max_length=500)


class PoolPlanOut(BaseModel):
    """One pool of a round: workers, and in fen its cost, what no plan can cost less than and what first fit would cost.

    `gap`: (cost - bound) / bound. Both are null where the plan has no certificate.
    """

    pool_id: str
    workers: int
    planned: bool
    cost_fen: int
    bound_fen: int | None
    gap: float | None
    first_fit_fen: int
    seconds: float


class UnservedOut(BaseModel):
    """Why a request was left behind."""

    request_id: str
    pool_id: str
    rule: str
    limit: str
    figure: str
    mend_zh: str
    mend_en: str


class RoundOut(BaseModel):
    """A planning round."""

    round_id: str
    state: str
    day: date
    area: str
    policy: str
    tariffs: dict[str, str]
    requested_by: str
    requested_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str | None

    @classmethod
    def of(cls, row: RoundRow) -> Self:
        return cls(**row.model_dump(include=set(RoundOut.model_fields)))


class RoundList(BaseModel):
    """Rounds, latest first."""

    rounds: list[RoundOut]


class RoundDetail(RoundOut):
    """A planning round with its pools and whom it left behind, as far as the caller may see them.

    `cost_fen` and `bound_fen` are the sums of its planned pools; `gap` is (cost - bound) / bound.
    """

    cost_fen: int
    bound_fen: int | None
    gap: float | None
    pools: list[PoolPlanOut] = []
    unserved: list[UnservedOut] = []


def router(database: Database, clock: Clock) -> APIRouter:
    """The routes under /api/pools and /api/rounds."""
    routes = APIRouter(prefix="/api", tags=["rounds"])

    @routes.get("/pools", summary="List who waits, by pool")
    def show_pools(principal: Annotated[Principal, Depends(READERS)]) -> PoolList:
        with database.session() as session:
            return PoolList(pools=[PoolOut(**pool) for pool in list_pools(session, principal)])

    @routes.get("/rounds", summary="List the planning rounds")
    def show_rounds(principal: Annotated[Principal, Depends(READERS)], day: date | None = None) -> RoundList:
        with database.session() as session:
            return RoundList(rounds=[RoundOut.of(row) for row in list_rounds(session, principal, day)])

    @routes.post("/rounds", status_code=201, summary="Ask for a planning round")
    def post_round(
        request: Request, sent: RoundIn, principal: Annotated[Principal, Depends(PLANNERS)]
    ) -> RoundOut:
        with database.session() as session:
            row = open_round(
                session,
                day=sent.day,
                area=require_area(principal, sent.area),
                requested_by=principal.display_name,
                cause=request_cause(request),
                clock=clock,
            )
            return RoundOut.of(row)

    @routes.get("/rounds/{round_id}", summary="Look at a round")
    def show_round(round_id: str, principal: Annotated[Principal, Depends(READERS)]) -> RoundDetail:
        with database.session() as session:
            return _detail(session, get_round(session, round_id, principal))

    @routes.post("/rounds/{round_id}/approve", summary="Publish the plan and reserve its money")
    def post_approval(
        request: Request, round_id: str, principal: Annotated[Principal, Depends(PLANNERS)]
    ) -> RoundOut:
        with database.session() as session:
            get_round(session, round_id, principal)
            row = approve_round(session, round_id, principal.display_name, request_cause(request), clock)
            return RoundOut.of(row)

    @routes.post("/rounds/{round_id}/reject", summary="Put the plan away; its requests wait again")
    def post_rejection(
        round_id: str, principal: Annotated[Principal, Depends(PLANNERS)], sent: RejectionIn | None = None
    ) -> RoundOut:
        with database.session() as session:
            get_round(session, round_id, principal)
            reason = sent.reason if sent else None
            row = reject_round(session, round_id, principal.display_name, reason, clock)
            return RoundOut.of(row)

    return routes


def _detail(session: Session, row: RoundRow) -> RoundDetail:
    found = list_figures(session, [row.round_id])[row.round_id]
    planned = [pool for pool in found if pool.planned]
    cost_fen = sum(pool.cost_fen for pool in planned)
    bound_fen = sum_bounds(pool.bound_fen for pool in planned)
    pools = [PoolPlanOut.model_validate(pool, from_attributes=True) for pool in found]
    unserved = [
        UnservedOut(**left.model_dump(include=set(UnservedOut.model_fields)))
        for left in list_unserved(session, row.round_id)
    ]
    return RoundDetail(
        **RoundOut.of(row).model_dump(),
        cost_fen=cost_fen,
        bound_fen=bound_fen,
        gap=measure_gap(cost_fen, bound_fen),
        pools=pools,
        unserved=unserved,
    )
