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
Service = Annotated[Principal, Depends(allow(Role.SERVICE))]
Operator = Annotated[Principal, Depends(allow(Role.OPERATOR))]
CaseReader = Annotated[Principal, Depends(allow(Role.BUREAU, Role.RIGHTS))]
RightsOffice = Annotated[Principal, Depends(allow(Role.RIGHTS))]
CaseCounter = Annotated[Principal, Depends(allow(Role.AUDIT))]
Helper = Annotated[Principal, Depends(allow(Role.HELPER))]
Clerk = Annotated[Principal, Depends(allow(Role.BUREAU))]
"""The labour office: it keeps files, answers what a person asks of their own data, leads cases, makes lists of rewards,
and sees in full the rows that were refused of what it sent."""
ClerkOrHelper = Annotated[Principal, Depends(allow(Role.BUREAU, Role.HELPER))]
"""Who records what was found in a month, helps a household and notes what was done, and opens a case: a helper for one of
theirs, and reads none."""
ClerkOrFinance = Annotated[Principal, Depends(allow(Role.BUREAU, Role.FINANCE))]
"""The offices that cross-match what they pay with other offices' lists, and check and pay a list of rewards by name."""
PaymentReader = Annotated[Principal, Depends(allow(Role.BUREAU, Role.FINANCE, Role.AUDIT, Role.OPERATOR))]
"""Who sees which lists of other offices were loaded, and the rules and lists of rewards, masked."""
WorkforceReader = Annotated[Principal, Depends(allow(Role.ENTERPRISE))]
IndicatorReader = Annotated[Principal, Depends(allow(Role.BUREAU, Role.AUDIT))]
HouseholdReader = Annotated[Principal, Depends(allow(Role.BUREAU, Role.AUDIT, Role.HELPER))]
Page = Annotated[int, Query(ge=1, le=100_000)]
Size = Annotated[int, Query(ge=1, le=200)]
