"""A row of somebody who is registered elsewhere is told in the same words wherever that is, and only that it is not ours."""

import re

from services.registry.usecases.people.population import import_population
from shared.messaging import Cause
from shared.reference import list_counties
from shared.security import Principal, Role
from tests.registry.conftest import SANDU, Registry
from tests.registry.exchanging import as_csv, send, their_line
from tests.registry.folk import Folk, add_folk
from tests.registry.population import entry, population_csv

CLERK = Principal("clerk", frozenset({Role.BUREAU}), (SANDU,))
ELSEWHERE = ("522722101", "522701101", "520102101")
"""The neighbour, the prefecture's town, another prefecture."""
OUR_IDS = re.compile(r"\b01[0-9A-HJKMNP-TV-Z]{24}\b|[0-9a-f]{32,64}|[0-9a-f]{8}-[0-9a-f-]{27}")


def register(registry: Registry, one: Folk) -> str:
    """All that the county is told of a register in which the person stands."""
    content = population_csv([entry(1, resident_id=one.resident_id)])
    made = import_population(
        registry.parts, CLERK, content, file="登记.csv", area_code=None, cause=Cause.fresh()
    )[0]
    client = registry.client()
    paths = (
        f"/api/population/{made.id}",
        f"/api/population/{made.id}/rows",
        f"/population/{made.id}",
        "/population",
    )
    return "\n".join(f"{(told := client.get(path)).status_code} {told.text}" for path in paths)


def province(registry: Registry, one: Folk) -> str:
    """The same of a file of the provincial system."""
    return send(registry, "imports", as_csv([their_line(one)])).text


def played(registry: Registry, place_code: str) -> str:
    registry.empty()
    [one] = add_folk(registry.parts, [1], place_code=place_code)
    told = register(registry, one) + province(registry, one)
    return OUR_IDS.sub("ID", told.replace(one.id, "PERSON"))


def test_it_is_the_same_byte_for_byte_wherever_somebody_is_registered_and_names_no_place(
    registry: Registry,
) -> None:
    told = [played(registry, place) for place in ELSEWHERE]
    assert told[0] == told[1] == told[2]
    assert "此人登记在其他辖区" in told[0]
    assert "该人员不能由您的辖区导入" in told[0]
    others = [one for one in list_counties() if one.code != SANDU]
    assert not [one.name for one in others if one.name in told[0] or f'"{one.code}' in told[0]]
