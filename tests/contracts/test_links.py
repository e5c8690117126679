"""Every route that a link opens, with links that must open nothing."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.kernel.clock import FixedClock
from shared.security import Keyring, links
from tests.browser.house import GUANSHANHU, MORNING_BEFORE, SANDU, County, House
from tests.contracts.calls import HTML, SAFE, Route, call, own


@pytest.fixture(scope="session")
def by_link(routes: list[Route]) -> list[Route]:
    return [route for route in routes if route.declared.kind == "link"]


def link_token(house: House, route: Route, county: County, trip_id: str, **changes: Any) -> str:
    assert route.declared.purpose
    organisation = county.carrier_id if route.declared.purpose == "boarding" else county.enterprise_id
    given: dict[str, Any] = {"ttl": timedelta(days=1), "clock": house.clock, **changes}
    purpose = given.pop("purpose", route.declared.purpose)
    return links.issue(house.keyring, purpose, trip_id=trip_id, organisation=organisation, **given)


def test_a_link_that_is_forged_expired_or_for_another_page_opens_nothing(
    house: House, client: httpx.Client, by_link: list[Route]
) -> None:
    trip_id = own(house, SANDU)["trip_id"]
    wrong = []
    for route in by_link:
        other: Any = {"boarding": "handover", "handover": "boarding", "rights": "boarding"}[
            str(route.declared.purpose)
        ]
        long_ago = FixedClock(MORNING_BEFORE - timedelta(days=30))
        whole = link_token(house, route, SANDU, trip_id)
        for name, token, status in (
            ("forged", "x.y.z", 403),
            ("cut off", whole[:-4], 403),
            ("another page's", link_token(house, route, SANDU, trip_id, purpose=other), 403),
            ("signed by another", _foreign(house, route, trip_id), 403),
            ("expired", link_token(house, route, SANDU, trip_id, clock=long_ago), 410),
        ):
            answer = call(client, route, {"token": token}, {})
            if answer.status != status:
                wrong.append(f"{route} {name}: {answer.status}")
            wrong += [
                f"{route} {name} shows {mark}"
                for mark in house.made[SANDU.code].values()
                if mark in answer.text
            ]
    assert wrong == []


def _foreign(house: House, route: Route, trip_id: str) -> str:
    keyring = Keyring.from_bytes(b"another installation's key, here")
    assert route.declared.purpose
    return links.issue(
        keyring,
        route.declared.purpose,
        trip_id=trip_id,
        organisation="x",
        ttl=timedelta(days=1),
        clock=house.clock,
    )


def test_a_link_changes_nothing_on_a_device_that_has_not_opened_it(
    house: House, client: httpx.Client, by_link: list[Route]
) -> None:
    wrong = []
    for route in by_link:
        if route.method not in SAFE and not route.path.endswith("/open"):
            token = link_token(house, route, SANDU, own(house, SANDU)["trip_id"])
            answer = call(client, route, {"token": token}, {})
            if answer.status != 401:
                wrong.append(f"{route}: {answer.status}")
    assert wrong == []


def test_an_opened_link_changes_nothing_without_its_csrf_token(
    house: House, client: httpx.Client, by_link: list[Route]
) -> None:
    wrong = []
    for route in by_link:
        if route.method not in SAFE and not route.path.endswith("/open"):
            token = link_token(house, route, SANDU, own(house, SANDU)["trip_id"])
            if route.declared.purpose == "rights":  # such a link is known to the registry, or opens nothing
                token = house.rights_link(SANDU).rpartition("/")[2]
            answer = call(client, route, {"token": token}, {}, cookies=_opened(house, client, route, token))
            if answer.status != 403 or "csrf-missing" not in answer.text:
                wrong.append(f"{route}: {answer.status}")
    assert wrong == []


def test_a_link_to_a_trip_that_is_not_its_holder_s_finds_nothing(
    house: House, client: httpx.Client, by_link: list[Route]
) -> None:
    """No such link is ever made; the query would hold it all the same."""
    for route in by_link:
        if route.method == "GET" and route.declared.purpose != "rights":
            token = link_token(house, route, SANDU, own(house, GUANSHANHU)["trip_id"])
            answer = call(client, route, {"token": token}, {}, cookies=_opened(house, client, route, token))
            assert answer.status == 404, f"{route}: {answer.status}"
            assert not [mark for mark in (GUANSHANHU.carrier, GUANSHANHU.enterprise) if mark in answer.text]


def _opened(house: House, client: httpx.Client, route: Route, token: str) -> dict[str, str]:
    """The cookies of a device that has pressed the link's button."""
    letter = route.path[1]
    client.cookies.clear()
    answer = client.post(f"/{route.service}/{letter}/{token}/open", headers=HTML)
    assert answer.status_code == 303, answer.text[:200]
    return {name: value for name, value in answer.cookies.items() if name.startswith("zhida_")}
