"""What is said of people's data is said of all of it: every table and column that is about somebody."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError
from sqlalchemy import LargeBinary

from services.registry.domain.privacy.inventory import Kind, inventory
from services.registry.domain.privacy.reasons import Reason, name_field, name_purpose
from services.registry.domain.privacy.retention import Rule, read_retention
from services.registry.store.privacy.subjects import subjects
from services.registry.store.tables import Base
from services.registry.usecases.privacy.retention import KNOWN

ABOUT = {subject.table.name for subject in subjects()}
TABLES = {
    table.name: table
    for table in Base.metadata.sorted_tables
    if table.name in ABOUT
    or table.name in ("person", "access_log")
    or any(isinstance(column.type, LargeBinary) or "fingerprint" in column.name for column in table.c)
}


def test_every_table_about_people_is_in_the_inventory_and_no_other() -> None:
    assert set(inventory().tables) == set(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_every_column_of_it_has_a_heading(name: str) -> None:
    untold = [column.name for column in TABLES[name].c if inventory().entry(name, column.name) is None]
    assert untold == []
    said = set(inventory().tables[name].columns) if name in inventory().tables else set()
    assert said <= {column.name for column in TABLES[name].c}


@pytest.mark.parametrize("name", TABLES)
def test_what_is_sealed_is_personal_and_what_is_personal_in_plain_is_no_name(name: str) -> None:
    for column in TABLES[name].c:
        entry = inventory().entry(name, column.name)
        assert entry is not None
        if isinstance(column.type, LargeBinary):
            assert entry.kind is not Kind.PLAIN, column.name
        if "fingerprint" in column.name:
            assert entry.kind is Kind.FOUND, column.name


def test_rows_end_by_rules_that_there_are_and_each_rule_does_what_is_known() -> None:
    rules = {rule.id: rule for rule in read_retention().rules}
    assert {end for table in inventory().tables.values() for end in table.ends} <= set(rules)
    assert {rule.does for rule in rules.values() if rule.does} == KNOWN
    assert all(rule.does or rule.note for rule in rules.values())


def test_the_published_lengths_are_the_rules() -> None:
    """domain: unsuccessful request 6 months, trip and roster 3 years, vouchers 10 years, health 30 days, traces 90 days, access log 3 years."""
    lengths = {rule.id: (rule.months, rule.days) for rule in read_retention().rules}
    assert lengths["unsuccessful-requests"] == (6, 0)
    assert lengths["requests"] == (36, 0)
    assert lengths["vouchers"] == (120, 0)
    assert lengths["health"] == (0, 30)
    assert lengths["locations"] == (0, 90)
    assert lengths["accesses"] == (36, 0)


@pytest.mark.parametrize(
    ("now", "months", "before"),
    [
        ((2020, 8, 20), 6, (2020, 2, 20)),
        ((2020, 8, 31), 6, (2020, 2, 29)),
        ((2021, 2, 28), 12, (2020, 2, 28)),
        ((2020, 3, 15), 36, (2017, 3, 15)),
        ((2020, 1, 31), 1, (2019, 12, 31)),
    ],
)
def test_months_are_those_of_the_calendar(
    now: tuple[int, int, int], months: int, before: tuple[int, int, int]
) -> None:
    rule = read_retention().rules[0].model_copy(update={"days": 0, "months": months})
    assert rule.before(datetime(*now, tzinfo=UTC)) == datetime(*before, tzinfo=UTC)


def test_the_log_of_accesses_cannot_be_set_below_three_years() -> None:
    rule = next(rule for rule in read_retention().rules if rule.does == "accesses")
    with pytest.raises(ValidationError, match="three years"):
        Rule.model_validate(rule.model_dump() | {"months": 35})
    with pytest.raises(ValidationError, match="months or days"):
        Rule.model_validate(rule.model_dump() | {"months": 0})


def test_an_access_is_named_in_both_languages() -> None:
    assert name_purpose("reveal/contact") == ("显示完整信息：联系本人", "Shown in full: To reach the person")
    assert name_purpose("manifest")[0] == "乘车名单"
    assert name_purpose("rights/mediation") == ("维权案件", "A case of the person's")
    assert name_purpose("another") == ("another", "another")
    assert all(name_purpose(f"reveal/{reason}")[0] != f"reveal/{reason}" for reason in Reason)
    assert name_field("phone") == ("手机号码", "Phone")
    assert name_field("case") == ("case", "case")
