"""The vault's key file: one secret that finds people, never changed, and the wrapping keys, which are added and retired.

The file is replaced as a whole, and whoever uses it sees that it was: no service is restarted for a new key. Where
only the file is mounted into a container (not its folder), the replaced one is not seen there, and nothing more is wrapped.
"""

import fcntl
import json
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from shared.kernel.errors import Conflict, InvalidInput
from shared.security.errors import WrappingKeyUnknown
from shared.security.keyring import KEY_BYTES_MIN, KeyFileMissing
from shared.security.wrapping import HeldKeys, WrappingKey, make_wrapping_key

FORMAT = "zhida.vault-keys/1"
SIGNING, VAULT = "signing.key", "vault.key"


class KeyFileThere(Conflict):
    """{path} is there already. Keep it: what it sealed is lost without it. Choose another folder for new keys."""

    zh = "{path} 已存在。请保留：没有它，已加密的数据将无法读取。新密钥请另选文件夹。"


class KeyFileBroken(InvalidInput):
    """The key file {where} is not one of zhida.vault-keys/1. Put the copy of it back that you keep, or write one with `zhida keys`."""

    zh = "密钥文件 {where} 不是 zhida.vault-keys/1 格式。请恢复您保存的副本，或用 zhida keys 生成。"


class KeyFileDetached(Conflict):
    """The key file {where} was replaced, and only the old one can be seen here. Mount the folder it lies in, not the file alone, and start again."""

    zh = "密钥文件 {where} 已被替换，而此处只能看到旧文件。请挂载其所在文件夹，而不是单个文件，并重新启动。"


class LastWrappingKey(Conflict):
    """{key_id} is the key that wraps now. Add a newer one first: zhida vault add-key."""

    zh = "{key_id} 是当前使用的包装密钥。请先添加新密钥：zhida vault add-key。"


@dataclass(frozen=True, slots=True)
class VaultKeys:
    """What the file holds; the newest wrapping key last."""

    finding: bytes
    wrapping: tuple[WrappingKey, ...]

    def __repr__(self) -> str:
        return f"VaultKeys({', '.join(key.id for key in self.wrapping)})"


def write_keys(folder: Path) -> tuple[Path, Path]:
    """The two secrets of an installation, signing key and vault keys, for the owner alone. Raises KeyFileThere."""
    signing, vault = folder / SIGNING, folder / VAULT
    fresh = VaultKeys(secrets.token_bytes(KEY_BYTES_MIN), (make_wrapping_key(),))
    for path, content in ((signing, secrets.token_hex(KEY_BYTES_MIN) + "\n"), (vault, _text(fresh))):
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            raise KeyFileThere(path=str(path)) from None
        with os.fdopen(descriptor, "w") as file:
            file.write(content)
    return signing, vault


def read_vault_keys(path: Path) -> VaultKeys:
    """What the file holds. Raises KeyFileMissing, KeyFileBroken."""
    try:
        text = path.read_text("ascii")
    except FileNotFoundError:
        raise KeyFileMissing(where=str(path)) from None
    except UnicodeDecodeError:
        raise KeyFileBroken(where=str(path)) from None
    try:
        return _keys(json.loads(text))
    except (ValueError, KeyError, TypeError):
        raise KeyFileBroken(where=str(path)) from None


def add_wrapping_key(path: Path, made_at: datetime | None = None) -> WrappingKey:
    """A new key at the end of the file; whatever is wrapped from now on is wrapped by it."""
    with _held(path):
        keys = read_vault_keys(path)
        fresh = make_wrapping_key(made_at or datetime.now(UTC))
        while fresh.id in {key.id for key in keys.wrapping}:
            fresh = make_wrapping_key(fresh.made_at)
        _put(path, replace(keys, wrapping=(*keys.wrapping, fresh)))
    return fresh


def remove_wrapping_key(path: Path, key_id: str) -> None:
    """Take a key out for good: what is still wrapped by it is lost. Raises WrappingKeyUnknown, LastWrappingKey."""
    with _held(path):
        keys = read_vault_keys(path)
        if key_id not in {key.id for key in keys.wrapping}:
            raise WrappingKeyUnknown(key_id=key_id)
        if key_id == keys.wrapping[-1].id:
            raise LastWrappingKey(key_id=key_id)
        _put(path, replace(keys, wrapping=tuple(key for key in keys.wrapping if key.id != key_id)))


class FileKeys:
    """The `Wrapping` of a key file. It is read again when it was replaced, so a key that was added works at once."""

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.Lock()
        self._seen = _mark(path)
        self._held = HeldKeys(read_vault_keys(path).wrapping)

    def newest(self) -> str:
        """The id of the key that wraps now."""
        return self._fresh().newest()

    def wrap(self, key_id: str, plain: bytes, context: str) -> bytes:
        """`plain` under that key."""
        return self._with(key_id).wrap(key_id, plain, context)

    def unwrap(self, key_id: str, wrapped: bytes, context: str) -> bytes:
        """What was wrapped."""
        return self._with(key_id).unwrap(key_id, wrapped, context)

    def _with(self, key_id: str) -> HeldKeys:
        """The keys as they were read; read again only for one that is not among them."""
        held = self._held
        return held if key_id in held else self._fresh()

    def _fresh(self) -> HeldKeys:
        mark = _mark(self._path)
        if mark != self._seen:
            with self._lock:
                self._held = HeldKeys(read_vault_keys(self._path).wrapping)
                self._seen = mark
        return self._held

    def __repr__(self) -> str:
        return f"FileKeys({self._path})"


def _mark(path: Path) -> tuple[int, int, int]:
    """What is another when the file was replaced."""
    try:
        found = path.stat()
    except FileNotFoundError:
        raise KeyFileMissing(where=str(path)) from None
    if found.st_nlink == 0:
        raise KeyFileDetached(where=str(path))
    return found.st_ino, found.st_mtime_ns, found.st_size


def _keys(told: dict[str, object]) -> VaultKeys:
    if told["format"] != FORMAT:
        raise ValueError("another format")
    finding = bytes.fromhex(str(told["finding"]))
    rows = told["wrapping"]
    if not isinstance(rows, list) or not rows or len(finding) < KEY_BYTES_MIN:
        raise ValueError("too little")
    return VaultKeys(finding, tuple(_key(row) for row in rows))


def _key(row: dict[str, str]) -> WrappingKey:
    key = WrappingKey(row["id"], datetime.fromisoformat(row["made_at"]), bytes.fromhex(row["key"]))
    if len(key.secret) != KEY_BYTES_MIN or len(bytes.fromhex(key.id)) != 4:
        raise ValueError("no key")
    return key


def _text(keys: VaultKeys) -> str:
    rows = [
        {"id": key.id, "made_at": key.made_at.isoformat(), "key": key.secret.hex()} for key in keys.wrapping
    ]
    return json.dumps({"format": FORMAT, "finding": keys.finding.hex(), "wrapping": rows}, indent=1) + "\n"


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """One change at a time: of two that are made at once, neither loses the other's key."""
    if not path.exists():
        raise KeyFileMissing(where=str(path))
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
        os.fsync(folder)
    finally:
        os.close(folder)


def _put(path: Path, keys: VaultKeys) -> None:
    """Replace the file by a whole one that is on the disk, with the same owner."""
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    owner = path.stat()
    descriptor = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w") as file:
        if (owner.st_uid, owner.st_gid) != (os.geteuid(), os.getegid()):
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
        file.write(_text(keys))
        file.flush()
        os.fsync(descriptor)
    beside.replace(path)
