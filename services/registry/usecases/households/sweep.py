"""Finds the households whose tasks are not what the facts say, in an area or everywhere, and puts them right; once a day by itself."""

import logging
import threading
from datetime import date

from services.registry.store.households.sweep import list_astray
from services.registry.usecases.households.fallen import settle
from shared.database import Database
from shared.kernel.clock import Clock, local_date
from shared.messaging import keep_at

AT_ONCE = 500
LOOK_EVERY_S = 900.0
BY = "sweep"

log = logging.getLogger(__name__)


def sweep(database: Database, day: date, by: str, *, area: str = "") -> int:
    """Put right what was missed up to that day; how many tasks were opened, moved or ended. A second time changes nothing."""
    with database.session() as session:
        astray = list_astray(session, day, area)
    changed = 0
    for start in range(0, len(astray), AT_ONCE):
        with database.session() as session:
            changed += settle(session, astray[start : start + AT_ONCE], day, by)
    if changed:
        log.info("households swept", extra={"day": day.isoformat(), "changed": changed})
    return changed


class Sweeping:
    """The worker that sweeps once each day: what lay ahead yesterday has begun, and an end that nobody called out is found."""

    name = "registry households"

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._swept_on: date | None = None

    def run(self, stop: threading.Event) -> None:
        """Look now and then until `stop`; what is missed while the database is away is caught up with."""
        keep_at(self.look, LOOK_EVERY_S, self.name, stop)

    def look(self) -> None:
        """Sweep, unless it was done today."""
        today = local_date(self._clock.now())
        if self._swept_on != today:
            sweep(self._database, today, BY)
            self._swept_on = today
