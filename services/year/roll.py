"""Knows the county whose year is lived: the rows of its roster, and the files that its bureau makes of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from openpyxl import load_workbook

from services.registry.domain.people.columns import POPULATION_COLUMNS, POPULATION_TITLE
from services.sample.workbook import Cell, write_workbook
from shared.roster import COLUMNS, ENTERPRISE_COLUMNS, LATER_COLUMNS, SHEET_TITLE

EMPLOYED_DAYS = 358
"""Before the day of departure, by the register: who goes back has worked there since the spring before."""
REGISTER_DAYS = 23
"""Before the day of departure: how old the register is."""


@dataclass(frozen=True, slots=True)
class Worker:
    """A row of the roster, with the code and place of the enterprise that it names."""

    name: str
    resident_id: str
    phone: str
    stop: str
    enterprise_id: str
    work_area: str
    household: str


@dataclass(frozen=True, slots=True)
class Roll:
    """A county and its workers who leave on the day."""

    county_code: str
    path: Path
    workers: tuple[Worker, ...]


def largest_roll(season: Path, day: date) -> Roll:
    """The county with most workers on the day, from the files of the season's sample."""
    enterprises = {str(row[_headed("enterprise")]): row for row in _rows(season / "enterprises.xlsx")}
    rolls = [_read(path, enterprises) for path in sorted((season / "rosters").glob(f"*-{day:%Y%m%d}.xlsx"))]
    return max(rolls, key=lambda one: len(one.workers))


def name_organiser(roll: Roll, agency_id: str, people: int) -> None:
    """Write into the county's roster that the agency organised the journeys of its first so many workers."""
    rows = list(_rows(roll.path))
    headings = [one.zh for one in (*COLUMNS, *LATER_COLUMNS)]
    lines = [
        [row[one.zh] for one in COLUMNS] + [agency_id if number < people else ""]
        for number, row in enumerate(rows)
    ]
    write_workbook(roll.path, SHEET_TITLE, headings, lines)


def write_register(path: Path, roll: Roll, helpers: Mapping[str, str], day: date) -> None:
    """The bureau's register of these workers, each with the helper of their stop (stop's name -> helper's id)."""
    as_of, since = day - timedelta(days=REGISTER_DAYS), day - timedelta(days=EMPLOYED_DAYS)
    values: Iterator[dict[str, Cell]] = (
        {
            "name": one.name,
            "resident_id": one.resident_id,
            "phone": one.phone,
            "household": one.household,
            "relation": "户主",
            "has_labour": "是",
            "category": "易地搬迁",
            "place": one.stop,
            "employed": "是",
            "employed_since": since,
            "employer": one.enterprise_id,
            "work_area": one.work_area,
            "education": "初中",
            "helper": helpers[one.stop],
            "as_of": as_of,
        }
        for one in roll.workers
    )
    lines = ([row.get(column.key, "") for column in POPULATION_COLUMNS] for row in values)
    write_workbook(path, POPULATION_TITLE, [one.zh for one in POPULATION_COLUMNS], lines)


def _read(path: Path, enterprises: Mapping[str, Mapping[str, Cell]]) -> Roll:
    county_code = path.name.split("-", 1)[0]
    workers = []
    for number, row in enumerate(_rows(path)):
        enterprise = enterprises[str(row["企业名称"])]
        party = str(row["家庭编组"] or "")
        workers.append(
            Worker(
                name=str(row["姓名"]),
                resident_id=str(row["身份证号"]),
                phone=str(row["手机号"]),
                stop=str(row["乡镇/安置点"]),
                enterprise_id=str(enterprise[_headed("uscc")]),
                work_area=f"{str(enterprise[_headed('town_code')])[:4]}00",
                household=f"H{county_code}-{party or f'{number:04}'}",
            )
        )
    return Roll(county_code, path, tuple(workers))


def _headed(key: str) -> str:
    return next(one.zh for one in ENTERPRISE_COLUMNS if one.key == key)


def _rows(path: Path) -> Iterator[dict[str, Cell]]:
    book = load_workbook(path, read_only=True)
    rows = book.worksheets[0].iter_rows(values_only=True)
    headings = [str(one) for one in next(rows)]
    for row in rows:
        yield dict(zip(headings, row, strict=True))  # type: ignore[arg-type]
    book.close()
