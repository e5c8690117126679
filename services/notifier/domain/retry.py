"""Knows how long to wait before another try; the jitter comes from outside, so that a test can say it."""

from collections.abc import Callable
from datetime import datetime, timedelta

FIRST_S = 2
LONGEST_S = 300


def delay(attempts: int, jitter: float) -> timedelta:
    """The wait after the try number `attempts` (from 1): doubling from 2 s to 5 min, halved at most by `jitter`.

    `jitter` is between 0 and 1; it spreads those who failed at the same moment.
    """
    longest_s = min(LONGEST_S, FIRST_S * 2 ** min(attempts - 1, 10))
    return timedelta(seconds=longest_s * (0.5 + jitter / 2))


class Silences:
    """Who gave no answer lately, and until when each is let alone: what waits for one of them is not tried in vain."""

    def __init__(self, jitter: Callable[[], float]) -> None:
        self._jitter = jitter
        self._known: dict[str, tuple[int, datetime]] = {}

    def add(self, who: str, now: datetime) -> None:
        """`who` gave no answer, once more in a row."""
        count = self._known.get(who, (0, now))[0] + 1
        self._known[who] = count, now + delay(count, self._jitter())

    def end(self, who: str) -> None:
        """`who` has answered."""
        self._known.pop(who, None)

    def list_waiting(self, now: datetime) -> set[str]:
        """Those who are still let alone."""
        return {who for who, (_, until) in self._known.items() if now < until}
