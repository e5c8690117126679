"""Who a row is about: names, IDs, phones, enterprise codes."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from services.registry.domain.fault import Fault
from services.registry.domain.identity import (
    age_on,
    find_enterprise_code,
    read_name,
    read_phone,
    read_resident_id,
    tidy,
)
from tests.registry.rosters import resident_id

births = st.dates(date(1900, 1, 1), date(2019, 12, 31))


def code_of(reading: object) -> str:
    assert isinstance(reading, Fault), reading
    return reading.code


@given(births, st.integers(0, 999), st.integers(100000, 999999))
def test_an_id_that_passes_its_check_is_read_whatever_its_area(born: date, order: int, area: int) -> None:
    first17 = f"{area}{born:%Y%m%d}{order:03d}"
    number = first17 + ric.calc_check_digit(first17 + "0")
    assert read_resident_id(number.lower()) == number


@given(births, st.integers(0, 999), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_never_passes(born: date, order: int, place: int, shift: int) -> None:
    number = resident_id(order, born)
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert code_of(read_resident_id(wrong)) in ("id-checksum", "id-birth")


def test_the_published_example_is_valid() -> None:
    assert read_resident_id("11010519491231002X") == "11010519491231002X"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("110105491231002", "id-15"),
        ("1101051949123100", "id-format"),
        ("5.22732E+17", "id-number"),
        ("5.29900199001011E+17", "id-number"),
        ("110105194902310021", "id-birth"),
        ("一二三", "id-format"),
        ("１１０１０５１９４９１２３１００２Ｘ", "id-format"),
    ],
)
def test_what_is_no_id_is_named_for_what_it_is(text: str, code: str) -> None:
    assert code_of(read_resident_id(text)) == code


def test_full_width_digits_are_made_plain_before_an_id_is_read() -> None:
    assert read_resident_id(tidy(" １１０１０５１９４９１２３１００２ｘ　")) == "11010519491231002X"


def test_age_is_counted_in_completed_years() -> None:
    born = resident_id(1, date(2004, 2, 24))
    assert [age_on(born, date(2020, 2, 23)), age_on(born, date(2020, 2, 24))] == [15, 16]


@pytest.mark.parametrize("text", ["13812345678", "+86 138-1234-5678", "8613812345678", "0086 13812345678"])
def test_a_mobile_number_is_read_with_or_without_its_country(text: str) -> None:
    assert read_phone(text) == "13812345678"


@pytest.mark.parametrize(
    "text", ["12812345678", "1381234567", "138123456789", "0851-8888888", "", "138１2345678"]
)
def test_another_number_is_no_mobile(text: str) -> None:
    assert code_of(read_phone(text)) == "phone"


@pytest.mark.parametrize("text", ["张三", "欧阳小三", "阿卜杜拉·买买提", "Nguyen Van A", "買買提"])
def test_names_of_all_kinds_are_read(text: str) -> None:
    assert read_name(text) == text


@pytest.mark.parametrize("text", ["张", "张3", "张三13812345678", "=张三", "<b>张三</b>", "张" * 41])
def test_what_is_no_name_is_refused(text: str) -> None:
    assert code_of(read_name(text)) == "name-unreadable"


def test_an_enterprise_code_is_checked_by_its_last_character() -> None:
    assert find_enterprise_code("91110108551385082q") == "91110108551385082Q"
    assert find_enterprise_code("91110108551385083Q") is None


@given(st.text())
def test_tidying_twice_changes_nothing_more_and_leaves_nothing_unseen(text: str) -> None:
    once = tidy(text)
    assert tidy(once) == once
    assert "\x00" not in once
    assert "\u200b" not in once
