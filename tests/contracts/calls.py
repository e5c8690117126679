"""Walks the routes of the services, makes from what each takes a call that it would accept, and makes the call.

Knows how FastAPI describes a route and what the two counties of a `House` have; judges nothing.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from pydantic import create_model

from shared.security import Declared, Principal, Role, declared_routes
from tests.browser.house import DAY, MORNING_BEFORE, SANDU, County, House

SAFE = {"GET", "HEAD", "OPTIONS"}
HTML = {"Accept": "text/html,application/xhtml+xml"}


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
    named: dict[str, Any] = {field.alias: (field.field_info.annotation, field.field_info) for field in fields}
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
    for text in ("x" * schema.get("minLength", 1), "xx", SANDU.code, "2020-02-24", f"{SANDU.code}-441900"):
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
    """By the name of a path's parameter: what the county has; of its claim the first flag, and an act that it allows."""
    made = house.made[county.code]
    return made | {"number": "1", "act": "suspend", "key": made["trip_id"]}


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
    return {*house.made[county.code].values(), *phones, *organisations, county.code, county.bureau}


def told(answer: Answer, values: Mapping[str, str]) -> str:
    """An answer without what differs between any two: the id that was asked for and the number of the request."""
    text = re.sub(r"\b[0-9A-HJKMNP-TV-Z]{26}\b", "<id>", answer.text)
    for value in values.values():
        text = text.replace(value, "<id>")
    return text
