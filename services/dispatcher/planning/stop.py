"""Knows when a search shall stop, and how much of its allowance it has spent; knows nothing of searches.

The one place in planning that looks at a stopwatch, and only where a rule names seconds: no plan ever depends
on the time of day, and a rule of work alone reads no time at all.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf

from services.dispatcher.planning.faults import BadStop

Tell = Callable[[int, int], None]
"""Who hears how a search gets on: the best plan's cost and the bound so far, in fen."""


@dataclass(frozen=True)
class Stop:
    """Stop at whichever comes first; with none, when a search has come to the end of its ideas.

    `seconds` is wall time, and how far the search gets in it depends on the machine; `work` counts the
    solutions that the search looks at, and the same work gives the same plan byte for byte. `gap` is how far above
    its bound, as a part of it, a plan may cost and be good enough; none but a proven optimum is without it. `is_halted` is asked now
    and then: what is best by then is the answer.

    Raises:
        BadStop: a figure is zero or less.
    """

    seconds: float | None = None
    work: int | None = None
    gap: float | None = None
    is_halted: Callable[[], bool] | None = None

    def __post_init__(self) -> None:
        for field, value in (("seconds", self.seconds), ("work", self.work), ("gap", self.gap)):
            if value is not None and not value > 0:
                raise BadStop(field=field, value=value)

    @property
    def is_limited(self) -> bool:
        return self.seconds is not None or self.work is not None

    def begin(self) -> "Allowance":
        """The allowance of a search that begins now."""
        return Allowance(self, time.monotonic() if self.seconds is not None else 0.0)


class Allowance:
    """What a running search has spent of its stopping rule and what is left."""

    def __init__(self, stop: Stop, began: float) -> None:
        self._stop = stop
        self._began = began
        self._work = 0

    @property
    def is_limited(self) -> bool:
        return self._stop.is_limited

    def count(self, solutions: int = 1) -> None:
        """These solutions have been looked at."""
        self._work += solutions

    def hurries(self, share: float) -> bool:
        """Whether more than this part of the seconds is over, or the search halted: for work that is not counted."""
        return self._seconds_spent() > share

    def is_near(self, cost_fen: int, bound_fen: int) -> bool:
        """Whether a plan is good enough."""
        return cost_fen <= bound_fen * (1 + (self._stop.gap or 0))

    def _seconds_spent(self) -> float:
        if self._stop.is_halted is not None and self._stop.is_halted():
            return inf
        if self._stop.seconds is None:
            return 0.0
        return (time.monotonic() - self._began) / self._stop.seconds

    def spent(self) -> float:
        """The part of the allowance that is spent: 0 at the beginning, 1 or more at the end."""
        parts = [self._seconds_spent()]
        if self._stop.work is not None:
            parts.append(self._work / self._stop.work)
        return max(parts)

    def rest(self) -> Stop | None:
        """A stopping rule for all that is left; None where nothing is."""
        if self.spent() >= 1:
            return None
        seconds, work = self._stop.seconds, self._stop.work
        return replace(
            self._stop,
            seconds=None if seconds is None else seconds - (time.monotonic() - self._began),
            work=None if work is None else work - self._work,
        )


@dataclass(frozen=True)
class Params:
    """How to plan: `engine` is `columns`, `routing`, `firstfit` or `separate` (no sharing between groups)."""

    engine: str = "columns"
