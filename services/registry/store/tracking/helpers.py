"""Registers named helpers and finds them in an area, and hands their open tasks on."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from services.registry.store.tables import FileRow, HelperRow
from shared.database import locked
from shared.security import Principal, within

_HOLD_OPEN = text("""
    SELECT FROM tracking_task WHERE person_id = ANY(:ids) AND outcome IS NULL ORDER BY month, person_id FOR NO KEY UPDATE
""")
"""In the order in which records hold tasks, so that a phone and a clerk who moves its list never wait for each other in a ring."""
_MOVE_OPEN = text("""
    UPDATE tracking_task SET helper_id = :helper
    WHERE person_id = ANY(:ids) AND outcome IS NULL AND helper_id IS DISTINCT FROM :helper
""")

_NOTE_FIRST = text("""
    INSERT INTO assignment (person_id, since, helper_id, by)
    SELECT f.person_id, f.opened_at, f.helper_id, f.opened_by FROM person_file f
    WHERE f.person_id = ANY(:ids) AND f.helper_id IS NOT NULL
      AND NOT EXISTS (SELECT FROM assignment a WHERE a.person_id = f.person_id)
    ON CONFLICT DO NOTHING
""")


def find_helper(session: Session, helper_id: str) -> HelperRow | None:
    """A helper, held to the end, whoever's area it is."""
    return session.exec(locked(select(HelperRow).where(HelperRow.id == helper_id))).first()


def helpers_named(session: Session, helper_ids: Sequence[str]) -> dict[str, HelperRow]:
    """These helpers by id."""
    rows = session.exec(select(HelperRow).where(col(HelperRow.id).in_(list(helper_ids))))
    return {row.id: row for row in rows}


def list_helpers(
    session: Session, principal: Principal, *, offset: int, limit: int
) -> tuple[list[tuple[HelperRow, int]], int]:
    """A page of the area's helpers with how many people each has, and how many helpers there are."""
    mine = within(HelperRow.place_code, principal)
    total = session.exec(select(func.count()).select_from(HelperRow).where(mine)).one()
    theirs = _helped(principal, col(HelperRow.id))
    people = select(func.count()).select_from(FileRow).where(*theirs).scalar_subquery()
    page = select(HelperRow, people).where(mine).order_by(col(HelperRow.place_code), col(HelperRow.id))
    return [(row, count) for row, count in session.exec(page.offset(offset).limit(limit))], total


def _helped(principal: Principal, helper_id: Any) -> tuple[Any, ...]:
    """Whose named helper this is, in the caller's area, as one condition for lists and for counts."""
    return (col(FileRow.helper_id) == helper_id, within(FileRow.place_code, principal))


def files_of_helper(session: Session, principal: Principal, helper_id: str) -> list[str]:
    """Whose named helper this is, in the caller's area."""
    mine = select(FileRow.person_id).where(*_helped(principal, helper_id))
    return list(session.exec(mine.order_by(col(FileRow.person_id))))


def page_of_helper(
    session: Session, principal: Principal, helper_id: str, *, offset: int, limit: int
) -> tuple[list[FileRow], int]:
    """A page of the helper's files in the caller's area, and how many there are."""
    mine = _helped(principal, helper_id)
    total = session.exec(select(func.count()).select_from(FileRow).where(*mine)).one()
    page = select(FileRow).where(*mine).order_by(col(FileRow.place_code), col(FileRow.person_id))
    return list(session.exec(page.offset(offset).limit(limit))), total


def move_open_tasks(session: Session, person_ids: Sequence[str], helper_id: str) -> int:
    """Put the open tasks of these people on this helper's list; how many there were."""
    session.connection().execute(_HOLD_OPEN, {"ids": list(person_ids)})
    moved = session.connection().execute(_MOVE_OPEN, {"ids": list(person_ids), "helper": helper_id})
    session.expire_all()
    return moved.rowcount


def note_first_helper(session: Session, person_ids: Sequence[str]) -> None:
    """Write down whose people these have been since their files were opened, where a register said so and nobody else has:
    or what their helper recorded without network before the list went would be a stranger's."""
    session.connection().execute(_NOTE_FIRST, {"ids": list(person_ids)})
