"""What is met, not met and not known, by what, and that nothing is paid for twice."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain.months import add_months
from services.registry.domain.rewards.amounts import pay
from services.registry.domain.rewards.calendar import overlap, whole_months
from services.registry.domain.rewards.facts import ClassSpell, Hold, Placement, Ride, Spell
from services.registry.domain.rewards.judge import Claim, Outcome, judge, reach_of
from services.registry.domain.rewards.rule import Purpose, Rule
from services.registry.intake.reward_presets import NoSuchPreset, read_preset
from shared.roster import Category
from tests.registry.domain.rewards.cases import (
    CLAIM,
    HOME,
    OTHER_PLANT,
    PLANT,
    case,
    contract,
    finding,
    insured,
    not_met,
    placement,
    preset,
    worker,
)

DAY, TODAY = date(2021, 2, 25), date(2021, 9, 1)
RULE = preset("guizhou-2021-agency")
GOOD = {"contracts": contract(DAY, 12), "insured": insured("2021-03", 3)}


def test_every_finding_says_what_was_needed_and_what_was_found() -> None:
    found = case(RULE, DAY, TODAY, **GOOD)
    assert found.is_earned
    assert finding(found, "contract").found == "12"
    assert finding(found, "insurance").found == "2021-03, 2021-04, 2021-05 (3)"
    assert finding(found, "insurance").needed == "3"


def test_months_before_arrival_at_another_enterprise_and_of_ended_contracts_do_not_count() -> None:
    early = case(RULE, DAY, TODAY, contracts=contract(DAY, 12), insured=insured("2020-11", 3))
    assert not_met(early) == {"insurance": "not_known"}
    elsewhere = case(RULE, DAY, TODAY, **GOOD | {"insured": insured("2021-03", 3, OTHER_PLANT)})
    assert not_met(elsewhere) == {"insurance": "not_known"}
    ended = case(RULE, DAY, TODAY, **GOOD | {"contracts": contract(date(2019, 1, 1), 24)})
    assert not_met(ended) == {"contract": "not_known"}


@pytest.mark.parametrize(
    ("known_to", "outcome"), [(None, "not_known"), ("2021-04", "not_known"), ("2021-05", "not_met")]
)
def test_insurance_is_missing_only_once_the_lists_reach_that_far(known_to: str | None, outcome: str) -> None:
    found = case(RULE, DAY, TODAY, contracts=contract(DAY, 12), insured_known_to=known_to)
    assert not_met(found) == {"insurance": outcome}
    assert found.is_open == (outcome == "not_known")


def test_a_job_that_ended_is_not_due_later_and_one_that_goes_on_is() -> None:
    rule = preset("changle-agency")
    left = case(rule, DAY, TODAY, spells=(Spell(DAY, date(2021, 5, 24), PLANT, "441900"),))
    assert finding(left, "job").due is None
    assert not left.is_open
    goes_on = case(rule, DAY, date(2021, 3, 1))
    assert finding(goes_on, "job").due == date(2021, 5, 25)
    assert goes_on.is_open
    unheard_of = case(rule, DAY, TODAY, spells=())
    assert finding(unheard_of, "job").outcome is Outcome.NOT_KNOWN


def test_a_change_of_job_without_a_gap_goes_on_where_the_rule_lets_it() -> None:
    moved = (
        Spell(DAY, date(2021, 4, 1), PLANT, "441900"),
        Spell(date(2021, 4, 1), None, OTHER_PLANT, "330500"),
    )
    gap = (moved[0], Spell(date(2021, 4, 2), None, OTHER_PLANT, "330500"))
    strict = preset("changle-agency")
    lenient = Rule.model_validate(
        strict.model_dump() | {"conditions": {"job_months": 3, "same_enterprise": False}}
    )
    assert not_met(case(strict, DAY, TODAY, spells=moved)) == {"job": "not_met"}
    assert case(lenient, DAY, TODAY, spells=moved).is_earned
    assert not_met(case(lenient, DAY, TODAY, spells=gap)) == {"job": "not_met"}


def test_spells_of_two_ids_that_overlap_are_one_job() -> None:
    """Who was merged from two IDs has the spells of both: the job lasts as long as any of them goes on."""
    rule = preset("changle-agency")
    short, long = (
        Spell(DAY, date(2021, 4, 1), PLANT, "441900"),
        Spell(date(2021, 3, 15), date(2021, 6, 1), PLANT, "441900"),
    )
    within = Spell(date(2021, 3, 1), date(2021, 3, 20), PLANT, "441900")
    assert case(rule, DAY, TODAY, spells=(short, long)).is_earned
    assert case(rule, DAY, TODAY, spells=(short, within, long)).is_earned
    assert not_met(case(rule, DAY, TODAY, spells=(short, within))) == {"job": "not_met"}


def test_a_class_counts_on_the_day_alone() -> None:
    rule = preset("guizhou-2017-enterprise")
    for first, end, is_met in (
        (date(2016, 1, 1), DAY, False),
        (date(2016, 1, 1), DAY + timedelta(days=1), True),
        (DAY, None, True),
        (DAY + timedelta(days=1), None, False),
    ):
        classes = (ClassSpell(Category.REGISTERED_POOR, first, end),)
        found = case(rule, DAY, TODAY, contracts=contract(DAY, 12), classes=classes)
        assert found.is_earned == is_met


def test_outside_its_days_a_rule_holds_for_nobody() -> None:
    before = date(2020, 12, 31)
    assert "window" in not_met(case(RULE, before, TODAY, **GOOD))
    assert "window" not in not_met(case(RULE, date(2021, 1, 1), TODAY, **GOOD))


def test_who_is_erased_is_in_no_list() -> None:
    assert not_met(case(RULE, DAY, TODAY, **GOOD, is_erased=True)) == {"person": "not_met"}


@pytest.mark.parametrize(
    ("home", "job", "reach"),
    [
        (HOME, "441900", "other_province"),
        (HOME, "520115", "same_province"),
        (HOME, "522700", None),
        (HOME, "522722", "same_prefecture"),
        (HOME, "522732", "same_county"),
    ],
)
def test_how_far_a_job_is_from_home(home: str, job: str, reach: str | None) -> None:
    assert reach_of(home, job) == reach


def test_where_only_the_home_prefecture_is_known_the_distance_is_not() -> None:
    rule = preset("guizhou-first-export")
    [found] = judge(rule, worker(DAY), placement(DAY, "522700"), TODAY, CLAIM)
    assert not_met(found) == {"reach": "not_known"}


def test_an_earlier_organised_journey_makes_it_no_first_one() -> None:
    rule = preset("guizhou-first-export")
    rides = (Ride(date(2020, 8, 1), OTHER_PLANT), Ride(DAY, PLANT))
    assert not_met(case(rule, DAY, TODAY, rides=rides)) == {"first": "not_met"}
    assert not_met(case(rule, DAY, TODAY, rides=())) == {"seat": "not_met"}


# --- doubles ------------------------------------------------------------------------------------------------------


def hold(purpose: Purpose = Purpose.AGENCY_REWARD, **changes: str) -> Hold:
    base = Hold(purpose, "", "", "qiandongnan-agency", "91522732MA0000002Y", "522722")
    return replace(base, **changes)


def test_a_worker_who_is_held_for_the_purpose_anywhere_is_refused_and_not_told_where() -> None:
    found = case(RULE, DAY, TODAY, **GOOD, holds=(hold(),))
    assert not_met(found) == {"once": "not_met"}
    told = repr(finding(found, "once"))
    for secret in ("522722", "qiandongnan", "91522732MA0000002Y"):
        assert secret not in told


def test_another_instalment_is_no_double_for_the_same_claimant_and_area_alone() -> None:
    rule = preset("county-enterprise-halves")
    mine = hold(
        Purpose.ENTERPRISE_INCENTIVE, part="6", rule_id=rule.id, claimant_id=PLANT, area_code="522732"
    )
    for held, claim, earned in (
        (mine, Claim(PLANT, "522732"), ["12"]),
        (mine, Claim(OTHER_PLANT, "522732"), []),
        (mine, Claim(PLANT, "522722"), []),
        (replace(mine, rule_id="other"), Claim(PLANT, "522732"), []),
    ):
        cases = judge(rule, worker(DAY, holds=(held,)), placement(DAY), date(2022, 3, 1), claim)
        assert [one.part for one in cases if one.is_earned] == earned


def test_what_a_rule_does_not_name_may_not_stand_beside_it() -> None:
    allowed = case(RULE, DAY, TODAY, **GOOD, holds=(hold(Purpose.ENTERPRISE_INCENTIVE),))
    assert allowed.is_earned
    alone = Rule.model_validate(RULE.model_dump() | {"stacks": ()})
    barred = case(alone, DAY, TODAY, **GOOD, holds=(hold(Purpose.ENTERPRISE_INCENTIVE),))
    assert not_met(barred) == {"stack": "not_met"}


def test_what_may_stand_beside_it_can_depend_on_the_worker_s_class() -> None:
    stacks = [{"purpose": "enterprise_incentive", "categories": ["RELOCATED"]}]
    rule = Rule.model_validate(RULE.model_dump() | {"stacks": stacks})
    holds = (hold(Purpose.ENTERPRISE_INCENTIVE),)
    assert not_met(case(rule, DAY, TODAY, **GOOD, holds=holds)) == {"stack": "not_met"}
    relocated = (ClassSpell(Category.RELOCATED, date(2019, 1, 1), None),)
    assert case(rule, DAY, TODAY, **GOOD, holds=holds, classes=relocated).is_earned


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("", "2020", True),
        ("2020", "2020-autumn", True),
        ("2020-spring", "2020-autumn", False),
        ("2020", "2021", False),
        ("", "", True),
    ],
)
def test_periods_meet_where_they_have_a_day_in_common(one: str, other: str, meet: bool) -> None:
    assert overlap(one, other) == overlap(other, one) == meet


# --- months and money -----------------------------------------------------------------------------------------------


def test_months_are_counted_as_offices_do() -> None:
    assert add_months(date(2020, 8, 31), 6) == date(2021, 2, 28)
    assert whole_months(date(2020, 8, 31), date(2021, 2, 28)) == 6
    assert whole_months(date(2020, 2, 25), date(2020, 3, 24)) == 0
    assert whole_months(date(2020, 2, 25), date(2020, 2, 1)) == 0


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(0, 100))
def test_so_many_months_later_so_many_months_are_over(first: date, count: int) -> None:
    then = add_months(first, count)
    assert whole_months(first, then) == count
    assert whole_months(first, then - timedelta(days=1)) == max(count - 1, 0)


@given(st.integers(0, 400), st.integers(0, 6_000_000))
def test_the_parts_of_a_list_sum_to_what_is_paid_and_never_pass_the_cap(heads: int, room: int) -> None:
    rule = preset("changle-agency")
    one = case(rule, DAY, TODAY)
    parts = pay(rule, [one] * heads, room).parts
    whole = 0 if heads < 50 else min(2_000_000 + (heads - 50) // 50 * 1_000_000, 5_000_000)
    assert sum(parts) == min(whole, room)
    assert len(parts) == heads


def test_an_agency_s_or_enterprise_s_amount_is_certain() -> None:
    for amount in (
        {"kind": "by_income", "limit_fen": 1, "below_fen": 2, "from_fen": 1},
        {"kind": "per_head", "fen": 1, "is_ceiling": True},
    ):
        with pytest.raises(ValueError, match="worker's benefit alone"):
            Rule.model_validate(RULE.model_dump() | {"amount": amount})


def test_a_rule_that_contradicts_itself_is_refused() -> None:
    for wrong in (
        {"valid_to": "2020-01-01"},
        {"amount": {"kind": "tiers", "tiers": [{"heads_to": 5, "fen": 1}]}},
        {"amount": {"kind": "tiers", "tiers": [{"fen": 1}, {"fen": 2}]}},
        {"amount": {"kind": "instalments", "parts": [{"months": 6, "fen": 1}, {"months": 6, "fen": 1}]}},
        {"amount": {"kind": "per_head", "fen": True}},
        {"valid_from": 20210101},
        {"bonus": 1},
    ):
        with pytest.raises(ValueError, match="validation error"):
            Rule.model_validate(RULE.model_dump() | wrong)


def test_a_rule_that_was_changed_has_another_digest() -> None:
    assert RULE.digest() == preset("guizhou-2021-agency").digest()
    assert RULE.digest() != preset("guizhou-2021-agency", amount={"kind": "per_head", "fen": 50_001}).digest()


def test_there_is_no_other_preset() -> None:
    with pytest.raises(NoSuchPreset):
        read_preset("guizhou-1999")


def test_a_placement_without_a_known_enterprise_is_judged_by_spells_without_one() -> None:
    rule = preset("changle-agency")
    spells = (Spell(DAY, None, None, "441900"),)
    [found] = judge(rule, worker(DAY, spells=spells), Placement(DAY, None, "441900"), TODAY, CLAIM)
    assert found.is_earned
