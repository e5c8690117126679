"""Links for people without an account: one purpose, mostly on one trip, until an hour; refuses to know which were used.

Life of a link: the mail or message carries `/b/{token}`; opening it (GET) changes nothing, because mail
scanners open links too; its page shows a button that POSTs; the service then records the link's `jti` as used
and calls `open_on_device`, which gives this browser a cookie for exactly that path. Without the cookie the
link opens no second time. Who records a `jti` is the service that made it, and it answers a second POST with Gone.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from shared.kernel.clock import Clock
from shared.kernel.ids import new_id
from shared.security.errors import LinkExpired, LinkForged
from shared.security.keyring import Keyring
from shared.security.sessions import csrf_token_for, set_cookie
from shared.security.signed import BadSignature, Expired, expiry_of, sign, verify

Purpose = Literal["boarding", "handover", "rights"]
"""boarding: the escort marks who is on the coach; handover: the enterprise confirms who arrived; rights: a worker opens a
case. The last is on no trip and names nobody: whose it is, the registry keeps by the link's `jti`."""


@dataclass(frozen=True)
class Link:
    """What a link opens: one purpose on one trip, for one organisation where it is an enterprise's."""

    purpose: Purpose
    trip_id: str
    organisation: str | None
    jti: str
    expires_at: datetime


def issue(
    keyring: Keyring,
    purpose: Purpose,
    *,
    trip_id: str = "",
    ttl: timedelta,
    clock: Clock,
    organisation: str | None = None,
    jti: str | None = None,
) -> str:
    """The token of a link. `jti` is its name, fresh unless given: a retried step gives a derived one."""
    claims = {"trip": trip_id, "org": organisation, "jti": jti or new_id()}
    return sign(keyring, purpose, claims, ttl, clock)


def read(keyring: Keyring, purpose: Purpose, token: str, clock: Clock) -> Link:
    """What a link's token opens; raises LinkForged, LinkExpired."""
    try:
        claims = verify(keyring, purpose, token, clock)
        return Link(
            purpose=purpose,
            trip_id=str(claims["trip"]),
            organisation=claims["org"],
            jti=str(claims["jti"]),
            expires_at=expiry_of(claims),
        )
    except (BadSignature, KeyError) as error:
        raise LinkForged() from error
    except Expired as error:
        raise LinkExpired(expired_at=error.at) from error


def open_on_device(response: Response, request: Request, link: Link) -> None:
    """Give this browser the link's session, for the path of the link and below; call it once a link, on POST.

    `request` is one on the link's own path, `/b/{token}`.
    """
    state = request.app.state
    ttl = link.expires_at - state.clock.now()
    value = sign(state.keyring, f"{link.purpose}-session", {"jti": link.jti}, ttl, state.clock)
    set_cookie(response, request, _cookie(link), value, _path(request), ttl)


def is_open(request: Request, link: Link) -> bool:
    """Whether this browser has the link's session."""
    state = request.app.state
    value = request.cookies.get(_cookie(link), "")
    try:
        claims = verify(state.keyring, f"{link.purpose}-session", value, state.clock)
    except (BadSignature, Expired):
        return False
    return claims.get("jti") == link.jti


def csrf_token(keyring: Keyring, link: Link) -> str:
    """The CSRF token that forms of a link's page carry."""
    return csrf_token_for(keyring, f"link/{link.jti}")


def _cookie(link: Link) -> str:
    return f"zhida_{link.purpose}_{link.jti}"


def _path(request: Request) -> str:
    """The link's own path as the browser sees it, up to and with its token."""
    before, token, _ = request.url.path.partition(request.path_params["token"])
    return before + token
