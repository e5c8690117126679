"""What the bench finds, as values that can be written as JSON; knows neither how they were found nor how they look."""

from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from services.dispatcher.planning.yardsticks import BenchRow


@dataclass(frozen=True)
class IntakeRun:
    """One day's files through the running services; seconds since the first upload began."""

    workers: int
    refused_rows: int
    files: int
    answered_s: float
    """The registry has answered the last upload."""
    pooled_s: float
    """The dispatcher shows everybody in a pool."""
    told_back_s: float
    """The registry knows everybody's pool."""

    @property
    def workers_per_s(self) -> float:
        """From file to pool."""
        return self.workers / self.pooled_s


@dataclass(frozen=True)
class Stages:
    """Seconds of each stage when they are done one after another, and of the whole pass by its own watch."""

    bus: str
    workers: int
    seconds: dict[str, float]
    whole_s: float

    def share(self, stage: str) -> float:
        """The stage's part of the sum of all."""
        return self.seconds[stage] / sum(self.seconds.values())


@dataclass(frozen=True)
class Intake:
    """From roster file to pool on one bus, whole and by stage."""

    bus: str
    runs: list[IntakeRun]
    stages: Stages

    @property
    def workers_per_s(self) -> float:
        """The median of the runs."""
        return median(run.workers_per_s for run in self.runs)


@dataclass(frozen=True)
class Limit:
    """What the machine does at best of one kind of work: the median of its runs."""

    name: str
    unit: str
    unit_bytes: int
    per_s: float
    runs: list[float]


@dataclass(frozen=True)
class EngineDay:
    """One engine's plans for all pools of the sample day."""

    engine: str
    pools: int
    workers: int
    unserved: int
    trips: int
    cost_fen: int
    seconds: float
    """The planner's: its whole round, with building the problems and proposing the trips. A yardstick's: its search."""


@dataclass(frozen=True)
class Figures:
    """All that one run of the bench finds."""

    machine: dict[str, str]
    intake: list[Intake]
    limits: list[Limit]
    engines: list[BenchRow]
    day: list[EngineDay]
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """The figures as plain values, with the medians."""
        found = asdict(self)
        for shown, one in zip(found["intake"], self.intake, strict=True):
            shown["workers_per_s"] = one.workers_per_s
        return found
