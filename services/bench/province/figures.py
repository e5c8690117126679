"""What a season's run finds, as values that can be written as JSON; knows neither how they were found nor how they look."""

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

STAGES = ("requests", "pools", "problem", "plan", "check")


@dataclass(frozen=True)
class PoolRun:
    """One pool on one day. `bound_fen` is what the independent checker holds for proven; 0 where it holds nothing."""

    name: str
    workers: int
    stops: int
    gates: int
    trips: int
    cost_fen: int
    bound_fen: int
    seconds: float
    """Of planning and checking."""
    unserved: dict[str, int]
    """Rule -> workers whom it leaves behind."""
    faults: tuple[str, ...]
    """Broken rules, and why a certificate proves nothing: one is too many."""


@dataclass(frozen=True)
class JobRun:
    """One day of one home prefecture, planned in the process `process`; `finished` is false where Ctrl-C came first."""

    name: str
    process: int
    peak_bytes: int
    """The most memory that the process has had so far."""
    seconds: dict[str, float]
    """By stage."""
    unpooled: dict[str, int]
    pools: list[PoolRun]
    finished: bool


@dataclass(frozen=True)
class Progress:
    """How far it had come after so many seconds."""

    seconds: float
    workers: int
    cost_fen: int
    bound_fen: int


@dataclass(frozen=True)
class SeasonFigures:
    """All that one run finds; `finished` is false where it was ended before its last pool."""

    machine: dict[str, str]
    people: int
    days: int
    cores: int
    allowed_s: float
    """From when the processes are ready."""
    jobs: list[JobRun]
    progress: list[Progress]
    start_s: float
    """Until the processes are ready: they read the roads and what is compiled, or compile it."""
    parent_peak_bytes: int
    wall_s: float
    """Of everything."""
    finished: bool

    @property
    def pools(self) -> list[PoolRun]:
        return [pool for job in self.jobs for pool in job.pools]

    @property
    def cost_fen(self) -> int:
        return sum(pool.cost_fen for pool in self.pools)

    @property
    def bound_fen(self) -> int:
        return sum(pool.bound_fen for pool in self.pools)

    @property
    def gap(self) -> float | None:
        """Total cost over total bound, less 1."""
        return self.cost_fen / self.bound_fen - 1 if self.bound_fen else None

    @property
    def proven_optimal(self) -> int:
        return sum(pool.cost_fen == pool.bound_fen for pool in self.pools)

    @property
    def unserved(self) -> Counter[str]:
        """Rule -> workers."""
        found: Counter[str] = Counter()
        for job in self.jobs:
            found.update(job.unpooled)
            for pool in job.pools:
                found.update(pool.unserved)
        return found

    @property
    def workers(self) -> int:
        return sum(pool.workers for pool in self.pools) + sum(sum(job.unpooled.values()) for job in self.jobs)

    @property
    def stage_seconds(self) -> dict[str, float]:
        """Summed over the processes."""
        return {stage: sum(job.seconds[stage] for job in self.jobs) for stage in STAGES}

    @property
    def peak_bytes(self) -> int:
        """The parent's peak and each process's, as if all came at once."""
        of_process: dict[int, int] = {}
        for job in self.jobs:
            of_process[job.process] = max(of_process.get(job.process, 0), job.peak_bytes)
        return self.parent_peak_bytes + sum(of_process.values())

    @property
    def faults(self) -> list[str]:
        return [f"{pool.name}: {fault}" for pool in self.pools for fault in pool.faults]

    def slowest(self, count: int) -> list[PoolRun]:
        return sorted(self.pools, key=lambda pool: -pool.seconds)[:count]

    def as_json(self) -> dict[str, Any]:
        """The figures as plain values, with the sums."""
        return asdict(self) | {
            "workers": self.workers,
            "unserved": dict(self.unserved),
            "pool_days": len(self.pools),
            "coaches": sum(pool.trips for pool in self.pools),
            "cost_fen": self.cost_fen,
            "bound_fen": self.bound_fen,
            "gap": self.gap,
            "proven_optimal": self.proven_optimal,
            "stage_seconds": self.stage_seconds,
            "peak_bytes": self.peak_bytes,
        }
