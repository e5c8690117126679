"""The three services with two counties that know nothing of each other, and every route that they have."""

from collections.abc import Iterator

import httpx
import pytest

from tests.browser.house import COUNTIES, SERVICES, House, running_house
from tests.contracts.calls import Route, walk
from tests.waiting import PATIENCE_S


@pytest.fixture(scope="session")
def house(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Two counties with a trip each, that has run and is claimed for."""
    with running_house(postgres, tmp_path_factory.mktemp("routes")) as made:
        made.load_terms()
        for county in COUNTIES:
            made.live_until_told(county, 22)
            made.subscribe(county)
        for county in COUNTIES:
            made.settle(county)
            made.claim(county)
        yield made


@pytest.fixture(scope="session")
def routes(house: House) -> list[Route]:
    return [route for service in SERVICES for route in walk(service, house.apps[service])]


@pytest.fixture(scope="session")
def for_roles(routes: list[Route]) -> list[Route]:
    return [route for route in routes if route.declared.kind == "roles"]


@pytest.fixture(scope="session")
def client(house: House) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=house.url, timeout=PATIENCE_S, trust_env=False) as made:
        yield made
