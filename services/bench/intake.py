"""Times roster files on their way through the running services' HTTP doors, as bureaus send them."""

import threading
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import TextClause, text

from services.bench.figures import IntakeRun
from services.bench.house import House
from services.day import PROVINCE, Day, Office
from services.sample import write_sample
from shared.database import Database
from shared.kernel.errors import Unavailable
from shared.security import Role

WAIT_S = 120
LOOK_S = 0.05
_POOLED = text("SELECT count(*) FROM demand WHERE pool_id IS NOT NULL")
_TOLD_BACK = text("SELECT count(*) FROM request_fact WHERE kind = 'pooled'")
_ENTERPRISES = text("SELECT count(*) FROM enterprise")


class StillOnTheWay(Unavailable):
    """After {seconds} s only {known} of {wanted} {what} have arrived."""

    zh = "{seconds} 秒后，{what} 只到达 {known} 条，应为 {wanted} 条。"


@dataclass(frozen=True)
class SampleDay:
    """The files of one day, all written."""

    folder: Path
    day: date

    @property
    def rosters(self) -> list[Path]:
        """One file a county, named by its code."""
        return sorted((self.folder / "rosters").glob("*.xlsx"))


def write_day(folder: Path, day: date, seed: int, people: int) -> SampleDay:
    """About so many workers on that day."""
    write_sample(folder, people=people, start=day, seed=seed)
    return SampleDay(folder, day)


class Intake:
    """The days that go into one house, one after another: each finds the rows of those before it."""

    def __init__(self, house: House, office: Office) -> None:
        self._office = office
        self._registry, self._dispatcher = (
            Database(house.databases[name], application_name="zhida-bench", pool_size=1)
            for name in ("registry", "dispatcher")
        )
        self._workers = 0

    def close(self) -> None:
        """Let go of the databases."""
        self._registry.dispose()
        self._dispatcher.dispose()

    def load_terms(self, sample: SampleDay) -> Day:
        """Fleet, prices and policy, once: they hold for the days after too."""
        day = Day(self._office, sample.folder, sample.day)
        day.load_terms()
        return day

    def prepare(self, sample: SampleDay) -> None:
        """Send the enterprises that the day's rosters name, and wait until the dispatcher knows them."""
        path = sample.folder / "enterprises.xlsx"
        operator = self._office.token(Role.OPERATOR, PROVINCE)
        files = {"file": (path.name, path.read_bytes())}
        self._office.call(operator, "registry", "POST", "/api/enterprises/file", files=files)
        _await(self._dispatcher, _ENTERPRISES, _count(self._registry, _ENTERPRISES), "enterprises")

    def run(self, sample: SampleDay) -> IntakeRun:
        """Upload the day's files one after another and wait until everybody is in a pool.

        Waits also until the registry knows that, so that no day begins under the work of the one before.
        """
        self.prepare(sample)
        day = Day(self._office, sample.folder, sample.day)
        begun = time.monotonic()
        day.upload_rosters()
        answered_s = time.monotonic() - begun
        self._workers += day.accepted
        _await(self._dispatcher, _POOLED, self._workers, "workers in pools")
        pooled_s = time.monotonic() - begun
        _await(self._registry, _TOLD_BACK, self._workers, "pools told back")
        told_back_s = time.monotonic() - begun
        return IntakeRun(day.accepted, day.refused, len(sample.rosters), answered_s, pooled_s, told_back_s)


def _await(database: Database, query: TextClause, wanted: int, what: str) -> None:
    pause = threading.Event()
    deadline = time.monotonic() + WAIT_S
    while (known := _count(database, query)) < wanted:
        if time.monotonic() > deadline:
            raise StillOnTheWay(known=known, wanted=wanted, seconds=WAIT_S, what=what)
        pause.wait(LOOK_S)


def _count(database: Database, query: TextClause) -> int:
    with database.session() as session:
        count: int = session.connection().execute(query).scalar_one()
        return count
