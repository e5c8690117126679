"""The pages of households and sites: down from the province to a site, "131" in two clicks, and nothing wider than a phone."""

import pytest
from playwright.sync_api import Page, expect

from shared.security import Role
from tests.registry.conftest import SANDU, Registry
from tests.registry.folk import add_helper
from tests.registry.householding import fallen, family
from tests.registry.rosters import worker

SITE = "522732111001"
HELPER = "helper-1"


def sign_in(page: Page, registry: Registry, role: Role, areas: tuple[str, ...], path: str) -> list[str]:
    """On that page; what goes wrong in the browser from then on."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    token = registry.token(role, areas=areas, subject=HELPER if role is Role.HELPER else "三都县人社局")
    page.goto(f"{registry.url}/sign-in?next={path}#token={token}")
    page.wait_for_url(f"**{path}")
    return faults


def test_from_the_province_down_to_a_site_and_to_its_requests(registry: Registry, page: Page) -> None:
    family(registry.parts, (1, 2), place_code=SITE)
    fallen(registry.parts, 3, number="0002", place_code=SITE)
    registry.accept(worker(9, stop="红星移民社区"), worker(10))
    faults = sign_in(page, registry, Role.BUREAU, ("52",), "/households")
    for name in ("黔南布依族苗族自治州", "三都水族自治县", "红星移民社区"):
        expect(page.locator("tbody tr")).to_have_count(1)
        expect(page.locator("tbody tr")).to_contain_text("50.0%")
        page.get_by_role("link", name=name, exact=True).click()
    page.wait_for_url(f"**/sites/{SITE}")
    page.get_by_role("link", name="在此上车的需求").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("红星移民社区")
    page.goto(f"{registry.url}/households?day=2020-02-01")
    expect(page.locator("tbody tr")).to_contain_text("100.0%")
    page.goto(f"{registry.url}/sites")
    expect(page.locator("tbody tr")).to_have_count(10)
    expect(page.get_by_text("其余未收录")).to_be_visible()
    assert faults == []


def test_a_helper_ticks_off_131_in_two_clicks_and_the_office_ends_the_task(
    registry: Registry, page: Page
) -> None:
    add_helper(registry.parts)
    household, task_id, _ = fallen(registry.parts, 1, helper_id=HELPER)
    faults = sign_in(page, registry, Role.HELPER, (SANDU,), "/households/zero")
    page.locator("summary", has_text="职业指导").click()
    page.get_by_role("button", name="完成 职业指导").click()
    expect(page.get_by_text("✓ 职业指导")).to_be_visible()
    page.goto(f"{registry.url}/households/{household}")
    page.locator("summary", has_text="岗位推荐 2").click()
    page.get_by_label("单位和岗位（不写姓名）").nth(1).fill("三都工业园缝纫工")
    page.get_by_role("button", name="完成 岗位推荐 2").click()
    page.wait_for_url(f"**/households/{household}")
    expect(page.get_by_text("三都工业园缝纫工")).to_be_visible()
    page.get_by_label("要做什么（不写姓名和号码）").fill("参加缝纫班")
    page.get_by_role("button", name="加入计划").click()
    page.get_by_role("button", name="完成 推荐就业").click()
    assert registry.sql("SELECT done_by FROM household_step") == [(HELPER,)]
    page.context.clear_cookies()
    sign_in(page, registry, Role.BUREAU, (SANDU,), f"/households/{household}")
    page.locator("summary", has_text="以其他原因结束").click()
    page.get_by_label("原因").select_option("refused")
    page.get_by_label("说明（加密保存）").fill("上门两次，不愿外出")
    page.get_by_role("button", name="结束任务").click()
    expect(page.get_by_text("不接受帮扶")).to_be_visible()
    assert registry.sql("SELECT outcome FROM zero_task WHERE id = :id", id=task_id) == [("refused",)]
    assert faults == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_on_a_phone_nothing_is_wider_than_the_screen(registry: Registry, page: Page, language: str) -> None:
    household, _, _ = fallen(registry.parts, 1, place_code=SITE)
    registry.clock.advance(days=5)
    page.set_viewport_size({"width": 360, "height": 740})
    sign_in(page, registry, Role.BUREAU, (SANDU,), "/households")
    for path in (
        "/households",
        "/households/zero",
        f"/households/{household}",
        "/sites",
        f"/sites/{SITE}",
        f"/requests?stop={SITE}",
    ):
        page.goto(f"{registry.url}{path}{'&' if '?' in path else '?'}lang={language}")
        for one in page.locator("details summary").all():
            one.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
