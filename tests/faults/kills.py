"""Kills processes at random moments while a day is lived, and starts them again; knows nothing of the day but its stages."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain

from services.day import Day
from tests.journeys.parts import SERVICES, Parts

STAGES = ("rosters to pools", "planned", "approved and told", "ridden and confirmed", "settled")
A_STAGE = 4
"""Kills a stage: each of the three services once, and one of them a second time."""

SPAN_S = {
    "rosters to pools": 8.0,
    "planned": 8.0,
    "approved and told": 8.0,
    "ridden and confirmed": 25.0,
    "settled": 2.0,
}
"""A stage's kills come within so many seconds of its beginning; no stage ends before its last kill."""


@dataclass(frozen=True, order=True)
class Kill:
    """When, in seconds from the beginning of a stage, and whom."""

    after_s: float
    service: str


@dataclass
class Kills:
    """A plan of kills drawn from `chance`; `done` is what came of it."""

    parts: Parts
    chance: random.Random
    done: list[tuple[str, float, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.planned = {stage: self._draw(stage) for stage in STAGES}

    def _draw(self, stage: str) -> list[Kill]:
        twice = self.chance.choices(SERVICES, k=A_STAGE - len(SERVICES))
        return sorted(Kill(self.chance.uniform(0, SPAN_S[stage]), name) for name in chain(SERVICES, twice))

    @contextmanager
    def during(self, stage: str) -> Iterator[None]:
        """Carry out the kills of a stage while the block runs; raises what went wrong with them."""
        failures: list[BaseException] = []
        killer = threading.Thread(target=self._carry_out, args=(stage, failures), name="killer")
        killer.start()
        try:
            yield
        finally:
            killer.join()
        if failures:
            raise failures[0]

    def _carry_out(self, stage: str, failures: list[BaseException]) -> None:
        begun, pause = time.monotonic(), threading.Event()
        try:
            for kill in self.planned.get(stage, ()):
                pause.wait(max(0.0, begun + kill.after_s - time.monotonic()))
                self.parts.kill_and_restart(kill.service)
                self.done.append((stage, round(time.monotonic() - begun, 1), kill.service))
        except BaseException as error:  # noqa: BLE001 - raised again in the test's own thread
            failures.append(error)


@dataclass
class ShakenDay(Day):
    """A day each of whose stages is shaken by kills."""

    kills: Kills | None = None

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        assert self.kills is not None
        with super().stage(name), self.kills.during(name):
            yield
