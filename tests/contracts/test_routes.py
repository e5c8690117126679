"""Every route of the three services, called by everybody who must not: no role, no area and no organisation gives
more than the route declares. Routes are found by walking the apps, and what to send is made from what each takes,
so a new route is held to the same by being there."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from shared.http import make_app
from shared.kernel.clock import FixedClock
from shared.metrics import Metrics
from shared.roster import ENTERPRISE_COLUMNS
from shared.security import OFFICES, Keyring, Principal, Role, declared_routes
from shared.security.signed import sign
from tests.browser.house import (
    DAY,
    GUANSHANHU,
    MORNING_BEFORE,
    SANDU,
    SERVICES,
    County,
    House,
    case_of,
    enterprise_of,
)
from tests.contracts.calls import HTML, SAFE, Route, bearer, call, cookie, marks_of, own, told

ABSENT = {
    "roster_id": "01HZZZZZZZZZZZZZZZZZZZZZZZ",
    "request_id": "01HZZZZZZZZZZZZZZZZZZZZZZY",
    "list_id": "01HZZZZZZZZZZZZZZZZZZZZZZT",
    "reward_list_id": "01HZZZZZZZZZZZZZZZZZZZZZZP",
    "round_id": "01HZZZZZZZZZZZZZZZZZZZZZZX",
    "trip_id": "T-520115-20200224-999",
    "amendment_id": "01HZZZZZZZZZZZZZZZZZZZZZZW",
    "mark_id": "01HZZZZZZZZZZZZZZZZZZZZZZV",
    "claim_id": "C-520115-20200226-9999",
    "evidence_id": "01HZZZZZZZZZZZZZZZZZZZZZZS",
    "objection_id": "01HZZZZZZZZZZZZZZZZZZZZZZR",
    "case_id": "R2222222222A",
    "person_id": "01HZZZZZZZZZZZZZZZZZZZZZZQ",
    "document_id": "D00000000000000000000",
    "helper_id": "nobody.at.all",
    "population_id": "01HZZZZZZZZZZZZZZZZZZZZZZN",
    "statement_id": "01HZZZZZZZZZZZZZZZZZZZZZZM",
    "consent_id": "00000000-0000-5000-8000-000000000001",
    "household_id": "01HZZZZZZZZZZZZZZZZZZZZZZH",
    "zero_id": "01HZZZZZZZZZZZZZZZZZZZZZZJ",
    "household_step_id": "01HZZZZZZZZZZZZZZZZZZZZZZK",
    "site_code": "520115999",
    "export_id": "01HZZZZZZZZZZZZZZZZZZZZZZN",
    "import_id": "01HZZZZZZZZZZZZZZZZZZZZZZM",
    "number": "1",
    "act": "suspend",
    "key": "T-520115-20200224-999",
    "notice_id": "00000000-0000-5000-8000-000000000000",
}
"""By the name of a path's parameter: an id of its form that nothing has."""

SEEN_BY_ALL = {
    "/api/enterprises": "every office may send workers to every enterprise, so all are listed to offices",
}
"""Lists whose rows belong to no county."""

NAMES_NOBODY = {
    "/registry/api/tracking/records": "for people of the caller's own list or area; of all others it says that they are not on it",
    "/registry/api/tracking/months": "makes the tasks that are due, of everybody who is followed, and tells only how many",
    "/registry/api/people/search": "finds whom it is in the caller's own area, and nobody beyond",
    "/registry/people": "the same",
    "/registry/cases/find": "finds whom it is in the caller's own area, and nobody beyond",
    "/registry/api/directory": "for our own services, whatever the county",
    "/registry/api/people-checks": "the same",
    "/registry/api/origins": "the same",
    "/dispatcher/api/contracts": "its trips are found by the caller's area or organisation, as those of a path",
    "/dispatcher/api/contracts/file": "the same",
    "/dispatcher/api/claims": "drafts of what the caller's own organisation is owed",
    "/dispatcher/claims": "the same",
    "/notifier/api/webhooks": "found by the caller's organisation alone",
    "/notifier/api/webhooks/test": "found by the caller's organisation alone",
}
"""Routes that change something, are called without an id and take no county: why that is right."""

OF_EVERY_SERVICE = {
    "GET /healthz", "GET /readyz", "GET /metrics", "GET /api/openapi.json",
    "GET /", "GET /sign-in", "POST /sign-in", "POST /sign-out",
    "GET /static/map/{area}.geojson", "GET /static/{path:path}", "GET /assets/{name}",
}  # fmt: skip
PUBLIC_NOTICES = {"dispatcher GET /notices", "dispatcher GET /api/notices"}
"""The law has them published: to which enterprise, how much, for how many; no worker is among it."""
PUBLIC = {f"{service} {route}" for service in SERVICES for route in OF_EVERY_SERVICE} | PUBLIC_NOTICES
"""All that is open to whoever knows the address: but for the notices, none of it tells of a worker, a trip or money."""


# --- what a route declares ----------------------------------------------------------------------------------------


def undeclared(app: FastAPI) -> list[str]:
    return [f"{method} {path}" for method, path, declared in declared_routes(app) if declared is None]


def test_every_route_declares_who_may_call_it(house: House) -> None:
    assert {name: undeclared(app) for name, app in house.apps.items()} == {name: [] for name in house.apps}


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


def test_nothing_is_open_to_all_but_what_is_listed_here(routes: list[Route]) -> None:
    found = {f"{one.service} {one.method} {one.path}" for one in routes if one.declared.kind == "public"}
    assert found == PUBLIC


def test_a_planner_has_its_probes_alone(house: House) -> None:
    found = {f"{method} {path}" for method, path, _ in declared_routes(house.apps["planner"])}
    assert found == {"GET /healthz", "GET /readyz", "GET /metrics", "GET /api/openapi.json"}


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
            # A claim is one organisation's, and here the enterprise's: the carrier has no part in it.
            theirs = role is Role.CARRIER and "claim_id" in route.parameters
            if answer.status != (404 if theirs else 200):
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


@pytest.mark.parametrize("pair", list(combinations(sorted(OFFICES), 2)), ids="+".join)
def test_two_roles_together_open_no_more_of_a_neighbour_s_than_each_of_them(
    house: House, client: httpx.Client, for_roles: list[Route], pair: tuple[Role, Role]
) -> None:
    wrong = []
    headers = {"Authorization": f"Bearer {house.token(Principal('two', frozenset(pair), (SANDU.code,)))}"}
    for route in (one for one in for_roles if one.declared.roles & set(pair)):
        if not route.parameters and route.method not in SAFE:
            continue
        answer = call(client, route, own(house, GUANSHANHU), headers)
        if answer.status != (404 if route.parameters else 200):
            wrong.append(f"{route}: {answer.status} {answer.text[:80]}")
        if route.path not in SEEN_BY_ALL and not route.parameters:
            seen = [mark for mark in marks_of(house, GUANSHANHU) if mark in answer.text]
            wrong += [f"{route} shows {mark}" for mark in seen]
    assert wrong == []


@pytest.mark.parametrize(
    "pair", [pair for pair in combinations(sorted(Role), 2) if not set(pair) <= OFFICES], ids="+".join
)
def test_an_organisation_s_role_beside_another_opens_nothing(
    house: House, client: httpx.Client, for_roles: list[Route], pair: tuple[Role, Role]
) -> None:
    """No such token is issued; this one is signed by hand. With its area and its organisation it would see both."""
    claims = {"sub": "two", "roles": pair, "areas": [SANDU.code], "org": SANDU.enterprise_id, "name": "two"}
    token = sign(house.keyring, "token", claims, timedelta(hours=1), house.clock)
    wrong = [
        f"{route}: {answer.status}"
        for route in for_roles
        if route.is_api and route.declared.roles & set(pair)
        for answer in [call(client, route, own(house, SANDU), {"Authorization": f"Bearer {token}"})]
        if answer.status != 401
    ]
    assert wrong == []


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


MAILBOX = "elsewhere@example.com"
COACHES = {
    "carrier_id": GUANSHANHU.carrier_id,
    "carrier_name": GUANSHANHU.carrier,
    "contact_email": MAILBOX,
    "home_prefecture_code": GUANSHANHU.prefecture_code,
    "coach_type": "39",
    "seats_approved": 39,
    "coaches_per_day": 1,
}
THEIRS = enterprise_of(GUANSHANHU) | {"email": MAILBOX}
GATE = THEIRS["gates"][0]
LINE = GATE | {
    "enterprise": THEIRS["name"],
    "uscc": THEIRS["enterprise_id"],
    "gate": GATE["name"],
    "town": "x",
    "email": MAILBOX,
}
SHEET = {column.zh: LINE[column.key] for column in ENTERPRISE_COLUMNS}


BUDGET = {"payer": "origin_county", "code": GUANSHANHU.code, "season": "2020-spring"}
FORM = {
    "purse": f"origin_county:{GUANSHANHU.code}",
    "season": "2020-spring",
    "amount_yuan": "1",
}
REWARDS = {
    "reward_rule_id": "x",
    "claimant_id": GUANSHANHU.enterprise_id,
    "first_day": "2020-01-01",
    "last_day": "2020-02-01",
    "area_code": GUANSHANHU.code,
}
SEASON = {"county_code": GUANSHANHU.code, "season": "2020-spring"}
AREA = {"area_code": GUANSHANHU.code}
HELPER = {
    "helper_id": "helper.of.theirs",
    "name": "示例帮扶人",
    "phone": "15500000001",
    "place_code": GUANSHANHU.code,
}


CALL = {key: value for key, value in case_of(GUANSHANHU).items() if key not in ("caller", "is_employed")}
CALL |= case_of(GUANSHANHU)["caller"] | {"confirmed": "yes"}


def csv_of(row: Mapping[str, Any]) -> bytes:
    return f"{','.join(row)}\n{','.join(map(str, row.values()))}\n".encode()


def in_a_file(content: bytes, name: str = "x.csv") -> dict[str, Any]:
    return {"files": {"file": (name, content)}}


A_NEIGHBOUR_S: list[tuple[str, Role, dict[str, Any]]] = [
    ("/registry/api/requests", Role.BUREAU, {"json": {"county_code": GUANSHANHU.code}}),
    ("/registry/api/requests/batch", Role.BUREAU, {"json": {"county_code": GUANSHANHU.code, "requests": []}}),
    ("/registry/api/rosters", Role.BUREAU, {"data": {"county_code": GUANSHANHU.code}}),
    ("/registry/rosters", Role.BUREAU, {"data": {"county_code": GUANSHANHU.code}}),
    *(
        (
            f"/registry{path}",
            Role.FINANCE,
            {"data": {"kind": "deceased", "area_code": GUANSHANHU.code}, **in_a_file(b"x")},
        )
        for path in ("/api/outside-lists", "/outside-lists")
    ),
    ("/registry/api/cases", Role.BUREAU, {"json": case_of(GUANSHANHU)}),
    ("/registry/cases/new", Role.BUREAU, {"data": CALL}),
    (
        "/registry/api/reward-rules",
        Role.BUREAU,
        {"json": {"preset": "qiandongnan-agency", "area_code": GUANSHANHU.code}},
    ),
    (
        "/registry/rewards/rules",
        Role.BUREAU,
        {"data": {"preset": "qiandongnan-agency", "area_code": GUANSHANHU.code}},
    ),
    *(
        (f"/registry{path}", Role.BUREAU, {"data": AREA, **in_a_file(b"x", "x.yaml")})
        for path in ("/api/reward-rules/check", "/api/reward-rules/file", "/rewards/rules/file")
    ),
    ("/registry/rewards/rules/file/put", Role.BUREAU, {"data": AREA | {"text": "x"}}),
    ("/registry/api/reward-lists", Role.BUREAU, {"json": REWARDS}),
    ("/registry/rewards", Role.BUREAU, {"data": REWARDS}),
    *(
        ("/registry" + path, Role.BUREAU, {"json" if "api" in path else "data": HELPER})
        for path in ("/api/helpers", "/tracking/helpers")
    ),
    *(
        ("/registry" + path, Role.BUREAU, {"json" if "api" in path else "data": AREA})
        for path in ("/api/tracking/areas", "/tracking/areas")
    ),
    (
        "/registry/api/exchange/exports",
        Role.BUREAU,
        {"json": {"reason": "monthly", "area_code": GUANSHANHU.code}},
    ),
    (
        "/registry/exchange/exports",
        Role.BUREAU,
        {"data": {"reason": "monthly", "area_code": GUANSHANHU.code}},
    ),
    *(
        (
            f"/registry{path}",
            Role.BUREAU,
            {"data": {"kind": "import", "area_code": GUANSHANHU.code}, **in_a_file(b"x")},
        )
        for path in ("/api/exchange/receipts", "/api/exchange/imports", "/exchange/files")
    ),
    *(
        (f"/registry{path}", Role.BUREAU, {"data": AREA, **in_a_file(b"x")})
        for path in ("/api/population", "/population")
    ),
    *(
        (f"/registry{path}", Role.OPERATOR, in_a_file(b"x"))
        for path in ("/api/exchange/mappings", "/exchange/mappings")
    ),
    ("/registry/api/enterprises", Role.DISPATCHER, {"json": {"enterprises": [THEIRS]}}),
    ("/registry/api/enterprises", Role.OPERATOR, {"json": {"enterprises": [THEIRS]}}),
    ("/registry/api/enterprises", Role.ENTERPRISE, {"json": {"enterprises": [THEIRS]}}),
    ("/registry/api/enterprises/file", Role.DISPATCHER, in_a_file(csv_of(SHEET))),
    ("/dispatcher/api/rounds", Role.DISPATCHER, {"json": {"day": DAY.isoformat(), "area": GUANSHANHU.code}}),
    (
        "/dispatcher/board/rounds",
        Role.DISPATCHER,
        {"data": {"day": DAY.isoformat(), "area": GUANSHANHU.code}},
    ),
    ("/dispatcher/api/fleet", Role.OPERATOR, {"json": {"coaches": [COACHES]}}),
    ("/dispatcher/api/fleet/file", Role.DISPATCHER, in_a_file(csv_of(COACHES))),
    ("/dispatcher/api/tariffs", Role.FINANCE, {"json": {"tariffs": []}}),
    ("/dispatcher/api/tariffs/file", Role.OPERATOR, in_a_file(b"tariffs: []")),
    ("/dispatcher/api/policies", Role.FINANCE, {"json": {"policies": []}}),
    ("/dispatcher/api/policies/file", Role.OPERATOR, in_a_file(b"policies: []")),
    (
        "/dispatcher/api/budgets",
        Role.FINANCE,
        {"json": {"budgets": [BUDGET | {"document": "x", "amount_fen": 1}]}},
    ),
    (
        "/dispatcher/api/budgets/file",
        Role.FINANCE,
        in_a_file(csv_of(BUDGET | {"document": "x", "amount_yuan": 1})),
    ),
    (
        "/dispatcher/api/budgets/override",
        Role.FINANCE,
        {"json": BUDGET | {"reason": "春运加开", "amount_fen": 1}},
    ),
    ("/dispatcher/budgets", Role.FINANCE, {"data": FORM | {"document": "x"}}),
    ("/dispatcher/budgets/override", Role.FINANCE, {"data": FORM | {"reason": "春运加开"}}),
    (
        "/dispatcher/budgets/file",
        Role.FINANCE,
        in_a_file(csv_of(BUDGET | {"document": "x", "amount_yuan": 1})),
    ),
    ("/dispatcher/api/periods/close", Role.FINANCE, {"json": SEASON}),
    ("/dispatcher/periods", Role.FINANCE, {"data": SEASON | {"confirmed": "yes"}}),
]
"""What names a neighbour's county or enterprise, or what holds in every county: the route, who sends it, and what."""


@pytest.mark.parametrize(("path", "role", "sent"), A_NEIGHBOUR_S)
def test_what_is_a_neighbour_s_or_everybody_s_is_not_changed_by_one_county(
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
    assert "role-missing" not in answer.text


def test_every_route_that_changes_something_without_an_id_is_accounted_for(for_roles: list[Route]) -> None:
    changing = {
        f"/{route.service}{route.path}"
        for route in for_roles
        if route.method not in SAFE and not route.parameters
    }
    assert changing == {path for path, _, _ in A_NEIGHBOUR_S} | set(NAMES_NOBODY), (
        "a new route: say in A_NEIGHBOUR_S how it may name a neighbour, or in NAMES_NOBODY why it cannot"
    )


def test_no_page_makes_an_address_of_the_host_that_it_was_asked_by(
    house: House, client: httpx.Client, for_roles: list[Route]
) -> None:
    """Behind a proxy that is neither the browser's host nor its scheme."""
    asked = {**HTML, "Host": "zhida.example.gov.cn"}
    wrong = []
    for route in for_roles:
        for role in route.declared.roles if route.method == "GET" else ():
            answer = call(client, route, own(house, SANDU), {**bearer(house, role, SANDU), **asked})
            if "zhida.example.gov.cn" in answer.text + answer.location:
                wrong.append(f"{route} as {role}")
    assert wrong == []


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
    for service in SERVICES:
        app = house.apps[service]
        assert len(app.state.navigation) == 24
        for item in app.state.navigation:
            address = item.path.removeprefix(house.url) if "://" in item.path else f"/{service}{item.path}"
            assert item.roles == declared[address], address
            client.cookies.clear()
            client.cookies.update(cookie(house, sorted(item.roles)[0], SANDU))
            page = client.get(address, headers=HTML)
            assert page.status_code == 200
            assert f">{item.zh}</a>" in page.text
