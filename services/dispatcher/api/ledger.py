"""The ledger over HTTP: a statement with balances, held to the caller's accounts; changes nothing."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from services.dispatcher.store.ledger import list_balances, list_transfers
from shared.database import Database
from shared.security import Principal, Role, allow

READERS = allow(
    Role.FINANCE,
    Role.AUDIT,
    Role.DISPATCHER,
    Role.BUREAU,
    Role.OPERATOR,
    Role.CARRIER,
    Role.ENTERPRISE,
)


class BalanceOut(BaseModel):
    """An account's fen: its limit where it is a payer, reserved by trips that are approved, committed by contracts,
    settled by arrivals, paid on claims. A carrier's are what it may expect and is owed."""

    account: str
    limit_fen: int
    reserved_fen: int
    committed_fen: int
    settled_fen: int
    paid_fen: int


class TransferOut(BaseModel):
    """One entry. `answers` names the reservation that it settles or releases, `corrects` what it takes back."""

    id: str
    trip_id: str | None
    number: int
    kind: str
    debit: str
    credit: str
    amount_fen: int
    season: str
    rule: str
    cause: str
    answers: str | None
    corrects: str | None
    recorded_at: datetime


class Statement(BaseModel):
    """Balances of the accounts and the latest transfers, as far as the caller may see them."""

    balances: list[BalanceOut]
    transfers: list[TransferOut]


def router(database: Database) -> APIRouter:
    """The route /api/ledger."""
    routes = APIRouter(prefix="/api", tags=["ledger"])

    @routes.get("/ledger", summary="A statement by account, trip or season")
    def show_statement(
        principal: Annotated[Principal, Depends(READERS)],
        account: str | None = None,
        trip_id: str | None = None,
        season: str | None = None,
        limit: Annotated[int, Query(ge=0, le=10_000)] = 1000,
    ) -> Statement:
        with database.session() as session:
            balances = list_balances(session, principal, account=account, trip_id=trip_id, season=season)
            transfers = list_transfers(
                session, principal, account=account, trip_id=trip_id, season=season, limit=limit
            )
        return Statement(
            balances=[BalanceOut(**balance) for balance in balances],
            transfers=[
                TransferOut(**row.model_dump(include=set(TransferOut.model_fields))) for row in transfers
            ],
        )

    return routes
