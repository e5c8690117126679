"""The days in which a household with nobody employed is helped and cleared, as Tongren has them."""

from datetime import date

import pytest

from services.registry.domain.households.rules import Desk, Help, ZeroRule, clocks_on, rule_on
from services.registry.intake.zero_rules import read_zero_rules

KNOWN_ON = date(2020, 2, 27)
"""A Thursday before a leap day: the days are the calendar's."""
HELP_BY, CLEAR_BY = date(2020, 3, 1), date(2020, 3, 3)


def test_tongren_helps_within_3_days_and_clears_within_5_to_the_day() -> None:
    rule = rule_on(read_zero_rules(), KNOWN_ON)
    assert rule.help_by(KNOWN_ON) == HELP_BY
    assert rule.clear_by(KNOWN_ON) == CLEAR_BY
    assert "铜仁" in rule.source


def test_131_is_one_guidance_three_offers_and_one_training() -> None:
    assert rule_on(read_zero_rules(), KNOWN_ON).parts() == [
        (Help.GUIDANCE, 1),
        (Help.OFFER, 1),
        (Help.OFFER, 2),
        (Help.OFFER, 3),
        (Help.TRAINING, 1),
    ]


@pytest.mark.parametrize(
    ("day", "is_helped", "desk", "help_left", "clear_left"),
    [
        (date(2020, 2, 27), False, Desk.HELPER, 3, 5),
        (date(2020, 3, 1), False, Desk.HELPER, 0, 2),
        (date(2020, 3, 2), False, Desk.TOWNSHIP, -1, 1),
        (date(2020, 3, 2), True, Desk.HELPER, None, 1),
        (date(2020, 3, 3), False, Desk.TOWNSHIP, -2, 0),
        (date(2020, 3, 3), True, Desk.HELPER, None, 0),
        (date(2020, 3, 4), True, Desk.COUNTY, None, -1),
        (date(2020, 3, 4), False, Desk.COUNTY, -3, -1),
    ],
)
def test_a_late_task_climbs_from_the_helper_to_the_township_and_the_county(
    day: date, is_helped: bool, desk: Desk, help_left: int | None, clear_left: int
) -> None:
    clocks = clocks_on(day, HELP_BY, CLEAR_BY, is_helped=is_helped)
    assert (clocks.desk, clocks.help_days_left, clocks.clear_days_left) == (desk, help_left, clear_left)
    assert clocks.is_late is (desk is not Desk.HELPER)


def test_the_rule_of_its_day_holds_and_before_all_of_them_the_first() -> None:
    old, new = (
        ZeroRule(valid_from=day, help_days=days, clear_days=9, times={Help.OFFER: 1}, source="test")
        for day, days in ((date(2020, 1, 1), 3), (date(2021, 1, 1), 2))
    )
    assert rule_on([new, old], date(2020, 12, 31)) is old
    assert rule_on([new, old], date(2021, 1, 1)) is new
    assert rule_on([new, old], date(2019, 1, 1)) is old
