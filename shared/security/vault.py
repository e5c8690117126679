"""Field encryption: a key per person, itself encrypted by the service's; refuses to know what a person is.

Erasing a person is destroying their wrapped key: what was sealed under it can never be opened again.
AES-256-GCM (NIST SP 800-38D) with random 96-bit nonces; a person's key seals a handful of fields, far below
the 2^32 messages that random nonces allow, and the service's key one per person.
"""

import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.security.errors import SealBroken
from shared.security.keyring import Keyring

_NONCE_BYTES = 12
_VERSION = b"\x01"
_WRAP = "person-key"


class Vault:
    """Seals and opens text under wrapped person keys. `master_key`: at least 32 secret bytes."""

    def __init__(self, master_key: bytes) -> None:
        keys = Keyring.from_bytes(master_key)
        self._wrapping_key = keys.derive("vault/wrap")
        self._fingerprint_key = keys.derive("vault/fingerprint")

    def new_person_key(self) -> bytes:
        """A fresh key for one person, wrapped: safe to store, useless without the master key."""
        return _encrypt(self._wrapping_key, AESGCM.generate_key(256), _WRAP)

    def seal(self, wrapped: bytes, plaintext: str, context: str) -> bytes:
        """`plaintext` under a person's key. `context` (`person/01H.../name`) must be given again to open it,
        so that a sealed field moved to another row or column does not open. Raises SealBroken.
        """
        return _encrypt(self._unwrap(wrapped), plaintext.encode(), context)

    def open(self, wrapped: bytes, sealed: bytes, context: str) -> str:
        """What was sealed; raises SealBroken for another key, another context or changed bytes."""
        return _decrypt(self._unwrap(wrapped), sealed, context).decode()

    def fingerprint(self, resident_id: str) -> str:
        """The same 64 characters for the same ID, told by the key alone: to find a person without opening any."""
        return hmac.digest(self._fingerprint_key, resident_id.strip().upper().encode(), "sha256").hex()

    def _unwrap(self, wrapped: bytes) -> bytes:
        return _decrypt(self._wrapping_key, wrapped, _WRAP)

    def __repr__(self) -> str:
        return "Vault(...)"


class Seal:
    """Seals and opens text under one key of a service: for what is no field of a person, and may still name one."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def seal(self, plaintext: str, context: str) -> bytes:
        """`plaintext`, to be opened with the same `context` alone."""
        return _encrypt(self._key, plaintext.encode(), context)

    def open(self, sealed: bytes, context: str) -> str:
        """What was sealed; raises SealBroken."""
        return _decrypt(self._key, sealed, context).decode()

    def __repr__(self) -> str:
        return "Seal(...)"


def _encrypt(key: bytes, plaintext: bytes, context: str) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, plaintext, context.encode())


def _decrypt(key: bytes, sealed: bytes, context: str) -> bytes:
    version, nonce, ciphertext = sealed[:1], sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        if version != _VERSION:
            raise SealBroken(context=context)
        return AESGCM(key).decrypt(nonce, ciphertext, context.encode())
    except (InvalidTag, ValueError) as error:
        raise SealBroken(context=context) from error
