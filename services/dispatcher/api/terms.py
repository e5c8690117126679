"""Fleet, tariffs and policies over HTTP, as JSON or as the files that `zhida sample` writes.

Who loads them needs an area that covers the province.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, File, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from services.dispatcher.domain.fleet import Coaches
from services.dispatcher.intake.terms import read_fleet, read_policies, read_tariffs
from services.dispatcher.money.rules.policy import Policy
from services.dispatcher.money.rules.tariff import Tariff
from services.dispatcher.store import terms
from services.dispatcher.usecases.load_terms import load_fleet, load_policies, load_tariffs
from shared.database import Database
from shared.kernel.clock import Clock
from shared.security import Principal, Role, allow

READERS = allow(Role.DISPATCHER, Role.BUREAU, Role.FINANCE, Role.AUDIT, Role.OPERATOR)
FLEET_KEEPERS = allow(Role.DISPATCHER, Role.OPERATOR)
RULE_KEEPERS = allow(Role.FINANCE, Role.OPERATOR)


class FleetIn(BaseModel):
    """The whole fleet of the caller's area."""

    model_config = ConfigDict(extra="forbid")

    coaches: list[Coaches] = Field(max_length=20_000)


class FleetOut(BaseModel):
    """The coaches of the caller's area, a line a carrier and type."""

    coaches: list[Coaches]


class TariffList(BaseModel):
    """Dated prices, one entry a coach type and version."""

    model_config = ConfigDict(extra="forbid")

    tariffs: list[Tariff] = Field(max_length=1000)


class PolicyList(BaseModel):
    """Dated subsidy policies."""

    model_config = ConfigDict(extra="forbid")

    policies: list[Policy] = Field(max_length=1000)


class Loaded(BaseModel):
    """How many were given, and how many of them were new; the others were known already."""

    given: int
    loaded: int


def router(database: Database, clock: Clock) -> APIRouter:
    """The routes under /api/fleet, /api/tariffs, /api/policies."""
    routes = APIRouter(prefix="/api", tags=["terms"])

    def keep_fleet(principal: Principal, fleet: list[Coaches]) -> Loaded:
        with database.session() as session:
            load_fleet(session, principal, fleet)
        return Loaded(given=len(fleet), loaded=len(fleet))

    def keep_tariffs(principal: Principal, tariffs: list[Tariff]) -> Loaded:
        with database.session() as session:
            new = load_tariffs(session, principal, tariffs, clock)
        return Loaded(given=len(tariffs), loaded=new)

    def keep_policies(principal: Principal, policies: list[Policy]) -> Loaded:
        with database.session() as session:
            new = load_policies(session, principal, policies, clock)
        return Loaded(given=len(policies), loaded=new)

    @routes.get("/fleet", summary="List the coaches that may run for the caller's area")
    def show_fleet(principal: Annotated[Principal, Depends(READERS)]) -> FleetOut:
        with database.session() as session:
            rows = terms.list_fleet(session, principal)
        return FleetOut(coaches=[Coaches.model_validate(row.model_dump()) for row in rows])

    @routes.post("/fleet", summary="Replace the fleet of the caller's area")
    def post_fleet(sent: FleetIn, principal: Annotated[Principal, Depends(FLEET_KEEPERS)]) -> Loaded:
        return keep_fleet(principal, sent.coaches)

    @routes.post("/fleet/file", summary="Replace the fleet by a CSV")
    def post_fleet_file(
        principal: Annotated[Principal, Depends(FLEET_KEEPERS)], file: Annotated[UploadFile, File()]
    ) -> Loaded:
        return keep_fleet(principal, read_fleet(file.file.read()))

    @routes.get("/tariffs", summary="List the tariffs", dependencies=[Depends(READERS)])
    def show_tariffs() -> TariffList:
        with database.session() as session:
            return TariffList(tariffs=terms.list_tariffs(session))

    @routes.post("/tariffs", summary="Load tariffs")
    def post_tariffs(sent: TariffList, principal: Annotated[Principal, Depends(RULE_KEEPERS)]) -> Loaded:
        return keep_tariffs(principal, sent.tariffs)

    @routes.post("/tariffs/file", summary="Load tariffs from YAML")
    def post_tariffs_file(
        principal: Annotated[Principal, Depends(RULE_KEEPERS)], file: Annotated[UploadFile, File()]
    ) -> Loaded:
        return keep_tariffs(principal, read_tariffs(file.file.read()))

    @routes.get("/policies", summary="List the policies", dependencies=[Depends(READERS)])
    def show_policies() -> PolicyList:
        with database.session() as session:
            return PolicyList(policies=terms.list_policies(session))

    @routes.post("/policies", summary="Load policies")
    def post_policies(sent: PolicyList, principal: Annotated[Principal, Depends(RULE_KEEPERS)]) -> Loaded:
        return keep_policies(principal, sent.policies)

    @routes.post("/policies/file", summary="Load policies from YAML")
    def post_policies_file(
        principal: Annotated[Principal, Depends(RULE_KEEPERS)], file: Annotated[UploadFile, File()]
    ) -> Loaded:
        return keep_policies(principal, read_policies(file.file.read()))

    return routes
