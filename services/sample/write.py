"""Knows which files a season's sample consists of and writes them; refuses to know how each is invented."""

import random
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml

from services.sample.budgets import budgets_csv
from services.sample.enterprises import Directory, Enterprise
from services.sample.fleet import Need, coaches_at_half_load, fleet_csv, policy, tariffs
from services.sample.people import Crowd
from services.sample.roll import Roll
from services.sample.season import Batch, people_by_day, plan_day
from services.sample.workbook import Cell, write_workbook
from shared import roster

SEASON_DAYS_AFTER = 30
"""The example policy stays in force this long after the sample's last day."""


@dataclass(frozen=True, slots=True)
class SampleSummary:
    """What was written. `coaches_at_half_load` counts every batch alone in 53-seat coaches."""

    batches: int
    workers: int
    coaches_at_half_load: int
    counties: int
    prefectures: int
    rosters: int
    enterprises: int
    gates: int


def write_sample(
    out: Path,
    people: int = 6822,
    days: int = 1,
    start: date = date(2020, 2, 24),
    seed: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> SampleSummary:
    """Writes rosters, enterprises, fleet, tariffs, policy and budgets to `out` and says what they hold.

    About `people` workers (2 % more or less, by the seed) leave over `days` days from `start`. The same
    arguments write the same bytes. `progress` is told the workers written and to be written.
    """
    (out / "rosters").mkdir(parents=True, exist_ok=True)
    plan, directory = _Source(seed).rng("season"), Directory(_Source(seed).rng("enterprises"))
    crowd = Crowd(_Source(seed).rng("people"), start)
    roll = Roll(_Source(seed).rng("rolls"), crowd, directory)
    per_day = people_by_day(plan, people, start, days)
    tally, need, written = _Tally(), Need(), 0
    for i, today in enumerate(per_day):
        batches = plan_day(plan, start + timedelta(days=i), today)
        tally.add(batches)
        need.add_day(batches)
        for _, group in groupby(batches, key=lambda b: b.county.code):
            written += _write_roster(out / "rosters", roll, list(group))
            tally.rosters += 1
            if progress:
                progress(written, sum(per_day))
    enterprises = directory.list_all()
    _write_enterprises(out / "enterprises.xlsx", enterprises)
    (out / "fleet.csv").write_text(fleet_csv(need), encoding="utf-8")
    last = start + timedelta(days=days - 1)
    (out / "budgets.csv").write_text(budgets_csv(start, last), encoding="utf-8")
    end = last + timedelta(days=SEASON_DAYS_AFTER)
    _write_yaml(out / "tariffs.yaml", tariffs(start, end))
    _write_yaml(out / "policy.yaml", policy(start, end))
    return tally.summary(written, enterprises)


@dataclass(frozen=True, slots=True)
class _Source:
    """Independent random sources of one seed, so that one part's draws do not shift another's."""

    seed: int

    def rng(self, part: str) -> random.Random:
        return random.Random(f"zhida {self.seed} {part}")  # noqa: S311 - invention, not cryptography


class _Tally:
    """Counts what the summary says."""

    def __init__(self) -> None:
        self.rosters = 0
        self._batches = 0
        self._coaches = 0
        self._counties: set[str] = set()
        self._prefectures: set[str] = set()

    def add(self, batches: list[Batch]) -> None:
        self._batches += len(batches)
        self._coaches += coaches_at_half_load(batches)
        self._counties |= {b.county.code for b in batches}
        self._prefectures |= {b.prefecture.code for b in batches}

    def summary(self, workers: int, enterprises: list[Enterprise]) -> SampleSummary:
        return SampleSummary(
            batches=self._batches,
            workers=workers,
            coaches_at_half_load=self._coaches,
            counties=len(self._counties),
            prefectures=len(self._prefectures),
            rosters=self.rosters,
            enterprises=len(enterprises),
            gates=sum(len(e.gates) for e in enterprises),
        )


def _write_roster(folder: Path, roll: Roll, batches: list[Batch]) -> int:
    county, day = batches[0].county, batches[0].day
    path = folder / f"{county.code}-{county.name}-{day:%Y%m%d}.xlsx"
    rows = (tuple(asdict(row).values()) for row in roll.rows(batches))
    return write_workbook(path, roster.SHEET_TITLE, [c.zh for c in roster.COLUMNS], rows)


def _write_enterprises(path: Path, enterprises: list[Enterprise]) -> None:
    def rows() -> Iterator[tuple[Cell, ...]]:
        for e in enterprises:
            for gate in e.gates:
                yield e.name, e.uscc, gate.name, e.place.code, e.place.name, gate.lon, gate.lat, e.email

    headings = [c.zh for c in roster.ENTERPRISE_COLUMNS]
    write_workbook(path, roster.ENTERPRISE_SHEET_TITLE, headings, rows())


def _write_yaml(path: Path, content: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=110), encoding="utf-8")
