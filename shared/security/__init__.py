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
    WrappingKeyUnknown,
)
from shared.security.keyfile import (
    KeyFileThere,
    add_wrapping_key,
    read_vault_keys,
    remove_wrapping_key,
    write_keys,
)
from shared.security.keyring import Keyring, read_key_file
from shared.security.links import Link
from shared.security.principal import OFFICES, Principal, Role
from shared.security.scope import covers, owned_by, require_province, within
from shared.security.tokens import Token
from shared.security.vault import Seal, Vault, mark_of
from shared.security.wrapping import HeldKeys, Wrapping, WrappingKey, make_wrapping_key

__all__ = [
    "OFFICES",
    "CsrfMissing",
    "Declared",
    "HeldKeys",
    "KeyFileThere",
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
    "Wrapping",
    "WrappingKey",
    "WrappingKeyUnknown",
    "add_wrapping_key",
    "allow",
    "by_link",
    "covers",
    "declaration",
    "declared_routes",
    "links",
    "make_wrapping_key",
    "mark_of",
    "mask",
    "owned_by",
    "public",
    "read_key_file",
    "read_vault_keys",
    "remove_wrapping_key",
    "require_province",
    "sessions",
    "tokens",
    "within",
    "write_keys",
]
