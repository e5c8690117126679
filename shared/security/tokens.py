"""Bearer tokens: a principal under a signature, until an hour; refuses to know how it is carried."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.kernel.clock import Clock
from shared.security.errors import RolesDontMix, TokenExpired, TokenForged
from shared.security.keyring import Keyring
from shared.security.principal import Principal, Role
from shared.security.signed import BadSignature, Expired, expiry_of, sign, verify


@dataclass(frozen=True)
class Token:
    """Whom a token proves, and until when."""

    principal: Principal
    expires_at: datetime


def issue(keyring: Keyring, principal: Principal, ttl: timedelta, clock: Clock) -> str:
    """A token that proves `principal` for `ttl`."""
    return sign(keyring, "token", to_claims(principal), ttl, clock)


def read(keyring: Keyring, token: str, clock: Clock) -> Token:
    """What a token proves; raises TokenForged, TokenExpired."""
    try:
        claims = verify(keyring, "token", token, clock)
        return Token(from_claims(claims), expiry_of(claims))
    except BadSignature as error:
        raise TokenForged() from error
    except Expired as error:
        raise TokenExpired(expired_at=error.at) from error


def to_claims(principal: Principal) -> dict[str, Any]:
    """A principal as claims."""
    return {
        "sub": principal.subject,
        "roles": sorted(principal.roles),
        "areas": list(principal.areas),
        "org": principal.organisation,
        "name": principal.name,
    }


def from_claims(claims: dict[str, Any]) -> Principal:
    """The principal of verified claims; raises BadSignature where they are not of that form."""
    try:
        return Principal(
            subject=str(claims["sub"]),
            roles=frozenset(Role(role) for role in claims["roles"]),
            areas=tuple(str(area) for area in claims["areas"]),
            organisation=claims["org"],
            name=str(claims["name"]),
        )
    except (KeyError, ValueError, TypeError, RolesDontMix) as error:
        raise BadSignature from error
