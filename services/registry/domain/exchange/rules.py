"""Knows until when a month has to be with the provincial system, and when an answer is missing: dated rules with their source."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.registry.domain.exchange.fields import Field as Told
from services.registry.domain.months import add_months, month_text
from services.registry.domain.people.consent import ConsentPurpose
from shared.kernel.errors import InvalidInput


class NoRuleThen(InvalidInput):
    """No rule of the exchange holds in {month}. Choose a later month, or add a rule that begins earlier."""

    zh = "{month} 没有可适用的报送规则。请选择以后的月份，或补充更早生效的规则。"


class ExchangeRule(BaseModel):
    """From a month on: the day of the following month by which all is acknowledged, and days until an answer is missing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    valid_from: date
    due_day: Annotated[int, Field(ge=1, le=28)]
    answer_days: Annotated[int, Field(ge=1, le=90)]
    file_days: Annotated[int, Field(ge=1, le=90)]
    """For how long a file that was drawn up can be fetched: the older it is, the less of it still holds."""
    consented: dict[Told, ConsentPurpose] = {}
    """Columns that are told only of who agreed to it, and under which purpose."""
    source: str
    assumed: tuple[str, ...] = ()


def rule_of(rules: Sequence[ExchangeRule], month: date) -> ExchangeRule:
    """The newest that has begun. Raises NoRuleThen."""
    begun = [one for one in rules if one.valid_from <= month]
    if not begun:
        raise NoRuleThen(month=month_text(month))
    return max(begun, key=lambda one: one.valid_from)


def withhold(facts: Mapping[Told, str], rule: ExchangeRule, agreed: Collection[str]) -> dict[Told, str]:
    """The facts without those that need a consent which is not in force."""
    return {
        field: value
        for field, value in facts.items()
        if field not in rule.consented or rule.consented[field] in agreed
    }


def due_on(rule: ExchangeRule, month: date) -> date:
    """The last day on which that month is in time."""
    return add_months(month, 1).replace(day=rule.due_day)
