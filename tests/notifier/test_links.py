"""Links for people without an account: opened once, by one device; forged, expired and reused ones say what to do."""

import html
import json
import re
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from services.notifier.domain.notice import Audience
from services.notifier.store.tables import Base
from shared.events import ArrivalConfirmed, WorkerBoarded
from shared.messaging.tables import METADATA
from shared.security import Keyring, links
from tests.notifier.running import Site
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
    riders,
)


@pytest.fixture
def told(site: Site) -> Site:
    """A trip that its carrier and its two enterprises have been told of."""
    site.world.tell(registered(), registered(OTHER_FACTORY), published())
    return site


def opened(site: Site, audience: Audience, organisation: str) -> tuple[httpx.Client, str, httpx.Response]:
    """A browser that has opened an organisation's link; the link's path and its page."""
    browser, path = site.browser(), site.link(audience, organisation)
    browser.get(path)
    return browser, path, browser.post(f"{path}/open")


def csrf_of(page: httpx.Response) -> str:
    found = re.search(r'name="csrf_token" value="([0-9a-f]+)"', page.text)
    assert found
    return found.group(1)


# --- the life of a link ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("audience", "organisation"), [(Audience.CARRIER, CARRIER), (Audience.ENTERPRISE, FACTORY)]
)
def test_looking_at_a_link_uses_nothing_up_for_mail_scanners_look_too(
    told: Site, audience: Audience, organisation: str
) -> None:
    scanner, path = told.browser(), told.link(audience, organisation)
    for _ in range(3):
        page = scanner.get(path)
        assert "在本机打开" in page.text
        assert "潘秀" not in page.text
    _, _, page = opened(told, audience, organisation)
    assert page.status_code == 200
    assert "潘秀英" in page.text


def test_a_device_whose_reply_was_lost_opens_the_link_again(told: Site) -> None:
    browser, path = told.browser(), told.link(Audience.CARRIER, CARRIER)
    browser.get(path)
    device = dict(browser.cookies)
    browser.post(f"{path}/open")
    for name in set(dict(browser.cookies)) - set(device):
        browser.cookies.delete(name)  # the reply with this cookie never arrived
    assert "潘秀英" in browser.post(f"{path}/open").text


def test_a_link_holds_until_a_week_after_the_arrival(told: Site) -> None:
    path = told.link(Audience.ENTERPRISE, FACTORY)
    told.world.clock.at = DAY + timedelta(hours=24, days=7, minutes=-1)
    assert told.browser().get(path).status_code == 200


def test_a_form_from_elsewhere_marks_nothing(told: Site) -> None:
    browser, path, _ = opened(told, Audience.CARRIER, CARRIER)
    form = {"request_id": REQUESTS[0], "presence": "boarded"}
    assert browser.post(f"{path}/marks", data=form).status_code == 403
    assert browser.post(f"{path}/marks", data=form | {"csrf_token": "0" * 64}).status_code == 403
    assert told.world.events() == []


def test_a_carrier_that_lost_the_trip_sees_it_no_more(told: Site) -> None:
    browser, path, _ = opened(told, Audience.CARRIER, CARRIER)
    told.world.tell(published(version=2, carrier_id=OTHER_CARRIER, carrier_name="都匀客运"))
    assert browser.get(path).status_code == 404


# --- a link that does not work ---------------------------------------------------------------------------------

KINDS = [(Audience.CARRIER, CARRIER), (Audience.ENTERPRISE, FACTORY)]
TABLES = [*Base.metadata.sorted_tables, *METADATA.sorted_tables]

EXPIRED = (
    "链接已过期…链接已于 2020-03-03 08:00 (UTC+8) 过期。请联系发送方获取新链接。"
    "…随车联络员找客运公司，接站人员找县人社局或登录系统的“到达安排”。",
    "This link has expired…This link expired at 2020-03-03 08:00 (UTC+8). Ask whoever sent it for a new link."
    "…an escort the carrier, an enterprise the county labour bureau, or sign in to “Arrivals”.",
)
FORGED = (
    "链接无效…链接不是本系统签发的，或不完整。…请回到原来的短信或邮件，完整复制链接再打开；仍不行请向发送方索取新链接。",
    "This link is not valid…This link was not issued here or is not whole."
    "…Go back to the message and copy the whole link; if that does not help, ask the sender for a new one.",
)
USED = (
    "链接已被使用…此链接已在另一台设备上打开。…请在第一次打开它的设备上继续；换设备请向发送方索取新链接。",
    "This link has been used…This link was opened on another device."
    "…Go on where it was first opened; for another device, ask the sender for a new link.",
)
NOT_OPENED = (
    "请重新打开链接…此设备上尚未打开该链接。…请回到原来的短信或邮件，再点一次链接，然后按“在本机打开”。",
    "Open the link again…This link is not open on this device."
    "…Go back to the message, follow the link once more and press “Open on this device”.",
)


def everything(site: Site) -> dict[str, list[str]]:
    """All rows of all tables, the outbox among them."""
    with site.world.session() as session:
        return {table.name: sorted(map(str, session.execute(table.select()))) for table in TABLES}


def says(words: tuple[str, str], page: httpx.Response) -> bool:
    """Both languages stand on the page; `…` in the words stands for anything."""
    patterns = (".*".join(map(re.escape, html.escape(one).split("…"))) for one in words)
    return all(re.search(pattern, page.text, re.DOTALL) for pattern in patterns)


def acts(browser: httpx.Client, path: str, csrf: str = "") -> list[httpx.Response]:
    """All that somebody with an opened link can do."""
    if path.startswith("/b/"):
        mark = {"csrf_token": csrf, "request_id": REQUESTS[0], "presence": "boarded"}
        return [
            browser.post(f"{path}/marks", data=mark),
            browser.post(f"{path}/departure", data={"csrf_token": csrf}),
        ]
    return [browser.post(path, data={"csrf_token": csrf, "all": "arrived"})]


@pytest.mark.parametrize(("audience", "organisation"), KINDS)
@pytest.mark.parametrize("was_open", [False, True], ids=["never opened", "open on this device"])
def test_an_expired_link_does_nothing(
    told: Site, audience: Audience, organisation: str, was_open: bool
) -> None:
    browser, path, csrf = told.browser(), told.link(audience, organisation), ""
    if was_open:
        browser, path, page = opened(told, audience, organisation)
        csrf = csrf_of(page)
    told.world.clock.at = DAY + timedelta(hours=24, days=7)
    before = everything(told)
    for answer in (browser.get(path), browser.post(f"{path}/open"), *acts(browser, path, csrf)):
        assert answer.status_code == 410
        assert says(EXPIRED, answer)
    assert everything(told) == before


def signed_elsewhere(site: Site, audience: Audience, organisation: str) -> str:
    purpose: links.Purpose = "boarding" if audience is Audience.CARRIER else "handover"
    keyring = Keyring.from_bytes(b"x" * 32)
    token = links.issue(
        keyring,
        purpose,
        trip_id=TRIP,
        organisation=organisation,
        ttl=timedelta(days=1),
        clock=site.world.clock,
    )
    return f"/{purpose[0]}/{token}"


def cut_short(site: Site, audience: Audience, organisation: str) -> str:
    return site.link(audience, organisation)[:-5]


def of_the_other_page(site: Site, audience: Audience, organisation: str) -> str:
    letter, other = ("/b/", "/h/") if audience is Audience.CARRIER else ("/h/", "/b/")
    return site.link(audience, organisation).replace(letter, other)


def nonsense(site: Site, audience: Audience, organisation: str) -> str:
    return f"/{'b' if audience is Audience.CARRIER else 'h'}/nonsense"


@pytest.mark.parametrize(("audience", "organisation"), KINDS)
@pytest.mark.parametrize("forge", [signed_elsewhere, cut_short, of_the_other_page, nonsense])
def test_a_forged_link_does_nothing(
    told: Site, audience: Audience, organisation: str, forge: Callable[[Site, Audience, str], str]
) -> None:
    browser, path = told.browser(), forge(told, audience, organisation)
    before = everything(told)
    for answer in (browser.get(path), browser.post(f"{path}/open"), *acts(browser, path)):
        assert answer.status_code == 403
        assert says(FORGED, answer)
    assert everything(told) == before


@pytest.mark.parametrize(("audience", "organisation"), KINDS)
def test_a_link_that_was_opened_on_another_device_does_nothing(
    told: Site, audience: Audience, organisation: str
) -> None:
    first, path, page = opened(told, audience, organisation)
    before = everything(told)
    second = told.browser()
    second.get(path)
    answer = second.post(f"{path}/open")
    assert answer.status_code == 410
    assert says(USED, answer)
    for answer in acts(second, path, csrf_of(page)):  # even with the other device's security code
        assert answer.status_code == 401
        assert says(NOT_OPENED, answer)
    assert everything(told) == before
    assert first.get(path).text == page.text


# --- the escort's page -----------------------------------------------------------------------------------------


def test_the_escort_marks_riders_and_reports_the_departure(told: Site) -> None:
    browser, path, page = opened(told, Audience.CARRIER, CARRIER)
    told.world.clock.at = DAY + timedelta(hours=1)
    csrf = csrf_of(page)
    for request_id, presence in ((REQUESTS[0], "boarded"), (REQUESTS[1], "no_show")):
        form = {"csrf_token": csrf, "request_id": request_id, "presence": presence}
        for _ in range(2):  # the network was slow, and the thumb was not
            assert browser.post(f"{path}/marks", data=form).status_code == 200
    page = browser.post(f"{path}/departure", data={"csrf_token": csrf})
    assert "已于 09:00 发车" in page.text
    assert len(told.world.events()) == 3
    told.world.clock.advance(minutes=1)
    late = browser.post(
        f"{path}/marks", data={"csrf_token": csrf, "request_id": REQUESTS[2], "presence": "boarded"}
    )
    assert late.status_code == 409


def test_a_mark_kept_on_the_phone_counts_from_when_it_was_made(told: Site) -> None:
    browser, path, page = opened(told, Audience.CARRIER, CARRIER)
    csrf = csrf_of(page)
    told.world.clock.at = DAY + timedelta(hours=1)
    browser.post(f"{path}/departure", data={"csrf_token": csrf})
    told.world.clock.advance(hours=3)
    four_hours_ms = 4 * 3600 * 1000
    form = {"csrf_token": csrf, "request_id": REQUESTS[0], "presence": "boarded", "age_ms": four_hours_ms}
    assert browser.post(f"{path}/marks", data=form).status_code == 200
    assert [event.at for event in told.world.events(WorkerBoarded)] == [DAY]


def test_the_script_gets_the_line_and_the_counts_back(told: Site) -> None:
    browser, path, page = opened(told, Audience.CARRIER, CARRIER)
    form = {"csrf_token": csrf_of(page), "request_id": REQUESTS[0], "presence": "boarded"}
    piece = browser.post(f"{path}/marks", data=form, headers={"HX-Request": "true"}).text
    assert piece.strip().startswith(f'<li id="r-{REQUESTS[0]}" class="rider boarded">')
    assert "<html" not in piece
    assert "1 / 6" in piece


def test_the_escort_sees_phones_of_those_who_are_missing_and_of_nobody_else(told: Site) -> None:
    browser, path, page = opened(told, Audience.CARRIER, CARRIER)
    form = {"csrf_token": csrf_of(page), "request_id": REQUESTS[0], "presence": "boarded"}
    page = browser.post(f"{path}/marks", data=form)
    assert f"tel:{PEOPLE[REQUESTS[0]].phone}" not in page.text
    assert f"tel:{PEOPLE[REQUESTS[1]].phone}" in page.text


def test_while_the_registry_is_away_the_pages_work_with_numbers_and_say_why(told: Site) -> None:
    told.registry.answer = lambda _: (503, {}, b"")
    for audience, organisation in ((Audience.CARRIER, CARRIER), (Audience.ENTERPRISE, FACTORY)):
        _, _, page = opened(told, audience, organisation)
        assert page.status_code == 200
        assert "登记服务没有响应" in page.text
        assert REQUESTS[0][-6:] in page.text


def test_the_registry_is_told_for_which_purpose_and_by_which_link_names_are_asked(told: Site) -> None:
    told.registry.received.clear()
    opened(told, Audience.CARRIER, CARRIER)
    opened(told, Audience.ENTERPRISE, FACTORY)
    asked = [json.loads(request.body) for request in told.registry.received]
    assert [(one["purpose"], one["reader"]) for one in asked] == [
        ("boarding", f"link:{jti_of(told, 'boarding', told.link(Audience.CARRIER, CARRIER))}"),
        ("handover", f"link:{jti_of(told, 'handover', told.link(Audience.ENTERPRISE, FACTORY))}"),
    ]
    assert REQUESTS[5] not in asked[1]["request_ids"]
    assert not any("/" in one["reader"] or "." in one["reader"] for one in asked), "an id, not the key itself"


def jti_of(site: Site, purpose: links.Purpose, path: str) -> str:
    return links.read(site.world.keyring, purpose, path.rpartition("/")[2], site.world.clock).jti


# --- the enterprise's page -------------------------------------------------------------------------------------


def test_the_enterprise_confirms_all_and_then_the_exception(told: Site) -> None:
    told.world.clock.at = DAY + timedelta(hours=24)
    browser, path, page = opened(told, Audience.ENTERPRISE, FACTORY)
    csrf = csrf_of(page)
    form = {"csrf_token": csrf, "all": "arrived", f"outcome.{REQUESTS[1]}": "refused"}
    form[f"note.{REQUESTS[1]}"] = "体温偏高"
    assert "已保存" in browser.post(path, data=form).text
    told_of = {event.request_id: event.outcome for event in told.world.events(ArrivalConfirmed)}
    assert told_of == {
        REQUESTS[0]: "arrived",
        REQUESTS[1]: "refused",
        REQUESTS[2]: "arrived",
        REQUESTS[3]: "arrived",
    }
    page = browser.post(path, data={"csrf_token": csrf, "all": "arrived"})
    assert 'value="体温偏高"' in page.text
    assert len(told.world.events(ArrivalConfirmed)) == 4


def test_all_arrived_leaves_out_whom_the_escort_did_not_see(told: Site) -> None:
    escort, path, page = opened(told, Audience.CARRIER, CARRIER)
    form = {"csrf_token": csrf_of(page), "request_id": REQUESTS[0], "presence": "no_show"}
    escort.post(f"{path}/marks", data=form)
    told.world.clock.at = DAY + timedelta(hours=24)
    browser, path, page = opened(told, Audience.ENTERPRISE, FACTORY)
    browser.post(path, data={"csrf_token": csrf_of(page), "all": "arrived"})
    assert {event.request_id for event in told.world.events(ArrivalConfirmed)} == set(REQUESTS[1:4])


def test_a_faulty_answer_shows_its_fault_beside_the_worker_and_keeps_what_was_chosen(told: Site) -> None:
    told.world.clock.at = DAY + timedelta(hours=24)
    browser, path, page = opened(told, Audience.ENTERPRISE, FACTORY)
    form = {
        "csrf_token": csrf_of(page),
        f"outcome.{REQUESTS[0]}": "arrived",
        f"outcome.{REQUESTS[1]}": "refused",
    }
    form[f"note.{REQUESTS[1]}"] = "电话13808551234"
    page = browser.post(path, data=form)
    assert page.status_code == 422
    assert "备注中有电话或证件号" in page.text
    assert re.search(rf'name="outcome\.{REQUESTS[0]}" value="arrived" checked', page.text)
    assert told.world.events(ArrivalConfirmed) == []


@pytest.mark.parametrize("field", ["outcome", "reason"])
def test_a_code_that_is_none_is_refused(told: Site, field: str) -> None:
    told.world.clock.at = DAY + timedelta(hours=24)
    browser, path, page = opened(told, Audience.ENTERPRISE, FACTORY)
    form = {"csrf_token": csrf_of(page), f"{field}.{REQUESTS[0]}": "vanished"}
    assert browser.post(path, data=form).status_code == 422


@pytest.mark.parametrize("written", [{"note": "没有找到此人"}, {"reason": "papers"}])
def test_a_note_without_an_answer_is_a_fault_of_its_row_and_stays_in_it(
    told: Site, written: dict[str, str]
) -> None:
    told.world.clock.at = DAY + timedelta(hours=24)
    browser, path, page = opened(told, Audience.ENTERPRISE, FACTORY)
    form = {"csrf_token": csrf_of(page), f"outcome.{REQUESTS[0]}": "arrived"}
    page = browser.post(path, data=form | {f"{name}.{REQUESTS[1]}": text for name, text in written.items()})
    assert page.status_code == 422
    row = page.text.partition(f'id="r-{REQUESTS[1]}"')[2].partition("</li>")[0]
    assert "没有选择结果" in row
    assert all(f'value="{text}"' in row for text in written.values())
    assert "selected" in row or "note" in written
    assert told.world.events(ArrivalConfirmed) == []


def test_who_is_refused_needs_a_reason_and_who_turns_out_to_be_there_has_none(told: Site) -> None:
    told.world.clock.at = DAY + timedelta(hours=24)
    browser, path, page = opened(told, Audience.ENTERPRISE, FACTORY)
    form = {"csrf_token": csrf_of(page), f"outcome.{REQUESTS[0]}": "refused"}
    page = browser.post(path, data=form | {f"reason.{REQUESTS[0]}": ""})
    assert page.status_code == 422
    assert "不接收或有异议须说明原因" in page.text
    page = browser.post(path, data=form | {f"reason.{REQUESTS[0]}": "health"})
    assert "已保存" in page.text
    form |= {f"outcome.{REQUESTS[0]}": "arrived", f"reason.{REQUESTS[0]}": "health"}
    assert "已保存" in browser.post(path, data=form).text
    said = [(event.outcome, event.reason) for event in told.world.events(ArrivalConfirmed)]
    assert said == [("refused", "health"), ("arrived", None)]


def test_while_the_coach_is_on_its_way_the_page_says_from_when_on_arrivals_are_confirmed(told: Site) -> None:
    told.world.clock.at = DAY + timedelta(hours=12)
    browser, path, page = opened(told, Audience.ENTERPRISE, FACTORY)
    assert "车辆在途" in page.text
    assert "最早 2月25日 周二 01:33 起" in page.text
    assert 'type="radio"' not in page.text
    page = browser.post(path, data={"csrf_token": csrf_of(page), f"outcome.{REQUESTS[0]}": "arrived"})
    assert page.status_code == 422
    assert "车辆最早 2月25日 01:33 才能到厂" in page.text


def test_all_arrived_leaves_out_whose_gate_the_coach_cannot_have_reached(told: Site) -> None:
    here, there = (riders()[number].model_copy(update={"enterprise_id": FACTORY}) for number in (0, 5))
    told.world.tell(published(version=2, riders=(here, there)))
    told.world.clock.at = DAY + timedelta(hours=17, minutes=50)
    browser, path, page = opened(told, Audience.ENTERPRISE, FACTORY)
    assert "已保存" in browser.post(path, data={"csrf_token": csrf_of(page), "all": "arrived"}).text
    assert [event.request_id for event in told.world.events(ArrivalConfirmed)] == [REQUESTS[0]]


def test_another_enterprise_s_workers_are_neither_shown_nor_confirmed(told: Site) -> None:
    told.world.clock.at = DAY + timedelta(hours=24)
    browser, path, page = opened(told, Audience.ENTERPRISE, OTHER_FACTORY)
    assert "潘秀英" not in page.text
    form = {"csrf_token": csrf_of(page), f"outcome.{REQUESTS[0]}": "arrived"}
    browser.post(path, data=form)
    assert told.world.events(ArrivalConfirmed) == []


def test_before_the_departure_the_page_shows_who_is_expected_and_takes_no_answer(told: Site) -> None:
    browser, path, page = opened(told, Audience.ENTERPRISE, FACTORY)
    assert "车辆尚未发车" in page.text
    assert 'type="radio"' not in page.text
    answer = browser.post(path, data={"csrf_token": csrf_of(page), "all": "arrived"})
    assert answer.status_code == 409


def test_an_enterprise_whose_workers_were_moved_sees_an_empty_list(told: Site) -> None:
    browser, path, _ = opened(told, Audience.ENTERPRISE, OTHER_FACTORY)
    told.world.tell(published(version=2, riders=riders(REQUESTS[:4])))
    page = browser.get(path)
    assert page.status_code == 200
    assert "本车次没有送往贵单位的人员" in page.text


def test_pages_speak_english_to_who_asks_for_it(told: Site) -> None:
    browser, path, _ = opened(told, Audience.ENTERPRISE, FACTORY)
    page = browser.get(f"{path}?lang=en").text
    assert '<html lang="en">' in page
    assert "Who arrived" in page
