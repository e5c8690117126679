"""The notifier's figures for the outside, counted in the database; they survive the process."""

from sqlalchemy import ColumnElement, func, true
from sqlmodel import Session, col, select

from services.notifier.store.tables import NoticeRow, RiderRow


def count_notices(session: Session, scope: ColumnElement[bool] | None = None) -> dict[tuple[str, str], int]:
    """Notices by medium and state, those in a caller's scope where one is given."""
    query = select(NoticeRow.medium, NoticeRow.state, func.count())
    query = query.where(true() if scope is None else scope).group_by(NoticeRow.medium, NoticeRow.state)
    return {(medium, state): count for medium, state, count in session.exec(query).all()}


def count_confirmations(session: Session) -> dict[str, int]:
    """Riders by what their enterprise said of them."""
    outcome = col(RiderRow.outcome)
    query = select(outcome, func.count()).where(outcome.is_not(None)).group_by(outcome)
    return {said: count for said, count in session.exec(query).all() if said is not None}
