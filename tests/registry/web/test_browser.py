"""The bureau's work in a real browser: upload, read the reasons, take the rows back, follow, withdraw."""

from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from shared.security import Role
from tests.registry.conftest import LIBO, Registry
from tests.registry.rosters import worker, xlsx


def test_a_bureau_uploads_a_roster_takes_the_refused_rows_back_and_follows_the_rest(
    registry: Registry, page: Page, tmp_path: Path
) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    file = tmp_path / "三都县返岗名单.xlsx"
    file.write_bytes(xlsx([*(worker(n) for n in range(1, 60)), worker(99, phone="123")]))
    page.goto(f"{registry.url}/sign-in#token={registry.token(Role.BUREAU, subject='三都县人社局')}")
    page.wait_for_url("**/rosters")

    page.set_input_files("input[type=file]", file)
    expect(page.locator("[data-chosen]")).to_contain_text("三都县返岗名单.xlsx")
    page.get_by_role("button", name="上传并核对").click()
    page.wait_for_url("**/rosters/*")
    expect(page.get_by_text("有 1 行被退回")).to_be_visible()

    page.get_by_role("link", name="退回 1").click()
    expect(page.get_by_text("手机号不是11位大陆手机号")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("link", name="下载退回的 1 行").click()
    download.value.save_as(tmp_path / "refused.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "refused.xlsx").active
    assert "手机号" in sheet["M2"].value

    page.get_by_role("link", name="跟踪这些需求").click()
    expect(page.locator("tbody tr")).to_have_count(50)
    page.get_by_role("link", name="下一页").click()
    expect(page.locator("tbody tr")).to_have_count(9)
    page.locator("tbody th a").first.click()
    page.get_by_label("撤回这条需求，原因").select_option("travelled_otherwise")
    page.get_by_role("button", name="撤回", exact=True).click()
    expect(page.get_by_text("已自行返岗")).to_be_visible()
    assert faults == []


@pytest.mark.parametrize("role", [Role.BUREAU, Role.OPERATOR])
def test_who_answers_for_several_counties_takes_the_template_of_the_one_they_choose(
    registry: Registry, page: Page, tmp_path: Path, role: Role
) -> None:
    page.goto(f"{registry.url}/sign-in#token={registry.token(role, areas=('5227',), subject='黔南州')}")
    page.wait_for_url("**/rosters")
    page.get_by_label("模板所属县").select_option(LIBO)
    with page.expect_download() as download:
        page.get_by_role("button", name="下载模板").click()
    download.value.save_as(tmp_path / "template.xlsx")
    stops = [cell.value for cell in openpyxl.load_workbook(tmp_path / "template.xlsx")["名录"]["A"]]
    assert "玉屏街道" in stops
    assert "三合街道" not in stops


def test_on_a_phone_nothing_is_wider_than_the_screen(registry: Registry, page: Page) -> None:
    [request_id] = registry.accept(worker(1))
    roster = registry.upload(xlsx([worker(2, phone="1"), worker(3)])).json()["roster_id"]
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{registry.url}/sign-in#token={registry.token(Role.BUREAU, subject='三都县人社局')}")
    page.wait_for_url("**/rosters")
    for path in ("/rosters", f"/rosters/{roster}", "/requests", f"/requests/{request_id}"):
        for language in ("zh", "en"):
            page.goto(f"{registry.url}{path}?lang={language}")
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, (path, language)
