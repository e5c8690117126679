"""A signed-in browser: the session cookie, and the CSRF token bound to it; refuses to know pages.

The cookie is HttpOnly and SameSite=Strict, on path "/", so that one sign-in serves the three services of one
host; it is Secure where the service is reached over https.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from shared.kernel.clock import Clock
from shared.kernel.ids import new_id
from shared.security.errors import SessionExpired
from shared.security.keyring import Keyring
from shared.security.principal import Principal
from shared.security.signed import BadSignature, Expired, expiry_of, sign, verify
from shared.security.tokens import Token, from_claims, to_claims

COOKIE = "zhida_session"
SESSION_TTL_MAX = timedelta(hours=12)


@dataclass(frozen=True)
class Session:
    """Who is signed in and until when, and the CSRF token that this session's forms carry."""

    principal: Principal
    csrf_token: str
    expires_at: datetime


def issue(keyring: Keyring, token: Token, clock: Clock) -> str:
    """The value of the cookie of a session in exchange for a token: for 12 hours, and never longer than the token."""
    return sign(
        keyring, "session", {**to_claims(token.principal), "jti": new_id()}, _ttl(token, clock), clock
    )


def read(keyring: Keyring, cookie: str, clock: Clock) -> Session:
    """The session of a cookie; raises SessionExpired, also where it is forged: the mend is the same."""
    try:
        claims = verify(keyring, "session", cookie, clock)
        csrf_token = csrf_token_for(keyring, str(claims["jti"]))
        return Session(from_claims(claims), csrf_token, expiry_of(claims))
    except (BadSignature, Expired, KeyError) as error:
        raise SessionExpired() from error


def csrf_token_for(keyring: Keyring, session_id: str) -> str:
    """The CSRF token of a session: an HMAC of its id, so that nothing has to be stored."""
    return hmac.digest(keyring.derive("csrf"), session_id.encode(), "sha256").hex()


def sign_in(response: Response, request: Request, token: Token) -> None:
    """Give the browser a session in exchange for a token."""
    state = request.app.state
    cookie = issue(state.keyring, token, state.clock)
    set_cookie(response, request, COOKIE, cookie, "/", _ttl(token, state.clock))


def sign_out(response: Response) -> None:
    """Take the session from the browser."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")


def _ttl(token: Token, clock: Clock) -> timedelta:
    return min(SESSION_TTL_MAX, token.expires_at - clock.now())


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
