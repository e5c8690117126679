"""Changes the key that wraps everybody's, while the services run: wrap all anew, and retire the old one for good."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.registry.store.privacy.keys import (
    Holder,
    count_by_mark,
    has_work_from_before,
    hold_batch,
    holders,
    put_keys,
)
from shared.database import Database
from shared.kernel.errors import Conflict
from shared.security import Vault, WrappingKeyUnknown, mark_of, read_vault_keys, remove_wrapping_key

BATCH = 2000
SETTLES = timedelta(minutes=1)
"""From the moment a key is in the file, how long somebody may still wrap by the one before, and not have begun to write."""
Progress = Callable[[int, int], None]
"""Told how many are done, of how many."""


class KeyStillWraps(Conflict):
    """{key_id} still wraps {count} keys in {table}. Wrap them anew first: zhida vault rewrap."""

    zh = "{table} 中仍有 {count} 个密钥由 {key_id} 包装。请先重新包装：zhida vault rewrap。"


class KeyTooFresh(Conflict):
    """The key that follows {key_id} was added at {added_at}, and work that began before may still write by the old one. Wait until {free_at}, or for work that is still open in the database to end; then wrap anew and retire it."""

    zh = "{key_id} 之后的密钥于 {added_at} 添加，此前开始的工作可能仍在使用旧密钥。请等到 {free_at}，或等数据库中未结束的工作完成，再重新包装并停用。"


def count_wrapped(database: Database) -> Mapping[str, Mapping[bytes, int]]:
    """How many rows of each table are wrapped by which key, told by the key's mark."""
    with database.session() as session:
        return {holder.table.name: count_by_mark(session, holder) for holder in holders()}


def rewrap(database: Database, vault: Vault, progress: Progress | None = None) -> int:
    """Wrap every key by the newest wrapping key; how many were left, because somebody held their rows.

    Each batch is a transaction of its own: stopped and begun again, it goes on where it was. Who is erased meanwhile
    stays erased.
    """
    mark = vault.newest_mark()
    total = sum(_others(marks, mark) for marks in count_wrapped(database).values())
    done = 0
    for holder in holders():
        after = None
        while True:
            with database.session() as session:
                rows = hold_batch(session, holder, mark, after=after, limit=BATCH)
                put_keys(session, holder, [(key, vault.rewrap(wrapped)) for key, wrapped in rows])
            if not rows:
                break
            after, done = rows[-1][0], done + len(rows)
            if progress is not None:
                progress(done, max(total, done))
    return sum(_others(marks, mark) for marks in count_wrapped(database).values())


def retire_key(database: Database, path: Path, key_id: str) -> None:
    """Take the wrapping key out of the file: nothing that it wrapped, in whatever backup, opens again.

    Raises WrappingKeyUnknown, LastWrappingKey, KeyTooFresh, KeyStillWraps.
    """
    wrapping = read_vault_keys(path).wrapping
    ids = [key.id for key in wrapping]
    if key_id not in ids:
        raise WrappingKeyUnknown(key_id=key_id)
    newest = wrapping[-1]
    if key_id != newest.id:
        _check_unused(database, key_id, newest.made_at)
    remove_wrapping_key(path, key_id)


def _check_unused(database: Database, key_id: str, added_at: datetime) -> None:
    free_at = added_at + SETTLES
    settled_for = (datetime.now(UTC) - free_at).total_seconds()
    with database.session() as session:
        if settled_for < 0 or has_work_from_before(session, settled_for):
            raise KeyTooFresh(
                key_id=key_id, added_at=f"{added_at:%Y-%m-%d %H:%M:%S}Z", free_at=f"{free_at:%H:%M:%S}Z"
            )
        for holder in holders():
            count = _wrapped_by(count_by_mark(session, holder), key_id)
            if count:
                raise KeyStillWraps(key_id=key_id, count=count, table=_name(holder))


def _others(marks: Mapping[bytes, int], mark: bytes) -> int:
    return sum(count for found, count in marks.items() if found != mark)


def _wrapped_by(marks: Mapping[bytes, int], key_id: str) -> int:
    return marks.get(mark_of(key_id), 0)


def _name(holder: Holder) -> str:
    return str(holder.table.name)
