"""Puts a notice that could not be delivered back in line, once what was in its way is mended; sends nothing itself."""

from datetime import datetime

from sqlmodel import Session

from services.notifier.domain.notice import State
from services.notifier.store import notices
from services.notifier.store.tables import NoticeRow
from shared.kernel.clock import Clock
from shared.kernel.errors import Conflict
from shared.security import Principal


class NotFailed(Conflict):
    """Notice {notice_id} is {state} and has not failed, so it is not sent again. Reload the list."""

    zh = "通知 {notice_id} 的状态为 {state}，并未失败，不再重发。请刷新列表。"


class OfNoMoreUse(Conflict):
    """Notice {notice_id} is out of date: a later one has replaced it, or its hour is past. Look for the later one."""

    zh = "通知 {notice_id} 已过时：已有更新的通知，或已过时限，不再重发。请查看更新的通知。"


def is_of_use(row: NoticeRow, now: datetime) -> bool:
    """Whether it is still the last word to its recipient, and in time."""
    return row.latest and now < row.expires_at


def send_again(session: Session, notice_id: str, principal: Principal, clock: Clock) -> NoticeRow:
    """The notice, to be sent again under its own key. Raises NoSuchNotice, NotFailed, OfNoMoreUse."""
    row = notices.get_notice(session, notice_id, notices.scope_of(principal))
    if row.state != State.FAILED:
        raise NotFailed(notice_id=notice_id, state=row.state)
    if not is_of_use(row, clock.now()):
        raise OfNoMoreUse(notice_id=notice_id)
    row.state, row.fault, row.handed_over, row.next_at = State.PENDING.value, None, False, clock.now()
    session.flush()
    return row
