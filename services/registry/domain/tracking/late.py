"""Knows to whom a task that is late has climbed, from its due day, today and the rule; nothing has to run for it."""

from datetime import date
from enum import StrEnum
from typing import Final

from services.registry.domain.tracking.rules import TrackingRule


class Level(StrEnum):
    """Whose it is to see to a late task."""

    HELPER = "helper"
    TOWNSHIP = "township"
    COUNTY = "county"


LEVEL_WORDS: Final[dict[str, tuple[str, str]]] = {
    Level.HELPER: ("帮扶责任人", "named helper"),
    Level.TOWNSHIP: ("乡镇（街道）", "township"),
    Level.COUNTY: ("县人社局", "county bureau"),
}


def climbed_to(due_on: date, today: date, rule: TrackingRule) -> Level | None:
    """None until the due day is past; then the helper's, and so many days after it the township's and the county's."""
    late = (today - due_on).days
    if late <= 0:
        return None
    if late < rule.township_after_days:
        return Level.HELPER
    return Level.TOWNSHIP if late < rule.county_after_days else Level.COUNTY
