"""The days on which somebody may leave."""

from dataclasses import dataclass
from datetime import date, timedelta

DAYS_MAX = 60


@dataclass(frozen=True, order=True)
class Window:
    """First and last day of departure, both included. Raises ValueError when out of order."""

    earliest: date
    latest: date

    def __post_init__(self) -> None:
        if self.latest < self.earliest:
            raise ValueError(f"window ends ({self.latest}) before it begins ({self.earliest})")

    def days(self) -> list[date]:
        """Every day of the window, in order."""
        return [self.earliest + timedelta(days=n) for n in range((self.latest - self.earliest).days + 1)]

    def __contains__(self, day: date) -> bool:
        return self.earliest <= day <= self.latest
