"""The days of monthly tracking, each counted by hand; what a task's records add up to."""

from datetime import UTC, date, datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.registry.domain.months import add_months, months_between
from services.registry.domain.tracking.late import Level, climbed_to
from services.registry.domain.tracking.outcome import Finding, TaskStanding, Try, speaking, standing_of
from services.registry.domain.tracking.rules import TrackingRule, rule_for, shipped_rule, shipped_rules

MARCH = date(2020, 3, 1)
RULE = shipped_rule(MARCH)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2020, 2, 24), 1, date(2020, 3, 24)),
        (date(2020, 2, 24), 3, date(2020, 5, 24)),
        (date(2020, 2, 24), 6, date(2020, 8, 24)),
        (date(2020, 2, 24), 12, date(2021, 2, 24)),
        (date(2020, 1, 31), 1, date(2020, 2, 29)),
        (date(2021, 1, 31), 1, date(2021, 2, 28)),
        (date(2020, 1, 31), 3, date(2020, 4, 30)),
        (date(2020, 1, 31), 6, date(2020, 7, 31)),
        (date(2020, 2, 29), 12, date(2021, 2, 28)),
        (date(2020, 8, 31), 6, date(2021, 2, 28)),
        (date(2019, 12, 31), 12, date(2020, 12, 31)),
    ],
)
def test_so_many_months_later_is_that_day_or_the_month_s_last(day: date, months: int, then: date) -> None:
    assert add_months(day, months) == then


def test_milestones_are_one_three_six_and_twelve_months_after_the_arrival() -> None:
    assert RULE.milestones == (1, 3, 6, 12)


def test_months_are_told_in_order_and_over_the_year_s_end() -> None:
    assert months_between(date(2019, 11, 30), date(2020, 2, 1)) == [
        date(2019, 11, 1),
        date(2019, 12, 1),
        date(2020, 1, 1),
        date(2020, 2, 1),
    ]
    assert months_between(date(2020, 3, 1), date(2020, 2, 29)) == []


def test_a_month_s_task_is_due_on_the_25th_and_closes_on_the_10th_of_the_next() -> None:
    assert RULE.due_on(MARCH) == date(2020, 3, 25)
    assert RULE.closes_on(MARCH) == date(2020, 4, 10)
    assert RULE.closes_on(date(2020, 12, 1)) == date(2021, 1, 10)


@pytest.mark.parametrize(
    ("today", "level"),
    [
        (date(2020, 3, 25), None),
        (date(2020, 3, 26), Level.HELPER),
        (date(2020, 3, 27), Level.HELPER),
        (date(2020, 3, 28), Level.TOWNSHIP),
        (date(2020, 3, 31), Level.TOWNSHIP),
        (date(2020, 4, 1), Level.COUNTY),
        (date(2020, 9, 1), Level.COUNTY),
    ],
)
def test_a_late_task_climbs_from_the_helper_to_the_township_to_the_county(
    today: date, level: Level | None
) -> None:
    assert climbed_to(RULE.due_on(MARCH), today, RULE) == level


def test_a_month_keeps_the_rule_that_held_on_its_first_day() -> None:
    later = RULE.model_copy(update={"valid_from": date(2020, 4, 2), "due_day": 20})
    rules = (later, *shipped_rules())
    assert rule_for(rules, date(2020, 4, 30)).due_day == 25
    assert rule_for(rules, date(2020, 5, 1)).due_day == 20
    assert rule_for(rules, date(2019, 5, 1)).due_day == 25


@pytest.mark.parametrize(
    "changes",
    [
        {"county_after_days": 3},
        {"milestones": (3, 1)},
        {"milestones": ()},
        {"due_day": 31},
        {"source": ""},
        {"grace": 3},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        TrackingRule.model_validate(RULE.model_dump() | changes)


def tried(number: int, finding: Finding, day: int, hour: int = 4) -> Try:
    at = datetime(2020, 3, day, hour, tzinfo=UTC)
    return Try(f"r{number}", finding, at, at)


def test_not_reached_counts_only_after_tries_on_two_days() -> None:
    first = tried(1, Finding.NOT_REACHED, 5)
    again = tried(2, Finding.NOT_REACHED, 5, 9)
    other_day = tried(3, Finding.NOT_REACHED, 6)
    assert standing_of([], 2) == TaskStanding(None, None, 0)
    assert standing_of([first], 2) == TaskStanding(None, "r1", 1)
    assert standing_of([first, again], 2) == TaskStanding(None, "r2", 1)
    assert standing_of([first, again, other_day], 2) == TaskStanding(Finding.NOT_REACHED, "r3", 2)


def test_a_day_is_china_s() -> None:
    """16:30 UTC is half past midnight of the next day in China."""
    evening, night = (
        tried(1, Finding.NOT_REACHED, 5, 15),
        Try(
            "r2",
            Finding.NOT_REACHED,
            datetime(2020, 3, 5, 16, 30, tzinfo=UTC),
            datetime(2020, 3, 5, 16, 31, tzinfo=UTC),
        ),
    )
    assert standing_of([evening, night], 2).outcome is Finding.NOT_REACHED


def test_the_latest_record_stands_in_whatever_order_they_come() -> None:
    tries = [tried(1, Finding.NOT_REACHED, 5), tried(2, Finding.LOOKING, 6), tried(3, Finding.SAME, 7)]
    assert {standing_of(order, 2) for order in permutations(tries)} == {TaskStanding(Finding.SAME, "r3", 1)}


def test_of_two_records_of_one_moment_the_same_one_stands_always() -> None:
    tries = [tried(1, Finding.SAME, 5), tried(2, Finding.LOOKING, 5)]
    assert {standing_of(order, 2).record_id for order in permutations(tries)} == {"r2"}


def test_who_was_reached_on_a_day_was_not_missed_on_it_whichever_call_came_first() -> None:
    reached, missed = tried(1, Finding.SAME, 5), tried(2, Finding.NOT_REACHED, 5, 9)
    earlier, next_day = tried(3, Finding.NOT_REACHED, 5, 1), tried(4, Finding.NOT_REACHED, 6)
    day_after = tried(5, Finding.NOT_REACHED, 7)
    for order in permutations([reached, missed, earlier]):
        assert standing_of(order, 2) == TaskStanding(Finding.SAME, "r1", 0)
    for order in permutations([reached, missed, next_day]):
        assert standing_of(order, 2) == TaskStanding(None, "r4", 1)
    for order in permutations([reached, missed, next_day, day_after]):
        assert standing_of(order, 2) == TaskStanding(Finding.NOT_REACHED, "r5", 2)


MONTHS_TRIES = st.lists(
    st.tuples(st.integers(0, 99), st.sampled_from(Finding), st.integers(1, 4), st.integers(0, 15)),
    unique_by=lambda one: one[0],
    min_size=1,
    max_size=7,
)


@given(MONTHS_TRIES, st.data())
def test_a_call_that_failed_on_a_day_somebody_was_reached_changes_nothing_in_any_order(
    said: list[tuple[int, Finding, int, int]], data: st.DataObject
) -> None:
    tries = [tried(*one) for one in said]
    mixed = data.draw(st.permutations(tries))
    assert standing_of(mixed, 2) == standing_of(tries, 2)
    assert speaking(mixed) == speaking(tries)
    days = sorted({day for _, finding, day, _ in said if finding is not Finding.NOT_REACHED})
    if days:
        more = tried(
            100, Finding.NOT_REACHED, data.draw(st.sampled_from(days)), data.draw(st.integers(0, 15))
        )
        assert standing_of([more, *mixed], 2) == standing_of(tries, 2)
        assert speaking([more, *mixed]) == speaking(tries)


@pytest.mark.parametrize(
    ("found", "speak"),
    [
        ([(5, Finding.HOME), (9, Finding.CHANGED)], {0, 1}),
        ([(5, Finding.HOME), (5, Finding.CHANGED)], {1}),
        ([(5, Finding.HOME), (20, Finding.SAME)], {1}),
        ([(5, Finding.HOME), (9, Finding.CHANGED), (20, Finding.SAME)], {0, 1, 2}),
        ([(5, Finding.HOME), (9, Finding.NOT_REACHED)], {0}),
        ([(5, Finding.HOME), (5, Finding.NOT_REACHED)], {0}),
        ([(5, Finding.NOT_REACHED), (5, Finding.HOME), (5, Finding.NOT_REACHED)], {1}),
        ([(5, Finding.LOOKING), (9, Finding.HOME), (20, Finding.SAME)], {2}),
    ],
)
def test_of_each_day_the_latest_word_speaks_and_the_same_employer_unsays_that_somebody_left(
    found: list[tuple[int, Finding]], speak: set[int]
) -> None:
    tries = [
        Try(str(number), finding, *[datetime(2020, 3, day, 1, number, tzinfo=UTC)] * 2)
        for number, (day, finding) in enumerate(found)
    ]
    for order in permutations(tries):
        assert speaking(order) == {str(number) for number in speak}
