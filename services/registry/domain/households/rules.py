"""Knows in how many days a household with nobody employed is helped and cleared, by which document; pure arithmetic on days.

Days are the calendar's, weekends and holidays too, and the day after the one on which it became known is the first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Days = Annotated[int, Field(strict=True, ge=1, le=365)]
Times = Annotated[int, Field(strict=True, ge=0, le=20)]


class Help(StrEnum):
    """What "131" is made of: one guidance, three job offers, one training."""

    GUIDANCE = "guidance"
    OFFER = "offer"
    TRAINING = "training"


HELP_WORDS: dict[Help, tuple[str, str]] = {
    Help.GUIDANCE: ("职业指导", "Guidance"),
    Help.OFFER: ("岗位推荐", "Job offer"),
    Help.TRAINING: ("技能培训", "Training"),
}


class ZeroRule(BaseModel):
    """What is owed to a household with nobody employed, from `valid_from` on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    valid_from: date
    help_days: Days
    clear_days: Days
    times: dict[Help, Times]
    source: Annotated[str, Field(min_length=4)]

    def help_by(self, known_on: date) -> date:
        """The last day on which all of "131" is to have been given."""
        return known_on + timedelta(days=self.help_days)

    def clear_by(self, known_on: date) -> date:
        """The last day on which somebody is to be employed again."""
        return known_on + timedelta(days=self.clear_days)

    def parts(self) -> list[tuple[Help, int]]:
        """Each that is to be ticked off: its kind and number."""
        return [(kind, number) for kind in Help for number in range(1, self.times.get(kind, 0) + 1)]


def rule_on(rules: Iterable[ZeroRule], day: date) -> ZeroRule:
    """The rule in force on a day: the latest to begin; before the first of them, the first."""
    known = sorted(rules, key=lambda rule: rule.valid_from)
    return next((rule for rule in reversed(known) if rule.valid_from <= day), known[0])


class Desk(StrEnum):
    """Who has to act on a task: it climbs by itself as days pass."""

    HELPER = "helper"
    TOWNSHIP = "township"
    COUNTY = "county"


DESK_WORDS: dict[Desk, tuple[str, str]] = {
    Desk.HELPER: ("帮扶责任人", "the named helper"),
    Desk.TOWNSHIP: ("乡镇（街道）", "the township"),
    Desk.COUNTY: ("县人社局", "the county bureau"),
}


@dataclass(frozen=True, slots=True)
class Clocks:
    """Where an open task stands in time on a day; days left are below zero when it is late."""

    help_days_left: int | None
    """None once all of "131" is given."""
    clear_days_left: int
    desk: Desk

    @property
    def is_late(self) -> bool:
        """Whether either day is past."""
        return self.desk is not Desk.HELPER


def clocks_on(day: date, help_by: date, clear_by: date, *, is_helped: bool) -> Clocks:
    """With the helper until the day to help is past, then with the township; past the day to clear, with the county."""
    if day > clear_by:
        desk = Desk.COUNTY
    elif day > help_by and not is_helped:
        desk = Desk.TOWNSHIP
    else:
        desk = Desk.HELPER
    return Clocks(None if is_helped else (help_by - day).days, (clear_by - day).days, desk)
