"""What the system says of a month changes nothing of years ago, though what cut them short then has been destroyed by age."""

from datetime import date, datetime
from typing import Any

import pytest

from services.registry.usecases.people.merge import merge
from services.registry.usecases.privacy.retention import Retaining
from services.registry.usecases.tracking.months import make_month
from shared.security import Principal, Role
from tests.registry.conftest import SANDU, Registry
from tests.registry.exchanging import DAHE, as_csv, people, send, their_line
from tests.registry.folk import Folk, add_helper
from tests.registry.tracked import a_record, as_helper, follow, results_of

CLERK = Principal("clerk", frozenset({Role.BUREAU}), (SANDU,))
DAYS = ("2020-03-15", "2020-06-11", "2020-06-12", "2021-01-01", "2023-06-30")
JUNE = date(2020, 6, 1)


def at(registry: Registry, when: str) -> None:
    registry.clock.at = datetime.fromisoformat(f"{when}T10:00:00+08:00")


def told(registry: Registry, person: Folk, month: str) -> None:
    """The system says that they were employed in that month."""
    answer = send(registry, "imports", as_csv([their_line(person, month=month)]))
    assert (answer.status_code, answer.json()["refused"]) == (201, 0), answer.text


def indicator(registry: Registry) -> list[Any]:
    client = registry.client()
    return [client.get("/api/households", params={"day": day}).json()["rows"] for day in DAYS]


def ended(registry: Registry, person: Folk) -> list[list[tuple[Any, ...]]]:
    """The spells that are over, as a file's and as this ID's alone."""
    query = "SELECT valid_from::text, valid_to::text FROM {} WHERE person_id = :id AND valid_to IS NOT NULL"
    return [registry.sql(query.format(table), id=person.id) for table in ("employment", "employment_alone")]


@pytest.mark.parametrize("is_merged", [False, True])
def test_who_was_found_at_home_three_years_ago_was_not_employed_then_whatever_is_said_since(
    registry: Registry, is_merged: bool
) -> None:
    helper = add_helper(registry.parts, place_code=DAHE)
    one, other = people(registry, [1, 2], helper_id=helper, employed_since=None)
    follow(registry.parts, [one])
    if is_merged:
        merge(registry.parts, CLERK, other.id, one.id, "x")
    at(registry, "2020-04-05")
    told(registry, one, "2020-03")
    at(registry, "2020-06-12")
    with registry.parts.database.session() as session:
        make_month(session, JUNE, registry.clock)
    when = registry.clock.at.isoformat()
    found = a_record(one, "home", month=JUNE.isoformat(), at=when)
    assert results_of(as_helper(registry), found) == ["accepted"]

    at(registry, "2023-07-05")
    before = ended(registry, one), indicator(registry)
    assert before[0] == [[("2020-03-01", "2020-06-12")]] * (1 + is_merged) + [[]] * (not is_merged)
    Retaining(registry.parts.database, registry.clock).look()
    assert registry.counts()["tracking_record"] == 0
    told(registry, one, "2023-07")
    assert registry.sql("SELECT valid_from::text FROM employment WHERE valid_to IS NULL") == [("2023-07-01",)]
    assert (ended(registry, one), indicator(registry)) == before
