from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dispatcher.domain.rules import CN_CHARTER_2020, check_timetable
from services.dispatcher.domain.timetable import (
    SHANGHAI,
    BadTimes,
    EntryKind,
    Timetable,
    TooFewDrivers,
    build_timetable,
    measure_elapsed_s,
)

NINE = datetime(2020, 2, 24, 9, tzinfo=SHANGHAI)
# domain.md section 3.5: road km -> door-to-door hours with one, two and three drivers, 80 km/h, from 09:00
SIMULATED_H = {
    900: (27.5, 11.9, 11.9),
    1100: (30.2, 14.8, 14.8),
    1300: (48.7, 24.3, 20.5),
    1750: (54.6, 30.4, 26.5),
    1900: (56.5, 32.3, 28.7),
    2100: (75.0, 35.0, 31.2),
}


def drive(km: int, drivers: int, departs_at: datetime = NINE) -> Timetable:
    return build_timetable(
        (km * 3600 // 80,), (0, 0), departs_at, drivers=drivers, distance_m=km * 1000, expressway=True
    )


@pytest.mark.parametrize("km", SIMULATED_H)
@pytest.mark.parametrize("drivers", [1, 2, 3])
def test_door_to_door_hours_agree_with_the_simulated_table_within_1_3_per_cent(km: int, drivers: int) -> None:
    elapsed_s = measure_elapsed_s((km * 3600 // 80,), (0, 0), 9 * 3600, drivers)
    assert elapsed_s / 3600 == pytest.approx(SIMULATED_H[km][drivers - 1], rel=0.013)


def test_one_driver_is_refused_beyond_six_hundred_kilometres_of_expressway() -> None:
    assert check_timetable(drive(600, 1)) == []
    with pytest.raises(TooFewDrivers) as refused:
        drive(601, 1)
    assert "asks for 2" in refused.value.message("en")
    assert "应有 2 名" in refused.value.message("zh")


def test_a_short_run_has_no_rest_at_all() -> None:
    timetable = drive(320, 1)
    assert [entry.kind for entry in timetable.entries] == [EntryKind.DRIVE]
    assert timetable.elapsed_s == 4 * 3600


def test_the_coach_rests_after_four_hours_and_the_driver_changes_in_the_rest() -> None:
    lines = [(entry.kind, entry.driver) for entry in drive(700, 2).entries]
    assert lines == [
        (EntryKind.DRIVE, 1),
        (EntryKind.REST, None),
        (EntryKind.CHANGE, 2),
        (EntryKind.DRIVE, 2),
        (EntryKind.REST, None),
        (EntryKind.CHANGE, 1),
        (EntryKind.DRIVE, 1),
    ]


def test_the_night_stop_lasts_from_two_to_five() -> None:
    (stop,) = [entry for entry in drive(1300, 3).entries if entry.kind == EntryKind.NIGHT_STOP]
    assert (stop.starts_at, stop.ends_at) == (
        datetime(2020, 2, 25, 2, tzinfo=SHANGHAI),
        datetime(2020, 2, 25, 5, tzinfo=SHANGHAI),
    )


def test_an_instant_in_utc_departs_at_its_wall_time_in_shanghai() -> None:
    timetable = drive(900, 2, NINE.astimezone(UTC))
    assert timetable == drive(900, 2)
    assert timetable.arrivals[0].utcoffset() == timedelta(hours=8)


def test_each_stop_gets_its_service_between_arrival_and_departure() -> None:
    timetable = build_timetable((3600, 7200), (300, 600, 900), NINE, drivers=1, distance_m=200_000)
    stood = [d - a for a, d in zip(timetable.arrivals, timetable.departures, strict=True)]
    assert stood == [timedelta(seconds=300), timedelta(seconds=600), timedelta(seconds=900)]
    assert timetable.elapsed_s == 3600 + 7200 + 300 + 600 + 900


@pytest.mark.parametrize(
    ("legs", "services", "departs_at", "field"),
    [
        ((3600,), (0, 0), datetime(2020, 2, 24, 9), "departs_at"),  # noqa: DTZ001 - the fault in question
        ((3600,), (0,), NINE, "services_s"),
        ((), (0,), NINE, "services_s"),
        ((-1,), (0, 0), NINE, "legs_s"),
    ],
)
def test_impossible_times_are_refused_by_field(
    legs: tuple[int, ...], services: tuple[int, ...], departs_at: datetime, field: str
) -> None:
    with pytest.raises(BadTimes) as refused:
        build_timetable(legs, services, departs_at, drivers=1, distance_m=0)
    assert field in refused.value.message("en")
    assert field in refused.value.message("zh")


@given(
    legs=st.lists(st.integers(0, 20 * 3600), min_size=1, max_size=7),
    service_s=st.integers(0, 3600),
    minute=st.integers(0, 24 * 60 - 1),
    drivers=st.integers(1, 3),
)
def test_every_timetable_that_is_built_is_lawful_and_as_long_as_it_was_measured(
    legs: list[int], service_s: int, minute: int, drivers: int
) -> None:
    legs_s, services_s = tuple(legs), (0, *(service_s for _ in legs))
    departs_at = NINE.replace(hour=minute // 60, minute=minute % 60)
    timetable = build_timetable(legs_s, services_s, departs_at, drivers=drivers, distance_m=300_000)
    assert check_timetable(timetable) == []
    assert timetable.elapsed_s == measure_elapsed_s(legs_s, services_s, minute * 60, drivers, CN_CHARTER_2020)
    assert timetable.elapsed_s >= sum(legs_s) + sum(services_s)
