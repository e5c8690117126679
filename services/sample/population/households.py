"""Knows who lives together, who of them can work, works, where and since when; refuses to know how it is written down.

Assumed: the spread of sizes about the published mean of 4.5 people; households without labour are old people and children in their
care; poor before they moved: 80 of 100 households (1.5 of the 1.88 million people moved); half of the spells of work began in the
month after a Spring Festival, and one of eight is less than half a year old.
"""

import random
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from services.sample.population.chance import Quota, fill
from services.sample.population.identities import Identities
from services.sample.population.marginals import Marginals
from services.sample.population.places import Workplaces, spread_homes
from shared.reference import County, Stop

WORKERS_MAX, OTHERS_MAX, ALONE_MAX = 5, 8, 3
"""Most members with labour, most without beside them, most in a household that has none with."""
POOR_PERCENT = 80
MOVED_ON = date(2019, 6, 30)
"""Assumed: the day from which all are relocated; the moving was to be complete in 2019."""


class Work(NamedTuple):
    """Where somebody is employed and since when."""

    area_code: str
    since: date


class Member(NamedTuple):
    """Somebody of a household. `phone` is empty for who has no labour."""

    name: str
    resident_id: str
    phone: str
    relation: str
    has_labour: bool
    work: Work | None


class Household(NamedTuple):
    """People under one number of the register."""

    number: str
    county: County
    home: Stop
    is_poor: bool
    members: list[Member]


class _Makeup:
    """How many of each household can work, cannot, and are out of work, drawn for all at once so that the sums are right."""

    def __init__(self, rng: random.Random, marginals: Marginals) -> None:
        alone = Quota(rng, marginals.households - marginals.labour_households, marginals.households)
        self.labour = bytearray(not alone.take() for _ in range(marginals.households))
        fill(rng, marginals.workers, bytearray(WORKERS_MAX * one for one in self.labour), self.labour)
        self.others = bytearray(not one for one in self.labour)
        most = bytearray(OTHERS_MAX if one else ALONE_MAX for one in self.labour)
        fill(rng, marginals.people - marginals.workers, most, self.others)
        spare = marginals.workers - marginals.labour_households  # all but the one who works in each
        idle = Quota(rng, marginals.workers - marginals.employed, spare)
        self.idle = bytearray(sum(idle.take() for _ in range(one - 1)) for one in self.labour)


def list_households(marginals: Marginals, seed: int) -> Iterator[Household]:
    """All of them, county by county; the same for the same marginals and seed."""
    rng = random.Random(f"zhida {seed} population")  # noqa: S311 - invention, not cryptography
    makeup = _Makeup(rng, marginals)
    invent = _Inventor(rng, marginals)
    poor = Quota(rng, marginals.households * POOR_PERCENT // 100, marginals.households)
    sizes = zip(makeup.labour, makeup.others, makeup.idle, strict=True)
    for county, homes in spread_homes(marginals.households):
        number = 0
        for home, count in homes:
            for _ in range(count):
                number += 1
                members = invent.members(county, *next(sizes))
                yield Household(f"{county.code}{number:06d}", county, home, poor.take(), members)


class _Inventor:
    """Invents the members of a household of a given makeup."""

    def __init__(self, rng: random.Random, marginals: Marginals) -> None:
        self._draw = rng.random
        self._people = Identities(rng, marginals.as_of)
        self._places = Workplaces(rng)
        self._outside = Quota(rng, marginals.outside, marginals.employed)
        self._begun = _months(marginals.as_of)

    def members(self, county: County, labour: int, others: int, idle: int) -> list[Member]:
        """So many who can work, the last of them idle, and so many others; the first is the head."""
        surname = self._people.surname()
        working = [self._worker(county, surname, n, n < labour - idle) for n in range(labour)]
        return working + [self._other(surname, n, bool(labour)) for n in range(others)]

    def _worker(self, county: County, surname: str, place: int, employed: bool) -> Member:
        people = self._people
        if place == 1:  # the spouse, as a rule of another name
            surname = people.surname()
        grown = (19.0, 30.0) if place > 1 else (24.0, 59.9)
        return Member(
            people.name(surname),
            people.resident_id(*grown),
            people.phone(),
            ("户主", "配偶")[place] if place < 2 else "子女",
            True,
            self._work(county) if employed else None,
        )

    def _other(self, surname: str, place: int, with_labour: bool) -> Member:
        people = self._people
        if not with_labour and place == 0:
            return Member(people.name(surname), people.resident_id(61.0, 85.0), "", "户主", False, None)
        if self._draw() < 0.6:
            relation = "子女" if with_labour else "祖孙"
            return Member(people.name(surname), people.resident_id(0.1, 15.9), "", relation, False, None)
        relation = "父母" if with_labour else "配偶"
        return Member(
            people.name(people.surname()), people.resident_id(61.0, 85.0), "", relation, False, None
        )

    def _work(self, county: County) -> Work:
        place = self._places.outside() if self._outside.take() else self._places.inside(county)
        return Work(place, self._begun[int(self._draw() * len(self._begun))])


def _months(as_of: date) -> list[date]:
    """Days on which spells begin, to draw one of: half of them the first of a March, the last six months among them."""
    year = as_of.year
    springs = [date(year - back, 3, 1) for back in (0, 0, 1, 1, 1, 2)]
    late = [date(year, month, 1) for month in range(as_of.month - 5, as_of.month + 1)]
    early = [date(year - 1, month, 1) for month in (5, 6, 7, 8, 9, 10)]
    return springs * 4 + late + early * 3
