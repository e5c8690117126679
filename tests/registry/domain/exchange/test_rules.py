"""When a month is due, which rule holds, and what needs a consent to be told."""

from datetime import date

import pytest

from services.registry.domain.exchange.fields import Field
from services.registry.domain.exchange.rules import ExchangeRule, NoRuleThen, due_on, rule_of, withhold
from services.registry.domain.people.consent import ConsentPurpose
from services.registry.intake.mapping import read_rules

OLD = ExchangeRule(valid_from=date(2020, 1, 1), due_day=5, answer_days=7, file_days=14, source="x")
NEW = ExchangeRule(valid_from=date(2021, 1, 1), due_day=10, answer_days=3, file_days=14, source="y")


def test_a_month_is_due_on_a_day_of_the_next_month() -> None:
    assert due_on(OLD, date(2020, 1, 1)) == date(2020, 2, 5)
    assert due_on(OLD, date(2020, 12, 1)) == date(2021, 1, 5)


def test_the_newest_rule_that_has_begun_holds() -> None:
    assert rule_of([NEW, OLD], date(2020, 12, 1)) is OLD
    assert rule_of([NEW, OLD], date(2021, 1, 1)) is NEW
    with pytest.raises(NoRuleThen):
        rule_of([NEW, OLD], date(2019, 12, 1))


def test_what_needs_a_consent_is_told_under_that_consent_alone() -> None:
    rule = OLD.model_copy(update={"consented": {Field.WAGE_BAND: ConsentPurpose.WAGE}})
    facts = {Field.NAME: "甲", Field.WAGE_BAND: "from_2000"}
    assert withhold(facts, rule, {"wage"}) == facts
    assert withhold(facts, rule, {"health", "identity"}) == withhold(facts, rule, ()) == {Field.NAME: "甲"}
    assert withhold(facts, OLD, ()) == facts


def test_the_rules_that_come_with_zhida_ask_a_consent_for_what_is_sensitive() -> None:
    for rule in read_rules():
        assert rule.consented == {
            Field.WAGE_BAND: ConsentPurpose.WAGE,
            Field.CATEGORY: ConsentPurpose.IDENTITY,
        }
