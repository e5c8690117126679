"""Budgets of payers over HTTP, as JSON or as the CSV that finance offices keep; a caller sees and keeps its area's."""

from typing import Annotated, Self

from fastapi import APIRouter, Depends, File, Header, Request, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from services.dispatcher.api.terms import Loaded
from services.dispatcher.intake.budgets import read_budgets
from services.dispatcher.money.books.budget import Budget, Override
from services.dispatcher.store.ledger import balance_of, list_payers
from services.dispatcher.store.tables import AccountRow
from services.dispatcher.usecases.keep_budgets import allocate, override
from shared.database import Database
from shared.http import request_cause
from shared.kernel.clock import Clock
from shared.security import OFFICES, Principal, Role, allow

READERS = allow(*OFFICES)
WRITERS = allow(Role.FINANCE)
Key = Annotated[str, Header(alias="Idempotency-Key", pattern=r"^[!-~]{8,200}$")]
"""Chosen by the caller; the same key for the same payer and season adds nothing again."""


class BudgetList(BaseModel):
    """Budgets, one entry a payer, season and document."""

    model_config = ConfigDict(extra="forbid")

    budgets: list[Budget] = Field(max_length=5_000)


class PayerOut(BaseModel):
    """What a payer may spend in a season, what of it is reserved by approved trips, committed by contracts and settled by
    arrivals, and what is left; `paid_fen` is of what is settled. All in fen."""

    payer: str
    code: str
    season: str
    limit_fen: int
    reserved_fen: int
    committed_fen: int
    settled_fen: int
    paid_fen: int
    left_fen: int

    @classmethod
    def of(cls, row: AccountRow) -> Self:
        """The account as it stands in the books."""
        _, payer, code, season = row.account.split(":")
        stages = row.model_dump(exclude={"account"})
        return cls(payer=payer, code=code, season=season, left_fen=balance_of(row).left_fen, **stages)


class PayerList(BaseModel):
    """The payers of the caller's area."""

    payers: list[PayerOut]


class Overridden(BaseModel):
    """False where the key was used before, and so nothing was added."""

    added: bool


def router(database: Database, clock: Clock) -> APIRouter:
    """The routes under /api/budgets."""
    routes = APIRouter(prefix="/api/budgets", tags=["budgets"])

    def keep(request: Request, principal: Principal, budgets: list[Budget]) -> Loaded:
        with database.session() as session:
            new = allocate(session, principal, budgets, request_cause(request), clock)
        return Loaded(given=len(budgets), loaded=new)

    @routes.get("", summary="List what the payers of the caller's area may spend and have spent")
    def show_budgets(
        principal: Annotated[Principal, Depends(READERS)], season: str | None = None
    ) -> PayerList:
        with database.session() as session:
            return PayerList(payers=[PayerOut.of(row) for row in list_payers(session, principal, season)])

    @routes.post("", summary="Allocate budgets")
    def post_budgets(
        request: Request, sent: BudgetList, principal: Annotated[Principal, Depends(WRITERS)]
    ) -> Loaded:
        return keep(request, principal, sent.budgets)

    @routes.post("/file", summary="Allocate budgets by a CSV")
    def post_budgets_file(
        request: Request,
        principal: Annotated[Principal, Depends(WRITERS)],
        file: Annotated[UploadFile, File()],
    ) -> Loaded:
        return keep(request, principal, read_budgets(file.file.read()))

    @routes.post("/override", summary="Let a payer go beyond its budget, with a reason")
    def post_override(
        request: Request, sent: Override, principal: Annotated[Principal, Depends(WRITERS)], key: Key
    ) -> Overridden:
        with database.session() as session:
            added = override(session, principal, sent, key, request_cause(request), clock)
        return Overridden(added=added)

    return routes
