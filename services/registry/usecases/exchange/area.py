"""Decides for which area and month a caller exchanges; refuses any other."""

import re
from datetime import date, datetime
from functools import cache

from services.registry.domain.months import add_months, month_of, month_text
from services.registry.domain.privacy.retention import first_month_tracked
from services.registry.usecases.exchange.errors import (
    ExchangeAreaNotNamed,
    ExchangeAreaNotYours,
    MonthNotBegun,
    MonthNotKept,
    MonthUnreadable,
)
from shared.reference import list_stops
from shared.security import Principal, covers

_DIVISION = re.compile(r"[0-9]{2}([0-9]{2}){0,2}")
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


def area_for(principal: Principal, named: str | None) -> str:
    """The area whose people are exchanged: a division, township or site that is wholly the caller's.

    Raises ExchangeAreaNotYours, ExchangeAreaNotNamed.
    """
    if named:
        if not _is_place(named) or not covers(principal, named):
            raise ExchangeAreaNotYours(area=named[:40], areas=", ".join(principal.areas) or "-")
        return named
    if len(principal.areas) != 1:
        raise ExchangeAreaNotNamed()
    return principal.areas[0]


def _is_place(code: str) -> bool:
    return bool(_DIVISION.fullmatch(code)) or code in _stops()


@cache
def _stops() -> frozenset[str]:
    return frozenset(stop.code for stop in list_stops())


def month_for(given: str | None, today: date) -> date:
    """The first day of the month that is meant; the one before this, if none is. Raises MonthUnreadable, MonthNotBegun."""
    if not given:
        return add_months(month_of(today), -1)
    found = _MONTH.fullmatch(given)
    if not found or int(found[1]) < 2000:
        raise MonthUnreadable(given=given[:20])
    month = date(int(found[1]), int(found[2]), 1)
    if month > today:
        raise MonthNotBegun(month=given, today=today)
    return month


def check_kept(month: date, now: datetime) -> None:
    """A month that is sent is one of which nothing is destroyed by age yet. Raises MonthNotKept."""
    first = first_month_tracked(now)
    if month < first:
        raise MonthNotKept(month=month_text(month), first=month_text(first))
