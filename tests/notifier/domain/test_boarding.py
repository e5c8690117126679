"""Who may be marked as boarded, and until when."""

from datetime import UTC, datetime, timedelta

import pytest

from services.notifier.domain.boarding import (
    Boarding,
    BoardingClosed,
    ClockAhead,
    Presence,
    Run,
    TooEarlyToLeave,
    depart,
    mark,
)
from services.notifier.domain.trip import TripNotRunning, TripState

NOW = datetime(2020, 2, 24, 0, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WAITING = Run("T-1", TripState.PUBLISHED, departs_at=NOW)
GONE = Run("T-1", TripState.DEPARTED, departs_at=NOW, departed_at=NOW)


def test_a_worker_is_marked_and_the_mark_may_be_changed_before_departure() -> None:
    boarded = mark(Boarding(), Presence.BOARDED, NOW, WAITING, NOW)
    assert boarded == Boarding(Presence.BOARDED, NOW)
    absent = mark(boarded, Presence.NO_SHOW, NOW + 2 * MINUTE, WAITING, NOW + 2 * MINUTE)
    assert absent.presence is Presence.NO_SHOW


def test_the_same_mark_again_changes_nothing() -> None:
    boarded = Boarding(Presence.BOARDED, NOW)
    assert mark(boarded, Presence.BOARDED, NOW + MINUTE, WAITING, NOW + MINUTE) is boarded


def test_nobody_boards_after_departure() -> None:
    with pytest.raises(BoardingClosed):
        mark(Boarding(), Presence.BOARDED, NOW + MINUTE, GONE, NOW + MINUTE)


def test_a_mark_made_before_departure_counts_however_late_it_arrives() -> None:
    late = mark(Boarding(), Presence.BOARDED, NOW - MINUTE, GONE, NOW + timedelta(hours=9))
    assert late == Boarding(Presence.BOARDED, NOW - MINUTE)


def test_an_older_mark_that_arrives_late_does_not_undo_a_newer_one() -> None:
    newer = Boarding(Presence.BOARDED, NOW)
    assert mark(newer, Presence.NO_SHOW, NOW - 10 * MINUTE, WAITING, NOW) is newer


def test_marks_within_a_minute_count_in_the_order_in_which_they_come() -> None:
    first = Boarding(Presence.BOARDED, NOW)
    assert mark(first, Presence.NO_SHOW, NOW - MINUTE / 2, WAITING, NOW).presence is Presence.NO_SHOW


def test_a_phone_whose_clock_is_ahead_is_told_so() -> None:
    with pytest.raises(ClockAhead):
        mark(Boarding(), Presence.BOARDED, NOW + 6 * MINUTE, WAITING, NOW)
    with pytest.raises(ClockAhead):
        depart(WAITING, NOW + 6 * MINUTE, NOW)


def test_nobody_boards_a_cancelled_trip_and_it_does_not_leave() -> None:
    cancelled = Run("T-1", TripState.CANCELLED, departs_at=NOW)
    with pytest.raises(TripNotRunning):
        mark(Boarding(), Presence.BOARDED, NOW, cancelled, NOW)
    with pytest.raises(TripNotRunning):
        depart(cancelled, NOW, NOW)


def test_the_first_report_of_the_departure_stands() -> None:
    gone = depart(WAITING, NOW, NOW)
    assert gone == GONE
    assert depart(gone, NOW + MINUTE, NOW + MINUTE) is gone


def test_a_coach_leaves_at_most_two_hours_before_its_hour() -> None:
    early = NOW - timedelta(hours=2)
    assert depart(WAITING, early, early).departed_at == early
    with pytest.raises(TooEarlyToLeave) as refused:
        depart(WAITING, early - MINUTE, early)
    assert "2月24日 08:30" in refused.value.message("zh")
    assert "24 Feb 06:29" in refused.value.message("en")
    assert depart(GONE, early - MINUTE, early) is GONE, "who reports again is not blamed"
