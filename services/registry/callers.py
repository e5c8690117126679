"""Who may call a route of the API or see a page, and what it is handed."""

from typing import Annotated

from fastapi import Depends, Query, Request

from services.registry.usecases.parts import Parts
from shared.http import request_cause
from shared.messaging import Cause
from shared.security import Principal, Role, allow


def parts_of(request: Request) -> Parts:
    """The parts of the service that answers."""
    parts: Parts = request.app.state.parts
    return parts


PartsOf = Annotated[Parts, Depends(parts_of)]
CauseOf = Annotated[Cause, Depends(request_cause)]
Writer = Annotated[Principal, Depends(allow(Role.BUREAU, Role.OPERATOR))]
Reader = Annotated[Principal, Depends(allow(Role.BUREAU, Role.OPERATOR, Role.AUDIT))]
Operator = Annotated[Principal, Depends(allow(Role.OPERATOR))]
Page = Annotated[int, Query(ge=1, le=100_000)]
Size = Annotated[int, Query(ge=1, le=200)]
