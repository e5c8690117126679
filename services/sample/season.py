"""Knows how many batches of what size leave which county for which prefecture on which day; not who is in them.

The marginals are published: 71 batches and 6,822 workers on 24 February 2020 (Guizhou's transport department),
so 96 workers a batch; the coast-bound shares of spring 2020; the peak on 3 March. A batch is what one county
sends to one prefecture on one day. Counties weigh by their villages, prefectures by their population.
"""

import math
import random
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

from shared import reference
from shared.reference import County, Prefecture

WORKERS_A_BATCH = 6822 / 71
PROVINCE_SHARES = {"440000": 43, "330000": 40, "350000": 10, "320000": 5, "310000": 2}
PEAK = (3, 3)
"""Month and day of the peak."""

PEAK_WIDTH_DAYS = 12.0
"""Assumed: the season's days fall off from the peak like a bell of this standard deviation."""

PEOPLE_SPREAD = 0.02
"""Assumed: the season's total varies by this share from seed to seed."""

SIZE_SIGMA = 0.75
"""Assumed: batch sizes are log-normal; 17 coaches for one county are known (Sandu to Anji, 23 Feb 2020)."""

POPULATION_PULL = 0.7
"""Assumed: within a province a prefecture draws by this power of its population, so that small ones take part."""

BATCH_MIN = 10
"""A trip below ten workers earns no subsidy under most published policies (`domain.md` §2.1)."""


@dataclass(frozen=True, slots=True)
class Batch:
    """So many workers of one county bound for one prefecture, ready on one day."""

    day: date
    county: County
    prefecture: Prefecture
    workers: int


def people_by_day(rng: random.Random, people: int, start: date, days: int) -> list[int]:
    """About `people` workers spread over the days, thickest on 3 March."""
    total = max(1, round(people * min(1.06, max(0.94, rng.gauss(1, PEOPLE_SPREAD)))))
    peak = date(start.year, *PEAK)
    away = [(start + timedelta(days=i) - peak).days / PEAK_WIDTH_DAYS for i in range(days)]
    return apportion(total, [0.05 + math.exp(-a * a / 2) for a in away])


def apportion(total: int, weights: list[float]) -> list[int]:
    """Whole parts in proportion to the weights that sum to the total, by cumulative rounding."""
    reached = [round(total * part / sum(weights)) for part in accumulate(weights)]
    return [b - a for a, b in zip([0, *reached], reached, strict=False)]


def plan_day(rng: random.Random, day: date, people: int) -> list[Batch]:
    """The batches of one day, `people` workers in all, ordered by county and prefecture."""
    if people == 0:
        return []
    pairs = _pairs(rng, max(1, round(rng.gauss(1, 0.06) * people / WORKERS_A_BATCH)))
    base = min(BATCH_MIN, people // len(pairs))
    sizes = apportion(people - base * len(pairs), [rng.lognormvariate(0, SIZE_SIGMA) for _ in pairs])
    return [
        Batch(day, county, prefecture, base + size)
        for (county, prefecture), size in zip(pairs, sizes, strict=True)
    ]


def _pairs(rng: random.Random, count: int) -> list[tuple[County, Prefecture]]:
    """Distinct (county, prefecture) pairs, drawn without return by the product of both weights."""
    keyed = []
    for county in reference.list_counties():
        for prefecture, share in pull():
            keyed.append(
                (rng.expovariate(county.villages * share), county.code, prefecture.code, county, prefecture)
            )
    drawn = sorted(keyed, key=lambda k: k[:3])[: min(count, len(keyed))]
    return [(county, prefecture) for *_, county, prefecture in sorted(drawn, key=lambda k: k[1:3])]


def pull() -> list[tuple[Prefecture, float]]:
    """Each coastal prefecture's share: its province's published one, within it by population."""
    shares = []
    for province, share in PROVINCE_SHARES.items():
        prefectures = reference.list_prefectures(province)
        pull = {p: p.population**POPULATION_PULL for p in prefectures}
        shares += [(p, share * pull[p] / sum(pull.values())) for p in prefectures if p.population]
    return shares
