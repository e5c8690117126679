"""Reads and writes notices: what was told last, what is due, what was sent."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, false, or_, tuple_, update
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlmodel import Session, col, select

from services.notifier.domain.notice import Audience, Kind, Medium, Recipient, State, Told
from services.notifier.store.tables import NoticeRow, TripRow
from shared.kernel.errors import NotFound
from shared.security import Principal, Role, owned_by, within


class NoSuchNotice(NotFound):
    """There is no notice {notice_id}, or it is not yours to see."""

    zh = "通知 {notice_id} 不存在，或您无权查看。"


def list_told(session: Session, trip_id: str) -> dict[Recipient, Told]:
    """The last word to everybody on a trip; locked, so that no sender takes one while it is replaced."""
    query = select(NoticeRow).where(NoticeRow.trip_id == trip_id, col(NoticeRow.latest)).with_for_update()
    return {
        Recipient(Audience(row.audience), row.recipient_ref, Medium(row.medium)): Told(
            notice_id=row.notice_id,
            kind=Kind(row.kind),
            facts=row.facts,  # type: ignore[arg-type]  # stored by us, of the audience's own shape
            state=State(row.state),
            perhaps_known=row.known_before or (row.handed_over and row.state != State.FAILED),
        )
        for row in session.exec(query).all()
    }


def store(session: Session, rows: Sequence[dict[str, Any]], superseded: Sequence[str]) -> None:
    """Store notices as the last word to their recipients, and stop the pending ones they replace."""
    connection = session.connection()
    if superseded:
        connection.execute(
            update(NoticeRow)
            .where(col(NoticeRow.notice_id).in_(superseded))
            .values(state=State.SUPERSEDED.value)
        )
    if not rows:
        return
    recipients = {(row["audience"], row["recipient_ref"], row["medium"]) for row in rows}
    before = select(NoticeRow).where(NoticeRow.trip_id == rows[0]["trip_id"], col(NoticeRow.latest))
    for row in session.exec(before).all():
        if (row.audience, row.recipient_ref, row.medium) in recipients:
            row.latest = False
    session.flush()
    connection.execute(insert(NoticeRow).values(list(rows)))


def claim_due(
    session: Session,
    medium: Medium,
    now: datetime,
    until: datetime,
    limit: int,
    *,
    one_each: bool,
    but_for: Iterable[str],
) -> list[tuple[NoticeRow, bool]]:
    """Due notices, held for this sender until `until`; each with whether an earlier try may have arrived.

    `one_each` takes the oldest to each recipient alone; nothing is taken to the recipients `but_for`.
    """
    due = (
        NoticeRow.state == State.PENDING,
        NoticeRow.medium == medium,
        NoticeRow.next_at <= now,
        col(NoticeRow.recipient_ref).not_in(list(but_for)),
    )
    order = (col(NoticeRow.next_at), col(NoticeRow.notice_id))
    query = select(NoticeRow).where(*due)
    if one_each:
        recipient = col(NoticeRow.recipient_ref)
        oldest = select(NoticeRow.notice_id).where(*due).order_by(recipient, *order)
        query = query.where(col(NoticeRow.notice_id).in_(oldest.ext(distinct_on(recipient))))
    claimed = []
    for row in session.exec(query.order_by(*order).limit(limit).with_for_update(skip_locked=True)).all():
        claimed.append((row, row.handed_over))
        row.attempts += 1
        row.handed_over = True
        row.next_at = until
    return claimed


def mark(session: Session, notice_ids: Iterable[str], **values: Any) -> list[str]:
    """Set `values` on those of the notices that are still pending; gives their ids."""
    statement = (
        update(NoticeRow)
        .where(col(NoticeRow.notice_id).in_(list(notice_ids)), col(NoticeRow.state) == State.PENDING.value)
        .values(**values)
        .returning(col(NoticeRow.notice_id))
    )
    return list(session.connection().execute(statement).scalars())


def revive(session: Session, audience: Audience, ref: str, fault: str, now: datetime) -> None:
    """Try again what failed for a recipient with `fault`, now that it is mended; nothing older than its use."""
    session.connection().execute(
        update(NoticeRow)
        .where(
            col(NoticeRow.audience) == audience.value,
            col(NoticeRow.recipient_ref) == ref,
            col(NoticeRow.state) == State.FAILED.value,
            col(NoticeRow.fault) == fault,
            col(NoticeRow.latest),
            col(NoticeRow.expires_at) > now,
        )
        .values(state=State.PENDING.value, fault=None, handed_over=False, next_at=now)
    )


def scope_of(principal: Principal) -> ColumnElement[bool]:
    """The notices a caller may see: an office's of its area, those to the caller's own organisation."""
    allowed: list[ColumnElement[bool]] = []
    if principal.has(Role.OPERATOR, Role.DISPATCHER, Role.AUDIT):
        allowed.append(within(NoticeRow.county_code, principal))
    if principal.has(Role.CARRIER):
        own = select(TripRow.trip_id).where(owned_by(TripRow.carrier_id, principal))
        allowed.append((col(NoticeRow.audience) == Audience.CARRIER.value) & col(NoticeRow.trip_id).in_(own))
    if principal.has(Role.ENTERPRISE):
        own_notice = owned_by(NoticeRow.recipient_ref, principal)
        allowed.append((col(NoticeRow.audience) == Audience.ENTERPRISE.value) & own_notice)
    return or_(false(), *allowed)


def get_notice(session: Session, notice_id: str, scope: ColumnElement[bool]) -> NoticeRow:
    """A notice within a caller's `scope`, locked; raises NoSuchNotice."""
    query = select(NoticeRow).where(NoticeRow.notice_id == notice_id, scope).with_for_update()
    row = session.exec(query).one_or_none()
    if row is None:
        raise NoSuchNotice(notice_id=notice_id)
    return row


def list_notices(
    session: Session,
    scope: ColumnElement[bool],
    *,
    trip_id: str | None = None,
    state: State | None = None,
    medium: Medium | None = None,
    before: str | None = None,
    limit: int,
) -> list[NoticeRow]:
    """The newest notices first; `before` is the id of the last one of the page before."""
    query = select(NoticeRow).where(scope)
    for column, value in (
        (NoticeRow.trip_id, trip_id),
        (NoticeRow.state, state),
        (NoticeRow.medium, medium),
    ):
        if value is not None:
            query = query.where(col(column) == value)
    if before is not None:
        place = tuple_(col(NoticeRow.created_at), col(NoticeRow.notice_id))
        last = select(NoticeRow.created_at, NoticeRow.notice_id).where(NoticeRow.notice_id == before, scope)
        query = query.where(place < last.scalar_subquery())
    query = query.order_by(col(NoticeRow.created_at).desc(), col(NoticeRow.notice_id).desc()).limit(limit)
    return list(session.exec(query).all())
