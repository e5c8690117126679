"""Times the making of a month's tasks for everybody who can work, beside the database's own INSERT ... SELECT of as many rows.

Those who work outside their county are followed by the clerk's own act; the others are put beside them by SQL, so that it is
everybody: no arrival is needed to have a million. A helper a township or site has all of its people on the list.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlmodel import Session

from services.bench.fresh import vacuum
from services.registry.usecases.parts import Parts
from services.registry.usecases.tracking.months import make_month
from services.registry.usecases.tracking.open_area import follow_area
from shared.security import Principal

_HELPERS = (
    "INSERT INTO helper (id, place_code, name_sealed, phone_sealed, registered_at) "
    "SELECT 'H' || place_code, place_code, '', '', now() FROM person_file GROUP BY place_code",
    "UPDATE person_file f SET helper_id = 'H' || place_code "
    "WHERE EXISTS (SELECT FROM membership m WHERE m.person_id = f.person_id AND m.has_labour)",
)
_FOLLOW = """
    INSERT INTO tracking (id, person_id, opened_on, opened_at, opened_by, displaced)
    SELECT gen_random_uuid()::text, f.person_id, :day, now(), 'bench', '[]'
    FROM person_file f
    WHERE f.helper_id IS NOT NULL AND NOT EXISTS (SELECT FROM tracking t WHERE t.person_id = f.person_id)
"""
_RAW = """
    INSERT INTO raw_task (month, person_id, helper_id, place_code, due_on, tries)
    SELECT CAST(:month AS date), f.person_id, f.helper_id, f.place_code, CAST(:month AS date) + 24, 0
    FROM tracking t JOIN person_file f ON f.person_id = t.person_id
"""


@dataclass(frozen=True)
class Month:
    """Tasks made, and the seconds of it; then a second time, which must add none."""

    followed_by_clerk: int
    follow_s: float
    tasks: int
    seconds: float
    again: int
    again_s: float
    raw_tasks: int
    raw_s: float


def measure_month(parts: Parts, clerk: Principal, area: str, followed_on: date, month: date) -> Month:
    """Follow everybody, and make one month's tasks; each statement is committed within its time."""
    with parts.database.session() as session:
        for statement in _HELPERS:
            session.connection().execute(text(statement))
    begun = time.perf_counter()
    by_clerk = follow_area(parts, clerk, area, followed_on)
    follow_s = time.perf_counter() - begun
    with parts.database.session() as session:
        session.connection().execute(text(_FOLLOW), {"day": followed_on})
        session.connection().execute(text("CREATE TABLE raw_task AS TABLE tracking_task WITH NO DATA"))
    vacuum(parts.database)
    tasks, seconds = _time(parts, lambda session: make_month(session, month, parts.clock))
    again, again_s = _time(parts, lambda session: make_month(session, month, parts.clock))
    raw_tasks, raw_s = _time(
        parts, lambda session: session.connection().execute(text(_RAW), {"month": month}).rowcount
    )
    return Month(by_clerk, follow_s, tasks, seconds, again, again_s, raw_tasks, raw_s)


def _time(parts: Parts, work: Callable[[Session], int]) -> tuple[int, float]:
    begun = time.perf_counter()
    with parts.database.session() as session:
        rows = work(session)
    return rows, time.perf_counter() - begun
