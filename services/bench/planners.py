"""Times how much faster two planners are than one: the same pools, asked for and answered over real Kafka and PostgreSQL.

Each search ends after so much work and not after so many seconds: by the clock two planners that share a core would seem twice as
fast, and find less.
"""

import secrets
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from os import getloadavg
from pathlib import Path
from statistics import median
from typing import Any

from sqlmodel import Session

from services.bench.house import START_S, STOP_S, ServiceDidNotStart, serve_one
from services.bench.machine import describe_machine
from services.bench.run import MORNING_BEFORE, kafka_broker
from services.dispatcher.planning.instances import invent_corridor
from services.dispatcher.planning.problem_format import problem_to_json
from services.planner.settings import PlannerSettings
from shared.database import Database, create_if_missing, migrate
from shared.embedded import EmbeddedPostgres
from shared.events import PoolNotPlanned, PoolPlanned, PoolPlanRequested
from shared.kernel.clock import ReplayClock
from shared.kernel.errors import Unavailable, ZhidaError
from shared.kernel.ids import new_id
from shared.messaging import Cause, Consumer, emit_all, make_bus

STOPS, GATES, WORKERS = 16, 6, 500
WORK = 300
WAIT_S = 900
ASKER = "dispatcher"

Progress = Callable[[str], None]


class NotAnswered(Unavailable):
    """After {seconds} s the planners have answered {known} of {wanted} jobs."""

    zh = "{seconds} 秒后，规划器只答复了 {known} 个任务，应为 {wanted} 个。"


class RefusedJob(ZhidaError):
    """A planner has no plan of a job of the bench: {why}"""

    zh = "规划器未能完成测试任务：{why}"


@dataclass(frozen=True)
class PlannersFigures:
    """`seconds`: by number of planners, each of one process, those of each run from the first job told to the last answer taken
    in. The runs of one and of two take turns, so that what else the machine does meets both."""

    machine: dict[str, str]
    pools: int
    seconds: dict[int, list[float]]

    @property
    def ratio(self) -> float:
        """How many times as fast two planners are as one, by the medians."""
        return median(self.seconds[1]) / median(self.seconds[2])

    def as_json(self) -> dict[str, Any]:
        """For a file."""
        return {
            "machine": self.machine,
            "pools": self.pools,
            "seconds": {str(n): [round(one, 2) for one in runs] for n, runs in self.seconds.items()},
            "ratio": round(self.ratio, 3),
        }


def measure_planners(pools: int, runs: int, progress: Progress = lambda _what: None) -> PlannersFigures:
    """So many runs of one planner and of two, over so many pools. Raises NotAnswered, ServiceDidNotStart, NoBroker."""
    load = f"{getloadavg()[0]:.1f}"  # on a machine that is busy otherwise, two get no more of it than one
    with ExitStack() as closing:
        folder = Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="zhida-bench-")))
        server = EmbeddedPostgres(folder / "server")
        closing.callback(server.stop)
        bootstrap, _ = closing.enter_context(kafka_broker(folder, progress))
        jobs = [problem_to_json(_invent(seed)) for seed in range(pools)]
        progress("planners 规划器")
        askers = {
            planners: closing.enter_context(_installed(folder / str(planners), server, bootstrap, planners))
            for planners in (1, 2)
        }
        for planners, asker in askers.items():
            asker.ask(jobs[:planners])  # what is compiled and large is loaded by now
        seconds: dict[int, list[float]] = {planners: [] for planners in askers}
        for run in range(runs):
            for planners, asker in askers.items():
                progress(f"run {run + 1} of {runs}, planners 规划器: {planners}")
                begun = time.perf_counter()
                asker.ask(jobs)
                seconds[planners].append(time.perf_counter() - begun)
        return PlannersFigures(describe_machine() | {"load before": load}, pools, seconds)


def _invent(seed: int) -> Any:
    return invent_corridor(STOPS, seed, gates=GATES, workers=WORKERS)


class _Asker:
    """Tells jobs as the dispatcher does, and takes the answers in."""

    def __init__(self, database: Database, clock: ReplayClock) -> None:
        self._database, self._clock = database, clock
        self._waiting: set[str] = set()
        self._all_in = threading.Event()
        self._refused = ""

    def ask(self, problems: Sequence[dict[str, Any]]) -> None:
        """Tell a job for each, and wait for all the answers."""
        jobs = [
            PoolPlanRequested(
                job_id=new_id(), version=1, problem=one, engine="columns", seconds=None, work=WORK, seed=0
            )
            for one in problems
        ]
        self._waiting, self._refused = {job.job_id for job in jobs}, ""
        self._all_in.clear()
        with self._database.session() as session:
            emit_all(session, jobs, source=ASKER, cause=Cause.fresh(), clock=self._clock)
        answered = self._all_in.wait(WAIT_S)
        if self._refused:
            raise RefusedJob(why=self._refused)
        if not answered:
            raise NotAnswered(seconds=WAIT_S, known=len(jobs) - len(self._waiting), wanted=len(jobs))

    def take(self, _session: Session, event: Any, _cause: Cause) -> None:
        """One answer."""
        if isinstance(event, PoolNotPlanned):
            self._refused = event.en
        self._waiting.discard(event.job_id)
        if self._refused or not self._waiting:
            self._all_in.set()


@contextmanager
def _installed(folder: Path, server: EmbeddedPostgres, bootstrap: str, planners: int) -> Iterator[_Asker]:
    """So many planners with a database of their own, and who asks them, with topics and groups of this run's own."""
    folder.mkdir()
    (folder / "signing.key").write_text(secrets.token_hex(32))
    clock, prefix = ReplayClock(MORNING_BEFORE), f"bench-{planners}."
    own = server.url(f"asker_{planners}")
    create_if_missing(own)
    migrate(own, ASKER)
    database = Database(own, application_name="zhida-bench")
    bus = make_bus("kafka", bootstrap, {}, prefix)
    asker = _Asker(database, clock)
    consumer = Consumer(ASKER, database, bus, {PoolPlanned: asker.take, PoolNotPlanned: asker.take}, clock)
    stop = threading.Event()
    threads = [
        threading.Thread(target=worker.run, args=(stop,), daemon=True)
        for worker in (consumer, *bus.relays(ASKER, database))
    ]
    settings = PlannerSettings(
        database_url=server.url(f"planner_{planners}"),
        signing_key_file=folder / "signing.key",
        bus="kafka",
        kafka_bootstrap=bootstrap,
        kafka_prefix=prefix,
        port=0,
        log_level="warning",
        workers=1,
    )
    processes = []
    try:
        for thread in threads:
            thread.start()
        for number in range(planners):
            processes.append(_start(settings, clock, folder / f"{number}.jsonl"))
        yield asker
    finally:
        stop.set()
        for process in processes:
            process.terminate()
        for process in processes:
            process.join(STOP_S)
            if process.is_alive():
                process.kill()
                process.join()
        for thread in threads:
            thread.join()
        bus.close()
        database.dispose()


def _start(settings: PlannerSettings, clock: ReplayClock, log: Path) -> Any:
    """A planner's process, once it listens; of a class that typing does not export by name."""
    context = get_context("spawn")  # not forked: this process has threads
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=serve_one, args=("planner", settings, clock, log, sender))
    process.start()
    sender.close()
    try:
        if receiver.poll(START_S):
            receiver.recv()
            return process
    except EOFError:
        pass  # it has ended: told below, as if it had been silent
    process.kill()
    process.join()
    raise ServiceDidNotStart(service="planner", log=log.read_text()[-2000:])
