"""Gives the indicator of an area part by part, as a table and as a file, and knows into which parts an area falls."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from services.registry.intake.sheets import write_csv, write_xlsx
from services.registry.store.households.counts import HouseholdCount, Level, count_households
from services.registry.usecases.parts import Parts
from services.registry.usecases.place_names import place_name
from shared.security import Principal

LEVEL_WORDS: dict[Level, tuple[str, str]] = {
    Level.PROVINCE: ("省", "Province"),
    Level.PREFECTURE: ("市（州）", "Prefectures"),
    Level.COUNTY: ("县", "Counties"),
    Level.TOWNSHIP: ("乡镇（街道）", "Townships"),
    Level.PLACE: ("安置点与乡镇", "Sites and townships"),
}
HEADINGS = (
    "代码",
    "地区",
    "统计日期",
    "有劳动力家庭",
    "一户一人以上就业家庭",
    "零就业家庭",
    "户就业率",
    "劳动力",
    "已就业",
    "省外就业",
    "就业率",
)


@dataclass(frozen=True, slots=True)
class Indicator:
    """The parts of an area on one day, and their sum; a person of two IDs in two parts is a worker of each."""

    day: date
    level: Level
    area: str
    rows: Sequence[HouseholdCount]

    @property
    def households(self) -> int:
        """With labour force, in all."""
        return sum(row.households for row in self.rows)

    @property
    def households_employed(self) -> int:
        """With somebody employed, in all."""
        return sum(row.households_employed for row in self.rows)


def indicator(
    parts: Parts, principal: Principal, day: date, *, level: Level | None = None, area: str = ""
) -> Indicator:
    """The indicator of the caller's area, or of a part of it; by the next level below it if none is asked for."""
    level = level or level_below(area or _common(principal.areas))
    with parts.database.session() as session:
        return Indicator(day, level, area, count_households(session, principal, day, level, area=area))


def level_below(code: str) -> Level:
    """Into what an area is divided; a township and a site are not."""
    levels = (Level.PREFECTURE, Level.COUNTY, Level.PLACE)
    return next((level for level in levels if level > len(code)), Level.PLACE)


def indicator_file(found: Indicator, kind: Literal["csv", "xlsx"]) -> Iterable[bytes]:
    """The table as a file, in pieces."""
    lines = _lines(found)
    if kind == "csv":
        return write_csv(HEADINGS, lines, "utf-8")
    return write_xlsx("一户一人以上就业", HEADINGS, lines)


def _lines(found: Indicator) -> Iterator[list[str]]:
    for row in found.rows:
        yield [
            row.area_code,
            place_name(row.area_code),
            found.day.isoformat(),
            str(row.households),
            str(row.households_employed),
            str(row.households_zero),
            _rate(row.households_employed, row.households),
            str(row.workers),
            str(row.workers_employed),
            str(row.workers_outside),
            _rate(row.workers_employed, row.workers),
        ]


def _rate(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else ""


def _common(areas: Sequence[str]) -> str:
    """The one area of a caller; of one who has several, what holds them all."""
    return areas[0] if len(areas) == 1 else ""
