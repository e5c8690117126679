"""Every route of the three services, called by everybody who must not: no role, no area and no organisation gives
more than the route declares. Routes are found by walking the apps, and what to send is made from what each takes,
so a new route is held to the same by being there."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from pydantic import create_model

from shared.http import make_app
from shared.kernel.clock import FixedClock
from shared.metrics import Metrics
from shared.security import Declared, Keyring, Principal, Role, declared_routes, links
from tests.browser.house import (
    COUNTIES,
    DAY,
    GUANSHANHU,
    MORNING_BEFORE,
    SANDU,
    SERVICES,
    County,
    House,
    running_house,
)

SAFE = {"GET", "HEAD", "OPTIONS"}
HTML = {"Accept": "text/html,application/xhtml+xml"}
ABSENT = {
    "roster_id": "01HZZZZZZZZZZZZZZZZZZZZZZZ",
    "request_id": "01HZZZZZZZZZZZZZZZZZZZZZZY",
    "round_id": "01HZZZZZZZZZZZZZZZZZZZZZZX",
    "trip_id": "T-520115-20200224-999",
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


@dataclass(frozen=True)
class Route:
    """One route and what it takes."""

    service: str
    method: str
    path: str
    declared: Declared
    query: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"\{(\w+)", self.path)

    def address(self, values: Mapping[str, str]) -> str:
        filled = re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: values[found[1]], self.path)
        return f"/{self.service}{filled}"

    def __str__(self) -> str:
        return f"{self.method} {self.service}{self.path}"


@pytest.fixture(scope="module")
def house(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Two counties with a trip each, approved and told."""
    with running_house(postgres, tmp_path_factory.mktemp("routes")) as made:
        made.load_terms()
        for county in COUNTIES:
            made.live_until_told(county, 12)
            made.subscribe(county)
        yield made


@pytest.fixture(scope="module")
def routes(house: House) -> list[Route]:
    return [route for service in SERVICES for route in walk(service, house.apps[service])]


@pytest.fixture(scope="module")
def for_roles(routes: list[Route]) -> list[Route]:
    return [route for route in routes if route.declared.kind == "roles"]


@pytest.fixture(scope="module")
def client(house: House) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=house.url, timeout=30, trust_env=False) as made:
        yield made


# --- what a route takes, and how it is called ---------------------------------------------------------------------


def walk(service: str, app: FastAPI) -> Iterator[Route]:
    """The routes of an app that declare their callers."""
    takes = {
        (method, str(context.path)): context.dependant
        for context in iter_route_contexts(app.routes)
        for method in context.methods or ()
    }
    for method, path, declared in declared_routes(app):
        if declared is not None:
            dependant = takes[method, path]
            yield Route(service, method, path, declared, _query(dependant), _body(dependant))


def _fields(dependant: Any, kind: str) -> list[Any]:
    return [*getattr(dependant, kind), *(f for inner in dependant.dependencies for f in _fields(inner, kind))]


def _query(dependant: Any) -> dict[str, str]:
    """What the address must hold."""
    needed = [one for one in _fields(dependant, "query_params") if one.field_info.is_required()]
    return {name: str(value) for name, value in _example_of(needed).items()}


def _body(dependant: Any) -> dict[str, Any]:
    """What must be sent, as arguments of httpx."""
    needed = [one for one in _fields(dependant, "body_params") if one.field_info.is_required()]
    if not needed:
        return {}
    example = _example_of(needed)
    kinds = {type(one.field_info).__name__ for one in needed}
    if kinds == {"Body"}:
        return {"json": next(iter(example.values())) if len(example) == 1 else example}
    files = {name: ("x.csv", b"x") for name, value in example.items() if value is FILE}
    data = {name: value for name, value in example.items() if value is not FILE}
    return {"data": data, "files": files} if files else {"data": data}


FILE = object()


def _example_of(fields: list[Any]) -> dict[str, Any]:
    """A value for each field, by the name it is sent under."""
    named = {field.alias: (field.field_info.annotation, field.field_info) for field in fields}
    schema = create_model("Sent", **named).model_json_schema() if named else {"properties": {}}
    made = {name: _example(one, schema.get("$defs", {})) for name, one in schema["properties"].items()}
    return {field.alias: made[name] for field, name in zip(fields, made, strict=True)}


def _example(schema: Mapping[str, Any], known: Mapping[str, Any]) -> Any:
    """The least value that a JSON schema takes."""
    match schema:
        case {"$ref": name}:
            return _example(known[name.rpartition("/")[2]], known)
        case {"const": value} | {"enum": [value, *_]}:
            return value
        case {"anyOf": choices}:
            return _example(next(one for one in choices if one.get("type") != "null"), known)
        case {"format": "binary"} | {"contentMediaType": _}:
            return FILE
        case {"type": "object"}:
            needed = schema.get("required", [])
            return {name: _example(schema["properties"][name], known) for name in needed}
        case {"type": "array"}:
            return [_example(schema["items"], known)] * schema.get("minItems", 0)
        case {"type": "integer" | "number"}:
            return schema.get("minimum", 1)
        case {"type": "boolean"}:
            return False
        case {"format": "date"}:
            return DAY.isoformat()
        case {"format": "date-time"}:
            return MORNING_BEFORE.isoformat()
    pattern = schema.get("pattern", "")
    for text in ("x" * schema.get("minLength", 1), "xx", SANDU.code, "2020-02-24"):
        if re.search(pattern, text):
            return text
    raise AssertionError(f"no example of {pattern} here: add one")


def scope(role: Role, county: County | None) -> tuple[str, str | None]:
    """The area and the organisation of who holds `role` for a county; for None neither."""
    if county is None:
        return "", None
    organisations = {Role.ENTERPRISE: county.enterprise_id, Role.CARRIER: county.carrier_id}
    return ("", organisations[role]) if role in organisations else (county.code, None)


def bearer(house: House, role: Role, county: County | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {house.office.token(role, *scope(role, county))}"}


def cookie(house: House, role: Role, county: County) -> dict[str, str]:
    area, organisation = scope(role, county)
    who = Principal(str(role), frozenset({role}), (area,) if area else (), organisation, "测试")
    return house.session_cookie(who)


@dataclass
class Answer:
    """What came back, of a stream its first event."""

    status: int
    text: str
    code: str | None
    location: str


def call(
    client: httpx.Client,
    route: Route,
    values: Mapping[str, str],
    headers: Mapping[str, str],
    **changes: Any,
) -> Answer:
    arguments = {"params": route.query, **route.body, **changes}
    accept = {} if route.is_api else HTML
    cookies = arguments.pop("cookies", {})
    client.cookies.clear()
    client.cookies.update(cookies)
    with client.stream(
        route.method, route.address(values), headers={**accept, **headers}, **arguments
    ) as answer:
        streams = answer.headers.get("content-type", "").startswith("text/event-stream")
        text = next(answer.iter_text()) if streams else answer.read().decode(errors="replace")
        is_problem = "problem+json" in answer.headers.get("content-type", "")
        code = answer.json()["code"] if is_problem and not streams else None
        return Answer(answer.status_code, text, code, answer.headers.get("location", ""))


def own(house: House, county: County) -> dict[str, str]:
    """By the name of a path's parameter: what the county has."""
    return house.made[county.code]


def marks_of(house: House, county: County) -> set[str]:
    """What betrays a county's data wherever it stands."""
    phones = {f"154****{county.first_worker + n:04d}" for n in range(12)}
    organisations = {
        county.enterprise_id,
        county.enterprise,
        county.carrier_id,
        county.carrier,
        county.webhook,
    }
    return {*own(house, county).values(), *phones, *organisations, county.code, county.bureau}


def told(answer: Answer, values: Mapping[str, str]) -> str:
    """An answer without what differs between any two: the id that was asked for and the number of the request."""
    text = re.sub(r"\b[0-9A-HJKMNP-TV-Z]{26}\b", "<id>", answer.text)
    for value in values.values():
        text = text.replace(value, "<id>")
    return text


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


# --- links --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
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
        other: Any = {"boarding": "handover", "handover": "boarding"}[str(route.declared.purpose)]
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
                f"{route} {name} shows {mark}" for mark in own(house, SANDU).values() if mark in answer.text
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
            answer = call(client, route, {"token": token}, {}, cookies=_opened(house, client, route, token))
            if answer.status != 403 or "csrf-missing" not in answer.text:
                wrong.append(f"{route}: {answer.status}")
    assert wrong == []


def test_a_link_to_a_trip_that_is_not_its_holder_s_finds_nothing(
    house: House, client: httpx.Client, by_link: list[Route]
) -> None:
    """No such link is ever made; the query would hold it all the same."""
    for route in by_link:
        if route.method == "GET":
            token = link_token(house, route, SANDU, own(house, GUANSHANHU)["trip_id"])
            answer = call(client, route, {"token": token}, {}, cookies=_opened(house, client, route, token))
            assert answer.status == 404, f"{route}: {answer.status}"
            assert not [mark for mark in (GUANSHANHU.carrier, GUANSHANHU.enterprise) if mark in answer.text]


def _opened(house: House, client: httpx.Client, route: Route, token: str) -> dict[str, str]:
    """The cookies of a device that has pressed the link's button."""
    letter = route.path[1]
    client.cookies.clear()
    answer = client.post(f"/notifier/{letter}/{token}/open", headers=HTML)
    assert answer.status_code == 303, answer.text[:200]
    return {name: value for name, value in answer.cookies.items() if name.startswith("zhida_")}
