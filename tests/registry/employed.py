"""Puts spells of employment straight into the registry's tables for tests; two spells of a person never overlap."""

from datetime import date

from sqlalchemy import delete, update
from sqlmodel import Session, col, or_, select

from services.registry.store.tables import EmploymentRow


def begin_employment(
    session: Session,
    person_id: str,
    day: date,
    *,
    enterprise_id: str | None,
    area_code: str,
    source: str,
) -> None:
    """Employed there from `day` on, whatever was known of that day and later. The caller holds the person's row.

    A spell at the same place that holds `day` goes on as it is.
    """
    current = find_employment(session, person_id, day)
    if current and (current.enterprise_id, current.area_code) == (enterprise_id, area_code):
        return
    end_employment(session, person_id, day)
    session.add(
        EmploymentRow(
            person_id=person_id,
            valid_from=day,
            enterprise_id=enterprise_id,
            area_code=area_code,
            source=source,
        )
    )
    session.flush()


def end_employment(session: Session, person_id: str, day: date) -> None:
    """Not employed from `day` on. The caller holds the person's row."""
    mine = col(EmploymentRow.person_id) == person_id
    session.connection().execute(delete(EmploymentRow).where(mine, col(EmploymentRow.valid_from) >= day))
    goes_on = or_(col(EmploymentRow.valid_to).is_(None), col(EmploymentRow.valid_to) > day)
    session.connection().execute(update(EmploymentRow).where(mine, goes_on).values(valid_to=day))
    session.expire_all()


def find_employment(session: Session, person_id: str, day: date) -> EmploymentRow | None:
    """The spell that holds `day`."""
    return session.exec(
        select(EmploymentRow).where(
            EmploymentRow.person_id == person_id,
            col(EmploymentRow.valid_from) <= day,
            or_(col(EmploymentRow.valid_to).is_(None), col(EmploymentRow.valid_to) > day),
        )
    ).first()
