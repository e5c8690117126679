"""What helpers record and what arrivals tell reaches the households in the same transaction."""

from tests.registry.conftest import Registry
from tests.registry.folk import TOWNSHIP, add_household
from tests.registry.tracked import HELPER, SINCE, a_list, a_record, as_helper, results_of


def tasks(registry: Registry) -> list[tuple[object, ...]]:
    return registry.sql("SELECT fell_on, opened_by, outcome FROM zero_task ORDER BY id")


def test_a_helper_s_record_opens_the_task_of_a_household_and_another_clears_it(registry: Registry) -> None:
    household = add_household(registry.parts, "0001", TOWNSHIP)
    one, two = a_list(registry, 2, household_id=household, employed_since=SINCE)
    assert results_of(as_helper(registry), a_record(one, "home")) == ["accepted"]
    assert tasks(registry) == []
    assert results_of(as_helper(registry), a_record(two, "looking")) == ["accepted"]
    [(fell_on, by, outcome)] = tasks(registry)
    assert (str(fell_on), by, outcome) == ("2020-03-12", HELPER, None)
    registry.clock.advance(days=2)
    again = a_record(one, "changed", at="2020-03-14T09:00:00+08:00", area_code="330000")
    assert results_of(as_helper(registry), again) == ["accepted"]
    assert [outcome for _, _, outcome in tasks(registry)] == ["cleared"]
