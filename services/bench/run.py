"""One run of the bench from beginning to end, in a folder that is gone afterwards; knows the order, no measuring."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path

from services.bench.figures import EngineDay, Figures, IntakeRun, Limit
from services.bench.figures import Intake as IntakeFigures
from services.bench.house import House
from services.bench.intake import Intake, SampleDay, write_day
from services.bench.limits import measure_database, measure_kafka
from services.bench.machine import describe_machine, describe_parts
from services.bench.planner import plan_day
from services.bench.stages import REGISTRY, measure_stages
from services.dispatcher.planning.yardsticks import BenchRow, bench_table
from shared.database import Database
from shared.embedded import EmbeddedPostgres
from shared.kernel.clock import SHANGHAI, ReplayClock
from shared.kernel.errors import Unavailable

DAY = date(2020, 2, 24)
MORNING_BEFORE = datetime.combine(DAY - timedelta(days=1), time_of_day(9), SHANGHAI)
DAYS_APART = 7
"""Further than any worker's window is wide, so that a day's round plans that day's workers alone."""

Progress = Callable[[str], None]


class NoBroker(Unavailable):
    """The bench cannot start Apache Kafka: {reason}"""

    zh = "测试无法启动 Apache Kafka：{reason}"


@dataclass(frozen=True)
class Extent:
    """How much is measured: workers a day, runs of what is short, seeds of the planner's pools, buses."""

    people: int = 6822
    runs: int = 3
    seeds: int = 3
    planner_seconds: float = 1.0
    with_kafka: bool = True


def measure(extent: Extent, progress: Progress = lambda _what: None) -> Figures:
    """All figures; `progress` is told what begins. Raises what the parts raise; a part that fails gives no figure."""
    begun = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="zhida-bench-"))
    with ExitStack() as closing:
        closing.callback(shutil.rmtree, folder, ignore_errors=True)
        progress("sample 样本")
        days = [
            write_day(folder / f"season-{i}", DAY + timedelta(days=i * DAYS_APART), 1 + i, extent.people)
            for i in range(extent.runs)
        ]
        server = EmbeddedPostgres(folder / "server")
        closing.callback(server.stop)
        kafka, version = (
            closing.enter_context(kafka_broker(folder, progress)) if extent.with_kafka else (None, "")
        )
        return _Run(extent, folder, server, days, kafka, version, progress).all(begun)


@contextmanager
def kafka_broker(folder: Path, progress: Progress) -> Iterator[tuple[str, str]]:
    """The address and version of a broker of our own. Raises NoBroker."""
    progress("Apache Kafka")
    try:
        from deploy.kafka.broker import Broker, BrokerError, fetch_jars
    except ModuleNotFoundError as error:  # an installed wheel has no deploy
        raise NoBroker(reason="run it in a clone of the repository: make bench") from error
    broker = Broker(folder / "broker")
    try:
        [core] = fetch_jars().glob("kafka_2.13-*.jar")
        broker.start()
    except BrokerError as error:
        raise NoBroker(reason=str(error)) from error
    try:
        yield broker.bootstrap, core.stem.partition("-")[2]
    finally:
        broker.stop()


@dataclass(frozen=True)
class _Run:
    """What the steps of one run share."""

    extent: Extent
    folder: Path
    server: EmbeddedPostgres
    days: list[SampleDay]
    kafka: str | None
    kafka_version: str
    progress: Progress

    def all(self, begun: float) -> Figures:
        clock = ReplayClock(MORNING_BEFORE)
        self.progress("stages 各环节")
        stages = measure_stages(self.server.url, self.days[0], clock, self.kafka)
        registry = Database(self.server.url(REGISTRY), application_name="zhida-bench")
        self.progress("limits 上限")
        limits = self._limits(registry)
        machine = describe_machine() | describe_parts(registry)
        if self.kafka_version:
            machine["Apache Kafka"] = self.kafka_version
        registry.dispose()
        runs: dict[str, list[IntakeRun]] = {}
        runs["embedded"], day = self._live(None, clock)
        if self.kafka:
            runs["kafka"], _ = self._live(self.kafka, clock)
        self.progress("planner 规划器")
        engines = self._engines()
        intake = [IntakeFigures(one.bus, runs[one.bus], one) for one in stages]
        return Figures(machine, intake, limits, engines, day, time.monotonic() - begun)

    def _limits(self, registry: Database) -> list[Limit]:
        found = measure_database(registry, self.extent.runs)
        if self.kafka:
            found.append(measure_kafka(registry, self.kafka, self.extent.runs))
        return found

    def _live(self, kafka: str | None, clock: ReplayClock) -> tuple[list[IntakeRun], list[EngineDay]]:
        """The days through the running services; the embedded ones also plan the first day."""
        name = "Kafka" if kafka else "embedded 内嵌"
        self.progress(f"intake, {name}")
        seconds = self.extent.planner_seconds
        with (
            House(self.folder, self.server.url, kafka, clock, planner_seconds=seconds) as house,
            house.office() as office,
        ):
            intake = Intake(house, office)
            first = intake.load_terms(self.days[0])
            runs = [intake.run(day) for day in self.days]
            intake.close()
            if kafka:
                return runs, []
            self.progress("planning the day 规划样本日")
            return runs, plan_day(first, house.databases["dispatcher"])

    def _engines(self) -> list[BenchRow]:
        return bench_table(time.perf_counter, range(self.extent.seeds))
