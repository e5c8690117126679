"""Cases for tests: somebody with a file, what they say, how a case is opened and handed over, and a phone with a link."""

from typing import Any

import httpx

from shared.security import Role
from tests.registry.conftest import PLAIN_HTTP, Registry
from tests.registry.folk import add_folk
from tests.waiting import PATIENCE_S

DONGGUAN = "441900"
STATION = (DONGGUAN,)
JPEG = b"\xff\xd8\xff\xe0 a wage slip"
FACTS = "厂里拖欠我三个月工资，班组长王五说没钱"
SAID: dict[str, Any] = {
    "case_type": "unpaid_wages",
    "facts": FACTS,
    "known_on": "2020-01-10",
    "is_employed": False,
    "employed_until": "2020-01-15",
    "claimed_fen": 1_234_567,
    "confirmed": True,
}


def body(**changes: Any) -> dict[str, Any]:
    """A case as JSON."""
    return {"client_id": "client-0001", **SAID, **changes}


def open_case(registry: Registry, number: int = 1, **changes: Any) -> str:
    """The id of a case of somebody with a file in Sandu."""
    [folk] = add_folk(registry.parts, [number])
    sent = body(person_id=folk.id, client_id=f"client-{number:04d}", **changes)
    answer = registry.client().post("/api/cases", json=sent)
    assert answer.status_code == 201, answer.text
    case_id: str = answer.json()["case_id"]
    return case_id


def step(registry: Registry, case_id: str, act: str, **more: Any) -> dict[str, Any]:
    """A step by the labour office; the case after it."""
    answer = registry.client().post(f"/api/cases/{case_id}/steps", json={"act": act, **more})
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


def hand_over(registry: Registry, case_id: str, area: str = DONGGUAN, *, accept: bool = True) -> None:
    """The case goes to the destination's station, which accepts it."""
    answer = registry.client().post(f"/api/cases/{case_id}/hand-over", json={"area": area})
    assert answer.status_code == 200, answer.text
    if accept:
        taken = registry.client(Role.RIGHTS, areas=(area,)).post(f"/api/cases/{case_id}/accept")
        assert taken.status_code == 200, taken.text


def clock(shown: dict[str, Any], kind: str) -> dict[str, Any]:
    """The last clock of that kind."""
    found: dict[str, Any] = [one for one in shown["clocks"] if one["kind"] == kind][-1]
    return found


def device(registry: Registry) -> httpx.Client:
    """A browser in which nobody is signed in."""
    client = httpx.Client(
        base_url=registry.url, headers={"Accept": "text/html"}, timeout=PATIENCE_S, verify=PLAIN_HTTP
    )
    registry.clients.append(client)
    return client


def open_on(phone: httpx.Client, path: str) -> None:
    """Follow a link and open it there."""
    assert phone.get(path).status_code == 200
    assert phone.post(f"{path}/open").status_code == 303
