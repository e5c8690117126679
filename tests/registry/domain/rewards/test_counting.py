"""Whatever lists a claimant's workers are divided into, they bring what one list of all of them does, to the fen."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain.rewards.amounts import Before, Payment, due_fen, pay
from services.registry.domain.rewards.calendar import counting_days
from services.registry.domain.rewards.rule import CountedOver, Rule
from shared.kernel.money import yuan
from shared.kernel.season import season_of
from tests.registry.domain.rewards.cases import case, preset

DAY, TODAY = date(2020, 2, 25), date(2020, 9, 1)
CHANGLE = preset("changle-agency")
YANTAI = preset("yantai-2020-agency", conditions={})


def paid_for(rule: Rule, lists: list[int], room: int | None = None) -> list[Payment]:
    """What lists of so many workers pay, one after the other."""
    one = case(rule, DAY, TODAY)
    before, payments = Before(), []
    for heads in lists:
        left = None if room is None else room - before.fen
        payments.append(pay(rule, [one] * heads, left, before))
        before = Before(before.heads + heads, before.fen + payments[-1].total_fen)
    return payments


@st.composite
def counting_rules(draw: st.DrawFn) -> Rule:
    """Tiers or blocks such as an office may write."""
    fen = st.integers(0, 100_003)
    if draw(st.booleans()):
        ends = sorted(draw(st.sets(st.integers(1, 40), max_size=4)))
        rates = sorted(draw(fen) for _ in range(len(ends) + 1))
        tiers = [{"heads_to": end, "fen": rate} for end, rate in zip([*ends, None], rates, strict=True)]
        return preset("yantai-2020-agency", conditions={}, amount={"kind": "tiers", "tiers": tiers})
    heads = st.integers(1, 20)
    lump = {"first_heads": draw(heads), "first_fen": draw(fen), "further_heads": draw(heads)}
    lump |= {"further_fen": draw(fen), "cap_fen": draw(st.integers(0, 400_000))}
    return preset("changle-agency", amount={"kind": "blocks"} | lump)


@given(
    counting_rules(),
    st.lists(st.integers(1, 30), min_size=1, max_size=6),
    st.none() | st.integers(0, 900_000),
)
def test_any_division_into_lists_brings_what_one_list_does(
    rule: Rule, lists: list[int], room: int | None
) -> None:
    [whole] = paid_for(rule, [sum(lists)], room)
    payments = paid_for(rule, lists, room)
    assert sum(one.total_fen for one in payments) == whole.total_fen
    due = due_fen(rule, sum(lists))
    assert whole.total_fen == (due if room is None else min(due, room))
    assert [len(one.parts) for one in payments] == lists
    assert all(fen >= 0 for one in payments for fen in (*one.parts, one.difference_fen))


@pytest.mark.parametrize(
    ("lists", "paid"),
    [
        ([60], ["18,000.00"]),
        ([30, 30], ["4,500.00", "13,500.00"]),
        ([19, 31, 1], ["2,280.00", "5,220.00", "7,800.00"]),
        ([1] * 20, ["120.00"] * 19 + ["720.00"]),
    ],
)
def test_yantai_s_rate_for_all_is_paid_with_the_list_that_reaches_it(
    lists: list[int], paid: list[str]
) -> None:
    """60 at 300 are 18,000; 30 at 150 are 4,500, which leaves 13,500; 20 at 150 are 3,000, of which 19 at 120 are paid."""
    assert [yuan(one.total_fen) for one in paid_for(YANTAI, lists)] == paid


@pytest.mark.parametrize(
    ("lists", "paid"),
    [
        ([49, 1], ["0.00", "20,000.00"]),
        ([30, 30, 40], ["0.00", "20,000.00", "10,000.00"]),
        ([199, 1, 50], ["40,000.00", "10,000.00", "0.00"]),
    ],
)
def test_changle_s_lump_is_paid_with_the_list_that_fills_the_fifty(lists: list[int], paid: list[str]) -> None:
    assert [yuan(one.total_fen) for one in paid_for(CHANGLE, lists)] == paid


def test_each_worker_of_a_tier_is_at_its_rate_and_the_rest_is_what_earlier_lists_are_owed() -> None:
    first, second = paid_for(YANTAI, [30, 30])
    assert (set(first.parts), first.difference_fen) == ({15_000}, 0)
    assert (set(second.parts), second.difference_fen) == ({30_000}, 450_000)


def test_what_was_paid_for_who_is_not_counted_any_more_is_taken_off_the_next_list() -> None:
    """60 were paid 18,000 yuan; 20 of them did not arrive after all. With 40 and 15 more, 55 at 300 are 16,500: nothing more is
    due, and with 25 more it is 65 at 300, of which 1,500 are left."""
    one = case(YANTAI, DAY, TODAY)
    assert pay(YANTAI, [one] * 15, None, Before(40, 1_800_000)).total_fen == 0
    assert pay(YANTAI, [one] * 25, None, Before(40, 1_800_000)).total_fen == 150_000


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_days_of_a_season_are_counted_together_and_no_others(one: date, other: date) -> None:
    days = counting_days(CHANGLE, one)
    assert days is not None
    assert (days[0] <= other <= days[1]) == (season_of(one) == season_of(other))


def test_a_year_and_a_rule_s_own_days_are_counted_together_where_it_says_so() -> None:
    year = preset("changle-agency", amount=CHANGLE.amount.model_dump() | {"counted_over": CountedOver.YEAR})
    assert counting_days(year, DAY) == (date(2020, 1, 1), date(2020, 12, 31))
    assert counting_days(YANTAI, DAY) == (YANTAI.valid_from, YANTAI.valid_to)
    assert counting_days(preset("qiandongnan-agency"), DAY) is None


def test_a_rate_that_falls_with_more_workers_is_refused() -> None:
    tiers = [{"heads_to": 10, "fen": 200}, {"fen": 100}]
    with pytest.raises(ValueError, match="the rate must not fall"):
        preset("yantai-2020-agency", amount={"kind": "tiers", "tiers": tiers})
