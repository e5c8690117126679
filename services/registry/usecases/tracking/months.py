"""Makes the tasks of the months that have begun, in order, also those that an outage missed; a second time changes nothing."""

import logging
import threading
from datetime import date

from sqlmodel import Session

from services.registry.domain.months import month_of
from services.registry.domain.tracking.rules import shipped_rule
from services.registry.store.tracking.months import insert_tasks, months_to_make, note_month
from shared.database import Database, hold
from shared.kernel.clock import Clock, local_date
from shared.messaging import keep_at

LOOK_EVERY_S = 3600.0
log = logging.getLogger(__name__)


def make_month(session: Session, month: date, clock: Clock) -> int:
    """Make the month's tasks in the caller's transaction, one for each followed file; how many were new."""
    made = insert_tasks(session, month_of(month), shipped_rule(month))
    note_month(session, month_of(month), local_date(clock.now()))
    return made


def make_months(database: Database, clock: Clock) -> dict[date, int]:
    """Make every month that is due, each in its own transaction; how many tasks were new by month."""
    made: dict[date, int] = {}
    while month := _next_month(database, clock, made):
        log.info("tracking tasks made", extra={"month": month.isoformat(), "tasks": made[month]})
    return made


def _next_month(database: Database, clock: Clock, made: dict[date, int]) -> date | None:
    """Make the earliest month that is due; None where none is. Two processes take turns."""
    with database.session() as session:
        hold(session, "registry.tracking.months")
        due = [one for one in months_to_make(session, local_date(clock.now())) if one not in made]
        if not due:
            return None
        made[due[0]] = make_month(session, due[0], clock)
        return due[0]


class Monthly:
    """The worker that makes the months."""

    name = "registry monthly tracking"

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def run(self, stop: threading.Event) -> None:
        """Look once an hour until `stop`; what is missed while the database is away is caught up with."""
        keep_at(self.look, LOOK_EVERY_S, self.name, stop)

    def look(self) -> dict[date, int]:
        """Make what is due now; how many tasks were new by month."""
        return make_months(self._database, self._clock)
