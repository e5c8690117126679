"""A dispatcher in front of a round: somebody comes late, sees what that changes, approves; forces a seat and locks a trip."""

from playwright.sync_api import expect

from shared.security import Role
from tests.browser.conftest import Open, Watched
from tests.browser.house import DAY, SANDU, House
from tests.browser.looking import faint_words_of, faults_of


def test_a_late_worker_joins_an_approved_round_once_the_difference_is_approved(
    house: House, open_page: Open, watched: Watched
) -> None:
    house.upload(SANDU, SANDU.rows(40, after=100))
    house.await_waiting(SANDU, 40)
    round_id = house.plan(SANDU)
    house.approve(SANDU, round_id)
    house.upload(SANDU, SANDU.rows(1, after=200))
    house.await_waiting(SANDU, 1)
    page = open_page()
    page.goto(house.sign_in_link("dispatcher", Role.DISPATCHER, SANDU.code))
    page.wait_for_url("**/dispatcher/board**")
    page.goto(house.address("dispatcher", f"/board?day={DAY}"))
    page.get_by_role("link", name="补入、锁定与重新编排").click()
    page.wait_for_url(f"**/rounds/{round_id}")
    page.get_by_role("button", name="补入与修补").click()
    amendment = page.locator("section", has=page.get_by_role("heading", name="待批准的调整"))
    expect(amendment.get_by_text("谁换到哪里")).to_be_visible()
    newcomer = amendment.locator("details[open] tbody tr", has_text="—")
    expect(newcomer).to_have_count(1)
    joined = newcomer.locator("td").last.inner_text()
    assert faults_of(page) + faint_words_of(page) == []
    amendment.get_by_role("button", name="批准调整").click()
    expect(page.get_by_text("已处理的调整")).to_be_visible()
    expect(page.get_by_role("heading", name="待批准的调整")).to_have_count(0)

    # A trip is locked, with its reason; then a number that nobody has is refused, with what to do.
    page.get_by_label("班次", exact=True).select_option(joined)
    page.get_by_label("原因（请勿填写姓名）").fill("随车医生")
    page.get_by_role("button", name="记录").click()
    mark = page.locator(".mark")
    expect(mark).to_contain_text("锁定班次")
    expect(mark).to_contain_text("随车医生")
    watched.expected_statuses = {409}
    page.get_by_label("类型").select_option("force")
    page.get_by_label("班次", exact=True).select_option(joined)
    page.get_by_label("人员编号", exact=True).fill("00000000")
    page.get_by_label("原因（请勿填写姓名）").fill("同乡")
    page.get_by_role("button", name="记录").click()
    expect(page.get_by_role("alert")).to_contain_text("请从班次的乘客名单中查找编号")
    page.goto(house.address("dispatcher", f"/rounds/{round_id}"))
    page.get_by_role("button", name="整批重新编排").click()
    expect(page.get_by_role("heading", name="待批准的调整")).to_be_visible()
    assert faults_of(page) + faint_words_of(page) == []
    expect(page.get_by_text("现有方案就是找到的最好方案")).to_be_visible()
    expect(page.get_by_role("button", name="批准调整")).to_have_count(0)
    page.get_by_role("button", name="放弃").click()
    expect(page.get_by_role("heading", name="待批准的调整")).to_have_count(0)
    page.locator(".mark").get_by_role("button", name="撤销").click()
    expect(page.locator(".mark")).to_contain_text("已撤销")
