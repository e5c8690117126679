"""The notices over HTTP: what was told to whom, and what became of it; never where it was sent."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from services.notifier.domain.notice import Audience, Kind, Medium, State
from services.notifier.store import notices
from services.notifier.store.tables import NoticeRow
from services.notifier.usecases.send_again import send_again
from shared.database import Database
from shared.kernel.clock import Clock
from shared.security import Principal, Role, allow

READERS = allow(Role.OPERATOR, Role.DISPATCHER, Role.AUDIT, Role.CARRIER, Role.ENTERPRISE)
SENDERS = allow(Role.OPERATOR)


class NoticeOut(BaseModel):
    """One notice. `recipient` is a request id, a carrier id or an enterprise id; `body` is without its link."""

    notice_id: str
    trip_id: str
    audience: Audience
    recipient: str
    medium: Medium
    kind: Kind
    subject: str
    body: str
    state: State
    fault: str | None
    attempts: int
    created_at: datetime
    sent_at: datetime | None


class NoticePage(BaseModel):
    """Notices, the newest first; ask for what follows with `before=next`."""

    notices: list[NoticeOut]
    next: str | None


def router(database: Database, clock: Clock) -> APIRouter:
    """The routes under /api/notices."""
    routes = APIRouter(prefix="/api/notices", tags=["notices"])

    @routes.get("", summary="List notices")
    def list_notices(
        principal: Annotated[Principal, Depends(READERS)],
        trip_id: str | None = None,
        state: State | None = None,
        medium: Medium | None = None,
        before: Annotated[str | None, Query(description="`next` of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> NoticePage:
        with database.session() as session:
            rows = notices.list_notices(
                session,
                notices.scope_of(principal),
                trip_id=trip_id,
                state=state,
                medium=medium,
                before=before,
                limit=limit + 1,
            )
        page = [_out(row) for row in rows[:limit]]
        return NoticePage(notices=page, next=page[-1].notice_id if len(rows) > limit else None)

    @routes.post("/{notice_id}/send-again", summary="Send a notice again that could not be delivered")
    def post_again(notice_id: str, principal: Annotated[Principal, Depends(SENDERS)]) -> NoticeOut:
        with database.session() as session:
            return _out(send_again(session, notice_id, principal, clock))

    return routes


def _out(row: NoticeRow) -> NoticeOut:
    return NoticeOut(recipient=row.recipient_ref, **row.model_dump(include=set(NoticeOut.model_fields)))
