"""Finds households that may need a task or may be done with one: more than those that do, and none too few."""

from datetime import date

from sqlalchemy import text
from sqlmodel import Session

_ASTRAY = text("""
    (SELECT m.household_id FROM membership m JOIN household h ON h.id = m.household_id
     WHERE m.has_labour AND m.valid_from <= :day AND (m.valid_to IS NULL OR m.valid_to > :day)
       AND h.place_code LIKE :area
     EXCEPT
     SELECT o.household_id FROM membership o JOIN employment e ON e.person_id = o.person_id
     JOIN household h ON h.id = o.household_id
     WHERE o.valid_from <= :day AND (o.valid_to IS NULL OR o.valid_to > :day)
       AND e.valid_from <= :day AND (e.valid_to IS NULL OR e.valid_to > :day) AND h.place_code LIKE :area)
    UNION
    SELECT z.household_id FROM zero_task z JOIN household h ON h.id = z.household_id
    WHERE z.outcome IS NULL AND h.place_code LIKE :area
    ORDER BY 1
""")
"""By the IDs alone, without a look at who was merged: a household of which nobody is employed by any ID is among them."""


def list_astray(session: Session, day: date, area: str) -> list[str]:
    """By id, in the area whose codes begin so."""
    return list(session.connection().execute(_ASTRAY, {"day": day, "area": f"{area}%"}).scalars())
