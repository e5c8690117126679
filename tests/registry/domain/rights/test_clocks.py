"""Every day here was counted by hand on the calendar of its year, with the State Council's holidays of 2020 and 2021."""

from datetime import date

import pytest

from services.registry.domain.rights.case import CaseType
from services.registry.domain.rights.clocks import (
    Clock,
    ClockKind,
    ClockNotExtendable,
    ClockRunning,
    ClockSuspended,
    Pause,
    begin_limit,
    due_of,
    extend,
    find_rules,
    resume,
    suspend,
)
from services.registry.intake.rights_rules import list_rules

RULES = find_rules(list_rules(), date(2020, 2, 20))


def due(kind: ClockKind, begins_on: date, **more: object) -> date | None:
    found = due_of(RULES.clocks[kind], Clock(kind, begins_on, **more))  # type: ignore[arg-type]
    return found.day if found else None


@pytest.mark.parametrize(
    ("kind", "begins_on", "extension", "last"),
    [
        # The day itself does not count: 21 February is the first, 6 March the fifteenth.
        (ClockKind.MEDIATION, date(2020, 2, 20), 0, date(2020, 3, 6)),
        # The fifteenth is Saturday 7 March: Monday the 9th.
        (ClockKind.MEDIATION, date(2020, 2, 21), 0, date(2020, 3, 9)),
        # 10, 11, 12, 13 and 16 March.
        (ClockKind.ACCEPTANCE, date(2020, 3, 9), 0, date(2020, 3, 16)),
        # Qingming, 4 to 6 April, is free: 7, 8, 9, 10 and 13 April.
        (ClockKind.ACCEPTANCE, date(2020, 4, 3), 0, date(2020, 4, 13)),
        # The 45th day is Saturday 25 April; Sunday the 26th is worked for the holiday in May.
        (ClockKind.ARBITRATION, date(2020, 3, 11), 0, date(2020, 4, 26)),
        # The 60th is Sunday 10 May.
        (ClockKind.ARBITRATION, date(2020, 3, 11), 15, date(2020, 5, 11)),
        # 21 working days in March after the 2nd, 22 in April with Sunday the 26th, 17 in May with Saturday the 9th.
        (ClockKind.INSPECTION, date(2020, 3, 2), 0, date(2020, 5, 27)),
        # 30 more: 2 in May, 21 in June with Sunday the 28th, 7 in July.
        (ClockKind.INSPECTION, date(2020, 3, 2), 30, date(2020, 7, 9)),
        # The fifteenth is Saturday 9 May, which is worked.
        (ClockKind.SUIT, date(2020, 4, 24), 0, date(2020, 5, 9)),
        # Sunday 1 March 2020: Monday the 2nd.
        (ClockKind.LIMIT, date(2019, 3, 1), 0, date(2020, 3, 2)),
        # Saturday 20 February 2021 is worked for the Spring Festival.
        (ClockKind.LIMIT, date(2020, 2, 20), 0, date(2021, 2, 20)),
        # 2021 has no 29 February: the 28th, a Sunday, and so 1 March.
        (ClockKind.LIMIT, date(2020, 2, 29), 0, date(2021, 3, 1)),
    ],
)
def test_a_period_ends_on_the_day_that_was_counted_by_hand(
    kind: ClockKind, begins_on: date, extension: int, last: date
) -> None:
    assert due(kind, begins_on, extension=extension) == last


def test_days_on_which_a_clock_stands_do_not_count() -> None:
    # 12 to 19 March are 8, April all 30, and 7 in May.
    pauses = (Pause(date(2020, 3, 20), date(2020, 4, 1)),)
    assert due(ClockKind.ARBITRATION, date(2020, 3, 11), pauses=pauses) == date(2020, 5, 7)


def test_the_limit_goes_on_for_as_long_as_it_stood() -> None:
    # From 24 January to 23 March are 60 days; 10 June and 60 days are Sunday 9 August.
    pauses = (Pause(date(2020, 1, 24), date(2020, 3, 24)),)
    assert due(ClockKind.LIMIT, date(2019, 6, 10), pauses=pauses) == date(2020, 8, 10)


def test_a_limit_that_stood_over_its_year_has_all_its_days_once_it_goes_again() -> None:
    # 23 November to 2 December are the last 10 of the year; 4 January is the first of them, 13 January, a Wednesday, the last.
    over = (Pause(date(2020, 11, 23), date(2021, 1, 4)),)
    assert due(ClockKind.LIMIT, date(2019, 12, 2), pauses=over) == date(2021, 1, 13)
    # 10 June and 60 days are 9 August; it stands again from 1 to 10 July, after its year: Wednesday 19 August.
    again = (Pause(date(2020, 1, 24), date(2020, 3, 24)), Pause(date(2020, 7, 1), date(2020, 7, 11)))
    assert due(ClockKind.LIMIT, date(2019, 6, 10), pauses=again) == date(2020, 8, 19)


def test_a_clock_that_stands_has_no_last_day_until_it_goes_again() -> None:
    clock = suspend(Clock(ClockKind.ARBITRATION, date(2020, 3, 11)), date(2020, 3, 20))
    rule = RULES.clocks[ClockKind.ARBITRATION]
    assert due_of(rule, clock) is None
    with pytest.raises(ClockSuspended):
        suspend(clock, date(2020, 3, 21))
    with pytest.raises(ClockSuspended):
        extend(rule, clock, 1)
    again = resume(clock, date(2020, 4, 1))
    found = due_of(rule, again)
    assert found is not None
    assert found.day == date(2020, 5, 7)
    with pytest.raises(ClockRunning):
        resume(again, date(2020, 4, 2))


def test_an_arbitration_is_extended_by_15_days_in_all_and_mediation_by_none() -> None:
    rule = RULES.clocks[ClockKind.ARBITRATION]
    clock = extend(rule, Clock(ClockKind.ARBITRATION, date(2020, 3, 11)), 10)
    assert extend(rule, clock, 5).extension == 15
    with pytest.raises(ClockNotExtendable):
        extend(rule, clock, 6)
    with pytest.raises(ClockNotExtendable):
        extend(RULES.clocks[ClockKind.MEDIATION], Clock(ClockKind.MEDIATION, date(2020, 3, 11)), 1)


def test_a_day_in_a_year_whose_holidays_are_not_known_yet_is_provisional() -> None:
    found = due_of(RULES.clocks[ClockKind.LIMIT], Clock(ClockKind.LIMIT, date(2031, 3, 7)))
    assert found is not None
    assert found.is_provisional
    assert found.day == date(2032, 3, 8)  # 7 March 2032 is a Sunday


KNOWN, LEFT = date(2020, 1, 10), date(2020, 1, 15)


def test_pay_in_arrears_may_be_claimed_as_long_as_one_is_employed_and_a_year_from_the_end() -> None:
    assert begin_limit(RULES, CaseType.UNPAID_WAGES, KNOWN, is_employed=True, employed_until=None) is None
    ended = begin_limit(RULES, CaseType.UNPAID_WAGES, KNOWN, is_employed=False, employed_until=LEFT)
    assert ended == Clock(ClockKind.LIMIT, LEFT)
    unknown = begin_limit(RULES, CaseType.UNPAID_WAGES, KNOWN, is_employed=False, employed_until=None)
    assert unknown == Clock(ClockKind.LIMIT, KNOWN)


def test_other_disputes_have_a_year_from_knowing_and_a_complaint_about_the_journey_none() -> None:
    injury = begin_limit(RULES, CaseType.INJURY, KNOWN, is_employed=True, employed_until=None)
    assert injury == Clock(ClockKind.LIMIT, KNOWN)
    assert begin_limit(RULES, CaseType.JOURNEY, KNOWN, is_employed=False, employed_until=LEFT) is None


def test_every_clock_says_where_it_is_from_and_whether_that_is_confirmed() -> None:
    assert set(RULES.clocks) == set(ClockKind)
    assert RULES.clocks[ClockKind.LIMIT].mark == "S"
    assert {rule.mark for kind, rule in RULES.clocks.items() if kind is not ClockKind.LIMIT} == {"R"}
    assert all("第" in rule.source for rule in RULES.clocks.values())
