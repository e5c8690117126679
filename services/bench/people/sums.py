"""Knows what an invented population must come to, by area and day, and which households fall out of work later on."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from services.bench.people.indicators import Counts
from services.sample.population import Household

PUBLISHED_ON, BETWEEN, LATER = date(2021, 10, 31), date(2021, 11, 30), date(2021, 12, 31)
"""The day of the published figures, one on which no register speaks, and that of a county's next register."""
PROVINCE, PREFECTURE, COUNTY = "52", "5205", "520502"
AREAS = (PROVINCE, PREFECTURE, COUNTY)
FALLS = 50
"""Of the county's households with labour, one of so many has nobody employed on the later day."""


@dataclass
class Sums:
    """The sums of each area on the published day and on the later one."""

    published: dict[str, Counts]
    later: dict[str, Counts]
    fallen: list[Household]
    """As the later register has them."""

    def wanted(self, area: str, day: date) -> Counts:
        """What an indicator must say."""
        return (self.later if day >= LATER else self.published)[area]


def add_up(households: Iterable[Household]) -> Sums:
    """Count every household, and let the first of each fifty of the county with labour fall."""
    published, later = ({area: Counter[str]() for area in AREAS} for _ in range(2))
    fallen: list[Household] = []
    with_labour = 0
    for one in households:
        areas = [area for area in AREAS if one.home.code.startswith(area)]
        counts = dict(_count(one))
        after = counts
        if COUNTY in areas and counts["households"]:
            with_labour += 1
            if with_labour % FALLS == 1:
                fallen.append(one._replace(members=[member._replace(work=None) for member in one.members]))
                after = dict(_count(fallen[-1]))
        for area in areas:
            published[area].update(counts)
            later[area].update(after)
    return Sums(
        {area: Counts(**sums) for area, sums in published.items()},
        {area: Counts(**sums) for area, sums in later.items()},
        fallen,
    )


def _count(one: Household) -> Iterator[tuple[str, int]]:
    able = [member for member in one.members if member.has_labour]
    working = [member.work.area_code for member in able if member.work]
    yield "households", int(bool(able))
    yield "with_employed", int(bool(working))
    yield "workers", len(able)
    yield "employed", len(working)
    yield "outside", sum(not code.startswith(PROVINCE) for code in working)
