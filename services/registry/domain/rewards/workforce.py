"""Counts people in the job and tells each count as a step of five; of fewer than five, not even whether there is anybody.

Each count is rounded by itself, so neither a table nor a difference in it says how few somewhere are, and the tables of two days
do not say how many came or went. It is no more than that: who knows how many they were sees the step go down on the day of the
one who makes it. Of ten, one who tells her helper that she is looking for work makes it five at the enterprise that day.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

from services.registry.domain.rewards.calendar import whole_months

SMALLEST: Final = 5
"""The smallest count that is told, and the step of those above it."""
MONTHS: Final = (0, 1, 3, 6, 12)
"""Each count is of those who have been there for so many whole months, or more."""


def in_steps(count: int) -> int:
    """The step at or below a count: 0 for 0 to 4, 5 for 5 to 9."""
    return count - count % SMALLEST


def at_least(days: Sequence[date], as_of: date) -> tuple[int, ...]:
    """Of those who began on these days: how many have been there for at least each of MONTHS, in steps."""
    months = [whole_months(day, as_of) for day in days]
    return tuple(in_steps(sum(one >= least for one in months)) for least in MONTHS)
