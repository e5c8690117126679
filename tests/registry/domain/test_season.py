"""On which days somebody may ask to leave."""

from datetime import date, datetime

import pytest

from services.registry.domain.fault import Fault
from services.registry.domain.season import check_window, read_date
from shared.kernel.window import Window

TODAY = date(2020, 2, 20)


@pytest.mark.parametrize(
    "text",
    ["2020-02-24", "2020/2/24", "2020.2.24", "2020年2月24日", "20200224", "2月24日", "2020-02-24 00:00:00"],
)
def test_a_day_is_read_however_it_is_written(text: str) -> None:
    assert read_date("earliest", text, TODAY) == date(2020, 2, 24)


def test_a_date_cell_is_a_day_already() -> None:
    assert read_date("earliest", datetime(2020, 2, 24, 8), TODAY) == date(2020, 2, 24)  # noqa: DTZ001 - a cell
    assert read_date("earliest", date(2020, 2, 24), TODAY) == date(2020, 2, 24)


def test_a_day_without_a_year_is_the_nearest_one() -> None:
    assert read_date("earliest", "1月5日", date(2019, 12, 28)) == date(2020, 1, 5)
    assert read_date("earliest", "12月30日", date(2020, 1, 3)) == date(2019, 12, 30)


@pytest.mark.parametrize(
    "text", ["2020-02-30", "43885", "二月", "24/2/2020", "2020-13-01", "2月30日", "x" * 200]
)
def test_what_is_no_day_is_a_fault_that_quotes_it_shortly(text: str) -> None:
    found = read_date("latest", text, TODAY)
    assert isinstance(found, Fault)
    assert (found.field, found.code) == ("latest", "date-unreadable")
    assert len(found.zh) < 60


@pytest.mark.parametrize(
    ("earliest", "latest", "code"),
    [
        (date(2020, 2, 1), date(2020, 2, 19), "window-past"),
        (date(2020, 2, 26), date(2020, 2, 24), "window-reversed"),
        (date(2020, 2, 20), date(2020, 4, 20), "window-long"),
        (date(2021, 2, 24), date(2021, 2, 26), "window-far"),
    ],
)
def test_a_window_in_which_nobody_can_leave_is_refused(earliest: date, latest: date, code: str) -> None:
    found = check_window(earliest, latest, TODAY)
    assert isinstance(found, Fault)
    assert found.code == code


def test_a_window_that_has_begun_and_is_not_over_is_good() -> None:
    assert check_window(date(2020, 2, 1), TODAY, TODAY) == Window(date(2020, 2, 1), TODAY)
