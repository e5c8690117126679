"""How long to wait before another try."""

from datetime import UTC, datetime, timedelta

from services.notifier.domain.retry import Silences, delay

NOW = datetime(2020, 2, 24, tzinfo=UTC)


def test_the_wait_doubles_up_to_five_minutes() -> None:
    waits = [delay(attempt, jitter=1.0) / timedelta(seconds=1) for attempt in (1, 2, 3, 8, 9, 1000)]
    assert waits == [2, 4, 8, 256, 300, 300]


def test_jitter_takes_away_at_most_half() -> None:
    assert delay(3, jitter=0.0) == timedelta(seconds=4)


def test_who_is_silent_again_and_again_is_let_alone_for_longer_until_they_answer() -> None:
    silences = Silences(lambda: 1.0)
    silences.add("a", NOW)
    silences.add("a", NOW)
    silences.add("b", NOW)
    assert silences.list_waiting(NOW + timedelta(seconds=1)) == {"a", "b"}
    assert silences.list_waiting(NOW + timedelta(seconds=2)) == {"a"}
    assert silences.list_waiting(NOW + timedelta(seconds=4)) == set()
    silences.end("a")
    silences.add("a", NOW)
    assert silences.list_waiting(NOW + timedelta(seconds=2)) == set()
