"""Makes a month's tasks by one statement; a second time adds only who has come since."""

from datetime import date

from sqlalchemy import text
from sqlmodel import Session, select

from services.registry.domain.months import add_months, month_of, months_between
from services.registry.domain.tracking.rules import TrackingRule
from services.registry.store.tables import TrackingMonthRow

_MAKE = text("""
    INSERT INTO tracking_task (month, person_id, helper_id, place_code, due_on, tries)
    SELECT :month, f.person_id, f.helper_id, f.place_code, :due, 0
    FROM person_file f
    WHERE f.person_id IN (
        SELECT p.file_id FROM tracking t JOIN person p ON p.id = t.person_id AND p.wrapped_key IS NOT NULL
        WHERE t.opened_on < :month AND t.closed_on IS NULL AND t.taken_back_at IS NULL)
      AND NOT EXISTS (SELECT FROM tracking_task k WHERE k.month = :month AND k.person_id = f.person_id)
    ON CONFLICT (month, person_id) DO NOTHING
""")
_ROOM = text("SET LOCAL work_mem = '256MB'; SET LOCAL enable_nestloop = off")
"""So that a million people are matched in memory, all at once; gone with the transaction.

By statistics from before the month its table has no row of it, and looking through it for each person would look, each time,
through all that this statement has written by then.
"""
_FIRST = text("SELECT min(opened_on) FROM tracking WHERE taken_back_at IS NULL")
_NOTE = text("""
    INSERT INTO tracking_month (month, made_on) VALUES (:month, :day)
    ON CONFLICT (month) DO UPDATE SET made_on = excluded.made_on
""")


def insert_tasks(session: Session, month: date, rule: TrackingRule) -> int:
    """A task for every followed file that has none in the month; how many were made.

    Who is followed since before the month is its task: whoever arrives within it is met the month after, and who
    is followed no more has none: those that were open went, and do not come back the day after.
    """
    session.connection().execute(_ROOM)
    made = session.connection().execute(_MAKE, {"month": month, "due": rule.due_on(month)})
    return made.rowcount


def note_month(session: Session, month: date, day: date) -> None:
    """Note that the month's tasks were made on that day."""
    session.connection().execute(_NOTE, {"month": month, "day": day})


def months_to_make(session: Session, today: date) -> list[date]:
    """The months whose tasks are to be made now, in order: those missed, and the present one once a day."""
    present = month_of(today)
    made = {row.month: row.made_on for row in session.exec(select(TrackingMonthRow))}
    if made:
        missed = months_between(add_months(max(made), 1), present)
        again = [present] if present in made and made[present] < today else []
        return missed or again
    first = session.connection().execute(_FIRST).scalar_one()
    return months_between(add_months(first, 1), present) if first else []
