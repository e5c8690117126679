"""How long to wait before another try."""

from datetime import timedelta

from services.notifier.domain.retry import delay


def test_the_wait_doubles_up_to_five_minutes() -> None:
    waits = [delay(attempt, jitter=1.0) / timedelta(seconds=1) for attempt in (1, 2, 3, 8, 9, 1000)]
    assert waits == [2, 4, 8, 256, 300, 300]


def test_jitter_takes_away_at_most_half() -> None:
    assert delay(3, jitter=0.0) == timedelta(seconds=4)
