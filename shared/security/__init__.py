"""Who is calling and what they may see: tokens, sessions, links, roles, scopes, masking and field encryption.

Knows callers and keys; refuses to know any service's data. Roles are declared on routes with `allow`, areas
and organisations are applied in the query itself with `within` and `owned_by`.
"""

from shared.security import links, mask, sessions, tokens
from shared.security.access import Declared, allow, by_link, declaration, declared_routes, public
from shared.security.errors import (
    CsrfMissing,
    LinkExpired,
    LinkForged,
    LinkNotOpened,
    ProvinceNeeded,
    RoleMissing,
    RolesDontMix,
    SealBroken,
    SessionExpired,
    TokenExpired,
    TokenForged,
)
from shared.security.keyring import Keyring, read_key_file
from shared.security.links import Link
from shared.security.principal import OFFICES, Principal, Role
from shared.security.scope import covers, owned_by, require_province, within
from shared.security.tokens import Token
from shared.security.vault import Seal, Vault

__all__ = [
    "OFFICES",
    "CsrfMissing",
    "Declared",
    "Keyring",
    "Link",
    "LinkExpired",
    "LinkForged",
    "LinkNotOpened",
    "Principal",
    "ProvinceNeeded",
    "Role",
    "RoleMissing",
    "RolesDontMix",
    "Seal",
    "SealBroken",
    "SessionExpired",
    "Token",
    "TokenExpired",
    "TokenForged",
    "Vault",
    "allow",
    "by_link",
    "covers",
    "declaration",
    "declared_routes",
    "links",
    "mask",
    "owned_by",
    "public",
    "read_key_file",
    "require_province",
    "sessions",
    "tokens",
    "within",
]
