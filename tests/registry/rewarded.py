"""Workers whom an agency brought to the gate, by the events that tell of it, and the lists that are made for it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

from services.registry.domain.outside import OutsideKind
from services.registry.reactions import reactions
from services.registry.usecases.follow import Follower
from shared.events import ArrivalConfirmed, Outcome
from shared.messaging import Cause, InRuns
from shared.metrics import Metrics
from shared.security import Role
from tests.registry.conftest import SANDU, Registry
from tests.registry.lists import SOURCE, load_lines
from tests.registry.rosters import AGENCY_ID, ENTERPRISE_ID, worker

ARRIVAL = datetime(2020, 2, 25, 2, tzinfo=UTC)
LATER = datetime(2020, 7, 1, 2, tzinfo=UTC)
"""After all that the agency's rule asks for."""
FEBRUARY = {"first_day": "2020-02-01", "last_day": "2020-02-29"}


def bring(
    registry: Registry,
    numbers: Sequence[int],
    *,
    areas: tuple[str, ...] = (SANDU,),
    agency: str | None = AGENCY_ID,
    stop: str = "三合街道",
    key: str = "bring-0001",
    at: datetime = ARRIVAL,
    **changes: Any,
) -> list[str]:
    """An agency's workers travel and arrive; their file ids in the order of the numbers."""
    more = {"organiser": agency} if agency else {}
    rows = [
        {k: v for k, v in worker(number, stop=stop, **changes).items() if k != "party"} | more
        for number in numbers
    ]
    answer = registry.client(areas=areas).post(
        "/api/requests/batch", json={"requests": rows}, headers={"Idempotency-Key": key}
    )
    told = answer.json()
    assert not told["refused"], told
    ids = [one["request_id"] for one in told["accepted"]]
    arrive(registry, ids, trip_id=f"T-{key}", at=at)
    found = dict(
        registry.sql("SELECT r.id, p.file_id FROM travel_request r JOIN person p ON p.id = r.person_id")
    )
    return [found[one] for one in ids]


def arrive(
    registry: Registry, request_ids: Sequence[str], *, trip_id: str = "T-1", at: datetime = ARRIVAL
) -> None:
    """The enterprise confirms that they are there."""
    take = reactions(Follower(registry.clock), Metrics("registry"))[ArrivalConfirmed]
    assert isinstance(take, InRuns)
    events = [
        ArrivalConfirmed(
            trip_id=trip_id,
            version=1,
            at=at,
            request_id=one,
            enterprise_id=ENTERPRISE_ID,
            outcome=Outcome.ARRIVED,
        )
        for one in request_ids
    ]
    with registry.parts.database.session() as session:
        take.take(session, [(event, Cause("c", "e")) for event in events])


def insure(registry: Registry, ids: Sequence[str], months: Sequence[str], **more: Any) -> None:
    """The social insurance office's list has them."""
    lines = [[one, ENTERPRISE_ID, month, SOURCE] for one in ids for month in months]
    load_lines(registry, OutsideKind.EMPLOYMENT, *lines, **more)


def contract(registry: Registry, ids: Sequence[str], months: int, **more: Any) -> None:
    """The labour office's list of contracts has them."""
    lines = [[one, ENTERPRISE_ID, "2020-02-25", months, SOURCE] for one in ids]
    load_lines(registry, OutsideKind.CONTRACT, *lines, **more)


def in_force(
    registry: Registry,
    preset: str = "guizhou-2021-agency",
    *,
    areas: tuple[str, ...] = ("52",),
    valid_from: str | None = "2020-01-01",
) -> str:
    """A preset is put in force for an area, from 2020 on; its id."""
    body = {"preset": preset, "valid_from": valid_from}
    answer = registry.client(areas=areas).post("/api/reward-rules", json=body)
    assert answer.status_code in (200, 201), answer.text
    found: str = answer.json()["reward_rule_id"]
    return found


def make(
    registry: Registry,
    rule: str,
    *,
    areas: tuple[str, ...] = (SANDU,),
    claimant: str = AGENCY_ID,
    **period: str,
) -> dict[str, Any]:
    """The bureau makes a list."""
    body = {"reward_rule_id": rule, "claimant_id": claimant} | FEBRUARY | period
    answer = registry.client(areas=areas).post("/api/reward-lists", json=body)
    assert answer.status_code in (200, 201), answer.text
    told: dict[str, Any] = answer.json()
    return told


def act(
    registry: Registry,
    made: dict[str, Any],
    what: str,
    *,
    areas: tuple[str, ...] = (SANDU,),
    subject: str = "second-clerk",
) -> httpx.Response:
    """confirm, hand-over or withdraw, by somebody else than who made the list."""
    client = registry.client(areas=areas, subject=subject)
    return client.post(f"/api/reward-lists/{made['reward_list_id']}/{what}")


def show(
    registry: Registry,
    made: dict[str, Any],
    *,
    areas: tuple[str, ...] = (SANDU,),
    role: Role = Role.BUREAU,
) -> dict[str, Any]:
    """The list as a reader sees it."""
    shown: dict[str, Any] = (
        registry.client(role, areas=areas).get(f"/api/reward-lists/{made['reward_list_id']}").json()
    )
    return shown


def against(entry: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Condition -> outcome and what was found, of what is not met."""
    return {
        one["condition"]: (one["outcome"], one["found_zh"])
        for one in entry["evidence"]
        if one["outcome"] != "met"
    }
