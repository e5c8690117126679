import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.security import HeldKeys, Seal, SealBroken, Vault, make_wrapping_key, mask

KEYS = HeldKeys([make_wrapping_key()])
VAULT = Vault(b"m" * 32, KEYS)
OTHER = Vault(b"n" * 32, HeldKeys([make_wrapping_key()]))


@given(st.text(max_size=60), st.text(max_size=30))
def test_what_is_sealed_opens_again(plaintext: str, context: str) -> None:
    wrapped = VAULT.new_person_key()
    assert VAULT.open(wrapped, VAULT.seal(wrapped, plaintext, context), context) == plaintext


def test_the_same_text_is_never_sealed_the_same_twice_and_is_not_in_the_seal() -> None:
    wrapped = VAULT.new_person_key()
    first, second = VAULT.seal(wrapped, "张小三", "name"), VAULT.seal(wrapped, "张小三", "name")
    assert first != second
    assert "张小三".encode() not in first


def test_a_field_that_is_moved_to_another_place_does_not_open() -> None:
    wrapped = VAULT.new_person_key()
    sealed = VAULT.seal(wrapped, "13800005678", "person/1/phone")
    with pytest.raises(SealBroken):
        VAULT.open(wrapped, sealed, "person/2/phone")


def test_another_persons_key_does_not_open_it() -> None:
    sealed = VAULT.seal(VAULT.new_person_key(), "张小三", "name")
    with pytest.raises(SealBroken):
        VAULT.open(VAULT.new_person_key(), sealed, "name")


def test_another_installations_keys_do_not_open_it() -> None:
    wrapped = VAULT.new_person_key()
    sealed = VAULT.seal(wrapped, "张小三", "name")
    with pytest.raises(SealBroken):
        OTHER.open(wrapped, sealed, "name")


@pytest.mark.parametrize("position", [0, 1, 13, -1])
def test_one_changed_byte_is_noticed(position: int) -> None:
    wrapped = VAULT.new_person_key()
    sealed = bytearray(VAULT.seal(wrapped, "张小三", "name"))
    sealed[position] ^= 1
    with pytest.raises(SealBroken):
        VAULT.open(wrapped, bytes(sealed), "name")


@pytest.mark.parametrize("rubbish", [b"", b"\x01", b"\x01" * 12, b"\x01" * 20])
def test_what_is_no_seal_is_refused(rubbish: bytes) -> None:
    with pytest.raises(SealBroken):
        VAULT.open(VAULT.new_person_key(), rubbish, "name")


def test_a_service_s_own_seal_opens_by_its_key_in_its_place_alone() -> None:
    seal = Seal(b"s" * 32)
    sealed = seal.seal("张小三体温偏高", "note/T-1/R-1")
    assert seal.open(sealed, "note/T-1/R-1") == "张小三体温偏高"
    assert "张小三".encode() not in sealed
    with pytest.raises(SealBroken):
        seal.open(sealed, "note/T-1/R-2")
    with pytest.raises(SealBroken):
        Seal(b"t" * 32).open(sealed, "note/T-1/R-1")


def test_a_fingerprint_finds_the_same_id_and_needs_the_key() -> None:
    found = VAULT.fingerprint("11010519491231002X")
    assert found == VAULT.fingerprint(" 11010519491231002x ")
    assert found != VAULT.fingerprint("110105194912310021")
    assert found != OTHER.fingerprint("11010519491231002X")


def test_a_phone_s_fingerprint_is_of_another_key_than_an_id_s() -> None:
    found = VAULT.phone_fingerprint("13800005678")
    assert found == VAULT.phone_fingerprint("13800005678")
    assert found not in (VAULT.phone_fingerprint("13800005679"), VAULT.fingerprint("13800005678"))
    assert found != OTHER.phone_fingerprint("13800005678")
    assert "19491231" not in found


@pytest.mark.parametrize(
    ("full", "shown"), [("张小三", "张*三"), ("张三", "张*"), ("欧阳小三", "欧**三"), ("张", "*"), ("", "")]
)
def test_a_name_keeps_its_ends(full: str, shown: str) -> None:
    assert mask.name(full) == shown


def test_an_id_keeps_its_area_and_tail_and_a_phone_its_ends() -> None:
    assert mask.resident_id("11010519491231002X") == "110105********002X"
    assert mask.phone("13812345678") == "138****5678"


@pytest.mark.parametrize("short", ["1381234", "12", ""])
def test_what_is_too_short_to_have_a_middle_is_hidden_whole(short: str) -> None:
    assert set(mask.phone(short)) <= {"*"}


class Kms:
    """A keeper of wrapping keys on another machine: the vault has its answers, and never a wrapping key."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self._held = HeldKeys([make_wrapping_key()])

    def newest(self) -> str:
        return self._held.newest()

    def wrap(self, key_id: str, plain: bytes, context: str) -> bytes:
        self.asked.append(("wrap", key_id))
        return self._held.wrap(key_id, plain, context)

    def unwrap(self, key_id: str, wrapped: bytes, context: str) -> bytes:
        self.asked.append(("unwrap", key_id))
        return self._held.unwrap(key_id, wrapped, context)


def test_another_keeper_of_wrapping_keys_takes_the_place_of_the_file() -> None:
    kms = Kms()
    vault = Vault(b"m" * 32, kms)
    wrapped = vault.new_person_key()
    assert vault.open(wrapped, vault.seal(wrapped, "张小三", "name"), "name") == "张小三"
    assert kms.asked == [("wrap", kms.newest()), ("unwrap", kms.newest()), ("unwrap", kms.newest())]
