"""The invented population has the published sums to the unit, at any share, and nobody in it is anybody."""

import random
from collections import Counter
from dataclasses import astuple
from datetime import date

import pytest
from stdnum.cn import ric
from stdnum.iso7064 import mod_11_2

from services.sample.people import AREA_NOBODY_HAS, MOBILE_RANGE_NOT_ISSUED
from services.sample.population.chance import Quota, fill
from services.sample.population.households import Household, list_households
from services.sample.population.marginals import MARGINALS, Marginals, ShareTooSmall
from services.sample.population.places import Workplaces, spread_homes
from services.sample.season import PROVINCE_SHARES
from shared import reference

OCT_2021 = MARGINALS["oct-2021"]


def counted(households: list[Household]) -> tuple[int, ...]:
    """As the marginals say it: households, people, with labour, workers, employed, outside the province."""
    members = [member for one in households for member in one.members]
    working = [member for member in members if member.work]
    return (
        len(households),
        len(members),
        sum(any(member.has_labour for member in one.members) for one in households),
        sum(member.has_labour for member in members),
        len(working),
        sum(member.work is not None and not member.work.area_code.startswith("52") for member in working),
    )


@pytest.fixture(scope="module")
def some() -> list[Household]:
    """One household of a hundred."""
    return list(list_households(OCT_2021.of_share(0.01), 1))


def test_the_published_figures_are_those_of_the_news() -> None:
    assert astuple(OCT_2021)[1:6] == (431_600, 1_920_800, 413_600, 991_400, 928_400)
    assert f"{OCT_2021.employed / OCT_2021.workers:.1%}" == "93.6%"
    later = MARGINALS["q3-2024"]
    assert (later.employed, later.outside) == (963_800, 477_100)
    assert f"{later.employed / later.workers:.1%}" == "96.1%"


@pytest.mark.parametrize(
    ("share", "sums"),
    [
        (0.01, (4316, 19208, 4136, 9914, 9284, 4596)),
        (0.003, (1295, 5762, 1241, 2974, 2785, 1379)),
        (0.0001, (43, 192, 41, 99, 93, 46)),
    ],
)
def test_a_share_has_each_sum_rounded_by_itself(share: float, sums: tuple[int, ...]) -> None:
    marginals = OCT_2021.of_share(share)
    assert counted(list(list_households(marginals, 1))) == sums == astuple(marginals)[1:7]


@pytest.mark.parametrize("name", MARGINALS)
@pytest.mark.parametrize("seed", [1, 2])
def test_every_preset_and_seed_sums_as_published(name: str, seed: int) -> None:
    marginals = MARGINALS[name].of_share(0.002)
    assert counted(list(list_households(marginals, seed))) == astuple(marginals)[1:7]


def test_a_share_of_hardly_anybody_is_refused() -> None:
    with pytest.raises(ShareTooSmall):
        OCT_2021.of_share(0.00001)


def test_every_household_with_labour_has_somebody_employed(some: list[Household]) -> None:
    with_labour = [one for one in some if any(member.has_labour for member in one.members)]
    assert all(any(member.work for member in one.members) for one in with_labour)
    assert any(any(member.has_labour and not member.work for member in one.members) for one in with_labour), (
        "somebody is out of work"
    )


def test_nobody_works_who_has_no_labour_and_every_household_has_a_head(some: list[Household]) -> None:
    assert not any(m.work and not m.has_labour for one in some for m in one.members)
    assert {one.members[0].relation for one in some} == {"户主"}
    assert sum(m.relation == "户主" for one in some for m in one.members) == len(some)


def test_everybody_is_distinct_valid_and_nobody(some: list[Household]) -> None:
    members = [member for one in some for member in one.members]
    ids = [member.resident_id for member in members]
    assert len(set(ids)) == len(ids)
    for each in ids[:2000]:
        assert mod_11_2.is_valid(each)
        assert ric.calc_check_digit(each) == each[-1]
    assert all(each.startswith("529901") for each in ids)
    assert AREA_NOBODY_HAS != "529901", "no ID is also a season's worker's"
    codes = {stop.code[:6] for stop in reference.list_stops()} | {c.code for c in reference.list_counties()}
    assert "529901" not in codes
    phones = [member.phone for member in members if member.phone]
    assert len(set(phones)) == len(phones) == sum(member.has_labour for member in members)
    assert all(phone.startswith(MOBILE_RANGE_NOT_ISSUED) and len(phone) == 11 for phone in phones)


def test_who_works_was_sixteen_when_it_began_and_it_has_begun(some: list[Household]) -> None:
    for member in (member for one in some for member in one.members if member.work):
        assert member.work is not None
        born = date.fromisoformat(member.resident_id[6:14])
        assert (member.work.since - born).days / 365.2425 >= 16
        assert member.work.since <= OCT_2021.as_of


def test_homes_are_stops_of_their_county_and_work_is_where_there_is_a_place(some: list[Household]) -> None:
    known = {one.code for one in reference.list_counties()} | {
        one.code for one in reference.list_prefectures()
    }
    for one in some:
        assert one.home.county_code == one.county.code == one.number[:6] == one.home.code[:6]
        assert {member.work.area_code for member in one.members if member.work} <= known
    assert len({one.number for one in some}) == len(some)


def test_all_counties_and_the_sites_that_the_tables_have_are_lived_in() -> None:
    homes = spread_homes(OCT_2021.households)
    assert len(homes) == 88
    assert sum(count for _, of_county in homes for _, count in of_county) == 431_600
    living = {stop.code: count for _, of_county in homes for stop, count in of_county}
    assert round(living["520603004003"] * 1_920_800 / 431_600) in range(18_370, 18_390)  # 18,379 published
    assert set(living) >= {stop.code for stop in reference.list_stops() if stop.kind == "site"}


def test_those_outside_work_where_the_coaches_went() -> None:
    places = Workplaces(random.Random(1))
    went = Counter(places.outside()[:2] + "0000" for _ in range(20_000))
    for province, percent in PROVINCE_SHARES.items():
        assert abs(100 * went[province] / went.total() - percent) < 2


def test_the_same_seed_invents_the_same_people_and_another_seed_others() -> None:
    tiny: Marginals = OCT_2021.of_share(0.0002)
    assert list(list_households(tiny, 3)) == list(list_households(tiny, 3))
    assert list(list_households(tiny, 3)) != list(list_households(tiny, 4))


def test_a_quota_says_yes_exactly_so_many_times() -> None:
    for wanted in (0, 1, 7, 10):
        quota = Quota(random.Random(wanted), wanted, 10)
        assert sum(quota.take() for _ in range(10)) == wanted


def test_what_does_not_fit_is_not_filled() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        fill(random.Random(1), 11, bytearray([5, 5]), bytearray([1, 1]))
