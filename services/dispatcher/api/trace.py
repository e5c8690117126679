"""Traces over HTTP: the whole chain of a trip, a claim, a transfer, a voucher or a request; changes nothing."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.dispatcher.domain.trace import Trace
from services.dispatcher.usecases.trace import trace
from shared.database import Database
from shared.directory import Directory
from shared.security import Principal, Role, allow

READERS = allow(Role.FINANCE, Role.AUDIT, Role.BUREAU, Role.DISPATCHER)


def router(database: Database, directory: Directory) -> APIRouter:
    """The route /api/trace."""
    routes = APIRouter(prefix="/api", tags=["trace"])

    @routes.get("/trace/{key}", summary="Trace money to the roster's row, and a worker to each fen spent")
    def show_trace(key: str, principal: Annotated[Principal, Depends(READERS)]) -> Trace:
        return trace(database, directory, principal, key)

    return routes
