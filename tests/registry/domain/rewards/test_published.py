"""Each published example with numbers (`domain.md` §2.2 and §5), worked out by hand."""

from datetime import date

import pytest

from services.registry.domain.rewards.amounts import Span, lump_of, pay, span_of, tier_of
from services.registry.domain.rewards.facts import Allowance, ClassSpell
from services.registry.domain.rewards.judge import Candidate, judge
from services.registry.domain.rewards.rule import Blocks, Claimant, Tiers
from services.registry.intake.reward_presets import presets
from shared.kernel.money import yuan
from tests.registry.domain.rewards.cases import (
    CLAIM,
    case,
    contract,
    earned,
    insured,
    months,
    not_met,
    placement,
    preset,
    worker,
)


def test_every_preset_says_its_source_and_what_is_assumed_in_both_languages() -> None:
    assert len(presets()) == 17
    for rule in presets().values():
        assert rule.source.zh
        assert rule.source.en
        assert all(one.zh and one.en for one in rule.assumed)
        assert rule.claimant is not Claimant.WORKER or (rule.bring and rule.where)


# --- agencies -----------------------------------------------------------------------------------------------------


def test_guizhou_2021_pays_500_yuan_a_head_for_a_years_contract_and_three_months_insured() -> None:
    rule = preset("guizhou-2021-agency")
    day, today = date(2021, 2, 25), date(2021, 6, 1)
    good = earned(rule, 3, day, today, contracts=contract(day, 12), insured=insured("2021-02", 3))
    assert pay(rule, good).parts == [50_000, 50_000, 50_000]
    short = case(rule, day, today, contracts=contract(day, 11), insured=insured("2021-02", 3))
    assert not_met(short) == {"contract": "not_met"}
    lacking = case(
        rule,
        day,
        today,
        contracts=contract(day, 12),
        insured=insured("2021-02", 2),
        insured_known_to="2021-05",
    )
    assert not_met(lacking) == {"insurance": "not_met"}


def test_guizhou_2017_pays_400_yuan_a_poor_worker_after_six_months_and_a_year_of_tracking() -> None:
    rule = preset("guizhou-2017-agency")
    day = date(2020, 2, 25)
    tracked = frozenset(months("2020-03", 12))
    assert pay(rule, earned(rule, 1, day, date(2021, 2, 25), tracked=tracked)).parts == [40_000]
    eleven = case(rule, day, date(2021, 2, 25), tracked=frozenset(months("2020-03", 11)))
    assert not_met(eleven) == {"tracking": "not_met"}
    early = case(rule, day, date(2020, 8, 24), tracked=tracked)
    assert not_met(early) == {"job": "not_met"}
    assert "job" not in not_met(case(rule, day, date(2020, 8, 25), tracked=tracked))
    assert not_met(case(rule, day, date(2021, 2, 25), tracked=tracked, classes=())) == {"class": "not_met"}


def test_qiandongnan_pays_300_yuan_for_everybody_organised() -> None:
    rule = preset("qiandongnan-agency")
    assert pay(rule, earned(rule, 7, date(2020, 2, 25), date(2020, 2, 26))).total_fen == 210_000


@pytest.mark.parametrize(
    ("heads", "rate", "total"),
    [
        (1, "120.00", "120.00"),
        (19, "120.00", "2,280.00"),
        (20, "150.00", "3,000.00"),
        (50, "150.00", "7,500.00"),
        (51, "300.00", "15,300.00"),
    ],
)
def test_yantai_2020_pays_by_the_number_organised(heads: int, rate: str, total: str) -> None:
    rule = preset("yantai-2020-agency")
    assert isinstance(rule.amount, Tiers)
    assert yuan(tier_of(rule.amount, heads)) == rate
    group = earned(rule, heads, date(2020, 2, 25), date(2020, 6, 1), insured=insured("2020-03", 1))
    assert yuan(pay(rule, group).total_fen) == total
    later = case(rule, date(2020, 2, 25), date(2020, 6, 1), insured_known_to="2020-05")
    assert not_met(later) == {"insurance": "not_met"}


@pytest.mark.parametrize(
    ("heads", "total"),
    [
        (49, "0.00"),
        (50, "20,000.00"),
        (99, "20,000.00"),
        (100, "30,000.00"),
        (150, "40,000.00"),
        (199, "40,000.00"),
        (200, "50,000.00"),
        (1000, "50,000.00"),
    ],
)
def test_changle_pays_20_000_for_50_and_10_000_for_each_further_50_up_to_50_000(
    heads: int, total: str
) -> None:
    rule = preset("changle-agency")
    assert isinstance(rule.amount, Blocks)
    assert yuan(lump_of(rule.amount, heads)) == total
    group = earned(rule, heads, date(2020, 2, 25), date(2020, 5, 25))
    assert yuan(pay(rule, group).total_fen) == total


def test_changle_wants_three_whole_months_in_the_job() -> None:
    rule = preset("changle-agency")
    early = case(rule, date(2020, 2, 25), date(2020, 5, 24))
    assert not_met(early) == {"job": "not_met"}
    assert early.is_open


# --- enterprises --------------------------------------------------------------------------------------------------


def test_guizhou_2017_pays_an_enterprise_500_yuan_a_poor_worker_with_a_years_contract() -> None:
    rule = preset("guizhou-2017-enterprise")
    day = date(2020, 2, 25)
    assert pay(rule, earned(rule, 2, day, day, contracts=contract(day, 12))).parts == [50_000, 50_000]
    assert not_met(case(rule, day, day)) == {"contract": "not_known"}


def test_a_county_pays_2_000_yuan_a_head_in_two_halves_after_6_and_12_months() -> None:
    rule = preset("county-enterprise-halves")
    day = date(2020, 2, 25)

    def due(today: date) -> list[int]:
        cases = judge(rule, worker(day), placement(day), today, CLAIM)
        assert [one.part for one in cases] == ["6", "12"]
        return pay(rule, [one for one in cases if one.is_earned]).parts

    assert due(date(2020, 8, 24)) == []
    assert due(date(2020, 8, 25)) == [100_000]
    assert due(date(2021, 2, 24)) == [100_000]
    assert due(date(2021, 2, 25)) == [100_000, 100_000]


def test_qiandongnan_pays_an_enterprise_at_most_100_000_yuan() -> None:
    rule = preset("qiandongnan-enterprise")
    day = date(2020, 2, 25)
    group = earned(rule, 300, day, day, contracts=contract(day, 12))
    cap = rule.cap_claimant_fen
    assert cap == 10_000_000
    assert pay(rule, group[:200], cap).total_fen == 10_000_000
    parts = pay(rule, group, cap).parts
    assert (sum(parts), min(parts), max(parts)) == (10_000_000, 33_333, 33_334)
    assert pay(rule, group, cap - 9_999_999).total_fen == 1
    assert pay(rule, group[:2], 0).parts == [0, 0]


# --- workers ------------------------------------------------------------------------------------------------------


def benefit(name: str, day: date, area: str = "441900", **known: object) -> tuple[Candidate, Span]:
    rule = preset(name)
    [found] = judge(rule, worker(day, **known), placement(day, area), date(day.year, 12, 31), CLAIM)
    return found, span_of(rule, found)


@pytest.mark.parametrize(
    ("area", "fen"), [("441900", 100_000), ("520115", 50_000), ("522722", 50_000), ("522732", None)]
)
def test_the_first_organised_journey_brings_500_yuan_in_the_province_and_1_000_outside(
    area: str, fen: int | None
) -> None:
    found, span = benefit("guizhou-first-export", date(2020, 2, 25), area)
    if fen is None:
        assert not_met(found) == {"reach": "not_met"}
    else:
        assert found.is_earned
        assert span == Span(fen, fen)


def test_guizhou_2021_gives_at_most_500_yuan_once_after_three_months_in_another_province() -> None:
    found, span = benefit("guizhou-2021-transport", date(2021, 2, 25), rides=())
    assert found.is_earned
    assert span == Span(0, 50_000)
    assert found.period == ""


def test_qingzhen_gives_500_or_1_000_yuan_by_an_income_that_is_not_kept_here() -> None:
    found, span = benefit("qingzhen-2023-transport", date(2023, 2, 25), rides=())
    assert found.is_earned
    assert span == Span(50_000, 100_000)
    assert preset("qingzhen-2023-transport").amount.model_dump() == {
        "kind": "by_income",
        "limit_fen": 1_000_000,
        "below_fen": 100_000,
        "from_fen": 50_000,
    }


def test_baili_dujuan_gives_500_yuan_a_year_from_16_with_the_class_for_three_months_and_not_claimed_yet() -> (
    None
):
    day = date(2025, 2, 25)
    found, span = benefit("baili-dujuan-2025-transport", day, rides=())
    assert found.is_earned
    assert (span, found.period) == (Span(50_000, 50_000), "2025")
    young, _ = benefit("baili-dujuan-2025-transport", day, rides=(), born=date(2009, 2, 26))
    assert not_met(young) == {"age": "not_met"}
    old_enough, _ = benefit("baili-dujuan-2025-transport", day, rides=(), born=date(2009, 2, 25))
    assert old_enough.is_earned
    claimed, _ = benefit("baili-dujuan-2025-transport", day, rides=(), allowances=(Allowance("2025"),))
    assert not_met(claimed) == {"allowance": "not_met"}
    last_year, _ = benefit(
        "baili-dujuan-2025-transport", day, rides=(), allowances=(Allowance("2024-12-31"),)
    )
    assert last_year.is_earned
    listed_later = tuple(
        ClassSpell(one, date(2025, 3, 1), None)
        for one in preset("baili-dujuan-2025-transport").conditions.categories
    )
    later, _ = benefit("baili-dujuan-2025-transport", day, rides=(), classes=listed_later)
    assert not_met(later) == {"class": "not_met"}


def test_chongxin_gives_it_only_to_those_who_did_not_join_organised_transport() -> None:
    day = date(2024, 2, 25)
    rode, _ = benefit("chongxin-2024-transport", day)
    assert not_met(rode) == {"seat": "not_met"}
    for area, span in (
        ("441900", Span(40_000, 60_000)),
        ("520115", Span(30_000, 30_000)),
        ("522722", Span(20_000, 20_000)),
    ):
        alone, given = benefit("chongxin-2024-transport", day, area, rides=())
        assert alone.is_earned
        assert given == span


def test_tongdao_s_1_896_people_can_come_to_744_100_yuan_at_400_200_and_100() -> None:
    day = date(2017, 2, 25)
    fen = [
        benefit("tongdao-2017-transport", day, area, rides=())[1].least_fen
        for area in ("441900", "520115", "522722")
    ]
    assert fen == [40_000, 20_000, 10_000]
    heads = (1840, 25, 31)
    assert sum(heads) == 1896
    assert yuan(sum(one * each for one, each in zip(heads, fen, strict=True))) == "744,100.00"


def test_fuyuan_linyi_and_ningbo_give_their_amounts() -> None:
    day = date(2024, 2, 25)
    assert benefit("fuyuan-2024-transport", day, rides=())[1] == Span(80_000, 80_000)
    linyi = [
        benefit("linyi-2024-transport", day, area, rides=())[1].most_fen
        for area in ("441900", "520115", "522722")
    ]
    assert linyi == [150_000, 60_000, 30_000]
    assert benefit("ningbo-2022-self-return", date(2022, 2, 25), rides=())[1] == Span(10_000, 50_000)
