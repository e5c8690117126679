"""Knows how a day is read and which days may be asked for; refuses to know who travels."""

import re
from contextlib import suppress
from datetime import date, datetime, timedelta

from services.registry.domain.fault import Fault, fault
from shared.kernel.window import DAYS_MAX, Window

AHEAD_MAX_DAYS = 180
_FULL = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:\s+0{1,2}:00(?::00)?)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NO_YEAR = re.compile(r"(\d{1,2})\s*月\s*(\d{1,2})\s*日?")


def read_date(field: str, value: str | date, today: date) -> date | Fault:
    """A day from a date cell or from text; `2月24日` means the year that brings it nearest to today."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if len(value) == 10 and value[4] == value[7] == "-":  # as nearly all are: at a tenth of the price
        with suppress(ValueError):
            return date.fromisoformat(value)
    found = _FULL.fullmatch(value) or _COMPACT.fullmatch(value)
    if found:
        days = _day(int(found[1]), int(found[2]), int(found[3]))
    elif found := _NO_YEAR.fullmatch(value):
        days = [
            day
            for year in (today.year - 1, today.year, today.year + 1)
            for day in _day(year, int(found[1]), int(found[2]))
        ]
    else:
        days = []
    if not days:
        return fault(field, "date-unreadable", given=value[:20])
    return min(days, key=lambda day: abs(day - today))


def _day(year: int, month: int, day: int) -> list[date]:
    try:
        return [date(year, month, day)]
    except ValueError:
        return []


def check_window(earliest: date, latest: date, today: date) -> Window | Fault:
    """The window of departure, or why nobody can leave in it. A window that has begun and is not over is good."""
    if latest < earliest:
        return fault("latest", "window-reversed", earliest=earliest, latest=latest)
    if latest < today:
        return fault("latest", "window-past", latest=latest, today=today)
    days = (latest - earliest).days + 1
    if days > DAYS_MAX:
        return fault("latest", "window-long", days=days, limit=DAYS_MAX)
    if earliest > today + timedelta(days=AHEAD_MAX_DAYS):
        return fault("earliest", "window-far", earliest=earliest, limit=AHEAD_MAX_DAYS)
    return Window(earliest, latest)
