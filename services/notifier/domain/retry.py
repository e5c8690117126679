"""Knows how long to wait before another try; the jitter comes from outside, so that a test can say it."""

from datetime import timedelta

FIRST_S = 2
LONGEST_S = 300


def delay(attempts: int, jitter: float) -> timedelta:
    """The wait after the try number `attempts` (from 1): doubling from 2 s to 5 min, halved at most by `jitter`.

    `jitter` is between 0 and 1; it spreads those who failed at the same moment.
    """
    longest_s = min(LONGEST_S, FIRST_S * 2 ** min(attempts - 1, 10))
    return timedelta(seconds=longest_s * (0.5 + jitter / 2))
