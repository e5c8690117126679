"""Routes of enterprises and their gates: register, list."""

from typing import Annotated

from fastapi import APIRouter, Depends, File, UploadFile

from services.registry.api.incoming import EnterprisesIn
from services.registry.api.outgoing import EnterpriseOut, RegisteredOut
from services.registry.callers import CauseOf, PartsOf
from services.registry.intake.enterprises import GivenEnterprise, read_enterprises
from services.registry.store.enterprises import list_enterprises
from services.registry.usecases.parts import Parts
from services.registry.usecases.register_enterprises import register_enterprises
from shared.messaging import Cause
from shared.security import Principal, Role, allow

router = APIRouter(prefix="/api/enterprises", tags=["enterprises"])
Registrar = Annotated[Principal, Depends(allow(Role.OPERATOR, Role.DISPATCHER, Role.ENTERPRISE))]
Reader = Annotated[
    Principal,
    Depends(allow(Role.BUREAU, Role.DISPATCHER, Role.ENTERPRISE, Role.FINANCE, Role.AUDIT, Role.OPERATOR)),
]


def _register(parts: Parts, given: list[GivenEnterprise], by: Principal, cause: Cause) -> RegisteredOut:
    with parts.database.session() as session:
        changed = register_enterprises(session, given, by=by, clock=parts.clock, cause=cause)
    return RegisteredOut(changed=changed, given=len(given))


@router.post("")
def register(body: EnterprisesIn, principal: Registrar, parts: PartsOf, cause: CauseOf) -> RegisteredOut:
    """Register enterprises, all of them or none; what is known already and unchanged stays as it is.

    One that is known is changed by itself, or by an operator whose area covers the province.
    """
    return _register(parts, [one.given(n) for n, one in enumerate(body.enterprises)], principal, cause)


@router.post("/file")
def register_file(
    principal: Registrar, parts: PartsOf, cause: CauseOf, file: Annotated[UploadFile, File()]
) -> RegisteredOut:
    """Register the enterprises of an XLSX or CSV, one line a gate."""
    given = read_enterprises(file.file.read(), (file.filename or "file")[:120])
    return _register(parts, given, principal, cause)


@router.get("")
def list_all(principal: Reader, parts: PartsOf) -> list[EnterpriseOut]:
    """All enterprises by name; an enterprise sees itself alone."""
    only = [principal.organisation or ""] if principal.has(Role.ENTERPRISE) else None
    with parts.database.session() as session:
        return [EnterpriseOut.of(row, gates) for row, gates in list_enterprises(session, only)]
