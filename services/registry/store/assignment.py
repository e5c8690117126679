"""Writes and finds who helps whom: a file has one named helper at a time, and whose it was stays known."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session, col, select

from services.registry.store.tables import AssignmentRow, FileRow, HelperRow
from shared.database import locked
from shared.kernel.errors import NotFound
from shared.security import Principal, within


class HelperUnknown(NotFound):
    """There is no helper {helper_id}, or they do not work in your area. Register them first, or choose another."""

    zh = "没有编号为 {helper_id} 的帮扶责任人，或其不在您的辖区工作。请先登记，或另选一人。"


_ASSIGN = text("""
    WITH moved AS (
        UPDATE person_file SET helper_id = :helper
        WHERE person_id = ANY(:ids) AND helper_id IS DISTINCT FROM :helper
        RETURNING person_id
    )
    INSERT INTO assignment (person_id, since, helper_id, by)
    SELECT person_id, :at, :helper, :by FROM moved
    ON CONFLICT (person_id, since) DO UPDATE SET helper_id = excluded.helper_id, by = excluded.by
    RETURNING person_id
""")


def get_helper(session: Session, principal: Principal, helper_id: str) -> HelperRow:
    """A helper of the caller's area. Raises HelperUnknown."""
    found = session.exec(
        select(HelperRow).where(HelperRow.id == helper_id, within(HelperRow.place_code, principal))
    ).first()
    if found is None:
        raise HelperUnknown(helper_id=helper_id[:40])
    return found


def lock_files(session: Session, person_ids: Iterable[str]) -> dict[str, FileRow]:
    """These files by person, held to the end, always in the order of ids."""
    mine = select(FileRow).where(col(FileRow.person_id).in_(list(person_ids)))
    return {row.person_id: row for row in session.exec(locked(mine.order_by(col(FileRow.person_id))))}


def assign(session: Session, person_ids: Sequence[str], helper_id: str, by: str, at: datetime) -> list[str]:
    """Give these people's files to a helper; gives those whose helper it was not yet. A second time changes nothing.

    The caller has seen to it that helper and files are theirs. Who has no file is left out.
    """
    ids = sorted(set(person_ids))
    lock_files(session, ids)
    moved = session.connection().execute(_ASSIGN, {"ids": ids, "helper": helper_id, "by": by, "at": at})
    session.expire_all()
    return sorted(moved.scalars())


def list_assignments(session: Session, person_id: str) -> list[AssignmentRow]:
    """Who helped this person, the latest first."""
    mine = select(AssignmentRow).where(AssignmentRow.person_id == person_id)
    return list(session.exec(mine.order_by(col(AssignmentRow.since).desc())))
