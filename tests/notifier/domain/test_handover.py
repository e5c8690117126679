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
    arrivable_from,
    changed_answers,
)
from services.notifier.domain.trip import TripNotRunning, TripState
from shared.events import ObjectionReason, Outcome

NOW = datetime(2020, 2, 25, 1, 0, tzinfo=UTC)
TWO_DAYS = timedelta(hours=48)
ARRIVAL = Arrival("T-1", TripState.DEPARTED, NOW - timedelta(hours=24), NOW)
NOTHING = Standing(due_at=NOW)
RIDERS = {"R1": NOTHING, "R2": NOTHING}
ARRIVED = Answer("R1", Outcome.ARRIVED)


def faults_of(call: Callable[[], object]) -> list[tuple[str, str]]:
    with pytest.raises(ConfirmationsRefused) as refused:
        call()
    return [(fault["field"], fault["code"]) for fault in refused.value.errors]


def test_a_first_answer_is_taken() -> None:
    assert changed_answers(ARRIVAL, RIDERS, [ARRIVED], NOW, TWO_DAYS) == [ARRIVED]


def test_the_same_answer_again_changes_nothing() -> None:
    known = {"R1": Standing(NOW, Outcome.ARRIVED, first_at=NOW)}
    assert changed_answers(ARRIVAL, known, [ARRIVED], NOW, TWO_DAYS) == []


def test_a_note_alone_is_a_change() -> None:
    known = {"R1": Standing(NOW, Outcome.REFUSED, None, ObjectionReason.HEALTH, NOW)}
    answer = Answer("R1", Outcome.REFUSED, "体温偏高，已隔离观察", ObjectionReason.HEALTH)
    assert changed_answers(ARRIVAL, known, [answer], NOW, TWO_DAYS) == [answer]


def test_an_answer_may_be_changed_for_two_days_after_the_arrival() -> None:
    known = {"R1": Standing(NOW, Outcome.ARRIVED, first_at=NOW)}
    other = Answer("R1", Outcome.DISPUTED, reason=ObjectionReason.JOB)
    assert changed_answers(ARRIVAL, known, [other], NOW + TWO_DAYS, TWO_DAYS) == [other]
    late = NOW + TWO_DAYS + timedelta(seconds=1)
    assert faults_of(lambda: changed_answers(ARRIVAL, known, [other], late, TWO_DAYS)) == [
        ("answers[0]", "closed")
    ]


def test_after_that_the_same_answer_is_still_no_error() -> None:
    known = {"R1": Standing(NOW, Outcome.ARRIVED, first_at=NOW)}
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


@pytest.mark.parametrize(
    "note",
    [
        "电话13808551234",
        "138-0855-1234",
        "138 0855 1234",
        "（0855）822 1234",
        "１３８ ０８５５ １２３４",
        "1/3/8.0_8—5·5、1，2\u30003\n4",
        "522732 19900101 123X",
    ],
)
def test_a_note_with_a_long_number_is_refused_however_it_is_written(note: str) -> None:
    answer = Answer("R1", Outcome.REFUSED, note)
    assert faults_of(lambda: changed_answers(ARRIVAL, RIDERS, [answer], NOW, TWO_DAYS)) == [
        ("answers[0]", "note-has-number")
    ]


@pytest.mark.parametrize(
    "note", ["2月25日 07:30到，08:15体温37.8", "T-001车4号门，6人中3人", "11:30-12:45无人接站"]
)
def test_hours_days_and_counts_are_no_long_numbers(note: str) -> None:
    answer = Answer("R1", Outcome.REFUSED, note)
    assert changed_answers(ARRIVAL, RIDERS, [answer], NOW, TWO_DAYS) == [answer]


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.DISPUTED])
def test_who_refuses_or_disputes_says_why_by_a_code_or_in_words(outcome: Outcome) -> None:
    bare = Answer("R1", outcome)
    assert faults_of(lambda: changed_answers(ARRIVAL, RIDERS, [bare], NOW, TWO_DAYS)) == [
        ("answers[0]", "reason-missing")
    ]
    for said in (replace(bare, reason=ObjectionReason.PAPERS), replace(bare, note="无健康证明")):
        assert changed_answers(ARRIVAL, RIDERS, [said], NOW, TWO_DAYS) == [said]


def test_who_has_arrived_has_no_reason_and_a_note_needs_an_answer() -> None:
    answers = [replace(ARRIVED, reason=ObjectionReason.JOB), Answer("R2", None, "迟到")]
    assert faults_of(lambda: changed_answers(ARRIVAL, RIDERS, answers, NOW, TWO_DAYS)) == [
        ("answers[0]", "reason-out-of-place"),
        ("answers[1]", "outcome-missing"),
    ]


def test_nobody_has_arrived_before_three_quarters_of_the_way_and_the_hour_is_said() -> None:
    earliest = NOW - timedelta(hours=6)
    assert changed_answers(ARRIVAL, RIDERS, [ARRIVED], earliest, TWO_DAYS) == [ARRIVED]
    with pytest.raises(ConfirmationsRefused) as refused:
        changed_answers(ARRIVAL, RIDERS, [ARRIVED], earliest - timedelta(minutes=1), TWO_DAYS)
    (fault,) = refused.value.errors
    assert fault["code"] == "too-early"
    assert "2月25日 03:00" in fault["fault_zh"]
    assert "25 Feb 03:00" in fault["fault_en"]
    absent = Answer("R1", Outcome.NO_SHOW)
    assert changed_answers(ARRIVAL, RIDERS, [absent], ARRIVAL.departs_at, TWO_DAYS) == [absent]


def test_each_gate_has_an_earliest_hour_of_its_own_and_who_left_early_may_come_earlier() -> None:
    hour = timedelta(hours=1)
    assert arrivable_from(ARRIVAL, NOW - 4 * hour) == NOW - 9 * hour
    early = replace(ARRIVAL, departed_at=ARRIVAL.departs_at - hour)
    assert arrivable_from(early, NOW) == NOW - 7 * hour
    late = replace(ARRIVAL, departed_at=ARRIVAL.departs_at + hour)
    assert arrivable_from(late, NOW) == NOW - 6 * hour, "a report that came late holds nobody up"


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
