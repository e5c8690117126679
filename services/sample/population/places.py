"""Knows where relocated households live and where their members work; refuses to know who they are.

Assumed: a site has the persons published of it, or 2,000 (some 950 sites for 1.9 million people); the table has ten of the sites, so
all others live in townships, which weigh by their villages. Outside the province people work where the coaches of spring 2020 went, by the
published shares. Inside it seven of ten work in their own county, the others in the capital.
"""

import random
from collections.abc import Sequence
from itertools import accumulate

from services.sample.population.marginals import MARGINALS
from services.sample.season import apportion, pull
from shared import reference
from shared.reference import County, Stop

PERSONS_A_SITE = 2_000
OWN_COUNTY = 0.7
CAPITAL = "520100"
_ALL = MARGINALS["oct-2021"]


def spread_homes(households: int) -> list[tuple[County, list[tuple[Stop, int]]]]:
    """Each county with its townships and sites, and how many of the households live there; the empty ones are left out."""
    homes = [(county, _stops(county)) for county in reference.list_counties()]
    stops = [stop for _, of_county in homes for stop in of_county]
    on_sites = {stop.code: _persons(stop) / _ALL.people for stop in stops if stop.kind == "site"}
    villages = {stop.code: stop.villages for stop in stops}
    a_village = (1 - sum(on_sites.values())) / sum(villages.values())
    weights = [on_sites.get(stop.code) or villages[stop.code] * a_village for stop in stops]
    parts = apportion(households, weights)
    living = dict(zip((stop.code for stop in stops), parts, strict=True))
    return [
        (county, [(s, living[s.code]) for s in of_county if living[s.code]]) for county, of_county in homes
    ]


def _stops(county: County) -> list[Stop]:
    return [*reference.list_townships(county.code), *reference.list_sites(county.code)]


def _persons(site: Stop) -> int:
    published = {row["code"]: row["persons"] for row in reference.read_table("resettlement_sites.csv")}
    return int(published[site.code] or PERSONS_A_SITE)


class Workplaces:
    """Draws where somebody works, as a division's code."""

    def __init__(self, rng: random.Random) -> None:
        self._draw = rng.random
        shares = pull()
        self._outside = _spread([prefecture.code for prefecture, _ in shares], [share for _, share in shares])

    def outside(self) -> str:
        """A prefecture of the coast."""
        return self._outside[int(self._draw() * len(self._outside))]

    def inside(self, county: County) -> str:
        """The county itself, or the province's capital."""
        return county.code if self._draw() < OWN_COUNTY else CAPITAL


def _spread(values: Sequence[str], weights: Sequence[float]) -> list[str]:
    """Ten thousand values in these proportions: one of them is drawn in no time."""
    reached = [round(10_000 * part / sum(weights)) for part in accumulate(weights)]
    return [
        value
        for value, (a, b) in zip(values, zip([0, *reached], reached, strict=False), strict=True)
        for _ in range(b - a)
    ]
