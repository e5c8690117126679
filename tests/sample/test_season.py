"""The season's marginals are the published ones."""

import random
import statistics
from collections import Counter
from datetime import date, timedelta

from services.sample.fleet import coaches_at_half_load
from services.sample.season import BATCH_MIN, PROVINCE_SHARES, apportion, people_by_day, plan_day

DAY = date(2020, 2, 24)


def seeded_days(seeds: range) -> list[tuple[int, int, int]]:
    """(batches, workers, coaches) of 24 February for each seed."""
    found = []
    for seed in seeds:
        rng = random.Random(seed)
        [people] = people_by_day(rng, 6822, DAY, 1)
        batches = plan_day(rng, DAY, people)
        found.append((len(batches), sum(b.workers for b in batches), coaches_at_half_load(batches)))
    return found


def test_the_figures_of_24_february_lie_within_the_spread_of_seeds() -> None:
    for published, drawn in zip((71, 6822, 295), zip(*seeded_days(range(40)), strict=True), strict=True):
        mean, spread = statistics.mean(drawn), statistics.stdev(drawn)
        assert spread > 0
        assert abs(published - mean) < spread, (published, mean, spread)
        assert spread < 0.1 * published


def test_provinces_get_their_published_shares() -> None:
    got: Counter[str] = Counter()
    for seed in range(60):
        for batch in plan_day(random.Random(seed), DAY, 6822):
            got[batch.prefecture.province_code] += batch.workers
    for province, percent in PROVINCE_SHARES.items():
        assert abs(100 * got[province] / got.total() - percent) < 3


def test_a_batch_is_one_county_to_one_prefecture_and_never_tiny() -> None:
    batches = plan_day(random.Random(1), DAY, 6822)
    assert len({(b.county.code, b.prefecture.code) for b in batches}) == len(batches)
    assert min(b.workers for b in batches) >= BATCH_MIN


def test_a_season_is_thickest_on_3_march_and_sums_to_its_people() -> None:
    start = date(2020, 2, 10)
    per_day = people_by_day(random.Random(1), 100_000, start, 40)
    assert start + timedelta(days=per_day.index(max(per_day))) == date(2020, 3, 3)
    assert 94_000 <= sum(per_day) <= 106_000
    assert min(per_day) > 0


def test_the_greatest_season_still_fits_into_distinct_pairs() -> None:
    batches = plan_day(random.Random(1), DAY, 90_000)
    assert sum(b.workers for b in batches) == 90_000
    assert 800 < len(batches) < 1_100


def test_a_handful_of_people_is_one_batch() -> None:
    assert [b.workers for b in plan_day(random.Random(1), DAY, 3)] == [3]
    assert plan_day(random.Random(1), DAY, 0) == []


def test_apportioned_parts_sum_to_the_total() -> None:
    assert apportion(10, [1.0, 1.0, 1.0]) in ([3, 4, 3], [3, 3, 4], [4, 3, 3])
    assert sum(apportion(6822, [0.3, 2.0, 0.01, 5.0])) == 6822
