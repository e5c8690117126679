"""What the use cases work with; `service.build` puts it together once."""

from dataclasses import dataclass

from shared.database import Database
from shared.kernel.clock import Clock
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
