"""The signed-in pages: the enterprise's arrivals, the operator's outbox."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from services.notifier.channels.port import Undeliverable
from services.notifier.domain.notice import Medium
from services.notifier.settings import NotifierSettings
from shared.events import ArrivalConfirmed
from shared.security import Role
from tests.notifier.running import Site, site_of
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
    FakeChannel,
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
    assert json.loads(site.registry.received[-1].body)["reader"] == "tester"
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


def test_the_outbox_shows_an_operator_what_was_said_and_no_person_and_no_key_to_a_page(site: Site) -> None:
    site.world.tell(registered(), published())
    site.world.send_all(Medium.SMS)
    browser = signed_in(site, Role.OPERATOR)
    page = browser.get("/outbox").text
    assert "您的返岗专车" in page
    assert page.count("/h/••••••") == page.count("/b/••••••") * 2 > 0
    assert "eyJ" not in page
    assert not any(person.name in page or person.phone in page for person in PEOPLE.values())
    only_mail = browser.get("/outbox", params={"medium": "email"}).text
    assert "您的返岗专车" not in only_mail
    assert "用车单" in only_mail


def test_a_demo_whose_mail_reaches_nobody_shows_its_links_in_the_outbox(
    site: Site, notifier_urls: Mapping[str, str], tmp_path: Path
) -> None:
    site.world.tell(registered(), published())
    changes = {"mail": "console", "outbox_links": True}
    with site_of(notifier_urls["notifier"], site.world, tmp_path, **changes) as demo, demo.clients:
        page = signed_in(demo, Role.OPERATOR).get("/outbox").text
        link = re.search(rf'href="{demo.url}(/b/[^"]+)"', page)
        assert link
        assert "在本机打开" in demo.browser().get(link.group(1)).text


def test_links_that_recipients_get_by_mail_are_never_set_to_be_shown(tmp_path: Path) -> None:
    known = {"database_url": "postgresql+psycopg://u@127.0.0.1/x", "signing_key_file": tmp_path / "key"}
    with pytest.raises(ValidationError, match="ZHIDA_MAIL=console"):
        NotifierSettings(**known, outbox_links=True)


def failed(site: Site) -> str:
    """The id of a mail that its mailbox has refused."""
    site.world.tell(registered(), published())
    channel = FakeChannel()
    channel.before = [Undeliverable(fault="the mail server answers 550")]
    site.world.sender(Medium.EMAIL, channel).send_due()
    (notice,) = site.world.notices(state="failed")
    return notice.notice_id


def test_an_operator_sends_again_what_could_not_be_delivered_under_its_own_key(site: Site) -> None:
    notice_id = failed(site)
    browser = signed_in(site, Role.OPERATOR)
    page = browser.get("/outbox", params={"state": "failed"})
    assert "the mail server answers 550" in page.text
    address = f"/outbox/{notice_id}/send-again"
    assert f'action="{address}"' in page.text
    assert browser.post(address).status_code == 403, "without its CSRF token"
    assert site.world.notices(state="failed") != []
    page = browser.post(address, data={"csrf_token": csrf_of(page)})
    assert "已重新排队" in page.text
    assert list(site.world.send_all(Medium.EMAIL).effects) == [notice_id]
    assert site.world.notices(state="failed") == []


def test_only_a_notice_that_has_failed_and_is_still_of_use_is_sent_again(site: Site) -> None:
    notice_id = failed(site)
    operator = site.program(Role.OPERATOR, areas=("52",))
    neighbour = site.program(Role.OPERATOR, areas=("522731",))
    address = f"/api/notices/{notice_id}/send-again"
    assert neighbour.post(address).json()["code"] == "no-such-notice"
    assert operator.post("/api/notices/none/send-again").json()["code"] == "no-such-notice"
    sent = site.world.notices(state="sent")[0].notice_id
    assert operator.post(f"/api/notices/{sent}/send-again").json()["code"] == "not-failed"
    clock = site.world.clock
    now, clock.at = clock.at, site.world.notices(notice_id=notice_id)[0].expires_at
    late = site.program(Role.OPERATOR, areas=("52",))
    answer = late.post(address)
    assert (answer.status_code, answer.json()["code"]) == (409, "of-no-more-use")
    clock.at = now
    again = operator.post(address).json()
    assert (again["state"], again["fault"]) == ("pending", None)
    site.world.scalar("UPDATE notice SET state = 'failed', latest = false RETURNING 1")
    assert operator.post(address).json()["code"] == "of-no-more-use"
    assert "send-again" not in signed_in(site, Role.OPERATOR).get("/outbox?state=failed").text


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
