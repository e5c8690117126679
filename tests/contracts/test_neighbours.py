"""What a county and one of its townships are told, before and after their neighbours have anything at all: the same to the
byte. Marks of a neighbour can be looked for in an answer; that a figure has counted them in is seen in no other way."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from services.registry.usecases.tracking.months import make_month
from shared.kernel.clock import FixedClock, ReplayClock
from shared.reference import list_county_stops
from shared.security import Principal, Role
from tests.browser.house import (
    GUANSHANHU,
    MORNING_BEFORE,
    SANDU,
    SERVICES,
    County,
    case_of,
    databases,
    free_port,
    house_on,
    write_keys,
)
from tests.contracts.calls import own, scope, walk
from tests.contracts.compared import Answered, Values, answered, differing
from tests.contracts.test_routes import ABSENT, SEEN_BY_ALL
from tests.registry.folk import add_folk, add_helper
from tests.registry.householding import fallen
from tests.registry.rosters import resident_id
from tests.registry.tracked import a_record, follow
from tests.waiting import PATIENCE_S

FEBRUARY = date(2020, 2, 1)
FEBRUARY_12 = datetime(2020, 2, 12, 2, 0, tzinfo=UTC)
"""When the households have fallen: a sweep of an earlier day would find them employed."""
LOOKED_AT = datetime(2020, 2, 26, 4, 0, tzinfo=UTC)
"""The day after February's tasks were due, and long after a case should have been taken up."""
HERE, BESIDE = [stop.code for stop in list_county_stops(SANDU.code) if stop.kind == "township"][:2]
FAR = next(stop.code for stop in list_county_stops(GUANSHANHU.code) if stop.kind == "township")
OF_A_TOWNSHIP = (Role.BUREAU, Role.AUDIT, Role.FINANCE, Role.OPERATOR)
TELLS_WHO_ASKED = {
    "GET registry/api/people/{person_id}/accesses",
    "GET registry/api/people/{person_id}/copy",
    "GET registry/api/people/{person_id}/copy.zip",
    "GET registry/people/{person_id}/reveal",
}
"""Who was shown a person is among what is told of them: it grows with each answer."""
HEAD = re.compile(rb'<span class="code">\d+:[0-9a-f]{24}</span>')
SEALED_BY_THE_BOOK = {"GET dispatcher/api/claims/{claim_id}/bundle"}
"""The head of the whole season's book is handed to everybody with a stake in it, so that nobody can write it anew unseen."""
HAVE_FIGURES = (
    "/api/tracking/overview",
    "/api/households/zero",
    "/api/helpers",
    "/api/people",
    "/api/cases",
)
"""What must change for the county once its other township has people; or the test would compare nothing."""


class Desk:
    """A house on databases that stay, opened anew for each step of the story."""

    def __init__(self, urls: dict[str, str], folder: Path) -> None:
        self._urls, self._folder, self._port = urls, folder, free_port()
        self._made: dict[str, dict[str, str]] = {}

    def live(self, county: County) -> None:
        """The county's day, from its roster to a claim."""
        with self._house(ReplayClock(MORNING_BEFORE)) as house:
            if not self._made:
                house.load_terms()
            house.live_until_told(county, 22)
            house.settle(county)
            house.claim(county)
            self._made |= house.made

    def settle_people(self, township: str, first: int) -> None:
        """People of the township who are followed, of whom one was called; a household that fell; an overdue case."""
        with self._house(ReplayClock(FEBRUARY_12)) as house:
            parts = house.apps["registry"].state.parts
            helper = add_helper(parts, f"helper.{township}", township)
            folk = add_folk(
                parts,
                range(first, first + 3),
                place_code=township,
                helper_id=helper,
                employed_since=date(2020, 1, 10),
            )
            follow(parts, folk, since=date(2020, 1, 10))
            fallen(parts, first + 10, number=f"{township}-9", place_code=township, helper_id=helper)
            with parts.database.session() as session:
                make_month(session, FEBRUARY, parts.clock)
            caller = Principal(helper, frozenset({Role.HELPER}), (township[:6],), None, "帮扶")
            called = a_record(folk[0], month=FEBRUARY.isoformat(), at=house.clock.now().isoformat())
            house.office.call(
                house.token(caller), "registry", "POST", "/api/tracking/records", json={"records": [called]}
            )
            case = case_of(SANDU, client_id=f"neighbour-{township}")
            case["known_on"] = "2019-01-10"  # more than a year ago: the time to ask for arbitration is over
            case["caller"] |= {"resident_id": resident_id(first % 1000 + 20), "place": township}
            house.office.call(
                house.office.token(Role.BUREAU, township[:6]), "registry", "POST", "/api/cases", json=case
            )

    def look(self, area: str) -> dict[str, Answered]:
        """All that those of the county, or of its township, are told who may ask at all, at one and the same instant."""
        with ExitStack() as stack:
            house = stack.enter_context(self._house(FixedClock(LOOKED_AT)))
            house.made = self._made
            client = stack.enter_context(
                httpx.Client(base_url=house.url, timeout=PATIENCE_S, trust_env=False)
            )
            values = Values({**ABSENT, **own(house, SANDU), "path": "style.css", "area": "counties"})
            found = {}
            for route in (route for service in SERVICES for route in walk(service, house.apps[service])):
                if route.method != "GET" or route.declared.kind != "roles" or route.path in SEEN_BY_ALL:
                    continue
                for role in route.declared.roles:
                    county, organisation = scope(role, SANDU)
                    if area == county or role in OF_A_TOWNSHIP or not county:
                        token = house.office.token(role, area if county else "", organisation)
                        found[f"{role} {route}"] = answered(client, route, values, token)
            return found

    def _house(self, clock: Any) -> Any:
        return house_on(self._urls, self._folder, cast(Any, clock), self._port)


@pytest.fixture(scope="module")
def desk(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A county that has lived, and nobody else has."""
    folder = tmp_path_factory.mktemp("neighbours")
    write_keys(folder)
    with databases(postgres) as urls:
        made = Desk(urls, folder)
        made.live(SANDU)
        made.settle_people(HERE, 4000)
        yield made


def told(one: dict[str, Answered]) -> dict[str, Answered]:
    """The answers without what tells of the asking itself, and without the head of the season's book."""
    return {
        name: (status, [pair for pair in headers if pair[0] != "content-length"], HEAD.sub(b"", body))
        for name, (status, headers, body) in one.items()
        if name.partition(" ")[2] not in {*TELLS_WHO_ASKED, *SEALED_BY_THE_BOOK}
    }


def test_a_county_and_its_township_are_told_the_same_whatever_their_neighbours_have(desk: Desk) -> None:
    county, township = desk.look(SANDU.code), desk.look(HERE)
    assert sum(answer[0] == 200 for answer in (*county.values(), *township.values())) > 600
    assert differing(told(county), told(desk.look(SANDU.code))) == []

    desk.live(GUANSHANHU)
    desk.settle_people(FAR, 5000)
    assert differing(told(county), told(desk.look(SANDU.code))) == []

    desk.settle_people(BESIDE, 6000)
    assert differing(told(township), told(desk.look(HERE))) == []
    changed = {name.partition(" ")[2] for name in differing(told(county), told(desk.look(SANDU.code)))}
    assert changed >= {f"GET registry{path}" for path in HAVE_FIGURES}
