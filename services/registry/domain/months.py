"""Months and what is so many of them later, to the day; a month is its first day, and `2020-03` where it is written."""

from calendar import monthrange
from datetime import date, datetime, time, timedelta

from shared.kernel.clock import SHANGHAI


def month_of(day: date) -> date:
    """The month in which a day lies."""
    return day.replace(day=1)


def month_text(day: date) -> str:
    """The same as files and lists write it: `2020-03`."""
    return f"{day:%Y-%m}"


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last day of that month where it has no such day.

    Counted from the day itself: a month after 31 January is the end of February, three months after it 30 April.
    """
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))


def last_day(month: date) -> date:
    """The last day of a month."""
    return add_months(month, 1) - timedelta(days=1)


def ends_at(month: date) -> datetime:
    """The instant at which a month is over in China, by its clock."""
    return datetime.combine(add_months(month, 1), time(), SHANGHAI)


def months_between(first: date, last: date) -> list[date]:
    """Every month from that of `first` to that of `last`, in order; none where `last` comes before."""
    found, month = [], month_of(first)
    while month <= last:
        found.append(month)
        month = add_months(month, 1)
    return found
