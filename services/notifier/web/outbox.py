"""What was sent, for an operator: every notice with its words and its link; a demo's mailbox and phone in one."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.notifier.domain.notice import Medium, State
from services.notifier.domain.wording import LINK
from services.notifier.store import figures, notices
from services.notifier.store.tables import NoticeRow
from services.notifier.usecases.linking import Linker
from services.notifier.usecases.people import short_number
from services.notifier.web.pages import TEMPLATES
from shared.database import Database
from shared.security import Principal, Role, allow

READERS = allow(Role.OPERATOR)
PAGE = 50


def router(database: Database, linker: Linker) -> APIRouter:
    """The route /outbox."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/outbox")
    def show(
        request: Request,
        principal: Annotated[Principal, Depends(READERS)],
        medium: Medium | None = None,
        state: State | None = None,
        before: str | None = None,
    ) -> Response:
        scope = notices.scope_of(principal)
        with database.session() as session:
            rows = notices.list_notices(
                session, scope, medium=medium, state=state, before=before, limit=PAGE + 1
            )
            counts = figures.count_notices(session, scope)
        context = {
            "notices": [_entry(row, linker) for row in rows[:PAGE]],
            "next": rows[PAGE - 1].notice_id if len(rows) > PAGE else None,
            "counts": counts,
            "media": list(Medium),
            "states": list(State),
            "medium": medium,
            "state": state,
        }
        return TEMPLATES.TemplateResponse(request, "outbox.html", context)

    return routes


def _entry(row: NoticeRow, linker: Linker) -> dict[str, object]:
    before, marked, after = row.body.partition(LINK)
    return {
        "row": row,
        "to": short_number(row.recipient_ref) if row.audience == "worker" else row.recipient_ref,
        "link": linker.link(row) if marked else None,
        "body": (before + after.replace(LINK, "")) if marked else row.body,
    }
