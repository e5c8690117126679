"""The vault's wrapping keys in their file: added and retired while services run, and no person loses theirs."""

import json
import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.security import (
    HeldKeys,
    KeyFileThere,
    SealBroken,
    Vault,
    WrappingKeyUnknown,
    add_wrapping_key,
    make_wrapping_key,
    mark_of,
    read_vault_keys,
    remove_wrapping_key,
    write_keys,
)
from shared.security.keyfile import KeyFileBroken, KeyFileDetached, LastWrappingKey
from shared.security.keyring import KeyFileMissing


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_keys(tmp_path)[1]


def test_the_key_files_are_for_their_owner_alone_and_are_never_overwritten(tmp_path: Path) -> None:
    written = write_keys(tmp_path)
    assert [stat.S_IMODE(one.stat().st_mode) for one in written] == [0o600, 0o600]
    before = [one.read_bytes() for one in written]
    with pytest.raises(KeyFileThere):
        write_keys(tmp_path)
    assert [one.read_bytes() for one in written] == before


def test_a_running_vault_wraps_by_a_key_from_the_moment_it_is_added(path: Path) -> None:
    vault = Vault.from_file(path)
    old = vault.new_person_key()
    sealed = vault.seal(old, "张小三", "name")
    fresh = add_wrapping_key(path)
    assert vault.new_person_key().startswith(mark_of(fresh.id))
    assert vault.newest_mark() == mark_of(fresh.id) != old[:5]
    assert vault.open(old, sealed, "name") == "张小三"


def test_a_key_that_is_wrapped_anew_opens_what_it_opened_and_outlives_the_old_wrapping(path: Path) -> None:
    vault = Vault.from_file(path)
    old = vault.new_person_key()
    sealed = vault.seal(old, "张小三", "name")
    add_wrapping_key(path)
    new = vault.rewrap(old)
    remove_wrapping_key(path, old[1:5].hex())
    assert vault.open(new, sealed, "name") == "张小三"
    with pytest.raises(WrappingKeyUnknown):
        Vault.from_file(path).open(old, sealed, "name")


def test_another_running_vault_reads_the_file_again_for_a_key_it_does_not_know(path: Path) -> None:
    first, second = Vault.from_file(path), Vault.from_file(path)
    add_wrapping_key(path)
    wrapped = first.new_person_key()
    assert second.open(wrapped, first.seal(wrapped, "张小三", "name"), "name") == "张小三"


def test_a_fingerprint_stays_through_every_change_of_keys(path: Path) -> None:
    before = Vault.from_file(path).fingerprint("11010519491231002X")
    add_wrapping_key(path)
    remove_wrapping_key(path, read_vault_keys(path).wrapping[0].id)
    assert Vault.from_file(path).fingerprint("11010519491231002X") == before


def test_the_key_that_wraps_now_and_one_that_is_not_there_are_not_taken_out(path: Path) -> None:
    [only] = read_vault_keys(path).wrapping
    with pytest.raises(LastWrappingKey):
        remove_wrapping_key(path, only.id)
    with pytest.raises(WrappingKeyUnknown):
        remove_wrapping_key(path, "00000000")
    assert read_vault_keys(path).wrapping == (only,)


def test_of_keys_that_are_added_at_once_none_is_lost(path: Path) -> None:
    together = threading.Barrier(8)

    def add(_: int) -> str:
        together.wait()
        return add_wrapping_key(path).id

    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(add, range(8)))
    assert made <= {key.id for key in read_vault_keys(path).wrapping}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(os.listdir(path.parent)) == ["signing.key", "vault.key"]


@pytest.mark.parametrize(
    "content",
    ["", "ab" * 32, "{}", "[]", '{"format": "zhida.vault-keys/1", "finding": "ab", "wrapping": []}', "\xff"],
)
def test_what_is_no_key_file_is_refused_by_name(path: Path, content: str) -> None:
    path.write_text(content, "latin-1")
    with pytest.raises(KeyFileBroken, match=r"vault\.key"):
        Vault.from_file(path)


def test_a_wrapping_key_that_is_too_short_is_refused(path: Path) -> None:
    told = json.loads(path.read_text())
    told["wrapping"][0]["key"] = "ab" * 16
    path.write_text(json.dumps(told))
    with pytest.raises(KeyFileBroken):
        read_vault_keys(path)


def test_a_missing_key_file_is_told_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(KeyFileMissing, match=r"vault\.key"):
        Vault.from_file(tmp_path / "vault.key")
    with pytest.raises(KeyFileMissing):
        add_wrapping_key(tmp_path / "vault.key")


def test_a_wrapped_key_is_bound_to_the_id_it_bears() -> None:
    first, second = make_wrapping_key(), make_wrapping_key()
    wrapped = HeldKeys([first]).wrap(first.id, b"k" * 32, "person-key")
    same_secret = HeldKeys([type(second)(second.id, second.made_at, first.secret)])
    with pytest.raises(SealBroken):
        same_secret.unwrap(second.id, wrapped, "person-key")


def test_no_key_is_shown_where_its_holder_is_printed(path: Path) -> None:
    keys = read_vault_keys(path)
    shown = f"{keys} {keys.wrapping[0]!r} {Vault.from_file(path)!r}"
    assert keys.finding.hex() not in shown
    assert keys.wrapping[0].secret.hex() not in shown
    assert str(keys.wrapping[0].secret) not in shown


def test_who_sees_only_the_replaced_file_wraps_nothing_more_by_its_keys(path: Path) -> None:
    """As in a container that has the file mounted, and not its folder."""
    with path.open() as kept:
        vault = Vault.from_file(Path(f"/proc/self/fd/{kept.fileno()}"))
        vault.new_person_key()
        add_wrapping_key(path)
        with pytest.raises(KeyFileDetached):
            vault.new_person_key()
