"""Households of invented people of whom nobody is employed any more, for the tests of what is done about it."""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session

from services.registry.store.people import lock_people
from services.registry.usecases.households.fallen import household_employment_changed
from services.registry.usecases.parts import Parts
from tests.registry.employed import end_employment
from tests.registry.folk import TOWNSHIP, Folk, add_folk, add_household

TODAY = date(2020, 2, 20)
"""The day of the tests' clock."""
WORKS_SINCE = date(2019, 3, 1)
FELL_ON = date(2020, 2, 10)


def family(
    parts: Parts,
    numbers: Sequence[int],
    *,
    number: str = "0001",
    place_code: str = TOWNSHIP,
    helper_id: str | None = None,
) -> tuple[str, list[Folk]]:
    """A household of which all have been employed since spring."""
    household = add_household(parts, number, place_code)
    folk = add_folk(
        parts,
        numbers,
        place_code=place_code,
        household_id=household,
        helper_id=helper_id,
        employed_since=WORKS_SINCE,
    )
    return household, folk


def leave(parts: Parts, folk: Sequence[Folk], *, on: date = FELL_ON, today: date = TODAY) -> None:
    """They are not employed from that day on, as became known today."""
    ids = [one.id for one in folk]
    with parts.database.session() as session:
        _end(session, ids, on)
        household_employment_changed(session, ids, today, "helper-1")


def fallen(
    parts: Parts,
    first: int,
    *,
    number: str = "0001",
    place_code: str = TOWNSHIP,
    helper_id: str | None = None,
    today: date = TODAY,
) -> tuple[str, str, list[Folk]]:
    """A household that has fallen to nobody employed: its id, its task's, and its two members."""
    household, folk = family(
        parts, (first, first + 1), number=number, place_code=place_code, helper_id=helper_id
    )
    leave(parts, folk, today=today)
    with parts.database.session() as session:
        query = "SELECT id FROM zero_task WHERE household_id = %s AND outcome IS NULL"
        task_id: str = session.connection().exec_driver_sql(query, (household,)).scalar_one()
    return household, task_id, folk


def _end(session: Session, ids: Sequence[str], on: date) -> None:
    lock_people(session, ids)
    for one in ids:
        end_employment(session, one, on)
