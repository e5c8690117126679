"""Plans that stand, changed, over HTTP: what is laid down for a round, another plan of a pool, its difference, taken or dropped."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from services.dispatcher.domain.mark import MarkKind
from services.dispatcher.planning.mending import Promises
from services.dispatcher.roads import Roads
from services.dispatcher.store.amendments import get_amendment, list_amendments
from services.dispatcher.store.marks import list_marks
from services.dispatcher.store.rounds import get_round
from services.dispatcher.store.tables import AmendmentRow, MarkRow
from services.dispatcher.usecases.ask_amendment import Asked, ask_amendment
from services.dispatcher.usecases.decide_amendment import approve_amendment, drop_amendment
from services.dispatcher.usecases.mark_round import Marked, lift_mark, set_mark
from shared.database import Database
from shared.http import request_cause
from shared.kernel.clock import Clock
from shared.security import Principal, Role, allow

READERS = allow(Role.DISPATCHER, Role.BUREAU, Role.FINANCE, Role.AUDIT, Role.OPERATOR)
PLANNERS = allow(Role.DISPATCHER)
POOL_ID = r"^\d{6}-\d{6}$"


class AmendmentIn(BaseModel):
    """A pool of the round. `broken`: its trips whose coach has broken down; `again`: plan all of it again, not only what a
    change touches."""

    model_config = ConfigDict(extra="forbid")

    pool_id: str = Field(pattern=POOL_ID)
    broken: list[str] = Field(default=[], max_length=100)
    again: bool = False


class TripDifference(BaseModel):
    """What becomes of one trip: `new` (its id is `+1` until it is taken), `changed` or `cancelled`."""

    trip_id: str
    change: str
    carrier_name: str
    coach_before: str | None
    coach_after: str | None
    riders_before: int
    riders_after: int
    other_way: bool
    more_fen: int


class Move(BaseModel):
    """A request that gets another seat; without `to` it finds none, without `from` it had none."""

    model_config = ConfigDict(populate_by_name=True)

    request_id: str
    from_trip: str | None = Field(alias="from")
    to_trip: str | None = Field(alias="to")


class Unseated(BaseModel):
    """A request that finds no seat, and what would carry it."""

    request_id: str
    rule: str
    limit: str
    figure: str
    mend_zh: str
    mend_en: str


class Difference(BaseModel):
    """What an amendment changes: all charters of the pool before and after, `accounts` by who bears more or less, in fen."""

    cost_before_fen: int
    cost_after_fen: int
    accounts: dict[str, int]
    trips: list[TripDifference]
    moved: list[Move]
    left: list[Unseated]


class AmendmentOut(BaseModel):
    """Another plan of a pool that stands, as long as it is only looked at; then who took or dropped it."""

    amendment_id: str
    round_id: str
    pool_id: str
    state: str
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    difference: Difference

    @classmethod
    def of(cls, row: AmendmentRow) -> Self:
        return cls(**row.model_dump(include=set(AmendmentOut.model_fields)))


class AmendmentList(BaseModel):
    """A round's amendments, latest first."""

    amendments: list[AmendmentOut]


class MarkIn(BaseModel):
    """`lock` a trip, `force` a request onto a trip, `forbid` a request a trip or another request beside it; why, without a name."""

    model_config = ConfigDict(extra="forbid")

    kind: MarkKind
    pool_id: str = Field(pattern=POOL_ID)
    trip_id: str | None = None
    request_id: str | None = None
    other_id: str | None = None
    reason: str = Field(min_length=1, max_length=500)


class MarkOut(MarkIn):
    """A mark with who set it and when, and who lifted it."""

    mark_id: str
    round_id: str
    set_by: str
    set_at: datetime
    lifted_by: str | None
    lifted_at: datetime | None

    @classmethod
    def of(cls, row: MarkRow) -> Self:
        return cls(**row.model_dump(include=set(MarkOut.model_fields)))


class MarkList(BaseModel):
    """A round's marks in the order in which they were set."""

    marks: list[MarkOut]


def router(database: Database, clock: Clock, promises: Promises, roads: Callable[[], Roads]) -> APIRouter:
    """The routes under /api/rounds/{round_id} and /api/amendments."""
    routes = APIRouter(prefix="/api", tags=["amendments"])

    @routes.post(
        "/rounds/{round_id}/amendments", status_code=201, summary="Plan a pool that stands otherwise"
    )
    def post_amendment(
        round_id: str, sent: AmendmentIn, principal: Annotated[Principal, Depends(PLANNERS)]
    ) -> AmendmentOut:
        asked = Asked(sent.pool_id, tuple(sent.broken), sent.again)
        with database.session() as session:
            row = get_round(session, round_id, principal)
            made = ask_amendment(session, row, asked, promises, roads(), principal.display_name, clock)
            return AmendmentOut.of(made)

    @routes.get("/rounds/{round_id}/amendments", summary="List a round's amendments")
    def show_amendments(round_id: str, principal: Annotated[Principal, Depends(READERS)]) -> AmendmentList:
        with database.session() as session:
            get_round(session, round_id, principal)
            found = list_amendments(session, round_id)
            return AmendmentList(amendments=[AmendmentOut.of(row) for row in found])

    @routes.get("/amendments/{amendment_id}", summary="Look at what an amendment changes")
    def show_amendment(amendment_id: str, principal: Annotated[Principal, Depends(READERS)]) -> AmendmentOut:
        with database.session() as session:
            return AmendmentOut.of(get_amendment(session, amendment_id, principal))

    @routes.post("/amendments/{amendment_id}/approve", summary="Make the trips what the amendment planned")
    def post_approval(
        request: Request, amendment_id: str, principal: Annotated[Principal, Depends(PLANNERS)]
    ) -> AmendmentOut:
        with database.session() as session:
            get_amendment(session, amendment_id, principal)
            by, cause = principal.display_name, request_cause(request)
            return AmendmentOut.of(approve_amendment(session, amendment_id, by, cause, clock))

    @routes.post("/amendments/{amendment_id}/drop", summary="Put an amendment away; nothing changes")
    def post_drop(amendment_id: str, principal: Annotated[Principal, Depends(PLANNERS)]) -> AmendmentOut:
        with database.session() as session:
            get_amendment(session, amendment_id, principal)
            return AmendmentOut.of(drop_amendment(session, amendment_id, principal.display_name, clock))

    @routes.post("/rounds/{round_id}/marks", status_code=201, summary="Lock, force or forbid")
    def post_mark(round_id: str, sent: MarkIn, principal: Annotated[Principal, Depends(PLANNERS)]) -> MarkOut:
        with database.session() as session:
            row = get_round(session, round_id, principal)
            return MarkOut.of(set_mark(session, row, Marked(**dict(sent)), principal.display_name, clock))

    @routes.get("/rounds/{round_id}/marks", summary="List what is laid down for a round")
    def show_marks(round_id: str, principal: Annotated[Principal, Depends(READERS)]) -> MarkList:
        with database.session() as session:
            get_round(session, round_id, principal)
            return MarkList(marks=[MarkOut.of(row) for row in list_marks(session, round_id)])

    @routes.post("/marks/{mark_id}/lift", summary="Let a mark hold no longer")
    def post_lift(mark_id: str, principal: Annotated[Principal, Depends(PLANNERS)]) -> MarkOut:
        with database.session() as session:
            return MarkOut.of(lift_mark(session, mark_id, principal, clock))

    return routes
