"""The port of whatever wraps persons' keys, and the keys held in memory; refuses to know what is wrapped."""

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.security.errors import SealBroken, WrappingKeyUnknown

KEY_ID_BYTES = 4
NONCE_BYTES = 12


class Wrapping(Protocol):
    """Several wrapping keys by id: the newest wraps, each unwraps what it wrapped. A file's, or those of a KMS.

    An id is 8 hexadecimal digits; the vault writes it before what was wrapped. Keys may be added while it is in use.
    """

    def newest(self) -> str:
        """The id of the key that wraps now."""
        ...

    def wrap(self, key_id: str, plain: bytes, context: str) -> bytes:
        """`plain` under that key, bound to `context`. Raises WrappingKeyUnknown."""
        ...

    def unwrap(self, key_id: str, wrapped: bytes, context: str) -> bytes:
        """What was wrapped. Raises WrappingKeyUnknown, and SealBroken for another context or changed bytes."""
        ...


@dataclass(frozen=True, slots=True)
class WrappingKey:
    """One key of 256 bits, its id, and when it was made."""

    id: str
    made_at: datetime
    secret: bytes

    def __repr__(self) -> str:
        return f"WrappingKey({self.id})"


def make_wrapping_key(made_at: datetime | None = None) -> WrappingKey:
    """A fresh key with a random id."""
    return WrappingKey(
        secrets.token_hex(KEY_ID_BYTES), made_at or datetime.now(UTC), AESGCM.generate_key(256)
    )


class HeldKeys:
    """A `Wrapping` of keys in memory, the newest last."""

    def __init__(self, keys: Sequence[WrappingKey]) -> None:
        self._newest = keys[-1].id
        self._keys = {key.id: AESGCM(key.secret) for key in keys}

    def newest(self) -> str:
        """The id of the last one."""
        return self._newest

    def __contains__(self, key_id: str) -> bool:
        return key_id in self._keys

    def wrap(self, key_id: str, plain: bytes, context: str) -> bytes:
        """AES-256-GCM with a random nonce before it."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._key(key_id).encrypt(nonce, plain, _bound(key_id, context))

    def unwrap(self, key_id: str, wrapped: bytes, context: str) -> bytes:
        """What `wrap` wrapped."""
        nonce, ciphertext = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        try:
            return self._key(key_id).decrypt(nonce, ciphertext, _bound(key_id, context))
        except (InvalidTag, ValueError) as error:
            raise SealBroken(context=context) from error

    def _key(self, key_id: str) -> AESGCM:
        key = self._keys.get(key_id)
        if key is None:
            raise WrappingKeyUnknown(key_id=key_id)
        return key

    def __repr__(self) -> str:
        return f"HeldKeys({', '.join(self._keys)})"


def _bound(key_id: str, context: str) -> bytes:
    return f"{context}/{key_id}".encode()
