"""Every route of the three services, called by everybody who must not: no role, no area and no organisation gives
more than the route declares. Routes are found by walking the apps, and what to send is made from what each takes,
so a new route is held to the same by being there."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from shared.http import make_app
from shared.kernel.clock import FixedClock
from shared.metrics import Metrics
from shared.security import Keyring, Role, declared_routes
from tests.browser.house import DAY, GUANSHANHU, MORNING_BEFORE, SANDU, SERVICES, County, House
from tests.contracts.calls import HTML, SAFE, Route, bearer, call, cookie, marks_of, own, told

ABSENT = {
    "roster_id": "01HZZZZZZZZZZZZZZZZZZZZZZZ",
    "request_id": "01HZZZZZZZZZZZZZZZZZZZZZZY",
    "round_id": "01HZZZZZZZZZZZZZZZZZZZZZZX",
    "trip_id": "T-520115-20200224-999",
    "notice_id": "00000000-0000-5000-8000-000000000000",
}
"""By the name of a path's parameter: an id of its form that nothing has."""

SEEN_BY_ALL = {
    "/api/enterprises": "every office may send workers to every enterprise, so all are listed to offices",
}
"""Lists whose rows belong to no county."""

NAMES_NOBODY = {
    "/api/enterprises": "enterprises belong to no county",
    "/api/enterprises/file": "the same",
    "/api/directory": "for our own services, whatever the county",
    "/api/fleet": "by the home of the coaches: see `test_a_body_that_names_a_neighbour_s_county_is_refused`",
    "/api/fleet/file": "the same, as a file",
    "/api/tariffs": "prices hold everywhere",
    "/api/tariffs/file": "the same",
    "/api/policies": "policies hold everywhere",
    "/api/policies/file": "the same",
    "/api/webhooks": "found by the caller's organisation alone",
    "/api/webhooks/test": "the same",
}
"""Routes that change something, are called without an id and take no county: why that is right."""


# --- what a route declares ----------------------------------------------------------------------------------------


def undeclared(app: FastAPI) -> list[str]:
    return [f"{method} {path}" for method, path, declared in declared_routes(app) if declared is None]


def test_every_route_declares_who_may_call_it(house: House) -> None:
    assert {name: undeclared(app) for name, app in house.apps.items()} == {name: [] for name in SERVICES}


def test_a_route_that_declares_nothing_is_found(tmp_path: Path) -> None:
    app = make_app(
        "depot",
        "Depot",
        "1",
        Metrics("depot"),
        Keyring.from_bytes(b"k" * 32),
        lambda: None,
        FixedClock(MORNING_BEFORE),
    )
    assert undeclared(app) == []

    @app.get("/api/wages")
    def show_wages() -> str:
        return "all of them"

    @app.post("/wages/{person_id}")
    def change_wage(person_id: str) -> str:
        return person_id

    assert undeclared(app) == ["GET /api/wages", "POST /wages/{person_id}"]


def test_there_are_routes_of_each_kind_in_each_service(routes: list[Route]) -> None:
    """A walk that finds nothing would pass everything below."""
    count = {service: sum(1 for route in routes if route.service == service) for service in SERVICES}
    assert min(count.values()) > 25, count
    assert {route.declared.kind for route in routes} == {"roles", "public", "link"}


# --- who one is ---------------------------------------------------------------------------------------------------


def test_whoever_is_not_signed_in_is_told_nothing(
    house: House, client: httpx.Client, for_roles: list[Route]
) -> None:
    wrong = []
    for route in for_roles:
        answer = call(client, route, own(house, GUANSHANHU), {})
        leads_to_sign_in = answer.status == 303 and f"/{route.service}/sign-in?next=" in answer.location
        if not (leads_to_sign_in if not route.is_api and route.method == "GET" else answer.status == 401):
            wrong.append(f"{route}: {answer.status} {answer.text[:80]}")
        text = told(answer, own(house, GUANSHANHU))
        wrong += [f"{route} tells {mark}" for mark in marks_of(house, GUANSHANHU) if mark in text]
    assert wrong == []


@pytest.mark.parametrize("proof", ["Bearer not-a-token", "Basic dGVzdDp0ZXN0"])
def test_a_false_proof_is_no_proof(
    house: House, client: httpx.Client, for_roles: list[Route], proof: str
) -> None:
    wrong = [
        f"{route}: {answer.status}"
        for route in for_roles
        if route.is_api
        for answer in [call(client, route, own(house, SANDU), {"Authorization": proof})]
        if answer.status != 401
    ]
    assert wrong == []


def test_a_role_that_a_route_does_not_name_is_refused_even_in_its_own_county(
    house: House, client: httpx.Client, for_roles: list[Route]
) -> None:
    wrong = []
    for route in for_roles:
        for role in set(Role) - route.declared.roles:
            answer = call(client, route, own(house, SANDU), bearer(house, role, SANDU))
            refused = answer.status == 403 and (not route.is_api or answer.code == "role-missing")
            if not refused:
                wrong.append(f"{route} as {role}: {answer.status} {answer.code} {answer.text[:80]}")
    assert wrong == []


# --- whose it is --------------------------------------------------------------------------------------------------


def test_every_id_that_a_path_can_hold_is_known_to_this_test_and_shown_to_its_owner(
    house: House, client: httpx.Client, for_roles: list[Route]
) -> None:
    """Or the test below would ask for what does not exist, and be glad of the 404."""
    with_ids = [route for route in for_roles if route.parameters]
    assert {name for route in with_ids for name in route.parameters} <= set(ABSENT), (
        "a path has a new parameter: add to `House.made` what a county has of it, and to ABSENT what nobody has"
    )
    wrong = []
    for route in with_ids:
        for role in route.declared.roles if route.method == "GET" else ():
            answer = call(client, route, own(house, GUANSHANHU), bearer(house, role, GUANSHANHU))
            if answer.status != 200:
                wrong.append(f"{route} as {role}: {answer.status} {answer.text[:80]}")
    assert wrong == []


@pytest.mark.parametrize("caller", [SANDU, None], ids=["a neighbour", "nobody in particular"])
def test_what_is_a_neighbour_s_does_not_exist(
    house: House, client: httpx.Client, for_roles: list[Route], caller: County | None
) -> None:
    """With the right role, 404 in the very words of an id that nothing has, whatever the method."""
    wrong = []
    for route in for_roles:
        for role in route.declared.roles if route.parameters else ():
            headers = bearer(house, role, caller)
            theirs = call(client, route, own(house, GUANSHANHU), headers)
            absent = call(client, route, ABSENT, headers)
            if theirs.status != 404:
                wrong.append(f"{route} as {role}: {theirs.status} {theirs.text[:100]}")
            elif told(theirs, own(house, GUANSHANHU)) != told(absent, ABSENT):
                wrong.append(f"{route} as {role} tells what is not there from what is not yours")
    assert wrong == []


@pytest.mark.parametrize("caller", [SANDU, None], ids=["a neighbour", "nobody in particular"])
def test_lists_and_figures_hold_nothing_of_a_neighbour(
    house: House, client: httpx.Client, for_roles: list[Route], caller: County | None
) -> None:
    wrong = []
    lists = [route for route in for_roles if route.method == "GET" and not route.parameters]
    for route in lists:
        for role in route.declared.roles:
            answer = call(client, route, {}, bearer(house, role, caller))
            if answer.status not in ({200} if caller else {200, 403, 404, 422}):
                wrong.append(f"{route} as {role}: {answer.status} {answer.text[:80]}")
            if route.path not in SEEN_BY_ALL:
                seen = [mark for mark in marks_of(house, GUANSHANHU) if mark in answer.text]
                wrong += [f"{route} as {role} shows {mark}" for mark in seen]
    assert wrong == []
    assert set(SEEN_BY_ALL) <= {route.path for route in lists}


def test_lists_do_hold_what_is_one_s_own(house: House, client: httpx.Client, for_roles: list[Route]) -> None:
    """The marks that the test above looks for are found where they belong."""
    for path, role in (
        ("/api/requests", Role.BUREAU),
        ("/rosters", Role.BUREAU),
        ("/board", Role.DISPATCHER),
        ("/api/ledger", Role.CARRIER),
        ("/arrivals", Role.ENTERPRISE),
        ("/api/notices", Role.CARRIER),
    ):
        route = next(one for one in for_roles if (one.method, one.path) == ("GET", path))
        answer = call(client, route, {}, bearer(house, role, GUANSHANHU))
        assert any(mark in answer.text for mark in marks_of(house, GUANSHANHU)), path


@pytest.mark.parametrize(
    ("path", "role", "sent"),
    [
        ("/registry/api/requests", Role.BUREAU, {"json": {"county_code": GUANSHANHU.code}}),
        (
            "/registry/api/requests/batch",
            Role.BUREAU,
            {"json": {"county_code": GUANSHANHU.code, "requests": []}},
        ),
        ("/registry/api/rosters", Role.BUREAU, {"data": {"county_code": GUANSHANHU.code}}),
        ("/registry/rosters", Role.BUREAU, {"data": {"county_code": GUANSHANHU.code}}),
        (
            "/dispatcher/api/rounds",
            Role.DISPATCHER,
            {"json": {"day": DAY.isoformat(), "area": GUANSHANHU.code}},
        ),
        (
            "/dispatcher/board/rounds",
            Role.DISPATCHER,
            {"data": {"day": DAY.isoformat(), "area": GUANSHANHU.code}},
        ),
        (
            "/dispatcher/api/fleet",
            Role.OPERATOR,
            {
                "json": {
                    "coaches": [
                        {
                            "carrier_id": "CAR-X",
                            "carrier_name": "外地客运",
                            "contact_email": "x@example.com",
                            "home_prefecture_code": GUANSHANHU.prefecture_code,
                            "coach_type": "39",
                            "seats_approved": 39,
                            "coaches_per_day": 1,
                        }
                    ]
                }
            },
        ),
    ],
)
def test_a_body_that_names_a_neighbour_s_county_is_refused(
    house: House, client: httpx.Client, path: str, role: Role, sent: dict[str, Any]
) -> None:
    if "requests" in path:
        row = {key: value for key, value in SANDU.rows(1)[0].items() if key != "party"}
        sent = {"json": {**sent["json"], **(row if path.endswith("requests") else {"requests": [row]})}}
    elif "rosters" in path:
        sent = {**sent, "files": {"file": ("x.xlsx", b"x")}}
    headers = {
        **bearer(house, role, SANDU),
        "Idempotency-Key": "neighbour-1",
        **({} if "/api/" in path else HTML),
    }
    answer = client.post(path, headers=headers, **sent)
    assert answer.status_code == 403, answer.text[:300]


def test_every_route_that_changes_something_without_an_id_is_accounted_for(for_roles: list[Route]) -> None:
    changing = {route.path for route in for_roles if route.method not in SAFE and not route.parameters}
    named = {
        "/api/requests",
        "/api/requests/batch",
        "/api/rosters",
        "/rosters",
        "/api/rounds",
        "/board/rounds",
    }
    assert changing == named | set(NAMES_NOBODY), (
        "a new route: say in the test above how it may name a neighbour, or in NAMES_NOBODY why it cannot"
    )


# --- a browser that is signed in ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent", [{}, {"X-CSRF-Token": "0" * 64}], ids=["no token", "another session's token"]
)
def test_a_session_changes_nothing_without_its_csrf_token(
    house: House, client: httpx.Client, for_roles: list[Route], sent: dict[str, str]
) -> None:
    wrong = []
    for route in for_roles:
        for role in route.declared.roles if route.method not in SAFE else ():
            answer = call(client, route, own(house, SANDU), sent, cookies=cookie(house, role, SANDU))
            if answer.status != 403 or "csrf-missing" not in answer.text:
                wrong.append(f"{route} as {role}: {answer.status} {answer.text[:80]}")
    assert wrong == []


def test_the_navigation_leads_everybody_to_the_pages_that_are_open_to_them_and_no_further(
    house: House, client: httpx.Client, for_roles: list[Route]
) -> None:
    declared = {f"/{one.service}{one.path}": one.declared.roles for one in for_roles if one.method == "GET"}
    for service, app in house.apps.items():
        assert len(app.state.navigation) == 7
        for item in app.state.navigation:
            address = item.path.removeprefix(house.url) if "://" in item.path else f"/{service}{item.path}"
            assert item.roles == declared[address], address
            client.cookies.clear()
            client.cookies.update(cookie(house, sorted(item.roles)[0], SANDU))
            page = client.get(address, headers=HTML)
            assert page.status_code == 200
            assert f">{item.zh}</a>" in page.text
