"""Everything that a rule asks, pays and finds reads in both languages."""

import pytest

from services.registry.domain.rewards.judge import Condition, Outcome
from services.registry.domain.rewards.words import (
    amount_words,
    asked_words,
    conditions_words,
    found_words,
)
from services.registry.intake.reward_presets import presets
from tests.registry.domain.rewards.cases import preset


@pytest.mark.parametrize("condition", Condition)
@pytest.mark.parametrize("outcome", Outcome)
def test_every_condition_has_words_whatever_becomes_of_it(condition: Condition, outcome: Outcome) -> None:
    assert all(asked_words(condition, "12"))
    found = found_words(condition, outcome, "3")
    assert bool(found[0]) == bool(found[1])


def test_every_preset_says_what_it_pays_and_asks() -> None:
    for rule in presets().values():
        zh, en = amount_words(rule)
        assert "元" in zh
        assert "yuan" in en
        assert all(all(pair) for pair in conditions_words(rule))


def test_tiers_lumps_and_caps_are_told_to_the_fen() -> None:
    assert amount_words(preset("yantai-2020-agency"))[0] == (
        "19 人以内的每人 120.00 元；50 人以内的每人 150.00 元；超过 50 人的每人 300.00 元，人数按规则有效期内全部名单累计"
    )
    assert amount_words(preset("changle-agency"))[1] == (
        "20,000.00 yuan for 50, 10,000.00 for each further 50, at most 50,000.00, counted over all lists of a season"
    )
    assert amount_words(preset("qiandongnan-enterprise"))[0] == "每人500.00 元，每家每年最高 100,000.00 元"


def test_a_payment_elsewhere_is_never_named() -> None:
    for condition in (Condition.ONCE, Condition.STACK):
        assert "522722" not in "".join(found_words(condition, Outcome.NOT_MET, "522722"))
