"""Knows how to invent carriers, and the example tariff and policy with their grounds; refuses to plan.

Seats are those of five common coach types; the price per km is the shipped model of `domain.md` §3.4 (no
official tariff was found; 1,750 km at 10.5 yuan agrees with Ningbo's cap), toll by class in fen per km.
"""

import csv
import io
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

import yaml

from services.sample.season import Batch
from shared import reference


@dataclass(frozen=True, slots=True)
class CoachType:
    """A coach type: approved seats, its part of a fleet in percent, prices in fen."""

    code: str
    seats: int
    part_percent: int
    fen_per_km: int
    minimum_day_fen: int
    toll_fen_per_km: int


COACH_TYPES = (
    CoachType("C33", 33, 5, 750, 180_000, 55),
    CoachType("C39", 39, 10, 750, 180_000, 55),
    CoachType("C49", 49, 20, 950, 240_000, 75),
    CoachType("C53", 53, 45, 1_050, 280_000, 75),
    CoachType("C55", 55, 20, 1_050, 280_000, 75),
)
DRIVER_DAY_FEN = 30_000
PRESET = files("services") / "dispatcher/money/rules/presets/guizhou-2020-epidemic.yaml"
"""Of the dispatcher its data alone."""
USUAL_COACH_AT_HALF_LOAD = 53 // 2

SLACK = 1.5
"""Assumed: a prefecture's carriers can give half as many coaches again as its fullest day needs, and five."""


def coaches_at_half_load(batches: Iterable[Batch]) -> int:
    """A plain count: every batch alone, in 53-seat coaches at half load."""
    return sum(math.ceil(batch.workers / USUAL_COACH_AT_HALF_LOAD) for batch in batches)


class Need:
    """Counts the coaches that each prefecture of Guizhou needs on its fullest day."""

    def __init__(self) -> None:
        self._fullest: dict[str, int] = defaultdict(int)

    def add_day(self, batches: list[Batch]) -> None:
        """Counts one day's batches."""
        today: dict[str, list[Batch]] = defaultdict(list)
        for batch in batches:
            today[batch.county.prefecture_code].append(batch)
        for code, of_prefecture in today.items():
            self._fullest[code] = max(self._fullest[code], coaches_at_half_load(of_prefecture))

    def coaches(self, prefecture_code: str) -> int:
        """The coaches that the prefecture's carriers have a day."""
        return math.ceil(self._fullest[prefecture_code] * SLACK) + 5


def fleet_csv(need: Need) -> str:
    """Two carriers a prefecture of Guizhou, with every type; one line a carrier and type."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        (
            "carrier_id",
            "carrier_name",
            "home_prefecture_code",
            "coach_type",
            "seats_approved",
            "coaches_per_day",
            "contact_email",
        )
    )
    for prefecture in reference.list_prefectures("520000"):
        city = prefecture.name.removesuffix("市")
        for number, (brand, share) in enumerate((("黔达", 0.6), ("顺途", 0.4)), start=1):
            carrier = f"CAR-{prefecture.code}-{number}"
            coaches = need.coaches(prefecture.code) * share
            for kind in COACH_TYPES:
                writer.writerow(
                    (
                        carrier,
                        f"{city}{brand}示例客运有限公司",
                        prefecture.code,
                        kind.code,
                        kind.seats,
                        math.ceil(coaches * kind.part_percent / 100),
                        f"dispatch-{prefecture.code}-{number}@example.com",
                    )
                )
    return text.getvalue()


def tariffs(start: date, end: date) -> dict[str, Any]:
    """The tariff of each coach type, integers in fen, for the calendar years that start to end lies in."""
    source = "domain.md §3.4: one way, empty return included; assumed, no official tariff was found"
    return {
        "tariffs": [
            {
                "id": f"{kind.code}-{start.year}",
                "coach_type": kind.code,
                "seats": kind.seats,
                "valid_from": date(start.year, 1, 1),
                "valid_to": date(end.year, 12, 31),
                "fixed_fen": 0,
                "fen_per_km": kind.fen_per_km,
                "minimum_day_fen": kind.minimum_day_fen,
                "driver_day_fen": DRIVER_DAY_FEN,
                "toll_fen_per_km": kind.toll_fen_per_km,
                "source": source,
            }
            for kind in COACH_TYPES
        ]
    }


def policy(start: date, end: date) -> dict[str, Any]:
    """The preset "Guizhou 2020 epidemic" for a season from start to end (both included), made so simple that a day can be
    reckoned by hand: one provision for everybody, and nothing that only a claim is held to."""
    preset = yaml.safe_load(PRESET.read_text(encoding="utf-8"))
    (part_subsidy,) = (one for one in preset["provisions"] if one["modes"] == ["GOV_PART_SUBSIDY"])
    kept = ("load_factor_percent", "cap_vehicle_fen", "min_passengers_vehicle", "toll_exempt")
    return {
        "id": "guizhou-2020-sample",
        "version": 1,
        "name": preset["name"] + "（样例）",
        "valid_from": start,
        "valid_to": end,
        **{key: preset[key] for key in kept},
        "provisions": [{"rule": part_subsidy["rule"], "payers": part_subsidy["payers"]}],
        "source": preset["source"],
        "assumed": [
            *(line for line in preset["assumed"] if line.startswith(("rate_percent:", *kept))),
            "provisions: the preset guizhou-2020-epidemic has one for each organising mode, with full cost for the poor and "
            "relocated; here its part subsidy is everybody's.",
            "cap_claimant_fen, min_passengers_trip, prefile_hours: the preset has them, the sample does not.",
        ],
    }
