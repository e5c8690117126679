"""What an enterprise may say of the workers at its gate, and until when."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.notifier.domain.handover import (
    Answer,
    Arrival,
    ConfirmationsRefused,
    NotYetDeparted,
    Standing,
    changed_answers,
)
from services.notifier.domain.trip import TripNotRunning, TripState
from shared.events import Outcome

NOW = datetime(2020, 2, 25, 1, 0, tzinfo=UTC)
TWO_DAYS = timedelta(hours=48)
ARRIVAL = Arrival("T-1", TripState.DEPARTED, NOW - timedelta(hours=24), NOW)
NOTHING = Standing(None, None, None)
RIDERS = {"R1": NOTHING, "R2": NOTHING}
ARRIVED = Answer("R1", Outcome.ARRIVED)


def faults_of(call: Callable[[], object]) -> list[tuple[str, str]]:
    with pytest.raises(ConfirmationsRefused) as refused:
        call()
    return [(fault["field"], fault["code"]) for fault in refused.value.errors]


def test_a_first_answer_is_taken() -> None:
    assert changed_answers(ARRIVAL, RIDERS, [ARRIVED], NOW, TWO_DAYS) == [ARRIVED]


def test_the_same_answer_again_changes_nothing() -> None:
    known = {"R1": Standing(Outcome.ARRIVED, None, NOW)}
    assert changed_answers(ARRIVAL, known, [ARRIVED], NOW, TWO_DAYS) == []


def test_a_note_alone_is_a_change() -> None:
    known = {"R1": Standing(Outcome.REFUSED, None, NOW)}
    answer = Answer("R1", Outcome.REFUSED, "体温偏高，已隔离观察")
    assert changed_answers(ARRIVAL, known, [answer], NOW, TWO_DAYS) == [answer]


def test_an_answer_may_be_changed_for_two_days_after_the_arrival() -> None:
    known = {"R1": Standing(Outcome.ARRIVED, None, NOW)}
    other = Answer("R1", Outcome.DISPUTED)
    assert changed_answers(ARRIVAL, known, [other], NOW + TWO_DAYS, TWO_DAYS) == [other]
    late = NOW + TWO_DAYS + timedelta(seconds=1)
    assert faults_of(lambda: changed_answers(ARRIVAL, known, [other], late, TWO_DAYS)) == [
        ("answers[0]", "closed")
    ]


def test_after_that_the_same_answer_is_still_no_error() -> None:
    known = {"R1": Standing(Outcome.ARRIVED, None, NOW)}
    assert changed_answers(ARRIVAL, known, [ARRIVED], NOW + 9 * TWO_DAYS, TWO_DAYS) == []


def test_a_first_answer_is_never_too_late_for_nobody_confirms_by_themselves() -> None:
    assert changed_answers(ARRIVAL, RIDERS, [ARRIVED], NOW + 9 * TWO_DAYS, TWO_DAYS) == [ARRIVED]


def test_one_fault_refuses_the_whole_batch_and_each_is_named() -> None:
    answers = [
        ARRIVED,
        Answer("R9", Outcome.ARRIVED),
        ARRIVED,
        Answer("R2", Outcome.REFUSED, "电话13808551234"),
    ]
    assert faults_of(lambda: changed_answers(ARRIVAL, RIDERS, answers, NOW, TWO_DAYS)) == [
        ("answers[1]", "not-your-rider"),
        ("answers[2]", "answered-twice"),
        ("answers[3]", "note-has-number"),
    ]


def test_a_note_is_at_most_200_characters_long() -> None:
    assert changed_answers(ARRIVAL, RIDERS, [replace(ARRIVED, note="长" * 200)], NOW, TWO_DAYS)
    assert faults_of(
        lambda: changed_answers(ARRIVAL, RIDERS, [replace(ARRIVED, note="长" * 201)], NOW, TWO_DAYS)
    ) == [("answers[0]", "note-too-long")]


def test_nobody_arrives_before_the_coach_has_left() -> None:
    waiting = replace(ARRIVAL, state=TripState.PUBLISHED)
    early = ARRIVAL.departs_at - timedelta(minutes=1)
    with pytest.raises(NotYetDeparted):
        changed_answers(waiting, RIDERS, [ARRIVED], early, TWO_DAYS)


def test_an_escort_who_forgot_to_report_the_departure_blocks_nobody() -> None:
    waiting = replace(ARRIVAL, state=TripState.PUBLISHED)
    assert changed_answers(waiting, RIDERS, [ARRIVED], NOW, TWO_DAYS) == [ARRIVED]


def test_nobody_arrives_with_a_cancelled_trip() -> None:
    with pytest.raises(TripNotRunning):
        changed_answers(replace(ARRIVAL, state=TripState.CANCELLED), RIDERS, [ARRIVED], NOW, TWO_DAYS)
