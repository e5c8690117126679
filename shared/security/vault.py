"""Field encryption: a key per person, itself wrapped by one of the installation's; refuses to know what a person is.

Erasing a person is destroying their wrapped key: what was sealed under it can never be opened again. A backup from
before still has it, until the wrapping key of that time is retired: so everybody's key is wrapped anew now and then.
AES-256-GCM (NIST SP 800-38D) with random 96-bit nonces; a person's key seals some hundred fields, and a wrapping key
some million keys, far below the 2^32 messages that random nonces allow.
"""

import hmac
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.security.errors import SealBroken
from shared.security.keyfile import FileKeys, read_vault_keys
from shared.security.keyring import Keyring
from shared.security.wrapping import KEY_ID_BYTES, Wrapping

_NONCE_BYTES = 12
_VERSION = b"\x01"
_WRAPPED = b"\x02"
_WRAP = "person-key"


class Vault:
    """Seals and opens text under wrapped person keys. `finding`: at least 32 secret bytes, never changed."""

    def __init__(self, finding: bytes, wrapping: Wrapping) -> None:
        keys = Keyring.from_bytes(finding)
        self._wrapping = wrapping
        self._fingerprint_key = keys.derive("vault/fingerprint")
        self._phone_key = keys.derive("vault/phone-fingerprint")
        self._stamp_key = keys.derive("vault/stamp")

    @classmethod
    def from_file(cls, path: Path) -> "Vault":
        """The vault of a key file; raises KeyFileMissing, KeyFileBroken."""
        return cls(read_vault_keys(path).finding, FileKeys(path))

    def new_person_key(self) -> bytes:
        """A fresh key for one person, wrapped: safe to store, useless without the wrapping key."""
        return self._wrap(AESGCM.generate_key(256))

    def rewrap(self, wrapped: bytes) -> bytes:
        """The same key under the newest wrapping key; what it sealed opens as before."""
        return self._wrap(self._unwrap(wrapped))

    def newest_mark(self) -> bytes:
        """What a wrapped key begins with that the newest wrapping key wrapped."""
        return mark_of(self._wrapping.newest())

    def seal(self, wrapped: bytes, plaintext: str, context: str) -> bytes:
        """`plaintext` under a person's key. `context` (`person/01H.../name`) must be given again to open it,
        so that a sealed field moved to another row or column does not open. Raises SealBroken.
        """
        return _encrypt(self._unwrap(wrapped), plaintext.encode(), context)

    def open(self, wrapped: bytes, sealed: bytes, context: str) -> str:
        """What was sealed; raises SealBroken for another key, another context or changed bytes."""
        return _decrypt(self._unwrap(wrapped), sealed, context).decode()

    def seal_of(self, wrapped: bytes) -> "Seal":
        """A person's key unwrapped once, for several fields or a document; not to be kept. Raises SealBroken."""
        return Seal(self._unwrap(wrapped))

    def fingerprint(self, resident_id: str) -> str:
        """The same 64 characters for the same ID, told by the key alone: to find a person without opening any."""
        return hmac.digest(self._fingerprint_key, resident_id.strip().upper().encode(), "sha256").hex()

    def phone_fingerprint(self, phone: str) -> str:
        """The same of a phone, under a key of its own: to see who shares one without opening any."""
        return hmac.digest(self._phone_key, phone.encode(), "sha256").hex()

    def stamp(self, content: bytes) -> str:
        """64 characters that only this installation can make of `content`: to know a file of its own again."""
        return hmac.digest(self._stamp_key, content, "sha256").hex()

    def _wrap(self, key: bytes) -> bytes:
        newest = self._wrapping.newest()
        return mark_of(newest) + self._wrapping.wrap(newest, key, _WRAP)

    def _unwrap(self, wrapped: bytes) -> bytes:
        start = len(_WRAPPED) + KEY_ID_BYTES
        if wrapped[:1] != _WRAPPED or len(wrapped) <= start:
            raise SealBroken(context=_WRAP)
        return self._wrapping.unwrap(wrapped[1:start].hex(), wrapped[start:], _WRAP)

    def __repr__(self) -> str:
        return "Vault(...)"


def mark_of(key_id: str) -> bytes:
    """What a key begins with that this wrapping key wrapped."""
    return _WRAPPED + bytes.fromhex(key_id)


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

    def seal_bytes(self, content: bytes, context: str) -> bytes:
        """A document, as `seal` seals text."""
        return _encrypt(self._key, content, context)

    def open_bytes(self, sealed: bytes, context: str) -> bytes:
        """The document that was sealed; raises SealBroken."""
        return _decrypt(self._key, sealed, context)

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
