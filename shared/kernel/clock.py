"""Where time comes from; code that needs it takes a Clock, so that a test can set the hour."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Tells the present instant, aware, in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class FixedClock:
    """A clock that stands where it is put: for tests."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def advance(self, **amount: float) -> None:
        """Move on by `timedelta(**amount)`."""
        self.at += timedelta(**amount)


class ReplayClock:
    """A clock that runs at the machine's pace from an instant of choice: for a demo that replays a day of 2020."""

    def __init__(self, start: datetime) -> None:
        self._ahead = start - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def jump_to(self, instant: datetime) -> None:
        """Go on from `instant`, which lies ahead."""
        self._ahead = instant - datetime.now(UTC)


def local_date(instant: datetime) -> date:
    """The calendar day in China on which `instant` falls."""
    return instant.astimezone(SHANGHAI).date()


def day_of(instant: datetime) -> datetime:
    """The beginning of that day: of an instant, no more than the day."""
    return datetime.combine(local_date(instant), time(), SHANGHAI).astimezone(UTC)
