"""Knows when a search shall stop, and how much of its allowance it has spent; knows nothing of searches.

The one place in planning that looks at a stopwatch, and only where a rule names seconds: no plan ever depends
on the time of day, and a rule of work alone reads no time at all.
"""

import time
from dataclasses import dataclass

from services.dispatcher.planning.faults import BadStop


@dataclass(frozen=True)
class Stop:
    """Stop at whichever comes first; with neither, when a search has come to the end of its ideas.

    `seconds` is wall time, and how far the search gets in it depends on the machine; `work` counts the
    solutions that the search looks at, and the same work gives the same plan byte for byte.

    Raises:
        BadStop: a figure is zero or less.
    """

    seconds: float | None = None
    work: int | None = None

    def __post_init__(self) -> None:
        for field, value in (("seconds", self.seconds), ("work", self.work)):
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

    def spent(self) -> float:
        """The part of the allowance that is spent: 0 at the beginning, 1 or more at the end."""
        parts = [0.0]
        if self._stop.seconds is not None:
            parts.append((time.monotonic() - self._began) / self._stop.seconds)
        if self._stop.work is not None:
            parts.append(self._work / self._stop.work)
        return max(parts)

    def rest(self) -> Stop | None:
        """A stopping rule for all that is left; None where nothing is."""
        if self.spent() >= 1:
            return None
        seconds, work = self._stop.seconds, self._stop.work
        return Stop(
            seconds=None if seconds is None else seconds - (time.monotonic() - self._began),
            work=None if work is None else work - self._work,
        )


@dataclass(frozen=True)
class Params:
    """How to plan: `engine` is `routing`, `firstfit` or `separate` (no sharing between groups)."""

    engine: str = "routing"
