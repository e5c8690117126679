"""What a route declares about its callers, and holds them to; refuses to know areas, which the query applies.

A route takes exactly one of `allow(roles)`, `public(reason)`, `by_link(purpose)` as a dependency. A test walks
`declared_routes(app)` and fails for a route that has none.
"""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.requests import Request

from shared.kernel.errors import Unauthenticated
from shared.security import links, sessions, tokens
from shared.security.errors import CsrfMissing, LinkNotOpened, OriginForeign, RoleMissing
from shared.security.links import Link, Purpose
from shared.security.principal import ROLE_WORDS, Principal, Role

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True)
class Declared:
    """Who may call a route: some roles, anybody (for a reason), or the holder of a link."""

    kind: Literal["roles", "public", "link"]
    roles: frozenset[Role] = frozenset()
    reason: str = ""
    purpose: Purpose | None = None


class allow:
    """A dependency that gives the Principal, or raises: Unauthenticated, RoleMissing, CsrfMissing.

    `request.state.expires_at` is when the proof ends: an answer that goes on by itself has to end with it;
    `request.state.caller` is what a log calls whoever asks.

    The caller proves itself by `Authorization: Bearer`, or by the session cookie; with the cookie, a method
    that changes something needs the CSRF token, as the header X-CSRF-Token or the form field csrf_token.
    """

    def __init__(self, *roles: Role) -> None:
        if not roles:
            raise ValueError("allow() names at least one role")
        self.declared = Declared("roles", roles=frozenset(roles))

    async def __call__(self, request: Request) -> Principal:
        principal = await _authenticate(request)
        if not principal.has(*self.declared.roles):
            needed, held = _words(self.declared.roles), _words(principal.roles)
            raise RoleMissing(needed_zh=needed[0], needed_en=needed[1], held_zh=held[0], held_en=held[1])
        return principal


class public:
    """A dependency that does nothing: it says that a route is open on purpose, and why."""

    def __init__(self, reason: str) -> None:
        if not reason:
            raise ValueError("public() says why")
        self.declared = Declared("public", reason=reason)

    async def __call__(self) -> None:
        return None


class by_link:
    """A dependency for routes under `/…/{token}` that gives the Link, or raises: LinkForged, LinkExpired.

    With `opened=True` it also wants the cookie that `links.open_on_device` gave (LinkNotOpened) and, for a
    method that changes something, the CSRF token (CsrfMissing). `opened=False` is for the page that a link
    leads to and for the POST of its button. `request.state.caller` is what a log calls the link: by its id.
    """

    def __init__(self, purpose: Purpose, *, opened: bool = True) -> None:
        self.declared = Declared("link", purpose=purpose)
        self._purpose: Purpose = purpose
        self._opened = opened

    async def __call__(self, request: Request) -> Link:
        state = request.app.state
        link = links.read(state.keyring, self._purpose, request.path_params["token"], state.clock)
        request.state.caller = f"link:{link.jti}"
        is_open = links.is_open(request, link)
        if is_open:
            request.state.csrf_token = links.csrf_token(state.keyring, link)
        if self._opened:
            if not is_open:
                raise LinkNotOpened()
            await _check_csrf(request)
        return link


def declaration(route: Any) -> Declared | None:
    """What a route declares; None where it declares nothing or is no APIRoute. Two declarations are an error."""
    dependant = getattr(route, "dependant", None)
    found = list(_walk(dependant)) if dependant is not None else []
    if len(found) > 1:
        raise ValueError(f"{route.path} declares its callers {len(found)} times: {found}")
    return found[0] if found else None


def declared_routes(app: FastAPI) -> list[tuple[str, str, Declared | None]]:
    """Every route of an app: method, path, and what it declares about its callers."""
    return [
        (method, str(context.path), declaration(context))
        for context in iter_route_contexts(app.routes)
        for method in sorted(context.methods or {"*"})
    ]


def find_session(request: Request) -> sessions.Session | None:
    """Who is signed in with this browser; None for nobody, for pages that are open to all."""
    cookie = request.cookies.get(sessions.COOKIE)
    if cookie is None:
        return None
    try:
        return sessions.read(request.app.state.keyring, cookie, request.app.state.clock)
    except Unauthenticated:
        return None


def from_own_page(request: Request) -> None:
    """A dependency for a form that has no session yet, and so no CSRF token: raises OriginForeign for another site's.

    Every browser says with a form where its page came from, by Sec-Fetch-Site over https, by Origin in any case.
    """
    site = request.headers.get("sec-fetch-site")
    origin = urlsplit(request.headers.get("origin", "")).netloc
    own = {request.headers.get("host"), urlsplit(request.app.state.public_url).netloc}
    if site != "same-origin" if site else origin not in own:
        raise OriginForeign()


async def _authenticate(request: Request) -> Principal:
    state = request.app.state
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        proof: tokens.Token | sessions.Session = tokens.read(state.keyring, token.strip(), state.clock)
    elif sessions.COOKIE in request.cookies:
        proof = session = sessions.read(state.keyring, request.cookies[sessions.COOKIE], state.clock)
        request.state.csrf_token = session.csrf_token
        await _check_csrf(request)
    else:
        raise Unauthenticated()
    request.state.principal, request.state.expires_at = proof.principal, proof.expires_at
    request.state.caller = proof.principal.subject
    return proof.principal


async def _check_csrf(request: Request) -> None:
    if request.method in _SAFE:
        return
    sent = request.headers.get("x-csrf-token")
    if sent is None and request.headers.get("content-type", "").startswith(_FORMS):
        field = (await request.form()).get("csrf_token")
        sent = field if isinstance(field, str) else None
    if sent is None or not hmac.compare_digest(sent.encode(), request.state.csrf_token.encode()):
        raise CsrfMissing()


def _walk(dependant: Dependant) -> Iterator[Declared]:
    if isinstance(dependant.call, allow | public | by_link):
        yield dependant.call.declared
    for inner in dependant.dependencies:
        yield from _walk(inner)


def _words(roles: frozenset[Role]) -> tuple[str, str]:
    """Roles for people, in Chinese and English."""
    named = [ROLE_WORDS[role] for role in Role if role in roles] or [("无", "none")]
    return "、".join(zh for zh, _ in named), ", ".join(en for _, en in named)
