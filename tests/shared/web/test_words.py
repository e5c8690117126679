from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from shared.events import ObjectionReason, Outcome
from shared.http.language import use_language
from shared.security import Role
from shared.web import words


@pytest.fixture(autouse=True)
def chinese_again() -> Iterator[None]:
    yield
    use_language("zh")


def test_figures_read_as_people_write_them() -> None:
    assert words.money(123456) == "¥1,234.56"
    assert words.money(-5) == "−¥0.05"
    assert words.kilometres(1_234_567) == "1,235 公里"
    assert words.duration(30_900) == "8 小时 35 分"
    assert words.duration(360) == "6 分"
    assert words.percent(1, 3) == "33.3%"
    assert words.percent(1, 0) == "—"
    assert words.number(6822) == "6,822"


def test_an_hour_is_that_of_china() -> None:
    late = datetime(2020, 2, 23, 16, 30, tzinfo=UTC)
    assert words.moment(late) == "2月24日 周一 00:30"
    use_language("en")
    assert words.moment(late) == "24 Feb, Mon 00:30"
    assert words.day(date(2020, 3, 1)) == "1 Mar, Sun"


def test_every_role_and_every_outcome_has_words() -> None:
    assert all(words.role_word(role) for role in Role)
    assert set(Outcome) <= set(words.STATES)
    assert set(ObjectionReason) == set(words.REASONS)


def test_a_state_without_words_shows_its_code() -> None:
    assert (words.state_word("lost"), words.state_tone("lost")) == ("lost", "plain")
