"""A resettlement site as a unit: its figures to its own bureau, its requests, and nothing to who has no part in it."""

from datetime import datetime
from typing import Any

import pytest

from services.registry.usecases.households.sites import view_places
from shared.reference import list_stops
from shared.security import Principal, Role
from tests.registry.conftest import LIBO, SANDU, Registry
from tests.registry.folk import add_folk
from tests.registry.householding import TODAY, fallen, family
from tests.registry.rosters import worker
from tests.registry.tracked import a_list

SITE, OTHER_SITE = "522732111001", "522732116001"
NAME = "红星移民社区"


def test_a_roster_row_with_a_site_s_name_is_a_request_at_that_site(registry: Registry) -> None:
    one, two, _ = registry.accept(worker(1, stop=NAME), worker(2, stop=SITE), worker(3))
    client = registry.client()
    assert client.get(f"/api/requests/{one}").json()["stop_code"] == SITE
    assert client.get(f"/api/requests/{two}").json()["stop_name"] == NAME
    [told] = [one for one in registry.told("RequestSubmitted") if one["request_id"] == two]
    assert told["stop_code"] == SITE
    found = client.get(f"/api/sites/{SITE}").json()
    assert found["under_way"] == {"submitted": 2}
    assert client.get(f"/api/sites/{OTHER_SITE}").json()["under_way"] == {}


def test_who_belongs_to_the_site_is_on_the_road_wherever_they_board(registry: Registry) -> None:
    [request_id] = registry.accept(worker(1))
    client = registry.client()
    assert client.get(f"/api/sites/{SITE}").json()["under_way"] == {}
    with registry.parts.database.session() as session:
        session.connection().exec_driver_sql(
            "INSERT INTO person_file (person_id, place_code, opened_at, opened_by)"
            " SELECT person_id, %s, submitted_at, 'test' FROM travel_request",
            (SITE,),
        )
        session.connection().exec_driver_sql("UPDATE travel_request SET status = 'boarded'")
    found = client.get(f"/api/sites/{SITE}").json()
    assert (found["under_way"], found["on_the_road"], found["people"]) == ({"boarded": 1}, 1, 1)
    assert request_id not in str(found)


def test_a_site_s_figures_are_its_own(registry: Registry) -> None:
    family(registry.parts, (1, 2), place_code=SITE)
    fallen(registry.parts, 3, number="0002", place_code=SITE)
    family(registry.parts, (5,), number="0003", place_code="522732111")
    add_folk(registry.parts, (6,), place_code=SITE)
    found: dict[str, Any] = registry.client().get(f"/api/sites/{SITE}").json()
    assert (found["people"], found["households_registered"], found["zero_tasks"]) == (5, 2, 1)
    assert found["figures"] == {
        "area_code": SITE,
        "area_name": NAME,
        "households": 2,
        "households_employed": 1,
        "households_zero": 1,
        "workers": 4,
        "workers_employed": 2,
        "workers_outside": 2,
    }
    assert (found["tasks_late"], found["open_cases"]) == (0, 0)
    assert registry.client(Role.AUDIT).get(f"/api/sites/{SITE}").json()["open_cases"] is None


def test_what_is_late_at_a_site_is_told_into_the_next_month_until_it_can_be_done_no_more(
    registry: Registry,
) -> None:
    a_list(registry, 2, place_code=SITE)
    late = {}
    for day in ("03-25", "03-26", "04-10", "04-11"):
        registry.clock.at = datetime.fromisoformat(f"2020-{day}T12:00:00+08:00")
        late[day] = registry.client().get(f"/api/sites/{SITE}").json()["tasks_late"]
    assert late == {"03-25": 0, "03-26": 2, "04-10": 2, "04-11": 0}


def test_an_area_sees_its_own_sites_and_a_site_s_whole_code_that_site_alone(registry: Registry) -> None:
    def seen(*areas: str) -> list[str]:
        items = registry.client(areas=areas).get("/api/sites").json()["items"]
        return [item["site_code"] for item in items]

    assert seen(SANDU) == [SITE, OTHER_SITE]
    assert seen(SITE) == [SITE]
    assert seen(LIBO) == []
    assert len(seen("52")) == 10
    mine = registry.client(areas=(SITE,))
    assert mine.get(f"/api/sites/{SITE}").status_code == 200
    for code in (OTHER_SITE, "522732111", "522732999999"):
        answer = mine.get(f"/api/sites/{code}")
        assert (answer.status_code, answer.json()["code"]) == (404, "site-unknown")


def test_a_township_is_shown_as_a_site_is_and_an_enterprise_sees_neither(registry: Registry) -> None:
    family(registry.parts, (1,), place_code="522732111")
    found = registry.client().get("/api/sites/522732111").json()
    assert (found["kind"], found["figures"]["households"]) == ("township", 1)
    for role in (Role.ENTERPRISE, Role.CARRIER, Role.HELPER, Role.FINANCE, Role.RIGHTS):
        for path in ("/api/sites", f"/api/sites/{SITE}", "/sites", f"/sites/{SITE}"):
            assert registry.client(role).get(path).status_code == 403, (role, path)


@pytest.mark.parametrize("role", [Role.BUREAU, Role.AUDIT])
def test_thirty_places_ask_the_database_as_often_as_three(registry: Registry, role: Role) -> None:
    """Townships too, for the tables know ten sites: their pages are the same."""
    stops = [stop for stop in list_stops() if stop.kind != "seat"][:30]
    province = Principal("p", frozenset({role}), ("52",))
    often = []
    for places in (stops[:3], stops):
        with registry.parts.database.session() as session, registry.statements() as asked:
            assert [view.stop for view in view_places(session, province, places, TODAY)] == places
        often.append(len(asked))
    assert often[0] == often[1] < 20


def test_each_site_of_a_list_has_the_figures_of_its_own_page(registry: Registry) -> None:
    family(registry.parts, (1, 2), place_code=SITE)
    fallen(registry.parts, 3, number="0002", place_code=OTHER_SITE)
    family(registry.parts, (5,), number="0003", place_code="522732111")
    registry.accept(worker(7, stop=SITE), worker(8, stop=OTHER_SITE), worker(9))
    for role in (Role.BUREAU, Role.AUDIT):
        client = registry.client(role, areas=("52",))
        listed = {item["site_code"]: item for item in client.get("/api/sites").json()["items"]}
        assert [listed[code]["people"] for code in (SITE, OTHER_SITE)] == [2, 2]
        assert [listed[code]["zero_tasks"] for code in (SITE, OTHER_SITE)] == [0, 1]
        for code, item in listed.items():
            assert client.get(f"/api/sites/{code}").json() == item
