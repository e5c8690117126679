"""A dispatcher in front of the board: plans, sees the proposal come, approves, prints the manifest."""

from pathlib import Path

from playwright.sync_api import expect

from shared.security import Role
from tests.browser.conftest import Open, Watched
from tests.browser.house import DAY, GUANSHANHU, SANDU, House
from tests.browser.looking import PAINTED


def test_a_day_is_planned_approved_and_printed_without_reloading(house: House, open_page: Open) -> None:
    house.upload(SANDU, SANDU.rows(24, after=100))
    house.await_waiting(SANDU, 24)
    page = open_page()
    page.goto(house.sign_in_link("dispatcher", Role.DISPATCHER, SANDU.code))
    page.wait_for_url("**/dispatcher/board**")
    page.goto(house.address("dispatcher", f"/board?day={DAY}"))
    expect(page.locator(".map-words")).to_have_text("还没有车次。")
    bare = page.evaluate(PAINTED)
    assert bare > 2, "the outlines are drawn before there are trips"
    expect(page.get_by_text("等待编车：24")).to_be_visible()
    page.get_by_role("button", name="发起编排").click()

    # From here nobody reloads: what changes comes by server-sent events.
    expect(page.locator("#rounds .badge")).to_be_visible()
    page.evaluate("window.stays = true")
    approve = page.get_by_role("button", name="批准并发布")
    expect(approve).to_be_visible()
    trips = page.locator("#trips tbody tr")
    expect(trips.first).to_be_visible()
    expect(trips.first).to_contain_text("三都水族自治县")
    expect(trips.first).to_contain_text(SANDU.enterprise)
    expect(page.locator(".map-trips li")).to_have_count(trips.count())
    page.wait_for_function(f"(bare) => ({PAINTED})() > bare", arg=bare)
    assert page.evaluate("window.stays") is True
    stats = page.locator("#stats")
    for label in ("包车费用", "人均", "财政补贴", "未能安排"):
        expect(stats).to_contain_text(label)
    expect(page.locator("#payers")).to_contain_text("输出地县级财政")

    # Somebody writes while more people are sent in: their number comes, and what is written stays.
    reason = page.get_by_label("退回原因")
    reason.fill("座位太少")
    house.upload(SANDU, SANDU.rows(3, after=200))
    expect(page.get_by_text("等待编车：3")).to_be_visible()
    expect(reason).to_have_value("座位太少")

    approve.click()
    expect(page.locator("#rounds .badge", has_text="已批准")).to_be_visible()
    page.locator("#trips tbody a").first.click()
    expect(page.get_by_role("heading", name="行车时刻表")).to_be_visible()
    page.get_by_role("link", name="乘客名单").click()
    expect(page.get_by_role("columnheader", name="签字").first).to_be_visible()


def test_the_manifest_prints_on_a4_with_the_names_and_nothing_to_press(
    lived: House, open_page: Open, tmp_path: Path
) -> None:
    page = open_page()
    path = f"/trips/{lived.made[SANDU.code]['trip_id']}/manifest"
    page.goto(lived.sign_in_link("dispatcher", Role.DISPATCHER, SANDU.code, next_path=path))
    page.wait_for_url(f"**{path}")
    names = [str(row["name"]) for row in SANDU.rows(14)]
    assert all(page.get_by_text(name, exact=True).count() for name in names)
    page.emulate_media(media="print")
    for selector in ("header.site", "footer.site-foot", "main button", "main .actions"):
        assert not page.locator(selector).first.is_visible(), selector
    expect(page.get_by_text(names[0], exact=True).first).to_be_visible()
    page.set_viewport_size({"width": 703, "height": 1000})  # A4 less the margins, at 96 dots an inch
    assert page.evaluate("document.documentElement.scrollWidth") <= 703
    for frame in page.locator(".table-frame").all():
        assert frame.evaluate("(e) => e.scrollWidth <= e.clientWidth + 1"), "a column is cut off on paper"
    sheet = page.pdf(format="A4", print_background=False)
    assert sheet.startswith(b"%PDF")


def test_a_neighbour_s_trip_is_a_page_that_says_so(lived: House, open_page: Open, watched: Watched) -> None:
    watched.expected_statuses = {404}
    page = open_page()
    path = f"/trips/{lived.made[GUANSHANHU.code]['trip_id']}"
    page.goto(lived.sign_in_link("dispatcher", Role.DISPATCHER, SANDU.code, next_path=path))
    expect(page.get_by_role("heading", level=1)).to_contain_text("或您无权查看")
    page.get_by_role("link", name="回到首页").click()
    page.wait_for_url("**/dispatcher/board")
