"""Opens the next day's round when its cut-off has passed; plans nothing itself."""

import logging
import threading
from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from services.dispatcher.store.rounds import has_cut_off_round
from services.dispatcher.usecases.open_round import (
    NoPolicyInForce,
    NoTariffForCoach,
    NoTariffInForce,
    NothingToPlan,
    RoundUnderWay,
    open_round,
)
from shared.database import Database
from shared.kernel.clock import SHANGHAI, Clock
from shared.kernel.errors import ZhidaError
from shared.messaging import Cause, keep_at

LOOK_EVERY_S = 20.0
REQUESTED_BY = "cut-off"

log = logging.getLogger(__name__)


def day_to_plan(now: datetime, cut_off: time) -> date | None:
    """The day after `now` in China once its cut-off has passed; None before."""
    local = now.astimezone(SHANGHAI)
    return local.date() + timedelta(days=1) if local.time() >= cut_off else None


class CutOff:
    """The worker that watches the clock."""

    name = "cut-off"

    def __init__(self, database: Database, clock: Clock, cut_off: time, area: str) -> None:
        self._database, self._clock = database, clock
        self._cut_off, self._area = cut_off, area
        self._done: date | None = None
        self._why = ""

    def run(self, stop: threading.Event) -> None:
        """Look at the clock until `stop`; a cut-off missed earlier this evening is caught up with."""
        keep_at(self.look, LOOK_EVERY_S, self.name, stop)

    def look(self) -> str | None:
        """Open the round of tonight's cut-off, once; its id, or None where there is nothing to do.

        Who is submitted after it waits for a round on request, or for tomorrow's cut-off. What keeps the round from
        being opened may be mended any time this evening: it is looked at again.
        """
        day = day_to_plan(self._clock.now(), self._cut_off)
        if day is None or day == self._done:
            return None
        try:
            with self._database.session() as session:
                if not has_cut_off_round(session, day, self._area, REQUESTED_BY):
                    return self._open(session, day)
        except NothingToPlan as error:
            self._tell(day, error)
        except (RoundUnderWay, NoTariffInForce, NoTariffForCoach, NoPolicyInForce) as error:
            self._tell(day, error)
            return None
        self._done = day
        return None

    def _tell(self, day: date, error: ZhidaError) -> None:
        """Say why there is no round, once for each reason: it is looked for every few seconds."""
        why = error.message("en")
        if why != self._why:
            log.warning("the cut-off opens no round", extra={"day": str(day), "why": why})
        self._why = why

    def _open(self, session: Session, day: date) -> str:
        row = open_round(
            session,
            day=day,
            area=self._area,
            requested_by=REQUESTED_BY,
            cause=Cause.fresh(),
            clock=self._clock,
        )
        return row.round_id
