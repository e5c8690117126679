"""Knows how long what is kept of people, by a file that names its sources; refuses to know how it is destroyed."""

from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.registry.domain.months import add_months, month_of
from shared.kernel.clock import local_date

_FILE: Final = Path(__file__).parent / "presets" / "retention.yaml"
ACCESSES_MONTHS_MIN: Final = 36


class Rule(BaseModel):
    """What is kept how long; `does` names how it is destroyed, where the registry is who does it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z-]+$")
    zh: str
    en: str
    months: int = Field(0, ge=0)
    days: int = Field(0, ge=0)
    from_zh: str
    from_en: str
    source: str
    does: str | None = None
    note: str = ""

    @model_validator(mode="after")
    def _has_a_length(self) -> Self:
        if (self.months > 0) == (self.days > 0):
            raise ValueError("a rule has months or days")
        if self.does == "accesses" and self.months < ACCESSES_MONTHS_MIN:
            raise ValueError("the log of accesses is kept for three years at least (PIPL article 56)")
        return self

    def before(self, now: datetime) -> datetime:
        """Whatever is older than this has had its time."""
        if self.days:
            return now - timedelta(days=self.days)
        day = add_months(now.date(), -self.months)
        return now.replace(year=day.year, month=day.month, day=day.day)


class Retention(BaseModel):
    """All rules, in the order in which they are applied."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rules: tuple[Rule, ...]


@cache
def read_retention(path: Path = _FILE) -> Retention:
    """The rules of a file. Raises pydantic's ValidationError."""
    return Retention.model_validate(yaml.safe_load(path.read_text("utf-8")))


def first_month_tracked(now: datetime) -> date:
    """The first month of tracking of which nothing can be destroyed yet; earlier ones stand as they are."""
    rule = next(rule for rule in read_retention().rules if rule.does == "tracking")
    oldest = add_months(local_date(rule.before(now)), -1)
    return oldest if oldest.day == 1 else month_of(add_months(oldest, 1))
