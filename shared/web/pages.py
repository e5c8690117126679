"""What the pages of every service have in common besides their look: first page, static files, error page."""

from collections.abc import Sequence
from typing import Literal
from urllib.parse import quote

from fastapi import Depends, FastAPI, Request
from starlette.responses import FileResponse, RedirectResponse, Response

from shared.http.app import url
from shared.http.problems import PathUnknown, Problem, headers_of
from shared.reference import outlines_path, province_outlines_path
from shared.security import public
from shared.web import signin
from shared.web.assets import KEEP_FOREVER
from shared.web.rendering import COMMON_TEMPLATES, STATIC, NavItem, address_of, home_of

_OUTLINES = {"counties": outlines_path(), "provinces": province_outlines_path()}
_KEEP_A_DAY = "public, max-age=86400"


def add_pages(app: FastAPI, navigation: Sequence[NavItem]) -> None:
    """Give an app its sign-in, static files, error pages, and `/`, which leads to the first page one may see."""
    app.state.navigation = tuple(navigation)
    app.state.error_page = _error_page
    app.include_router(signin.router)

    @app.get("/", dependencies=[Depends(public("leads on, shows nothing"))], include_in_schema=False)
    def first_page(request: Request) -> Response:
        return RedirectResponse(home_of(request), 303)

    @app.get(
        "/static/map/{area}.geojson", dependencies=[Depends(public("public map"))], include_in_schema=False
    )
    def outlines(area: Literal["counties", "provinces"]) -> Response:
        return FileResponse(
            _OUTLINES[area], media_type="application/geo+json", headers={"Cache-Control": _KEEP_A_DAY}
        )

    @app.get(
        "/static/{path:path}", dependencies=[Depends(public("style and scripts"))], include_in_schema=False
    )
    def static_file(path: str, v: str = "") -> Response:
        file = (STATIC / path).resolve()
        if not file.is_relative_to(STATIC) or not file.is_file():
            raise PathUnknown()
        return FileResponse(file, headers={"Cache-Control": KEEP_FOREVER if v else _KEEP_A_DAY})


def _error_page(request: Request, problem: Problem) -> Response:
    """An error as a page; who is not signed in is led to the sign-in page and back."""
    if "hx-request" in request.headers:
        response = problem.response()
        if problem.status == 401:
            response.headers["HX-Refresh"] = "true"
        return response
    if problem.status == 401 and request.method == "GET" and problem.code != "link-not-opened":
        wanted = address_of(request).removeprefix(request.scope.get("root_path", ""))
        return RedirectResponse(url(request, f"/sign-in?next={quote(wanted)}"), 303)
    return COMMON_TEMPLATES.TemplateResponse(
        request, "error.html", {"problem": problem}, problem.status, headers_of(problem.status)
    )
