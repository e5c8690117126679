"""Reads on which day a month's tracking is due, when it climbs and when it closes, from a dated file with its source."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from services.registry.domain.months import add_months, month_of

FILE: Final = Path(__file__).with_name("rules.yaml")
Days = Annotated[int, Field(strict=True, ge=1, le=60)]
DayOfMonth = Annotated[int, Field(strict=True, ge=1, le=28)]


class TrackingRule(BaseModel):
    """What holds from `valid_from` on. `due_day` is a day of the month, `closes_day` one of the month after it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    valid_from: date
    source: Annotated[str, Field(min_length=4)]
    due_day: DayOfMonth
    closes_day: DayOfMonth
    received_within_days: Days
    township_after_days: Days
    county_after_days: Days
    tries: Annotated[int, Field(strict=True, ge=1, le=10)]
    milestones: Annotated[tuple[Annotated[int, Field(strict=True, ge=1, le=120)], ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _climbs(self) -> Self:
        if self.county_after_days <= self.township_after_days:
            raise ValueError("county_after_days comes after township_after_days")
        if list(self.milestones) != sorted(set(self.milestones)):
            raise ValueError("milestones ascend")
        return self

    def due_on(self, month: date) -> date:
        """The last day on which the month's task is done in time."""
        return month.replace(day=self.due_day)

    def closes_on(self, month: date) -> date:
        """The last day on which something is recorded for the month."""
        return add_months(month, 1).replace(day=self.closes_day)

    def receives_to(self, month: date) -> date:
        """The last day on which we take what a device recorded in time and could not send."""
        return self.closes_on(month) + timedelta(days=self.received_within_days)


def rule_for(rules: Iterable[TrackingRule], month: date) -> TrackingRule:
    """The rule of a month: the latest that holds on its first day; before the first of them, the first."""
    known = sorted(rules, key=lambda rule: rule.valid_from)
    first_day = month_of(month)
    return next((rule for rule in reversed(known) if rule.valid_from <= first_day), known[0])


@cache
def shipped_rules() -> tuple[TrackingRule, ...]:
    """The rules that come with the product."""
    return TypeAdapter(tuple[TrackingRule, ...]).validate_python(
        yaml.safe_load(FILE.read_text(encoding="utf-8"))
    )


def shipped_rule(month: date) -> TrackingRule:
    """The shipped rule of a month."""
    return rule_for(shipped_rules(), month)
