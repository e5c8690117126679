"""Charter contracts of trips over HTTP, as JSON or CSV: carriers record their own, bureaus and dispatchers their area's."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, File, Request, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from services.dispatcher.api.terms import Loaded
from services.dispatcher.api.trips import READERS
from services.dispatcher.domain.contract import Contract
from services.dispatcher.intake.contracts import read_contracts
from services.dispatcher.store import trips
from services.dispatcher.usecases.sign_contract import sign_contracts
from shared.database import Database
from shared.http import request_cause
from shared.kernel.clock import Clock
from shared.security import Principal, Role, allow

SIGNERS = allow(Role.CARRIER, Role.BUREAU, Role.DISPATCHER)


class ContractList(BaseModel):
    """Contracts, one entry a trip."""

    model_config = ConfigDict(extra="forbid")

    contracts: list[Contract] = Field(max_length=5_000)


class ContractOut(Contract):
    """A trip's contract; `tariff_fen` is what the trip costs by the tariff."""

    tariff_fen: int
    recorded_by: str
    recorded_at: datetime


def router(database: Database, clock: Clock) -> APIRouter:
    """The routes /api/contracts and /api/trips/{trip_id}/contract."""
    routes = APIRouter(prefix="/api", tags=["contracts"])

    def sign(request: Request, principal: Principal, contracts: list[Contract]) -> Loaded:
        with database.session() as session:
            new = sign_contracts(session, principal, contracts, request_cause(request), clock)
        return Loaded(given=len(contracts), loaded=new)

    @routes.post("/contracts", summary="Record charter contracts of trips")
    def post_contracts(
        request: Request, sent: ContractList, principal: Annotated[Principal, Depends(SIGNERS)]
    ) -> Loaded:
        return sign(request, principal, sent.contracts)

    @routes.post("/contracts/file", summary="Record charter contracts by a CSV")
    def post_contracts_file(
        request: Request,
        principal: Annotated[Principal, Depends(SIGNERS)],
        file: Annotated[UploadFile, File()],
    ) -> Loaded:
        return sign(request, principal, read_contracts(file.file.read()))

    @routes.get("/trips/{trip_id}/contract", summary="Look at a trip's contract; null where it has none yet")
    def show_contract(trip_id: str, principal: Annotated[Principal, Depends(READERS)]) -> ContractOut | None:
        with database.session() as session:
            trips.get_trip(session, trip_id, principal)
            found = trips.find_contract(session, trip_id)
            return ContractOut(**found.model_dump(include=set(ContractOut.model_fields))) if found else None

    return routes
