"""Knows the files in which a county's register of its relocated people is sent: one a county, in the columns of the registry's import."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Final

from services.sample.population.households import MOVED_ON, Household, list_households
from services.sample.population.marginals import Marginals
from services.sample.workbook import write_workbook

TITLE: Final = "人员登记"
HEADINGS: Final = (
    "姓名", "身份证号", "手机号", "户编号", "与户主关系", "是否劳动力", "人员类别", "类别认定日期", "乡镇或安置点",
    "是否就业", "就业日期", "用人单位信用代码", "就业地", "文化程度", "帮扶责任人编号", "数据日期",
)  # fmt: skip
"""The registry's; a test holds them against its own. Employer, education and helper are left empty."""
ROWS_A_FILE: Final = 40_000
"""A county that has more sends several files: an office's program opens each, and the registry takes up to 50,000."""
_CLASSES: Final = {True: "易地搬迁、脱贫劳动力", False: "易地搬迁"}


@dataclass(frozen=True, slots=True)
class PopulationSummary:
    """What was written, counted row by row."""

    files: int = 0
    counties: int = 0
    households: int = 0
    people: int = 0
    labour_households: int = 0
    workers: int = 0
    employed: int = 0
    outside: int = 0


def write_population(
    out: Path,
    marginals: Marginals,
    seed: int = 1,
    *,
    workers_only: bool = False,
    xlsx: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> PopulationSummary:
    """Write the registers to `out` and count what they hold. The same arguments write the same bytes.

    `workers_only` leaves out who cannot work, and with them the households in which nobody can. `progress` is told
    the people written and to be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    tally = _Tally(workers_only)
    total = marginals.workers if workers_only else marginals.people
    for (code, name), of_county in groupby(
        list_households(marginals, seed), key=lambda one: (one.county.code, one.county.name)
    ):
        for number, part in enumerate(_parts(of_county), start=1):
            stem = f"{code}-{name}" if number == 1 else f"{code}-{name}-{number}"
            rows = (row for one in part for row in list_rows(tally.add(one), marginals.as_of))
            if xlsx:
                write_workbook(out / f"{stem}.xlsx", TITLE, HEADINGS, rows)
            else:
                write_csv(out / f"{stem}.csv", rows)
            tally.files += 1
            if progress:
                progress(tally.people, total)
        tally.counties += 1
    return tally.summary()


def list_rows(one: Household, as_of: date) -> Iterator[tuple[str, ...]]:
    """A household's members as the register has them on a day."""
    classes, home, number = _CLASSES[one.is_poor], one.home.code, one.number
    day, moved_on = as_of.isoformat(), MOVED_ON.isoformat()
    for name, resident_id, phone, relation, has_labour, work in one.members:
        since, area = (work.since.isoformat(), work.area_code) if work else ("", "")
        yield (
            name, resident_id, phone, number, relation, "是" if has_labour else "否", classes, moved_on, home,
            "是" if work else "否", since, "", area, "", "", day,
        )  # fmt: skip


def _parts(households: Iterable[Household]) -> Iterator[list[Household]]:
    """Whole households, as many as go into one file."""
    part: list[Household] = []
    size = 0
    for one in households:
        if size + len(one.members) > ROWS_A_FILE:
            yield part
            part, size = [], 0
        part.append(one)
        size += len(one.members)
    if part:
        yield part


def write_csv(path: Path, rows: Iterable[Sequence[str]]) -> None:
    """In UTF-8 with its mark, by which office programs know it."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADINGS)
        writer.writerows(rows)


class _Tally:
    """Counts what is written."""

    def __init__(self, workers_only: bool) -> None:
        self._workers_only = workers_only
        self.files = self.counties = self.people = 0
        self._households = self._labour_households = self._workers = self._employed = self._outside = 0

    def add(self, one: Household) -> Household:
        """Count a household, and give it with those of its members who are written."""
        able = [member for member in one.members if member.has_labour]
        working = [member.work.area_code for member in able if member.work]
        members = able if self._workers_only else one.members
        self._households += bool(members)
        self.people += len(members)
        self._labour_households += bool(able)
        self._workers += len(able)
        self._employed += len(working)
        self._outside += sum(not code.startswith("52") for code in working)
        return one._replace(members=members)

    def summary(self) -> PopulationSummary:
        return PopulationSummary(
            self.files,
            self.counties,
            self._households,
            self.people,
            self._labour_households,
            self._workers,
            self._employed,
            self._outside,
        )
