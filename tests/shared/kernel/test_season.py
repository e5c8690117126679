"""The name of a season."""

from datetime import date

from shared.kernel.season import season_of


def test_a_season_is_half_a_year() -> None:
    assert [season_of(date(2020, 6, 30)), season_of(date(2020, 7, 1))] == ["2020-spring", "2020-autumn"]
