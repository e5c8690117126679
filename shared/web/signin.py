"""Signing in with a token and out again; refuses to know who hands tokens out.

A sign-in link carries its token behind `#`, which browsers send to nobody: a script moves it into the form.
"""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from shared.http.app import url
from shared.http.edge import content_security_policy
from shared.kernel.errors import Unauthenticated
from shared.security import public, sessions, tokens
from shared.security.access import find_session, from_own_page
from shared.web.rendering import COMMON_TEMPLATES

router = APIRouter(include_in_schema=False)
OWN_PAGE = Depends(from_own_page)


@router.get("/sign-in", dependencies=[Depends(public("the way in"))])
def show_sign_in(request: Request, next_path: Annotated[str, Query(alias="next")] = "") -> Response:
    return _page(request, next_path, None)


@router.post("/sign-in", dependencies=[Depends(public("the way in: the token proves the caller")), OWN_PAGE])
def sign_in(
    request: Request,
    token: Annotated[str, Form()] = "",
    next_path: Annotated[str, Form(alias="next")] = "",
) -> Response:
    """Exchange a token for a session, which ends with it or after 12 hours."""
    state = request.app.state
    try:
        proof = tokens.read(state.keyring, "".join(token.split()), state.clock)
    except Unauthenticated as error:
        return _page(request, next_path, error)
    response = RedirectResponse(url(request, _own_path(next_path)), 303)
    sessions.sign_in(response, request, proof)
    return response


@router.post("/sign-out", dependencies=[Depends(public("ends this browser's session")), OWN_PAGE])
def sign_out(request: Request) -> Response:
    response = RedirectResponse(url(request, "/sign-in"), 303)
    sessions.sign_out(response)
    return response


def _page(request: Request, next_path: str, error: Unauthenticated | None) -> Response:
    context = {"next": _own_path(next_path), "error": error, "session": find_session(request)}
    headers = {"Content-Security-Policy": content_security_policy(*_other_origins(request))}
    return COMMON_TEMPLATES.TemplateResponse(request, "sign_in.html", context, 401 if error else 200, headers)


def _other_origins(request: Request) -> list[str]:
    """Where the other services are: who has no page on this one is led there when signed in, which a browser counts
    as where the form goes."""
    parts = [urlsplit(item.path) for item in request.app.state.navigation]
    return sorted({f"{part.scheme}://{part.netloc}" for part in parts if part.netloc})


def _own_path(path: str) -> str:
    """`path` where it is one of this service; else the first page: nobody is led away to another site."""
    parts = urlsplit(path)
    own = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc
    return path if own else "/"
