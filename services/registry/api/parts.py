"""What a route works with; `service.build` puts it into the app's state."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from shared.database import Database
from shared.http import request_cause
from shared.kernel.clock import Clock
from shared.messaging import Cause
from shared.metrics import Metrics
from shared.security import Vault


@dataclass(frozen=True)
class Parts:
    """The registry's parts."""

    database: Database
    vault: Vault
    clock: Clock
    metrics: Metrics

    def count(self, *, accepted: int = 0, refused: int = 0, known: int = 0) -> None:
        """Note what came in, once it is committed."""
        for outcome, number in (("accepted", accepted), ("refused", refused), ("known", known)):
            if number:
                self.metrics.requests_in.labels(outcome).inc(number)


def parts_of(request: Request) -> Parts:
    """The parts of the service that answers."""
    parts: Parts = request.app.state.parts
    return parts


PartsOf = Annotated[Parts, Depends(parts_of)]
CauseOf = Annotated[Cause, Depends(request_cause)]
