"""Makes the app of a service, with everything that the three have in common at their edge."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, cast

import psycopg
from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from shared.http import problems
from shared.http.edge import BodyLimit, Edge
from shared.http.problems import problem_of
from shared.http.validation import invalid_input
from shared.kernel.clock import Clock
from shared.kernel.errors import Unavailable, ZhidaError
from shared.messaging.envelope import Cause
from shared.metrics import CONTENT_TYPE, Metrics
from shared.security import Keyring, public

BODY_BYTES_MAX = 25_000_000


def make_app(
    service: str,
    title: str,
    version: str,
    metrics: Metrics,
    keyring: Keyring,
    ready: Callable[[], None],
    clock: Clock,
    *,
    public_url: str = "http://127.0.0.1",
    body_bytes_max: int = BODY_BYTES_MAX,
    body_bytes_max_at: Mapping[str, int] = MappingProxyType({}),
) -> FastAPI:
    """The app of `service`: API routes go under /api, pages elsewhere (`shared.web.add_pages`).

    `ready` raises Unavailable when a part is missing. With a `public_url` of https, cookies are sent over https
    alone. A body of more than `body_bytes_max` gets 413; paths that take larger files have a limit of their own.
    """
    # No redirect to the path with or without its last slash: it would name scheme and host, which a proxy has changed.
    app = FastAPI(
        title=title, version=version, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False
    )
    app.state.service = service
    app.state.keyring = keyring
    app.state.clock = clock
    app.state.metrics = metrics
    app.state.public_url = public_url
    app.state.error_page = None
    app.add_middleware(BodyLimit, limit_bytes=body_bytes_max, larger=body_bytes_max_at, tell=tell)
    app.add_middleware(Edge, metrics=metrics, tell=tell, public_url=public_url)
    _handle_errors(app, body_bytes_max)
    _add_probes(app, metrics, ready)
    return app


def url(request: Request, path: str) -> str:
    """`path` of this service as the browser must ask for it: the service may be mounted below a prefix."""
    return f"{request.scope.get('root_path', '').rstrip('/')}{path}"


def tell(error: ZhidaError, request: Request) -> Response:
    """The answer to an error: a page for people, where the service has pages; problem+json otherwise."""
    problem = problem_of(error, request.scope["state"]["correlation_id"])
    error_page = request.app.state.error_page
    if error_page is not None and _wants_page(request):
        return cast(Response, error_page(request, problem))
    return problem.response()


def _wants_page(request: Request) -> bool:
    path = request.url.path.removeprefix(request.scope.get("root_path", ""))
    accepts = "text/html" in request.headers.get("accept", "") or "hx-request" in request.headers
    return accepts and not path.startswith("/api/")


def _handle_errors(app: FastAPI, body_bytes_max: int) -> None:
    def handle_ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, ZhidaError)
        if problems.status_of(error) >= 500 and not isinstance(error, Unavailable):
            raise error  # not the caller's doing: logged with its traceback at the edge, told by number alone
        return tell(error, request)

    def handle_validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return tell(invalid_input(error), request)

    def handle_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return tell(_ours(error, request, body_bytes_max), request)

    def handle_race(request: Request, error: Exception) -> Response:
        assert isinstance(error, OperationalError)
        if not isinstance(error.orig, psycopg.errors.SerializationFailure):
            raise error
        return tell(problems.Overtaken(), request)

    app.add_exception_handler(ZhidaError, handle_ours)
    app.add_exception_handler(OperationalError, handle_race)
    app.add_exception_handler(RequestValidationError, handle_validation)
    app.add_exception_handler(HTTPException, handle_http)


def _ours(error: HTTPException, request: Request, body_bytes_max: int) -> ZhidaError:
    """What Starlette and FastAPI raise by themselves, as one of our family."""
    match error.status_code:
        case 404:
            return problems.PathUnknown()
        case 405:
            return problems.MethodNotAllowed(method=request.method)
        case 413:
            limit = int(error.detail) if error.detail.isdigit() else body_bytes_max
            return problems.BodyTooLarge(limit_mb=limit // 1_000_000)
        case 400:
            return problems.BodyUnreadable()
    raise error


def _add_probes(app: FastAPI, metrics: Metrics, ready: Callable[[], None]) -> None:
    @app.get("/healthz", dependencies=[Depends(public("liveness probe"))], include_in_schema=False)
    def healthz() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz", dependencies=[Depends(public("readiness probe"))], include_in_schema=False)
    def readyz() -> dict[str, str]:
        ready()
        return {"status": "ready"}

    @app.get(
        "/metrics", dependencies=[Depends(public("scraped inside the network"))], include_in_schema=False
    )
    def show_metrics() -> Response:
        return Response(metrics.render(), media_type=CONTENT_TYPE)

    @app.get(
        "/api/openapi.json", dependencies=[Depends(public("description, no data"))], include_in_schema=False
    )
    def openapi() -> Any:
        return JSONResponse(app.openapi())


def request_cause(request: Request) -> Cause:
    """Why what this request does happens: the chain of its correlation id, and its caller where the route knows one."""
    state = request.scope["state"]
    return Cause(correlation_id=state["correlation_id"], caller=state.get("caller"))
