"""The signed-in pages: the enterprise's arrivals, the operator's outbox."""

from datetime import timedelta

import httpx
import pytest

from services.notifier.domain.notice import Medium
from shared.events import ArrivalConfirmed
from shared.security import Role
from tests.notifier.running import Site
from tests.notifier.test_links import csrf_of
from tests.notifier.world import (
    CARRIER,
    DAY,
    FACTORY,
    OTHER_CARRIER,
    OTHER_FACTORY,
    PEOPLE,
    REQUESTS,
    TRIP,
    published,
    registered,
)


def signed_in(site: Site, role: Role, organisation: str | None = None) -> httpx.Client:
    browser = site.browser()
    areas = () if organisation else ("52",)
    token = site.token(role, organisation, areas)
    own = {"Sec-Fetch-Site": "same-origin"}
    browser.post("/sign-in", data={"token": token}, headers=own, follow_redirects=False)
    return browser


def test_an_enterprise_sees_what_is_coming_to_which_gate_and_when(site: Site) -> None:
    site.world.tell(registered(), published())
    page = signed_in(site, Role.ENTERPRISE, FACTORY).get("/arrivals").text
    assert "2月25日 周二 07:00" in page
    assert "东门" in page
    assert "安吉竹业有限公司" in page
    assert "南门" not in page
    assert TRIP in page


def test_arrivals_of_the_past_move_to_their_own_tab(site: Site) -> None:
    site.world.tell(registered(), published())
    browser = signed_in(site, Role.ENTERPRISE, FACTORY)
    site.world.clock.at = DAY + timedelta(days=4)
    browser = signed_in(site, Role.ENTERPRISE, FACTORY)
    assert TRIP not in browser.get("/arrivals").text
    assert TRIP in browser.get("/arrivals", params={"earlier": "true"}).text


def test_a_signed_in_enterprise_confirms_on_one_screen(site: Site) -> None:
    site.world.tell(registered(), published())
    site.world.clock.at = DAY + timedelta(hours=24)
    browser = signed_in(site, Role.ENTERPRISE, FACTORY)
    page = browser.get(f"/arrivals/{TRIP}")
    saved = browser.post(f"/arrivals/{TRIP}", data={"csrf_token": csrf_of(page), "all": "arrived"})
    assert "已保存" in saved.text
    assert {event.request_id for event in site.world.events(ArrivalConfirmed)} == set(REQUESTS[:4])


def test_another_enterprise_s_trip_is_not_there(site: Site) -> None:
    site.world.tell(registered(), published(riders=published().riders[:4]))
    browser = signed_in(site, Role.ENTERPRISE, OTHER_FACTORY)
    assert TRIP not in browser.get("/arrivals").text
    assert browser.get(f"/arrivals/{TRIP}").status_code == 404


@pytest.mark.parametrize("role", [Role.CARRIER, Role.DISPATCHER, Role.BUREAU, Role.FINANCE, Role.OPERATOR])
def test_arrivals_are_the_enterprises_alone(site: Site, role: Role) -> None:
    assert signed_in(site, role, FACTORY).get("/arrivals").status_code == 403


def test_the_outbox_shows_an_operator_what_was_said_with_its_link_and_no_person(site: Site) -> None:
    site.world.tell(registered(), published())
    site.world.send_all(Medium.SMS)
    browser = signed_in(site, Role.OPERATOR)
    page = browser.get("/outbox").text
    assert "您的返岗专车" in page
    assert f"{site.url}/h/".replace(site.url, "") in page
    assert not any(person.name in page or person.phone in page for person in PEOPLE.values())
    only_mail = browser.get("/outbox", params={"medium": "email"}).text
    assert "您的返岗专车" not in only_mail
    assert "用车单" in only_mail


@pytest.mark.parametrize("role", [Role.ENTERPRISE, Role.CARRIER, Role.DISPATCHER, Role.BUREAU])
def test_the_outbox_is_the_operator_s_alone(site: Site, role: Role) -> None:
    assert signed_in(site, role, FACTORY).get("/outbox").status_code == 403


def test_the_outbox_has_pages(site: Site) -> None:
    site.world.tell(*(published(trip_id=f"T-522732-20200224-{number:03d}") for number in range(7)))
    browser = signed_in(site, Role.OPERATOR)
    first = browser.get("/outbox")
    assert first.text.count('class="card letter"') == 50
    before = first.text.partition("/outbox?before=")[2].partition('"')[0]
    second = browser.get("/outbox", params={"before": before})
    assert second.text.count('class="card letter"') == 7 * 9 - 50


def test_a_carrier_takes_a_new_link_for_another_phone_from_its_own_coaches(site: Site) -> None:
    site.world.tell(published(), published(trip_id="T-522732-20200224-002", carrier_id=OTHER_CARRIER))
    browser = signed_in(site, Role.CARRIER, CARRIER)
    page = browser.get("/coaches")
    assert TRIP in page.text
    assert "T-522732-20200224-002" not in page.text
    made = browser.post(f"/coaches/{TRIP}/links", data={"csrf_token": csrf_of(page)}).text
    link = made.partition(f'href="{site.url}/b/')[2].partition('"')[0]
    assert "在本机打开" in site.browser().get(f"/b/{link}").text
    other = browser.post("/coaches/T-522732-20200224-002/links", data={"csrf_token": csrf_of(page)})
    assert other.status_code == 404


@pytest.mark.parametrize("role", [Role.ENTERPRISE, Role.DISPATCHER, Role.BUREAU, Role.OPERATOR])
def test_coaches_are_the_carriers_alone(site: Site, role: Role) -> None:
    assert signed_in(site, role, CARRIER).get("/coaches").status_code == 403
