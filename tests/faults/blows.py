"""Strikes processes at random moments of their work while a day is lived; knows nothing of the day but its stages."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from services.day import Day

SPREAD_S = 1.5
LOOK_S = 0.1


@dataclass(frozen=True)
class Sight:
    """A service as the striker sees it: whether it is at work, the events that wait, the transactions that are open."""

    at_work: bool
    waiting: int
    open: int


@dataclass(frozen=True)
class Blow:
    """One that has fallen: in which stage, how many seconds after its beginning, on whom, and what was seen then."""

    stage: str
    after_s: float
    service: str
    sight: Sight


@dataclass
class Blows:
    """Strikes the services that `plan` names in each stage, in a drawn order, each a drawn while (up to SPREAD_S) after
    `look` first shows it at work, and when it is so still. Who does not come to work before the stage is over is
    struck then: no stage ends before its last blow. `done` is what came of it.
    """

    chance: random.Random
    plan: Mapping[str, Sequence[str]]
    strike: Callable[[str], None]
    look: Callable[[str], Sight]
    done: list[Blow] = field(default_factory=list)

    @contextmanager
    def during(self, stage: str) -> Iterator[None]:
        """Strike while the block runs; raises what went wrong with it."""
        failures: list[BaseException] = []
        over = threading.Event()
        striker = threading.Thread(target=self._carry_out, args=(stage, over, failures), name="striker")
        striker.start()
        try:
            yield
        finally:
            over.set()
            striker.join()
        if failures:
            raise failures[0]

    def _carry_out(self, stage: str, over: threading.Event, failures: list[BaseException]) -> None:
        begun = time.monotonic()
        services = list(self.plan.get(stage, ()))
        self.chance.shuffle(services)
        try:
            for service in services:
                for pause_s in (0.0, self.chance.uniform(0, SPREAD_S)):
                    over.wait(pause_s)
                    sight = self.look(service)
                    while not over.is_set() and not sight.at_work:
                        over.wait(LOOK_S)
                        sight = self.look(service)
                self.strike(service)
                self.done.append(Blow(stage, round(time.monotonic() - begun, 1), service, sight))
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
