"""Everybody's wrapping key is changed while people come, are read and are erased."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from services.cli import app
from services.registry.store.privacy.keys import WRAPPED, Holder, holders
from services.registry.usecases.privacy.wrapping import (
    KeyStillWraps,
    KeyTooFresh,
    count_wrapped,
    retire_key,
    rewrap,
)
from shared.database import Database
from shared.security import WrappingKeyUnknown, add_wrapping_key, mark_of, read_vault_keys
from shared.security.keyfile import LastWrappingKey
from tests.registry.conftest import NOW, Registry
from tests.registry.folk import add_folk, add_helper, add_household
from tests.registry.rosters import worker, xlsx


@pytest.fixture
def full(registry: Registry) -> Registry:
    """A row at least in every table of wrapped keys that is written through its use case or by folk."""
    parts = registry.parts
    add_folk(parts, [1, 2, 3], helper_id=add_helper(parts), household_id=add_household(parts, "H-1"))
    registry.upload(xlsx([worker(8, phone="1")]))
    body = {"requests": [{key: value for key, value in worker(7).items() if key != "party"}]}
    registry.client().post("/api/requests/batch", json=body, headers={"Idempotency-Key": "key-00001"})
    with registry.parts.database.session() as session:
        for holder in holders():  # whatever table there is: a row of nothing but what it must have
            if not session.connection().execute(holder.table.select().limit(1)).first():
                session.connection().execute(text("SET LOCAL session_replication_role = replica"))
                session.connection().execute(holder.table.insert().values(bare_row(holder, registry)))
    return registry


def bare_row(holder: Holder, registry: Registry) -> dict[str, Any]:
    """Nothing, as each column has it, and a key."""
    nothing = {str: "x", int: 0, bytes: b"", bool: False, list: [], datetime: NOW, date: NOW.date(), dict: {}}
    needed = [column for column in holder.table.c if not column.nullable]
    made = {column.name: nothing.get(column.type.python_type, "x") for column in needed}
    return made | {WRAPPED: registry.parts.vault.new_person_key()}


def old_key(registry: Registry) -> str:
    """The key that wraps all, before another one is added."""
    return read_vault_keys(registry.vault_key_file).wrapping[-1].id


def add(registry: Registry, minutes: float = 2) -> str:
    return add_wrapping_key(registry.vault_key_file, datetime.now(UTC) - timedelta(minutes=minutes)).id


def marks(registry: Registry) -> set[bytes]:
    return {mark for table in count_wrapped(registry.parts.database).values() for mark in table}


def test_every_table_with_a_wrapped_key_is_wrapped_anew(full: Registry) -> None:
    written = {table for table, by_mark in count_wrapped(full.parts.database).items() if by_mark}
    assert written == {holder.table.name for holder in holders()}
    assert {
        "person",
        "household",
        "helper",
        "roster",
        "refused_row",
        "idempotent_answer",
        "population",
    } <= written
    fresh, told = add(full), []
    assert rewrap(full.parts.database, full.parts.vault, lambda done, total: told.append((done, total))) == 0
    assert marks(full) == {mark_of(fresh)}
    assert (
        told[-1][0]
        == told[-1][1]
        == sum(sum(t.values()) for t in count_wrapped(full.parts.database).values())
    )
    told.clear()
    assert rewrap(full.parts.database, full.parts.vault, lambda done, total: told.append((done, total))) == 0
    assert told == []  # begun again, it finds nothing to do


def test_what_is_read_and_written_meanwhile_goes_on(full: Registry) -> None:
    path = "/api/rosters"
    [roster] = full.client().get(path).json()["items"]
    add(full)
    [request_id] = full.accept(worker(20))  # by a key that no service was told of
    rewrap(full.parts.database, full.parts.vault)
    assert full.client().get(path).json()["items"][-1]["file_name"] == roster["file_name"]
    assert full.client().get(f"/api/requests/{request_id}").json()["name"] != "—"


def test_a_row_that_somebody_holds_is_left_for_the_next_run_and_nobody_waits(full: Registry) -> None:
    fresh = add(full)
    with full.parts.database.session() as session:
        session.connection().execute(text("SELECT FROM person ORDER BY id LIMIT 1 FOR UPDATE"))
        assert rewrap(full.parts.database, full.parts.vault) == 1
    assert rewrap(full.parts.database, full.parts.vault) == 0
    assert marks(full) == {mark_of(fresh)}


def test_who_is_erased_meanwhile_stays_erased(full: Registry) -> None:
    """The erasure has the row; whatever the run does while it lasts and after, no key comes back."""
    add(full)
    with full.parts.database.session() as session:
        session.connection().execute(text("UPDATE person SET wrapped_key = NULL"))
        assert rewrap(full.parts.database, full.parts.vault) == 4
    assert rewrap(full.parts.database, full.parts.vault) == 0
    assert full.sql("SELECT DISTINCT wrapped_key FROM person") == [(None,)]


def test_a_key_is_retired_once_it_wraps_nothing(full: Registry) -> None:
    old, path, database = old_key(full), full.vault_key_file, full.parts.database
    add(full)
    with pytest.raises(KeyStillWraps, match="helper"):
        retire_key(database, path, old)
    rewrap(database, full.parts.vault)
    retire_key(database, path, old)
    assert old not in {key.id for key in read_vault_keys(path).wrapping}
    with pytest.raises(WrappingKeyUnknown):
        retire_key(database, path, old)


def test_the_key_that_wraps_now_is_not_retired(full: Registry) -> None:
    with pytest.raises(LastWrappingKey):
        retire_key(full.parts.database, full.vault_key_file, old_key(full))


def test_a_key_is_not_retired_while_work_from_before_the_next_one_may_still_write(full: Registry) -> None:
    old, path = old_key(full), full.vault_key_file
    add(full, minutes=0.5)
    rewrap(full.parts.database, full.parts.vault)
    with pytest.raises(KeyTooFresh):
        retire_key(full.parts.database, path, old)
    assert old in {key.id for key in read_vault_keys(path).wrapping}


def test_nor_while_a_transaction_from_then_is_open(full: Registry) -> None:
    old, path = old_key(full), full.vault_key_file
    with full.parts.database.session() as session:
        session.connection().execute(text("SELECT 1"))
        fresh = add_wrapping_key(path, datetime.now(UTC) - timedelta(minutes=1)).id  # it is free just now
        assert rewrap(full.parts.database, full.parts.vault) == 0
        assert marks(full) == {mark_of(fresh)}
        with pytest.raises(KeyTooFresh):
            retire_key(full.parts.database, path, old)
    retire_key(full.parts.database, path, old)


def test_the_commands_change_the_keys_of_a_whole_database(
    full: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHIDA_DATABASE_URL", full.parts.database.url)
    monkeypatch.setenv("ZHIDA_VAULT_KEY_FILE", str(full.vault_key_file))
    old = old_key(full)

    def type_in(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["vault", *words])
        return result.exit_code, result.stdout

    fresh = add(full)
    assert type_in("rewrap")[0] == 0
    listed = type_in("keys")[1].splitlines()
    assert [line.split()[0] for line in listed][-2:] == [old, fresh]
    assert listed[-2].endswith("nothing")
    assert "person 4" in listed[-1]
    assert type_in("retire-key", old)[0] == 0
    assert type_in("add-key")[0] == 0
    assert len(read_vault_keys(full.vault_key_file).wrapping) >= 2
    keys = full.vault_key_file.parent / "list"
    assert (
        type_in("export-keys", str(keys))[1]
        == f"{sum(len(full.sql(f'SELECT FROM {h.table.name} WHERE wrapped_key IS NOT NULL')) for h in holders())} keys\n"
    )
    assert "erased 0 people" in type_in("apply-keys", str(keys))[1]


def test_a_database_opened_twice_is_one_to_the_work_of_changing_keys(full: Registry) -> None:
    """Two runs at once: each row is wrapped by one of them, and nothing is lost."""
    add(full)
    other = Database(full.parts.database.url)
    try:
        with full.parts.database.session() as session:
            session.connection().execute(text("SELECT FROM person ORDER BY id LIMIT 2 FOR NO KEY UPDATE"))
            assert rewrap(other, full.parts.vault) == 2
    finally:
        other.dispose()
    assert rewrap(full.parts.database, full.parts.vault) == 0
    [one] = full.client().get("/api/rosters").json()["items"][:1]
    assert one["file_name"]
