"""Times one indicator ("one employed per household") of an area at a day, beside plain SQL that asks the tables the same."""

import time
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import NamedTuple

from sqlalchemy import text

from services.registry.store.households.counts import Level, count_households
from shared.database import Database
from shared.security import Principal, Role

RUNS = 3
_RAW = text("""
    SELECT count(*) FILTER (WHERE able > 0), count(*) FILTER (WHERE able > 0 AND working > 0),
           sum(able)::int, sum(able_working)::int, sum(able_outside)::int
    FROM (
        SELECT count(*) FILTER (WHERE m.has_labour) AS able, count(e.person_id) AS working,
               count(e.person_id) FILTER (WHERE m.has_labour) AS able_working,
               count(e.person_id) FILTER (WHERE m.has_labour AND e.area_code NOT LIKE '52%') AS able_outside
        FROM household h
        JOIN membership m ON m.household_id = h.id
        LEFT JOIN employment e ON e.person_id = m.person_id
            AND e.valid_from <= :day AND (e.valid_to IS NULL OR e.valid_to > :day)
        WHERE h.place_code LIKE :area AND m.valid_from <= :day AND (m.valid_to IS NULL OR m.valid_to > :day)
        GROUP BY m.household_id
    ) AS home
""")


class Counts(NamedTuple):
    """What an area has at a day: households with labour, those of them with somebody employed, workers, employed, and of these
    outside the province."""

    households: int
    with_employed: int
    workers: int
    employed: int
    outside: int


@dataclass(frozen=True)
class Indicator:
    """An answer with its seconds, the raw one's, and what it must be."""

    area: str
    day: date
    counts: Counts
    seconds: float
    raw: Counts
    raw_s: float
    wanted: Counts

    @property
    def wrong(self) -> list[str]:
        """Where an answer is not what it must be."""
        where = f"{self.area} {self.day}"
        return [
            f"{where}: {name} {found} is not 不等于 {self.wanted}"
            for name, found in (("indicator 指标", self.counts), ("raw SQL", self.raw))
            if found != self.wanted
        ]


def ask(database: Database, area: str, day: date, wanted: Counts) -> Indicator:
    """Ask both, by turns; the seconds are the medians."""
    seconds, raw_seconds = [], []
    for _ in range(RUNS):
        begun = time.perf_counter()
        counts = _ask(database, area, day)
        seconds.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        raw = _ask_raw(database, area, day)
        raw_seconds.append(time.perf_counter() - begun)
    return Indicator(area, day, counts, median(seconds), raw, median(raw_seconds), wanted)


def _ask(database: Database, area: str, day: date) -> Counts:
    """As an office of the area asks for its own whole."""
    office = Principal("bench", frozenset({Role.BUREAU}), (area,))
    with database.session() as session:
        (one,) = count_households(session, office, day, Level(len(area)))
    return Counts(
        one.households, one.households_employed, one.workers, one.workers_employed, one.workers_outside
    )


def _ask_raw(database: Database, area: str, day: date) -> Counts:
    with database.session() as session:
        return Counts(*session.connection().execute(_RAW, {"area": f"{area}%", "day": day}).one())
