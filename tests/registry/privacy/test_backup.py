"""A backup is made, somebody is erased, keys are changed, the backup is restored: everybody opens but the erased."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from services.registry.store.privacy.keys import holders
from services.registry.usecases.erase import erase_person
from services.registry.usecases.people.contacts import contacts_of
from services.registry.usecases.privacy.key_list import (
    Applied,
    KeyListBroken,
    KeyListOlder,
    apply_keys,
    export_keys,
)
from services.registry.usecases.privacy.wrapping import retire_key, rewrap
from shared.database import Database
from shared.messaging import Cause
from shared.security import (
    Principal,
    Role,
    SealBroken,
    Vault,
    add_wrapping_key,
    mark_of,
    read_vault_keys,
)
from tests.registry.conftest import Registry
from tests.registry.folk import Folk, add_folk, add_helper, add_household
from tests.registry.privacy.servers import dump, restore
from tests.registry.rosters import worker, xlsx

OPERATOR = Principal("省级运营", frozenset({Role.OPERATOR}), ("52",))


@pytest.fixture
def folk(registry: Registry) -> list[Folk]:
    """Three people with a helper and a household; the first also on a roster's refused rows and in another office's list."""
    parts = registry.parts
    helper, household = add_helper(parts), add_household(parts, "H-1")
    made = add_folk(parts, [1, 2, 3], helper_id=helper, household_id=household)
    shifted = worker(9, name=made[0].name, resident_id=made[0].resident_id, stop="没有此站")
    registry.upload(xlsx([shifted, worker(8, phone="1")]), f"{made[0].name}.xlsx")
    return made


@pytest.fixture
def restored(registry: Registry, make_database: Callable[[str], str]) -> Iterator[Callable[[str], Database]]:
    opened: list[Database] = []

    def into(backup: str) -> Database:
        url = make_database(f"restored{len(opened)}")
        restore(url, backup)
        opened.append(Database(url))
        return opened[-1]

    yield into
    for one in opened:
        one.dispose()


def erase(registry: Registry, folk: Folk) -> None:
    parts = registry.parts
    erase_person(parts, OPERATOR, folk.id, cause=Cause.fresh())


def change_keys(registry: Registry) -> None:
    """Add, wrap anew, retire what was there."""
    path, parts = registry.vault_key_file, registry.parts
    before = [key.id for key in read_vault_keys(path).wrapping]
    add_wrapping_key(path, datetime.now(UTC) - timedelta(minutes=2))
    assert rewrap(parts.database, parts.vault) == 0
    for key_id in before:
        retire_key(parts.database, path, key_id)


def take_in(registry: Registry, database: Database, keys: Path) -> Applied:
    parts = registry.parts
    return apply_keys(
        database, Vault.from_file(registry.vault_key_file), keys, clock=parts.clock, cause=Cause.fresh()
    )


def names(database: Database, vault: Vault, folk: list[Folk]) -> list[str]:
    with database.session() as session:
        found = contacts_of(session, vault, [one.id for one in folk])
    return [found[one.id].name for one in folk]


def every_wrapped_key(database: Database) -> list[bytes]:
    with database.session() as session:
        return [
            bytes(key)
            for holder in holders()
            for (key,) in session.connection().execute(
                text(f"SELECT wrapped_key FROM {holder.table.name} WHERE wrapped_key IS NOT NULL")
            )
        ]


def test_everybody_in_a_restored_backup_opens_but_who_was_erased_since(
    registry: Registry, folk: list[Folk], restored: Callable[[str], Database], tmp_path: Path
) -> None:
    backup = dump(registry.parts.database.url)
    gone, *others = folk
    erase(registry, gone)
    change_keys(registry)
    assert export_keys(registry.parts.database, registry.parts.vault, tmp_path / "keys") > 0

    database, vault = restored(backup), Vault.from_file(registry.vault_key_file)
    brought_back = every_wrapped_key(database)
    assert len(brought_back) == 8  # 3 people, household, helper, file, 2 refused rows
    for key in brought_back:
        with pytest.raises(SealBroken):
            vault.rewrap(key)

    applied = take_in(registry, database, tmp_path / "keys")
    assert (applied.people, applied.others) == (1, 0)  # with them the refused row that bears their ID
    assert names(database, vault, folk) == ["", *(one.name for one in others)]
    with database.session() as session:
        told = session.connection().exec_driver_sql(
            "SELECT id, wrapped_key, fingerprint FROM person ORDER BY id"
        )
        people = {row[0]: tuple(row[1:]) for row in told}
        refused = session.connection().exec_driver_sql(
            "SELECT wrapped_key IS NULL, fingerprint IS NULL FROM refused_row ORDER BY row"
        )
        assert [tuple(row) for row in refused] == [(True, True), (False, False)]
    assert people[gone.id] == (None, f"erased/{gone.id}")
    for one in others:
        assert vault.open(people[one.id][0], *sealed_id(database, one)) == one.resident_id


def sealed_id(database: Database, folk: Folk) -> tuple[bytes, str]:
    with database.session() as session:
        found: Any = session.connection().execute(
            text("SELECT resident_id_sealed FROM person WHERE id = :id"), {"id": folk.id}
        )
        return bytes(found.scalar_one()), f"person/{folk.id}/resident_id"


def test_nothing_of_the_erased_opens_from_the_backup_with_all_keys_that_there_are(
    registry: Registry, folk: list[Folk], restored: Callable[[str], Database]
) -> None:
    backup = dump(registry.parts.database.url)
    kept = restored(backup)
    with kept.session() as session:
        query = text("SELECT wrapped_key FROM person WHERE id = :id")
        [(key,)] = session.connection().execute(query, {"id": folk[0].id})
    sealed, context = sealed_id(kept, folk[0])
    vault = Vault.from_file(registry.vault_key_file)
    assert vault.open(bytes(key), sealed, context) == folk[0].resident_id  # the erasure is what ends it
    erase(registry, folk[0])
    assert vault.open(bytes(key), sealed, context) == folk[0].resident_id  # for backups, not by itself
    change_keys(registry)
    vault = Vault.from_file(registry.vault_key_file)
    for other in [bytes(key), *every_wrapped_key(registry.parts.database)]:
        with pytest.raises(SealBroken):
            vault.open(other, sealed, context)


def test_a_list_that_is_older_than_the_backup_is_refused_and_erases_nobody(
    registry: Registry, folk: list[Folk], tmp_path: Path
) -> None:
    parts = registry.parts
    export_keys(
        parts.database, parts.vault, tmp_path / "keys", taken_at=registry.clock.now() - timedelta(days=400)
    )
    with pytest.raises(KeyListOlder):
        take_in(registry, parts.database, tmp_path / "keys")
    assert names(parts.database, parts.vault, folk) == [one.name for one in folk]


@pytest.mark.parametrize("harm", ["cut", "line", "tail", "other", "empty"])
def test_a_list_that_is_not_whole_is_refused_and_erases_nobody(
    registry: Registry, folk: list[Folk], tmp_path: Path, harm: str
) -> None:
    parts, path = registry.parts, tmp_path / "keys"
    export_keys(parts.database, parts.vault, path)
    lines = path.read_text().splitlines(keepends=True)
    harmed = {
        "cut": lines[:-1],
        "line": [lines[0], *lines[2:]],
        "tail": [*lines[:-1], json.dumps({"keys": len(lines) - 2, "stamp": "0" * 64}) + "\n"],
        "other": ["hello\n"],
        "empty": [],
    }[harm]
    path.write_text("".join(harmed))
    with pytest.raises(KeyListBroken):
        take_in(registry, parts.database, path)
    assert names(parts.database, parts.vault, folk) == [one.name for one in folk]


def test_a_list_wraps_all_by_the_newest_key_and_is_for_its_owner_alone(
    registry: Registry, folk: list[Folk], tmp_path: Path
) -> None:
    fresh = add_wrapping_key(registry.vault_key_file)
    path = tmp_path / "keys"
    export_keys(registry.parts.database, registry.parts.vault, path)
    assert path.stat().st_mode & 0o777 == 0o600
    take_in(registry, registry.parts.database, path)
    assert {key[:5] for key in every_wrapped_key(registry.parts.database)} == {mark_of(fresh.id)}
    assert names(registry.parts.database, registry.parts.vault, folk) == [one.name for one in folk]
