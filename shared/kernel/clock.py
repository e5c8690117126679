"""Where time comes from; code that needs it takes a Clock, so that a test can set the hour."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
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
    """A clock that stands where it is put: for tests, and for a demo that replays a day of 2020."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def advance(self, **amount: float) -> None:
        """Move on by `timedelta(**amount)`."""
        self.at += timedelta(**amount)


def local_date(instant: datetime) -> date:
    """The calendar day in China on which `instant` falls."""
    return instant.astimezone(SHANGHAI).date()
