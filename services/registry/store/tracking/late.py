"""Counts the tasks that are late, of all areas together, for who watches the service itself."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import text
from sqlmodel import Session

_LATE = text("""
    SELECT k.month, k.due_on, count(*) FROM tracking_task k
    JOIN person p ON p.id = k.person_id AND p.file_id = p.id AND p.wrapped_key IS NOT NULL
    WHERE k.month = ANY(:months) AND k.outcome IS NULL AND k.due_on < :today
    GROUP BY 1, 2
""")


def count_late(session: Session, months: Sequence[date], today: date) -> list[tuple[date, date, int]]:
    """How many open tasks of these months are past which due day: the month, the day, the number."""
    if not months:
        return []
    rows = session.connection().execute(_LATE, {"months": list(months), "today": today})
    return [(month, due_on, number) for month, due_on, number in rows]
