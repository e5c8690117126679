"""Everybody's wrapped key in a file apart from the database's backup, and back into a database that was restored.

A backup of the database brings back whom it held. With the list of today, everybody in it opens but who was erased
since: their key is not on the list, and the one in the backup is wrapped by a key that has been retired.
"""

import base64
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session

from services.registry.store.people import lock_people
from services.registry.store.privacy.key_list import Entry, find_latest, list_missing, put_list, read_keys
from services.registry.store.privacy.keys import erase_rows, holders
from services.registry.store.tables import PersonRow
from services.registry.usecases.privacy.destroy import destroy
from shared.database import Database, snapshot
from shared.kernel.clock import Clock
from shared.kernel.errors import Conflict, InvalidInput
from shared.messaging import Cause
from shared.security import Vault

FORMAT = "zhida.person-keys/1"
ERASED_AT_ONCE = 500


class KeyListBroken(InvalidInput):
    """{path} is not a whole list of keys of this installation: cut off, changed, or another's. Take a whole copy of it; nothing was changed."""

    zh = "{path} 不是本系统完整的密钥清单：可能被截断、改动，或属于其他系统。请使用完整的副本；未做任何更改。"


class KeyListOlder(Conflict):
    """The list of keys is of {taken_at}, and the database holds what came later, at {latest}: its people would be erased as well. Take a list that is at least as new as the backup; nothing was changed."""

    zh = "密钥清单生成于 {taken_at}，而数据库含有此后（{latest}）的内容：相关人员会被一并删除。请使用不早于备份的清单；未做任何更改。"


@dataclass(frozen=True, slots=True)
class Applied:
    """What a list did: how many keys it holds, and how many people and other rows it had erased."""

    keys: int
    people: int
    others: int


def export_keys(database: Database, vault: Vault, path: Path, *, taken_at: datetime | None = None) -> int:
    """Write the list, each key under the newest wrapping key, in the place of an older one; how many it holds."""
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    count, digest = 0, hashlib.sha256()
    head = {"format": FORMAT, "taken_at": (taken_at or datetime.now(UTC)).isoformat()}
    with (
        database.session() as session,
        os.fdopen(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file,
    ):
        snapshot(session)
        for line in _lines(session, vault, head):
            digest.update(line)
            file.write(line)
            count += 1
        tail = {"keys": count - 1, "stamp": vault.stamp(digest.digest())}
        file.write(_line(tail))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    return count - 1


def apply_keys(database: Database, vault: Vault, path: Path, *, clock: Clock, cause: Cause) -> Applied:
    """Give everybody in a restored database the key of the list, and erase who is not on it. All of it or nothing.

    Raises KeyListBroken, KeyListOlder, WrappingKeyUnknown where the list itself is of a retired key.
    """
    head, count = _check(vault, path)
    with database.session() as session:
        latest = find_latest(session)
        if latest is not None and latest > datetime.fromisoformat(head["taken_at"]):
            raise KeyListOlder(taken_at=head["taken_at"], latest=latest.isoformat())
        put_list(session, _entries(vault, path))
        people, others = _erase_missing(session, clock, cause)
    return Applied(count, people, others)


def _erase_missing(session: Session, clock: Clock, cause: Cause) -> tuple[int, int]:
    people = others = 0
    for holder in holders():
        missing = list_missing(session, holder)
        if holder.table.name == PersonRow.__tablename__:
            people = len(missing)
            for start in range(0, people, ERASED_AT_ONCE):
                ids = [str(key[0]) for key in missing[start : start + ERASED_AT_ONCE]]
                destroy(session, list(lock_people(session, ids).values()), clock=clock, cause=cause)
        else:
            others += len(missing)
            for start in range(0, len(missing), ERASED_AT_ONCE):
                erase_rows(session, holder, missing[start : start + ERASED_AT_ONCE])
    return people, others


def _lines(session: Session, vault: Vault, head: dict[str, Any]) -> Iterator[bytes]:
    yield _line(head)
    mark = vault.newest_mark()
    for table, key, wrapped in read_keys(session):
        newest = wrapped if wrapped.startswith(mark) else vault.rewrap(wrapped)
        yield _line([table, key, base64.b64encode(newest).decode()])


def _line(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode() + b"\n"


def _check(vault: Vault, path: Path) -> tuple[dict[str, str], int]:
    """The head, and how many keys there are, once the whole file is known to be as it was written."""
    digest, head, last, count = hashlib.sha256(), b"", b"", -1
    with path.open("rb") as file:
        for line in file:
            if last:
                digest.update(last)
            head, last, count = head or line, line, count + 1
    try:
        told, tail = json.loads(head), json.loads(last)
        whole = told["format"] == FORMAT and tail == {
            "keys": count - 1,
            "stamp": vault.stamp(digest.digest()),
        }
    except (ValueError, KeyError, TypeError, UnicodeDecodeError):
        whole = False
    if not whole:
        raise KeyListBroken(path=str(path))
    return told, count - 1


def _entries(vault: Vault, path: Path) -> Iterator[Entry]:
    """Each key, wrapped anew: so it is known to open, and is of the newest wrapping key."""
    with path.open("rb") as file:
        for line in file:
            told = json.loads(line)
            if isinstance(told, list):
                table, key, wrapped = told
                yield table, key, vault.rewrap(base64.b64decode(wrapped))
