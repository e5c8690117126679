"""Knows when a search shall stop and with which parameters it runs; reads no clock itself.

The seconds are kept by the solver's own timer, so that planning stays a function of values.
"""

from dataclasses import dataclass

from services.dispatcher.planning.faults import BadStop


@dataclass(frozen=True)
class Stop:
    """Stop at whichever comes first; with neither, at the first plan that no single move betters.

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


@dataclass(frozen=True)
class Params:
    """How to plan: `engine` is `routing`, `firstfit` or `separate` (no sharing between groups)."""

    engine: str = "routing"
