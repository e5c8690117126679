"""A signed-in browser: the session cookie, and the CSRF token bound to it; refuses to know pages.

The cookie is HttpOnly and SameSite=Strict, on path "/", so that one sign-in serves the three services of one
host; it is Secure where the service is reached over https.
"""

import hmac
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from shared.kernel.clock import Clock
from shared.kernel.ids import new_id
from shared.security.errors import SessionExpired
from shared.security.keyring import Keyring
from shared.security.principal import Principal
from shared.security.signed import BadSignature, Expired, sign, verify
from shared.security.tokens import from_claims, to_claims

COOKIE = "zhida_session"
SESSION_TTL = timedelta(hours=12)


@dataclass(frozen=True)
class Session:
    """Who is signed in, and the CSRF token that this session's forms carry."""

    principal: Principal
    csrf_token: str


def issue(keyring: Keyring, principal: Principal, clock: Clock) -> str:
    """The session cookie's value, good for 12 hours."""
    return sign(keyring, "session", {**to_claims(principal), "jti": new_id()}, SESSION_TTL, clock)


def read(keyring: Keyring, cookie: str, clock: Clock) -> Session:
    """The session of a cookie; raises SessionExpired, also where it is forged: the mend is the same."""
    try:
        claims = verify(keyring, "session", cookie, clock)
        return Session(from_claims(claims), csrf_token_for(keyring, str(claims["jti"])))
    except (BadSignature, Expired, KeyError) as error:
        raise SessionExpired() from error


def csrf_token_for(keyring: Keyring, session_id: str) -> str:
    """The CSRF token of a session: an HMAC of its id, so that nothing has to be stored."""
    return hmac.digest(keyring.derive("csrf"), session_id.encode(), "sha256").hex()


def sign_in(response: Response, request: Request, principal: Principal) -> None:
    """Give the browser a session."""
    state = request.app.state
    set_cookie(response, request, COOKIE, issue(state.keyring, principal, state.clock), "/", SESSION_TTL)


def sign_out(response: Response) -> None:
    """Take the session from the browser."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")


def set_cookie(
    response: Response, request: Request, name: str, value: str, path: str, ttl: timedelta
) -> None:
    """A cookie that scripts cannot read and other sites cannot send."""
    secure = request.url.scheme == "https" or request.app.state.public_url.startswith("https://")
    response.set_cookie(
        name,
        value,
        max_age=int(ttl.total_seconds()),
        path=path,
        httponly=True,
        samesite="strict",
        secure=secure,
    )
