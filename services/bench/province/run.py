"""Hands a season's jobs to one process a core and gathers their figures; does none of the work itself."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context

from services.bench.machine import describe_machine
from services.bench.province.figures import JobRun, Progress, SeasonFigures
from services.bench.province.job import begin, do_job, meet, peak_bytes
from services.bench.province.season import Job, plan_season

PROVINCE = 1_990_000
PROVINCE_S = 3600.0
"""What the whole province is allowed where nothing else is said; a part of it, that part."""


def run_season(
    people: int,
    days: int,
    seed: int,
    cores: int,
    minutes: float | None,
    tell: Callable[[int, int], None],
) -> SeasonFigures:
    """The season's figures; `tell` is told the workers done and in all. Ctrl-C ends it with the figures of what is done.

    Raises BrokenProcessPool where a process dies.
    """
    begun = time.monotonic()
    allowed_s = minutes * 60 if minutes else PROVINCE_S * people / PROVINCE
    jobs, terms = plan_season(people, days, seed)
    runs: list[JobRun] = []
    progress: list[Progress] = []
    context = get_context("spawn")
    ended = context.Event()
    with ProcessPoolExecutor(cores, context, begin, (terms, ended, context.Barrier(cores))) as executor:
        wait([executor.submit(meet) for _ in range(cores)])
        start_s = time.monotonic() - begun
        seasons = _Season(jobs, cores, begun + start_s + allowed_s)
        try:
            for run in seasons.run(executor):
                runs.append(run)
                progress.append(_add(progress[-1] if progress else None, run, time.monotonic() - begun))
                tell(progress[-1].workers, seasons.workers)
        except KeyboardInterrupt:
            ended.set()
            runs += seasons.finish()
    return SeasonFigures(
        machine=describe_machine(),
        people=people,
        days=days,
        cores=cores,
        allowed_s=allowed_s,
        jobs=runs,
        progress=progress,
        start_s=start_s,
        parent_peak_bytes=peak_bytes(),
        wall_s=time.monotonic() - begun,
        finished=len(runs) == len(jobs) and all(run.finished for run in runs),
    )


class _Season:
    """The jobs that wait and those that are being done."""

    def __init__(self, jobs: list[Job], cores: int, until: float) -> None:
        self.workers = sum(job.workers for job in jobs)
        self._cores, self._until = cores, until
        self._waiting = list(reversed(jobs))
        self._ahead = sum(job.weight for job in jobs)
        self._running: dict[Future[JobRun], float] = {}
        """Each with the moment at which it shall end."""

    def run(self, executor: ProcessPoolExecutor) -> Iterator[JobRun]:
        """Each job's figures as it ends; the largest are begun first."""
        while self._waiting or self._running:
            while self._waiting and len(self._running) < self._cores:
                job = self._waiting.pop()
                seconds = self._share(job)
                self._running[executor.submit(do_job, job, seconds)] = time.monotonic() + seconds
            done, _ = wait(self._running, return_when=FIRST_COMPLETED)
            for future in done:
                del self._running[future]
                yield future.result()

    def finish(self) -> list[JobRun]:
        """What is being done is ended after the pool at hand."""
        return [future.result() for future in self._running]

    def _share(self, job: Job) -> float:
        """The job's part, by its weight, of the seconds that no job has yet."""
        now = time.monotonic()
        left_s = max(0.0, self._until - now)
        given_s = sum(max(0.0, end - now) for end in self._running.values())
        share = job.weight / self._ahead
        self._ahead -= job.weight
        return min(left_s, max(0.0, left_s * self._cores - given_s) * share)


def _add(before: Progress | None, run: JobRun, seconds: float) -> Progress:
    so_far = before or Progress(0, 0, 0, 0)
    return Progress(
        seconds=seconds,
        workers=so_far.workers + sum(pool.workers for pool in run.pools) + sum(run.unpooled.values()),
        cost_fen=so_far.cost_fen + sum(pool.cost_fen for pool in run.pools),
        bound_fen=so_far.bound_fen + sum(pool.bound_fen for pool in run.pools),
    )
