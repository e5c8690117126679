"""The one secret that the services share, and the keys derived from it; refuses to hand out the secret itself."""

from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.kernel.errors import InvalidInput

KEY_BYTES_MIN = 32
_SALT = b"zhida/keyring/1"


class KeyTooShort(InvalidInput):
    """The key in {where} has {length} bytes; it needs at least 32. Write one with `zhida keys`."""

    zh = "{where} 中的密钥只有 {length} 字节，至少需要 32 字节。可用 zhida keys 生成。"


class KeyFileMissing(InvalidInput):
    """There is no key file {where}. Write one with `zhida keys`, readable by the service alone."""

    zh = "密钥文件 {where} 不存在。可用 zhida keys 生成，并仅允许服务读取。"


def read_key_file(path: Path) -> bytes:
    """The secret in a file: hexadecimal text, or raw bytes; at least 32 bytes.

    Raises KeyFileMissing, KeyTooShort.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise KeyFileMissing(where=str(path)) from None
    try:
        secret = bytes.fromhex(raw.decode("ascii").strip())
    except ValueError:
        secret = raw
    return _long_enough(secret, str(path))


class Keyring:
    """Keys by purpose, each derived from the one secret (HKDF-SHA256), so that no key stands in for another."""

    def __init__(self, secret: bytes) -> None:
        self._secret = _long_enough(secret, "keyring")
        self.derive = cache(self._derive)

    @classmethod
    def from_file(cls, path: Path) -> "Keyring":
        """The keyring of a key file; raises KeyFileMissing, KeyTooShort."""
        return cls(read_key_file(path))

    @classmethod
    def from_bytes(cls, secret: bytes) -> "Keyring":
        """The keyring of a secret of at least 32 bytes; raises KeyTooShort."""
        return cls(secret)

    def _derive(self, purpose: str) -> bytes:
        """The 32-byte key of `purpose`: "token", "session", "csrf", "link", "webhook" ..."""
        hkdf = HKDF(algorithm=SHA256(), length=32, salt=_SALT, info=purpose.encode())
        return hkdf.derive(self._secret)

    def __repr__(self) -> str:
        return "Keyring(...)"


def _long_enough(secret: bytes, where: str) -> bytes:
    if len(secret) < KEY_BYTES_MIN:
        raise KeyTooShort(where=where, length=len(secret))
    return secret
