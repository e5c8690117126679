"""What was sent, for an operator: every notice with its words and its fate, and the button that sends it again.

A link in a notice is its recipient's alone, so its token is masked; a demo, whose mail reaches nobody, shows it.
"""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from services.notifier.domain.notice import Medium, State
from services.notifier.domain.wording import LINK
from services.notifier.store import figures, notices
from services.notifier.store.tables import NoticeRow
from services.notifier.usecases.linking import Linker
from services.notifier.usecases.people import short_number
from services.notifier.usecases.send_again import is_of_use, send_again
from services.notifier.web.pages import TEMPLATES
from shared.database import Database
from shared.http import url
from shared.kernel.clock import Clock
from shared.security import Principal, Role, allow

OPERATORS = allow(Role.OPERATOR)
PAGE = 50


def router(database: Database, linker: Linker, clock: Clock, *, show_links: bool) -> APIRouter:
    """The routes under /outbox."""
    routes = APIRouter(prefix="/outbox", include_in_schema=False)

    @routes.get("")
    def show(
        request: Request,
        principal: Annotated[Principal, Depends(OPERATORS)],
        medium: Medium | None = None,
        state: State | None = None,
        before: str | None = None,
        again: bool = False,
    ) -> Response:
        scope = notices.scope_of(principal)
        with database.session() as session:
            rows = notices.list_notices(
                session, scope, medium=medium, state=state, before=before, limit=PAGE + 1
            )
            counts = figures.count_notices(session, scope)
        context = {
            "notices": [_entry(row, linker, clock.now(), show_links=show_links) for row in rows[:PAGE]],
            "next": rows[PAGE - 1].notice_id if len(rows) > PAGE else None,
            "counts": counts,
            "media": list(Medium),
            "medium": medium,
            "state": state,
            "again": again,
        }
        return TEMPLATES.TemplateResponse(request, "outbox.html", context)

    @routes.post("/{notice_id}/send-again")
    def post_again(
        request: Request, notice_id: str, principal: Annotated[Principal, Depends(OPERATORS)]
    ) -> Response:
        with database.session() as session:
            send_again(session, notice_id, principal, clock)
        return RedirectResponse(url(request, "/outbox?state=failed&again=true"), 303)

    return routes


def _entry(row: NoticeRow, linker: Linker, now: datetime, *, show_links: bool) -> dict[str, object]:
    return {
        "row": row,
        "to": short_number(row.recipient_ref) if row.audience == "worker" else row.recipient_ref,
        "body": linker.masked(row),
        "link": linker.link(row) if show_links and LINK in row.body else None,
        "sendable": row.state == State.FAILED and is_of_use(row, now),
    }
