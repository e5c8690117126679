"""Imports a province's relocated people into a PostgreSQL of its own, and measures what is asked of them every month and any day."""

import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

from services.bench.fresh import fresh_database, vacuum
from services.bench.machine import describe_machine, describe_parts
from services.bench.people.indicators import Counts, Indicator, ask
from services.bench.people.months import Month, measure_month
from services.bench.people.raw import Copied, copy_again
from services.bench.people.sums import AREAS, BETWEEN, COUNTY, LATER, PROVINCE, PUBLISHED_ON, Sums, add_up
from services.registry.store.tables import Base
from services.registry.usecases.parts import Parts
from services.registry.usecases.people.population import import_population
from services.sample.population import MARGINALS, Marginals, list_households, write_population
from services.sample.population.write import list_rows, write_csv
from shared.database import Database
from shared.kernel.clock import FixedClock
from shared.messaging import Cause
from shared.metrics import Metrics
from shared.security import HeldKeys, Principal, Role, Vault, make_wrapping_key

NAME = "registry"
NOW = datetime(2022, 1, 15, 2, tzinfo=UTC)
MONTH = date(2022, 1, 1)
SECRET = b"of the bench, and of nothing else"
CLERK = Principal("bench", frozenset({Role.BUREAU}), (PROVINCE,), name="bench")
CAUSE = Cause("bench", "bench")
Tell = Callable[[str, int, int], None]


@dataclass
class Imported:
    """Registers taken in: rows, and what became of them."""

    files: int = 0
    fresh: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    seconds: float = 0.0
    processor_s: float = 0.0
    """Of this process alone: what other work on the machine and the database's server do not count in."""

    @property
    def rows(self) -> int:
        return self.fresh + self.changed + self.unchanged + self.refused


@dataclass
class PeopleFigures:
    """What was imported, how fast, and what was asked of it."""

    machine: dict[str, str]
    marginals: Marginals
    households: int
    people: int
    first: Imported
    copied: Copied
    later: Imported
    fallen: int
    zero_tasks: int
    month: Month
    indicators: list[Indicator] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        """What should not be: a sum that is not the published one, a row that was refused, a household without its task."""
        counted = {
            "households 家庭": (self.households, self.marginals.households),
            "people 人口": (self.people, self.marginals.people),
            "new files 新档案": (self.first.fresh, self.marginals.people),
            "refused rows 退回行": (self.first.refused + self.later.refused, 0),
            "tasks for fallen households 零就业任务": (self.zero_tasks, self.fallen),
            "tasks of the month 月度任务": (self.month.tasks, self.marginals.workers),
            "tasks of the month again 再次生成": (self.month.again, 0),
        }
        sums = [
            f"{name}: {found:,}, not 应为 {wanted:,}"
            for name, (found, wanted) in counted.items()
            if found != wanted
        ]
        return sums + [fault for one in self.indicators for fault in one.wrong]

    def as_json(self) -> dict[str, Any]:
        """All of it, and the rates."""
        rates = {
            "import_rows_per_s": self.first.rows / self.first.seconds,
            "copy_rows_per_s": self.first.rows / self.copied.seconds,
        }
        plain: dict[str, Any] = _plain(asdict(self) | rates | {"wrong": self.wrong})
        return plain


def _plain(value: Any) -> Any:
    """Days as text, names before counts: as JSON has it."""
    if isinstance(value, Counts):
        return value._asdict()
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def measure_people(share: float, seed: int, tell: Tell = lambda _what, _done, _total: None) -> PeopleFigures:
    """Write, import and ask; `tell` is told what is done of which step."""
    marginals = MARGINALS["oct-2021"].of_share(share)
    with ExitStack() as closing:
        folder = Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="zhida-bench-")))
        database = closing.enter_context(fresh_database(NAME))
        parts = Parts(
            database, Vault(SECRET, HeldKeys([make_wrapping_key()])), FixedClock(NOW), Metrics(NAME)
        )
        write_population(folder, marginals, seed, progress=lambda *counts: tell("written 生成", *counts))
        sums = add_up(list_households(marginals, seed))
        first = _import(parts, sorted(folder.iterdir()), marginals.people, tell)
        vacuum(database)
        copied = copy_again(database, _filled_tables(database))
        later = _import(parts, [_write_later(folder, sums)], 0, tell)
        vacuum(database)
        return PeopleFigures(
            machine=describe_machine() | describe_parts(database),
            marginals=marginals,
            households=_count(database, "SELECT count(*) FROM household"),
            people=_count(database, "SELECT count(*) FROM person_file"),
            first=first,
            copied=copied,
            later=later,
            fallen=len(sums.fallen),
            zero_tasks=_count(database, "SELECT count(*) FROM zero_task WHERE outcome IS NULL"),
            indicators=[
                ask(database, area, day, sums.wanted(area, day))
                for area in AREAS
                for day in (PUBLISHED_ON, BETWEEN, LATER)
            ],
            month=measure_month(parts, CLERK, PROVINCE, PUBLISHED_ON, MONTH),
        )


def _import(parts: Parts, files: list[Path], people: int, tell: Tell) -> Imported:
    """Each county's clerk sends its file, one after another, on one core beside the database's.

    The server's own look at its tables, which else falls somewhere into the first minute, comes after the first file and is
    counted: until then it plans every query for empty tables.
    """
    imported = Imported()
    for path in files:
        county = path.name.split("-", 1)[0]
        clerk = Principal(f"bench {county}", frozenset({Role.BUREAU}), (county,), name="bench")
        begun, begun_cpu = time.perf_counter(), time.process_time()
        row, _ = import_population(parts, clerk, path, file=path.name, cause=CAUSE)
        if not imported.files:
            vacuum(parts.database)
        imported.seconds += time.perf_counter() - begun
        imported.processor_s += time.process_time() - begun_cpu
        if row.failure:
            raise RuntimeError(f"{path.name}: {row.failure}")
        imported.files += 1
        for name in ("fresh", "changed", "unchanged", "refused"):
            setattr(imported, name, getattr(imported, name) + getattr(row, name))
        tell("imported 导入", imported.rows, people or imported.rows)
    return imported


def _write_later(folder: Path, sums: Sums) -> Path:
    """The county's later register: of the households that fell, for the others nothing has changed."""
    path = folder / f"{COUNTY}-later.csv"
    write_csv(path, (row for one in sums.fallen for row in list_rows(one, LATER)))
    return path


def _filled_tables(database: Database) -> list[str]:
    """The tables in which the import has written."""
    names = [table.name for table in Base.metadata.sorted_tables]
    return [
        name
        for name in names
        if _count(database, f"SELECT count(*) FROM (SELECT FROM {name} LIMIT 1) AS one")  # noqa: S608 - ours
    ]


def _count(database: Database, query: str) -> int:
    with database.session() as session:
        found: int = session.connection().execute(text(query)).scalar_one()
        return found
