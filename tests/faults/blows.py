"""Strikes processes at random moments while a day is lived; knows nothing of the day but its stages."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from services.day import Day

SPAN_S: Mapping[str, float] = {
    "rosters to pools": 10.0,
    "planned": 8.0,
    "approved and told": 10.0,
    "ridden and confirmed": 10.0,
    "settled": 10.0,
}
"""The stages that are struck; the moments are drawn from so many seconds after a stage's beginning. No stage ends
before its last blow."""


@dataclass(frozen=True, order=True)
class Blow:
    """When, in seconds from the beginning of a stage, and which service."""

    after_s: float
    service: str


@dataclass
class Blows:
    """`plan` gives the services to be struck in each stage, the moments are drawn from `chance`, and `strike` does it.

    A small day's stages are shorter: `pace` shrinks their seconds. `done` is what came of it: stage, seconds, service.
    """

    chance: random.Random
    plan: Mapping[str, Sequence[str]]
    strike: Callable[[str], None]
    pace: float = 1.0
    done: list[tuple[str, float, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._moments = {
            stage: sorted(Blow(self.chance.uniform(0, SPAN_S[stage] * self.pace), name) for name in services)
            for stage, services in self.plan.items()
        }

    @contextmanager
    def during(self, stage: str) -> Iterator[None]:
        """Strike while the block runs; raises what went wrong with it."""
        failures: list[BaseException] = []
        striker = threading.Thread(target=self._carry_out, args=(stage, failures), name="striker")
        striker.start()
        try:
            yield
        finally:
            striker.join()
        if failures:
            raise failures[0]

    def _carry_out(self, stage: str, failures: list[BaseException]) -> None:
        begun, pause = time.monotonic(), threading.Event()
        try:
            for blow in self._moments.get(stage, ()):
                pause.wait(max(0.0, begun + blow.after_s - time.monotonic()))
                self.strike(blow.service)
                self.done.append((stage, round(time.monotonic() - begun, 1), blow.service))
        except BaseException as error:  # noqa: BLE001 - raised again in the test's own thread
            failures.append(error)


@dataclass
class ShakenDay(Day):
    """A day whose stages are struck."""

    blows: Blows = field(kw_only=True)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        with super().stage(name), self.blows.during(name):
            yield
