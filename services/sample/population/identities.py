"""Knows how to invent the names, resident IDs and phones of two million people in seconds; refuses to know how they live.

They are nobody's, as those of `services.sample.people` are: area 529901 was never a division's, 154 no operator's. No ID is also a
season's worker's, who are under 529900.
"""

import random
from datetime import date, timedelta
from typing import Final

from services.sample.people import (
    GIVEN,
    ID_WEIGHTS,
    SURNAMES,
    Phones,
)

AREA: Final = "529901"
DAYS_A_YEAR: Final = 365.2425
_CHECK: Final = "10X98765432"
_ORDERS: Final = [
    (f"{n:03d}", sum(int(d) * w for d, w in zip(f"{n:03d}", ID_WEIGHTS[14:], strict=True)))
    for n in range(1000)
]


class Identities:
    """Invents distinct people as of a day, the same for the same random source."""

    def __init__(self, rng: random.Random, as_of: date) -> None:
        self._draw, self._as_of = rng.random, as_of
        self._surnames = [name for name, weight in SURNAMES.items() for _ in range(weight)]
        self._given: list[str] = [*GIVEN, *(a + b for a in GIVEN for b in GIVEN for _ in range(2))]
        self._days: dict[int, tuple[str, int]] = {}
        self._born: dict[int, int] = {}
        self._phones = Phones(rng)

    def surname(self) -> str:
        """A common surname."""
        return self._surnames[int(self._draw() * len(self._surnames))]

    def name(self, surname: str) -> str:
        """A full name."""
        return surname + self._given[int(self._draw() * len(self._given))]

    def phone(self) -> str:
        """A number that nobody else has."""
        return self._phones.next()

    def resident_id(self, years_min: float, years_max: float) -> str:
        """The ID of somebody whose age lies between the two."""
        while True:
            days = int((years_min + self._draw() * (years_max - years_min)) * DAYS_A_YEAR)
            order = self._born.get(days, 0)
            if order < 1000:  # three digits tell apart those born on one day
                break
        self._born[days] = order + 1
        if days not in self._days:
            self._days[days] = self._beginning(days)
        beginning, weighed = self._days[days]
        digits, more = _ORDERS[(days * 389 + order * 7) % 1000]
        return f"{beginning}{digits}{_CHECK[(weighed + more) % 11]}"

    def _beginning(self, days: int) -> tuple[str, int]:
        text = f"{AREA}{self._as_of - timedelta(days=days):%Y%m%d}"
        return text, sum(int(d) * w for d, w in zip(text, ID_WEIGHTS[:14], strict=True))
