"""Destroys by age what quotes people whom nobody could find in it to erase them: the retention of what came to nothing."""

import logging
import threading
from datetime import timedelta

from services.registry.store.answers import drop_answers
from services.registry.store.rosters import erase_rosters
from shared.database import Database, is_transient
from shared.kernel.clock import Clock

ROSTERS_LAST = timedelta(days=183)
"""Refused rows and names of files: the half year of an unsuccessful request, long enough to mend it."""
ANSWERS_LAST = timedelta(days=7)
"""A caller that repeats a request does so within minutes."""
LOOK_EVERY_S = 3600.0

log = logging.getLogger(__name__)


class Forgetting:
    """The worker that watches the ages."""

    name = "registry forgetting"

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def run(self, stop: threading.Event) -> None:
        """Look once an hour until `stop`; what is missed while the database is away is caught up with."""
        while not stop.is_set():
            try:
                self.look()
            except Exception as error:
                if not is_transient(error):
                    raise
                log.warning("%s waits: %s", self.name, error)
            stop.wait(LOOK_EVERY_S)

    def look(self) -> None:
        """Destroy what is too old now."""
        now = self._clock.now()
        with self._database.session() as session:
            erase_rosters(session, now - ROSTERS_LAST)
            drop_answers(session, now - ANSWERS_LAST)
