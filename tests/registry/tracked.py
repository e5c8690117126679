"""People who are followed, their helpers and months, for the tests of tracking."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import httpx

from services.registry.store.tables import TrackingRow
from services.registry.usecases.parts import Parts
from services.registry.usecases.tracking.months import make_month
from shared.kernel.ids import new_id
from shared.security import Role
from tests.registry.conftest import SANDU, Registry
from tests.registry.folk import AT, Folk, add_folk, add_helper

SINCE = date(2020, 2, 10)
MARCH = date(2020, 3, 1)
MARCH_12 = datetime.fromisoformat("2020-03-12T10:00:00+08:00")
HELPER, OTHER = "helper-1", "helper-2"


def follow(
    parts: Parts, people: Sequence[Folk], since: date = SINCE, enterprise_id: str | None = None
) -> None:
    """Follow these people as if they had arrived on that day."""
    with parts.database.session() as session:
        session.add_all(
            [
                TrackingRow(
                    id=new_id(),
                    person_id=one.id,
                    enterprise_id=enterprise_id,
                    area_code="441900",
                    opened_on=since,
                    opened_at=AT,
                    opened_by="arrival",
                )
                for one in people
            ]
        )


def a_list(
    registry: Registry, count: int, first: int = 1, *, helper_id: str = HELPER, **more: Any
) -> list[Folk]:
    """A helper with so many people who are followed, in the middle of March, the month's tasks made."""
    if not registry.sql("SELECT id FROM helper WHERE id = :id", id=helper_id):
        add_helper(registry.parts, helper_id)
    more = {"employed_since": SINCE} | more
    people = add_folk(registry.parts, range(first, first + count), helper_id=helper_id, **more)
    follow(registry.parts, people, enterprise_id=more.get("enterprise_id"))
    registry.clock.at = MARCH_12
    with registry.parts.database.session() as session:
        make_month(session, MARCH, registry.clock)
    return people


def as_helper(registry: Registry, helper_id: str = HELPER) -> httpx.Client:
    """A client of the helper."""
    return registry.client(Role.HELPER, subject=helper_id, areas=(SANDU,))


def a_record(person: Folk, outcome: str = "same", **more: Any) -> dict[str, Any]:
    """A record as a phone sends it."""
    at = more.pop("at", MARCH_12.isoformat())
    return {
        "record_id": str(uuid.uuid4()),
        "person_id": person.id,
        "month": MARCH.isoformat(),
        "outcome": outcome,
        "tried_at": at,
        "recorded_at": at,
    } | more


def send(client: httpx.Client, *records: dict[str, Any]) -> list[dict[str, Any]]:
    """The results of sending these records."""
    answer = client.post("/api/tracking/records", json={"records": records})
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def results_of(client: httpx.Client, *records: dict[str, Any]) -> list[str]:
    """Only what became of each: its result, or why it was refused."""
    return [one["error"]["code"] if one["error"] else one["result"] for one in send(client, *records)]
