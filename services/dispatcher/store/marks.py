"""Queries on what a dispatcher has laid down for rounds; decides nothing."""

from sqlmodel import Session, col, select

from services.dispatcher.domain.mark import NoSuchMark
from services.dispatcher.store.tables import MarkRow
from shared.database import locked
from shared.security import Principal, within


def get_mark(session: Session, mark_id: str, principal: Principal) -> MarkRow:
    """The mark, locked. Raises NoSuchMark, also for another area's."""
    query = select(MarkRow).where(MarkRow.mark_id == mark_id).where(within(MarkRow.county_code, principal))
    found = session.exec(locked(query)).one_or_none()
    if found is None:
        raise NoSuchMark(mark_id=mark_id)
    return found


def list_marks(session: Session, round_id: str, *, pool_id: str | None = None) -> list[MarkRow]:
    """The round's marks in the order in which they were set, lifted ones too; of a pool those that hold."""
    query = select(MarkRow).where(MarkRow.round_id == round_id)
    if pool_id is not None:
        query = query.where(MarkRow.pool_id == pool_id, col(MarkRow.lifted_at).is_(None))
    return list(session.exec(query.order_by(col(MarkRow.set_at), MarkRow.mark_id)))
