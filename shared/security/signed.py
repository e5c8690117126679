"""Claims under a signature (JWT, HS256) with an expiry; refuses to know what the claims mean.

Every kind of proof has a key and an audience of its own, so that a link is no token and a token no session.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from shared.kernel.clock import SHANGHAI, Clock
from shared.security.keyring import Keyring

_ALGORITHM = "HS256"


class BadSignature(Exception):
    """Not signed here, not whole, or signed for something else."""


class Expired(Exception):
    """Signed here, and past its hour; `at` is that hour in words."""

    def __init__(self, at: str) -> None:
        super().__init__(at)
        self.at = at


def sign(keyring: Keyring, kind: str, claims: Mapping[str, Any], ttl: timedelta, clock: Clock) -> str:
    """`claims` with audience, issue instant and expiry, signed with the key of `kind`."""
    now = clock.now()
    whole = {**claims, "aud": _audience(kind), "iat": now, "exp": now + ttl}
    return jwt.encode(whole, keyring.derive(kind), algorithm=_ALGORITHM)


def verify(keyring: Keyring, kind: str, text: str, clock: Clock) -> dict[str, Any]:
    """The claims of a signed text; raises BadSignature, Expired.

    The hour is read from `clock`, not from the machine, so that a replayed day has its own expiries.
    """
    try:
        claims: dict[str, Any] = jwt.decode(
            text,
            keyring.derive(kind),
            algorithms=[_ALGORITHM],
            audience=_audience(kind),
            options={"require": ["exp", "iat", "aud"], "verify_exp": False, "verify_iat": False},
        )
        expires_at = expiry_of(claims)
    except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError) as error:
        raise BadSignature from error
    if clock.now() >= expires_at:
        raise Expired(in_words(expires_at))
    return claims


def expiry_of(claims: Mapping[str, Any]) -> datetime:
    """When verified claims expire."""
    return datetime.fromtimestamp(int(claims["exp"]), UTC)


def in_words(instant: datetime) -> str:
    """An instant as people in China read it: `2020-02-24 08:30 (UTC+8)`."""
    return instant.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M (UTC+8)")


def _audience(kind: str) -> str:
    return "zhida" if kind == "token" else f"zhida/{kind}"
