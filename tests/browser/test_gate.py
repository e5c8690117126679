"""The escort and the enterprise on their phones: a link, a button, a thumb; and every way in which a link fails."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from shared.kernel.clock import FixedClock
from shared.security import Role, links
from tests.browser.conftest import Open, Watched
from tests.browser.house import ALL_ARRIVED, GUANSHANHU, MORNING_BEFORE, SANDU, House
from tests.browser.looking import faults_of

AT_THE_STOP = datetime(2020, 2, 24, 0, 20, tzinfo=UTC)
RIDERS = 14


@pytest.fixture
def phone(open_page: Open) -> Page:
    return open_page(phone=True)


def press_the_button(phone: Page, link: str) -> None:
    phone.goto(link)
    expect(phone.get_by_role("heading", level=1)).to_be_visible()
    assert phone.locator(".rider").count() == 0, "opening a link, as a mail scanner does, shows nobody"
    phone.get_by_role("button", name="在本机打开").click()
    expect(phone.locator(".rider").first).to_be_visible()


def test_an_escort_marks_who_boards_and_the_enterprise_confirms_who_arrived(
    lived: House, open_page: Open
) -> None:
    lived.clock.jump_to(AT_THE_STOP)
    escort = open_page(phone=True)
    press_the_button(escort, lived.link(SANDU, Role.CARRIER))
    riders = escort.locator("li.rider")
    expect(riders).to_have_count(RIDERS)
    expect(escort.get_by_role("link", name="拨打电话").first).to_have_attribute("href", "tel:15400001000")
    riders.nth(0).get_by_role("button", name="未到").click()
    for number in range(1, RIDERS):
        riders.nth(number).get_by_role("button", name="已上车").click()
    expect(escort.get_by_text(f"{RIDERS - 1} / {RIDERS}")).to_be_visible()
    absent = riders.nth(0).locator("b").inner_text()
    escort.get_by_text("准备发车").click()
    escort.get_by_role("button", name="确认已发车").click()
    expect(escort.get_by_text("已于 08:2")).to_be_visible()
    assert faults_of(escort) == []

    lived.clock.jump_to(ALL_ARRIVED)
    enterprise = open_page(phone=True)
    press_the_button(enterprise, lived.link(SANDU, Role.ENTERPRISE))
    expect(enterprise.locator("li.rider", has_text=absent)).to_contain_text("未上车")
    disputed = enterprise.locator("li.rider", has_not_text=absent).first
    disputed.get_by_label("有异议").check()
    disputed.get_by_text("备注").click()
    disputed.get_by_role("textbox").fill("岗位与约定不符")
    enterprise.get_by_role("button", name="其余全部到达").click()
    expect(enterprise.get_by_text("已保存")).to_be_visible()
    expect(enterprise.get_by_text(f"{RIDERS - 1} / {RIDERS}")).to_be_visible()
    enterprise.locator("li.rider", has_text=absent).get_by_label("未到").check()
    enterprise.locator(".sticky-actions").get_by_role("button", name="保存").click()
    expect(enterprise.get_by_text(f"{RIDERS} / {RIDERS}")).to_be_visible()
    assert faults_of(enterprise) == []

    audit = lived.office.token(Role.AUDIT, SANDU.code)

    def outcome() -> Counter[str]:
        found = lived.office.call(audit, "registry", "GET", "/api/requests", params={"size": 50})["items"]
        return Counter(request["status"] for request in found)

    wanted = {"arrived": RIDERS - 2, "disputed": 1, "no_show": 1}
    lived.office.await_true(lambda: outcome() == wanted, f"the registry has {wanted}", 20)


def test_a_carrier_signed_in_takes_a_link_for_another_phone(lived: House, open_page: Open) -> None:
    trip_id = lived.made[GUANSHANHU.code]["trip_id"]
    page = open_page(phone=True)
    page.goto(lived.sign_in_link("notifier", Role.CARRIER, "", GUANSHANHU.carrier_id))
    page.wait_for_url("**/notifier/coaches")
    page.get_by_role("button", name=f"取新链接 {trip_id}").click()
    made = page.locator(".notice.good")
    expect(made).to_contain_text(trip_id)
    assert faults_of(page) == []
    press_the_button(open_page(phone=True), made.get_by_role("link").inner_text())


def test_an_enterprise_signed_in_sees_what_comes_to_which_gate(lived: House, phone: Page) -> None:
    phone.goto(lived.sign_in_link("notifier", Role.ENTERPRISE, "", SANDU.enterprise_id))
    phone.wait_for_url("**/notifier/arrivals")
    expect(phone.get_by_role("heading", level=1)).to_have_text("到达安排")
    row = phone.locator("tbody tr").first
    for said in ("东门", SANDU.carrier, f"{RIDERS}"):
        expect(row).to_contain_text(said)
    assert faults_of(phone) == []


def test_a_link_works_on_one_device_and_tells_the_next_what_to_do(
    lived: House, open_page: Open, watched: Watched
) -> None:
    watched.expected_statuses = {410}
    link = lived.link(SANDU, Role.ENTERPRISE)
    first = open_page(phone=True)
    press_the_button(first, link)
    first.reload()
    expect(first.locator(".rider").first).to_be_visible()
    second = open_page(phone=True)
    second.goto(link)
    second.get_by_role("button", name="在本机打开").click()
    expect(second.get_by_role("heading", level=1)).to_have_text("链接已被使用")
    expect(second.get_by_text("换设备请向发送方索取新链接")).to_be_visible()
    expect(second.get_by_text("for another device, ask the sender for a new link")).to_be_visible()
    assert faults_of(second) == []


@pytest.mark.parametrize(
    ("fault", "heading", "status"),
    [("forged", "链接无效", 403), ("cut off", "链接无效", 403), ("expired", "链接已过期", 410)],
)
@pytest.mark.parametrize("letter", ["b", "h"])
def test_a_link_that_fails_says_why_and_what_to_do_in_both_languages(
    lived: House, phone: Page, watched: Watched, letter: str, fault: str, heading: str, status: int
) -> None:
    watched.expected_statuses = {status}
    purpose = "boarding" if letter == "b" else "handover"
    issued = FixedClock(MORNING_BEFORE - timedelta(days=40)) if fault == "expired" else lived.clock
    token = links.issue(
        lived.keyring,
        purpose,  # type: ignore[arg-type]
        trip_id=lived.made[SANDU.code]["trip_id"],
        organisation="x",
        ttl=timedelta(days=1),
        clock=issued,
    )
    token = {"forged": "not.a.token", "cut off": token[:-9]}.get(fault, token)
    phone.goto(lived.address("notifier", f"/{letter}/{token}"))
    expect(phone.get_by_role("heading", level=1)).to_have_text(heading)
    expect(phone.locator(".next-step")).to_have_count(2)
    expect(phone.locator("[lang=en] .next-step")).to_contain_text("ask", ignore_case=True)
    assert token not in phone.content().replace(urlsplit(phone.url).path, ""), (
        "but in the way to the other language"
    )
    assert faults_of(phone) == []
