from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from services.dispatcher.domain.rules import check_timetable
from services.dispatcher.domain.timetable import SHANGHAI, Entry, EntryKind, Timetable

H = 3600
MIDNIGHT = datetime(2020, 2, 24, tzinfo=SHANGHAI)


def at(seconds: int) -> datetime:
    return MIDNIGHT + timedelta(seconds=seconds)


def lay_out(
    start_s: int, *lines: tuple[str, int] | tuple[str, int, int], distance_m: int = 100_000
) -> Timetable:
    """A timetable written by hand: (kind, seconds[, driver]), one leg, no service."""
    entries, now = [], start_s
    for kind, seconds, *driver in lines:
        who = (driver[0] if driver else 1) if kind == "drive" else None
        entries.append(Entry(EntryKind(kind), at(now), at(now + seconds), who))
        now += seconds
    driven_s = sum(line[1] for line in lines if line[0] == "drive")
    return Timetable(
        rule_set="cn-charter-2020",
        drivers=max((line[2] for line in lines if len(line) == 3), default=1),
        distance_m=distance_m,
        expressway=True,
        legs_s=(driven_s,),
        services_s=(0, 0),
        entries=tuple(entries),
        arrivals=(at(start_s), at(now)),
        departures=(at(start_s), at(now)),
    )


def codes(timetable: Timetable) -> list[str]:
    return [violation.rule for violation in check_timetable(timetable)]


def test_four_hours_on_end_are_lawful_and_one_second_more_is_not() -> None:
    assert codes(lay_out(8 * H, ("drive", 4 * H))) == []
    (violation,) = check_timetable(lay_out(8 * H, ("drive", 4 * H + 1)))
    assert (violation.rule, violation.limit, violation.figure) == ("continuous-driving", 4 * H, 4 * H + 1)
    assert violation.where == "drive at 02-24 08:00"


def test_twenty_minutes_make_a_rest_and_one_second_less_does_not() -> None:
    assert codes(lay_out(8 * H, ("drive", 3 * H), ("rest", 1200), ("drive", 3 * H))) == []
    assert codes(lay_out(8 * H, ("drive", 3 * H), ("rest", 1199), ("drive", 3 * H))) == ["continuous-driving"]


def test_service_is_no_rest() -> None:
    timetable = lay_out(8 * H, ("drive", 3 * H), ("service", 1800), ("drive", 3 * H))
    assert "continuous-driving" in codes(timetable)


def test_another_driver_at_the_wheel_is_no_rest() -> None:
    assert codes(lay_out(8 * H, ("drive", 3 * H, 1), ("drive", 3 * H, 2))) == ["continuous-driving"]


def test_two_hours_of_night_are_lawful_and_one_second_more_is_not() -> None:
    assert codes(lay_out(21 * H, ("drive", 3 * H))) == []
    assert codes(lay_out(21 * H, ("drive", 3 * H + 1))) == ["continuous-night-driving"]


def test_night_ends_at_six() -> None:
    assert codes(lay_out(5 * H, ("drive", 4 * H))) == []


def test_eight_hours_in_a_day_are_lawful_and_one_second_more_is_not() -> None:
    day = (("drive", 4 * H), ("rest", 1200), ("drive", 4 * H), ("rest", 2 * H))
    assert codes(lay_out(6 * H, *day)) == []
    (violation,) = check_timetable(lay_out(6 * H, *day, ("drive", 1)))
    assert (violation.rule, violation.limit, violation.figure) == ("driver-24h", 8 * H, 8 * H + 1)


def test_driving_of_more_than_a_day_ago_no_longer_counts() -> None:
    yesterday = (("drive", 4 * H), ("rest", 1200), ("drive", 4 * H))
    wait = 24 * H - 8 * H - 1200
    again = (("rest", wait), ("drive", 4 * H), ("rest", 1200), ("drive", 4 * H))
    assert codes(lay_out(6 * H, *yesterday, *again)) == []
    too_soon = (("rest", wait - 1), ("drive", 4 * H), ("rest", 1200), ("drive", 4 * H))
    assert codes(lay_out(6 * H, *yesterday, *too_soon)) == ["driver-24h"]


@pytest.mark.parametrize(
    ("start_s", "seconds", "lawful"), [(0, 2 * H, True), (0, 2 * H + 1, False), (5 * H, 60, True)]
)
def test_the_coach_stands_between_two_and_five(start_s: int, seconds: int, lawful: bool) -> None:
    found = [v for v in check_timetable(lay_out(start_s, ("drive", seconds))) if v.rule == "night-stop"]
    assert (found == []) is lawful


@pytest.mark.parametrize(
    ("distance_m", "drivers", "lawful"),
    [
        (600_000, 1, True),
        (600_001, 1, False),
        (1_899_999, 2, True),
        (1_900_000, 2, False),
        (1_900_000, 3, True),
    ],
)
def test_a_long_run_has_enough_drivers(distance_m: int, drivers: int, lawful: bool) -> None:
    timetable = replace(lay_out(8 * H, ("drive", H), distance_m=distance_m), drivers=drivers)
    assert codes(timetable) == ([] if lawful else ["drivers"])


def test_a_driver_who_is_not_of_the_crew_is_found() -> None:
    timetable = replace(lay_out(8 * H, ("drive", H, 2)), drivers=1)
    assert codes(timetable) == ["drivers"]


def test_a_leg_that_is_driven_too_short_is_found() -> None:
    timetable = replace(lay_out(8 * H, ("drive", H)), legs_s=(H + 1,))
    (violation,) = check_timetable(timetable)
    assert (violation.rule, violation.limit, violation.figure, violation.where) == ("leg", H + 1, H, "leg 0")


def test_a_stop_without_its_service_is_found() -> None:
    timetable = replace(lay_out(8 * H, ("drive", H)), services_s=(0, 60))
    assert codes(timetable) == ["service"]


def test_lines_that_overlap_are_found() -> None:
    timetable = lay_out(8 * H, ("drive", H), ("rest", 1200), ("drive", H))
    first, rest, last = timetable.entries
    early = replace(rest, starts_at=rest.starts_at - timedelta(seconds=60))
    assert codes(replace(timetable, entries=(first, early, last))) == ["gap"]
