"""What happens to every request before and after its route: correlation, language, limits, headers, access log.

Plain ASGI, so that server-sent events flow through. Refuses to know routes: it tells a path by its template
and never by its text, which may hold the token of a link.
"""

import logging
import re
import time
from collections.abc import Callable, Mapping
from typing import Final

from fastapi.routing import APIRoute
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.language import COOKIE as LANGUAGE_COOKIE
from shared.http.language import asked_for, language_of, use_language
from shared.http.problems import BodyTooLarge, InternalError
from shared.kernel.errors import ZhidaError
from shared.kernel.ids import new_id
from shared.logs import correlation
from shared.metrics import Metrics

CORRELATION_HEADER: Final = "X-Correlation-ID"
UNMATCHED: Final = "(unmatched)"
CONFIDENTIAL: Final = "confidential"
"""The tag of a route that is never spoken of: no line of the access log and no sample tells that it was called, not even
that one was. What it shows to whom is kept where its subject can ask for it; a failure is logged without the route."""
_CORRELATION = re.compile(r"[\w.:-]{1,64}", re.ASCII)
_YEAR_S = 365 * 24 * 3600


def content_security_policy(*form_targets: str) -> str:
    """What a page may load: our own files alone. `form_targets` are other origins to which a form may lead."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "manifest-src 'self'",
            " ".join(("form-action 'self'", *form_targets)),
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


CONTENT_SECURITY_POLICY: Final = content_security_policy()

log = logging.getLogger("zhida.http")
Tell = Callable[[ZhidaError, Request], ASGIApp]
"""How an error is answered, as JSON or as a page."""


class Edge:
    """The outermost layer of a service's app."""

    def __init__(self, app: ASGIApp, metrics: Metrics, tell: Tell, public_url: str) -> None:
        self._app = app
        self._metrics = metrics
        self._tell = tell
        self._https = public_url.startswith("https://")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        given = connection.headers.get(CORRELATION_HEADER, "")
        correlation_id = given if _CORRELATION.fullmatch(given) else new_id()
        scope.setdefault("state", {})["correlation_id"] = correlation_id
        use_language(language_of(connection))
        with correlation(correlation_id):
            await self._answer(scope, receive, send, correlation_id)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, correlation_id: str) -> None:
        began = time.perf_counter()
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._add_headers(scope, message, correlation_id)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception:
            route = CONFIDENTIAL if _is_confidential(scope) else _route(scope)
            log.exception("request failed", extra={"method": scope["method"], "route": route})
            if status:
                raise  # half an answer is out: the server cuts the connection, so that nobody takes it for whole
            failure = self._tell(InternalError(correlation_id=correlation_id), Request(scope, receive))
            await failure(scope, receive, send_with_headers)
        finally:
            self._record(scope, status, time.perf_counter() - began)

    def _add_headers(self, scope: Scope, message: Message, correlation_id: str) -> None:
        headers = MutableHeaders(scope=message)
        headers[CORRELATION_HEADER] = correlation_id
        headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("X-Frame-Options", "DENY")
        # The path of a link's page holds its token.
        by_link = "{token" in _route(scope)
        headers.setdefault("Referrer-Policy", "no-referrer" if by_link else "same-origin")
        headers.setdefault("Cache-Control", "no-store")
        if self._https:
            headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR_S}")
        language = asked_for(HTTPConnection(scope))
        if language:
            headers.append(
                "Set-Cookie", f"{LANGUAGE_COOKIE}={language}; Path=/; Max-Age={_YEAR_S}; SameSite=Lax"
            )

    def _record(self, scope: Scope, status: int, duration_s: float) -> None:
        if _is_confidential(scope):
            return
        method, route = scope["method"], _route(scope)
        self._metrics.http_requests.labels(method, route, str(status)).inc()
        self._metrics.http_duration_s.labels(method, route).observe(duration_s)
        log.info(
            "request",
            extra={"method": method, "route": route, "status": status, "ms": round(duration_s * 1000)},
        )


class BodyLimit:
    """Refuses a body of more than `limit_bytes`, whether it says its length or comes in chunks.

    The server reads the rest of a refused body and throws it away, so that a client which sends all before it
    listens still hears the answer.
    """

    def __init__(self, app: ASGIApp, limit_bytes: int, larger: Mapping[str, int], tell: Tell) -> None:
        self._app = app
        self._limit_bytes = limit_bytes
        self._larger = larger
        self._tell = tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._larger.get(scope["path"].removeprefix(scope.get("root_path", "")), self._limit_bytes)
        told = Headers(scope=scope).get("content-length", "0")
        if told.isdigit() and int(told) > limit:
            error = BodyTooLarge(limit_mb=limit // 1_000_000)
            await self._tell(error, Request(scope, receive))(scope, receive, send)
            return
        await self._app(scope, self._counted(receive, limit), send)

    def _counted(self, receive: Receive, limit: int) -> Receive:
        taken = 0

        async def receive_counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                # FastAPI lets this class through to our handlers wherever the body is read.
                raise HTTPException(413, detail=str(limit))
            return message

        return receive_counted


def _route(scope: Scope) -> str:
    """The template of the path, such as `/b/{token}`."""
    route = scope.get("route")
    # A mount in front of this app leaves itself there until a route of ours matches.
    return route.path if isinstance(route, APIRoute) else UNMATCHED


def _is_confidential(scope: Scope) -> bool:
    route = scope.get("route")
    return isinstance(route, APIRoute) and CONFIDENTIAL in route.tags
