"""Tells a page by server-sent events that the rounds, trips or waiting it shows have changed; sends no data of theirs.

A stream ends with the token or the session that opened it, and says so by one more `changed`: the page that asks
again is then led to the sign-in.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from services.dispatcher.store.live import read_mark
from shared.database import Database
from shared.kernel.clock import Clock
from shared.security import Principal, Role, allow

READERS = allow(
    Role.DISPATCHER, Role.BUREAU, Role.CARRIER, Role.ENTERPRISE, Role.FINANCE, Role.AUDIT, Role.OPERATOR
)
LOOK_EVERY_S = 1.0


def router(database: Database, clock: Clock) -> APIRouter:
    """The route /api/live."""
    routes = APIRouter(prefix="/api", tags=["live"])

    def look(principal: Principal, day: date | None) -> str:
        with database.session() as session:
            return read_mark(session, principal, day)

    @routes.get("/live", summary="Server-sent events: `changed` whenever something did")
    async def stream(
        request: Request,
        principal: Annotated[Principal, Depends(READERS)],
        day: date | None = None,
        seen: Annotated[str | None, Query(description="The mark of what is shown already")] = None,
    ) -> EventSourceResponse:
        async def changes() -> AsyncIterator[ServerSentEvent]:
            known = seen
            while clock.now() < request.state.expires_at:
                mark = await run_in_threadpool(look, principal, day)
                if mark != known:
                    yield ServerSentEvent(event="changed", data=mark)
                known = mark
                await asyncio.sleep(LOOK_EVERY_S)
                if await request.is_disconnected():
                    return
            yield ServerSentEvent(event="changed", data="ended")

        return EventSourceResponse(changes())

    return routes
