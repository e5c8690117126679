"""The pages in a real browser on a phone's screen: thumbs, a network that comes and goes, no script errors."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from services.notifier.domain.notice import Audience
from shared.events import ArrivalConfirmed, TripDeparted, WorkerBoarded
from tests.notifier.running import Site
from tests.notifier.world import CARRIER, DAY, FACTORY, OTHER_FACTORY, REQUESTS, published, registered
from tests.waiting import wait_until

PHONE = {"width": 390, "height": 844}
THUMB_PX = 44


@pytest.fixture
def provoked() -> set[int]:
    """The refusals that a test provokes: the browser notes them in its console."""
    return set()


@pytest.fixture
def phone(site: Site, page: Page, provoked: set[int]) -> Iterator[Page]:
    """A phone whose console stays empty, and a trip that is told."""
    site.world.tell(registered(), registered(OTHER_FACTORY), published())
    page.set_viewport_size(PHONE)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def hear(said: ConsoleMessage) -> None:
        expected = ("net::ERR", *(f"status of {status}" for status in provoked))
        if said.type == "error" and not any(words in said.text for words in expected):
            complaints.append(said.text)

    page.on("console", hear)
    yield page
    assert complaints == []


def open_link(site: Site, phone: Page, audience: Audience, organisation: str) -> None:
    phone.goto(site.url + site.link(audience, organisation))
    phone.get_by_role("button", name="在本机打开").click()
    expect(phone.locator(".riders").first).to_be_visible()


def assert_fits_a_phone(phone: Page) -> None:
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    for button in phone.locator(
        "main button:not(.visually-hidden):visible, main .choice:visible, main .call:visible"
    ).all():
        box = button.bounding_box()
        assert box
        assert box["height"] >= THUMB_PX, button.inner_text()


def button(phone: Page, number: int, word: str) -> None:
    phone.locator(f"#r-{REQUESTS[number]}").get_by_role("button", name=word).click()


def test_marks_made_without_a_network_arrive_when_it_is_back(site: Site, phone: Page) -> None:
    open_link(site, phone, Audience.CARRIER, CARRIER)
    assert_fits_a_phone(phone)
    site.world.clock.at = DAY + timedelta(minutes=40, seconds=30)
    phone.context.set_offline(True)
    button(phone, 0, "已上车")
    button(phone, 2, "已上车")
    button(phone, 4, "未到")
    expect(phone.get_by_text("3 条等待网络")).to_be_visible()
    assert site.world.events() == []
    phone.context.set_offline(False)
    expect(phone.locator("[data-waiting]")).to_be_hidden()
    expect(phone.get_by_text("2 / 6")).to_be_visible()
    assert {event.request_id for event in site.world.events(WorkerBoarded)} == {REQUESTS[0], REQUESTS[2]}

    phone.get_by_text("准备发车").click()
    phone.get_by_role("button", name="确认已发车").click()
    expect(phone.get_by_text("已于 08:40 发车")).to_be_visible()
    assert [set(event.request_ids) for event in site.world.events(TripDeparted)] == [
        {REQUESTS[0], REQUESTS[2]}
    ]


def test_a_mark_is_kept_while_the_link_does_not_hold_and_arrives_when_it_does(
    site: Site, phone: Page, provoked: set[int]
) -> None:
    provoked.add(410)
    open_link(site, phone, Audience.CARRIER, CARRIER)
    site.world.clock.at = DAY + timedelta(days=9)
    button(phone, 0, "已上车")
    kept = phone.locator("[data-kept]")
    expect(kept).to_contain_text("仍保留在本机")
    expect(kept).to_contain_text("过期")
    expect(phone.get_by_text("1 条等待网络")).to_be_visible()
    phone.reload()
    assert phone.evaluate("localStorage.length") == 1
    site.world.clock.at = DAY + timedelta(minutes=30)
    phone.goto(site.url + site.link(Audience.CARRIER, CARRIER))
    expect(phone.get_by_text("1 / 6")).to_be_visible()
    expect(phone.locator("[data-waiting]")).to_be_hidden()
    assert [event.request_id for event in site.world.events(WorkerBoarded)] == [REQUESTS[0]]


def test_a_mark_that_can_never_be_taken_is_dropped_and_the_page_says_so(
    site: Site, phone: Page, provoked: set[int]
) -> None:
    provoked.add(409)
    open_link(site, phone, Audience.CARRIER, CARRIER)
    site.world.clock.at = DAY + timedelta(hours=2)
    site.world.scalar("UPDATE trip SET state = 'departed', departed_at = departs_at RETURNING 1")
    button(phone, 0, "已上车")
    dropped = phone.locator("[data-dropped]")
    expect(dropped).to_contain_text("不再保留")
    expect(dropped).to_contain_text("此后的登记无效")
    expect(phone.locator("[data-waiting]")).to_be_hidden()
    assert site.world.events(WorkerBoarded) == []


def test_a_fault_of_the_page_s_own_is_not_taken_for_a_lost_network(site: Site, page: Page) -> None:
    site.world.tell(registered(), published())
    open_link(site, page, Audience.CARRIER, CARRIER)
    page.evaluate("document.getElementById('counts').remove()")
    with page.expect_event("pageerror") as fault:
        button(page, 0, "已上车")
    assert "null" in str(fault.value)


def test_the_escort_s_page_works_without_scripts(site: Site, phone: Page) -> None:
    phone.context.route("**/*.js*", lambda route: route.abort())
    open_link(site, phone, Audience.CARRIER, CARRIER)
    button(phone, 0, "已上车")
    expect(phone.get_by_text("1 / 6")).to_be_visible()
    wait_until(lambda: len(site.world.events(WorkerBoarded)) == 1, "the mark")


def test_an_enterprise_confirms_on_a_phone_and_corrects_one(site: Site, phone: Page) -> None:
    site.world.clock.at = DAY + timedelta(hours=24)
    open_link(site, phone, Audience.ENTERPRISE, FACTORY)
    assert_fits_a_phone(phone)
    phone.get_by_role("button", name="其余全部到达").click()
    expect(phone.get_by_text("已保存")).to_be_visible()
    expect(phone.get_by_text("4 / 4")).to_be_visible()
    phone.locator(f"#r-{REQUESTS[1]}").get_by_label("有异议").check()
    phone.locator(f"#r-{REQUESTS[1]} details summary").click()
    phone.locator(f"#r-{REQUESTS[1]} details select").select_option("岗位或待遇与约定不符")
    phone.locator(f"#r-{REQUESTS[1]} details input").fill("工种与约定不符")
    phone.locator(".sticky-actions").get_by_role("button", name="保存").click()
    expect(phone.get_by_text("已保存")).to_be_visible()
    last = site.world.events(ArrivalConfirmed)[-1]
    assert (last.request_id, last.outcome, last.reason) == (REQUESTS[1], "disputed", "job")
    expect(phone.locator(f"#r-{REQUESTS[1]} details input")).to_have_value("工种与约定不符")


def test_gate_and_coach_stay_in_view_while_the_list_is_gone_through(site: Site, phone: Page) -> None:
    site.world.clock.at = DAY + timedelta(hours=24)
    open_link(site, phone, Audience.ENTERPRISE, FACTORY)
    phone.set_viewport_size({"width": 390, "height": 500})
    phone.locator(f"#r-{REQUESTS[3]}").get_by_label("到达").scroll_into_view_if_needed()
    phone.mouse.wheel(0, 5000)
    head = phone.locator(".counts-where")
    expect(phone.get_by_role("heading", level=1)).not_to_be_in_viewport()
    expect(head).to_be_in_viewport()
    expect(head).to_have_text("东门 · 黔南客运 · 49座客车")


def test_the_keyboard_reaches_every_answer(site: Site, phone: Page) -> None:
    site.world.clock.at = DAY + timedelta(hours=24)
    open_link(site, phone, Audience.ENTERPRISE, FACTORY)
    phone.locator(f'[name="outcome.{REQUESTS[0]}"]').first.focus()
    phone.keyboard.press("ArrowRight")
    phone.keyboard.press("ArrowRight")
    for key in ("Tab", "Enter", "Tab", "ArrowDown", "Tab", "Enter"):  # the reason, then save from the note
        phone.keyboard.press(key)
    expect(phone.get_by_text("已保存")).to_be_visible()
    assert [event.outcome for event in site.world.events(ArrivalConfirmed)] == ["refused"]
