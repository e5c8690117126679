"""The pages of other offices' lists: over HTTP, and once in a real browser."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from services.registry.domain.outside import OutsideKind
from shared.security import Role
from tests.registry.conftest import LIBO, SANDU, Registry
from tests.registry.lists import list_xlsx, load_lines
from tests.registry.rosters import resident_id
from tests.registry.web.test_pages import Office

DECEASED = OutsideKind.DECEASED
ONE, TWO = resident_id(1), resident_id(2)


@pytest.fixture
def finance(registry: Registry) -> Iterator[Office]:
    office = Office(registry, Role.FINANCE)
    yield office
    office.client.close()


def test_what_comes_back_is_shown_and_what_counts_is_listed(finance: Office) -> None:
    content = list_xlsx(DECEASED, [ONE, "2020-02-01"], [TWO, "2020-13-01"])
    sent = {"csrf_token": finance.csrf("/outside-lists"), "kind": "deceased"}
    shown = finance.client.post("/outside-lists", data=sent, files={"file": ("a.xlsx", content)})
    assert shown.status_code == 200
    assert "名单已导入" in shown.text
    assert "生效 1 行，退回 1 行" in shown.text
    assert "不是可识别的日期" in shown.text
    assert TWO not in shown.text
    again = finance.client.post("/outside-lists", data=sent, files={"file": ("a.xlsx", content)})
    assert "以前导入过" in again.text


def test_a_file_that_is_refused_as_a_whole_says_why(finance: Office, registry: Registry) -> None:
    before = registry.counts()
    sent = {"csrf_token": finance.csrf("/outside-lists"), "kind": "deceased"}
    shown = finance.client.post("/outside-lists", data=sent, files={"file": ("a.xlsx", b"%PDF-1.4")})
    assert shown.status_code == 422
    assert "没有任何改动" in shown.text
    assert registry.counts() == before


def test_who_only_reads_is_offered_nothing_to_change(registry: Registry) -> None:
    told = load_lines(registry, DECEASED, [ONE, "2020-02-01"])
    audit = Office(registry, Role.AUDIT)
    page = audit.client.get("/outside-lists").text
    assert told["sha256"] in page
    assert "/withdraw" not in page
    assert 'type="file"' not in page
    audit.client.close()


def test_who_has_several_areas_names_one_and_a_neighbour_sees_nothing(registry: Registry) -> None:
    both = Office(registry, Role.BUREAU, areas=(SANDU, LIBO))
    sent = {"csrf_token": both.csrf("/outside-lists"), "kind": "deceased", "area_code": LIBO}
    content = list_xlsx(DECEASED, [ONE, "2020-02-01"])
    assert (
        both.client.post("/outside-lists", data=sent, files={"file": ("a.xlsx", content)}).status_code == 200
    )
    both.client.close()
    assert registry.sql("SELECT area_code FROM outside_list") == [(LIBO,)]
    neighbour = Office(registry, Role.BUREAU)
    assert "还没有导入过名单" in neighbour.client.get("/outside-lists").text
    neighbour.client.close()


@pytest.mark.parametrize("area", ["52x", f"{SANDU}x", "527", f"{SANDU}\n", "52２７"])
def test_no_list_is_loaded_for_what_is_no_division(registry: Registry, area: str) -> None:
    province = Office(registry, Role.BUREAU, areas=("52",))
    sent = {"csrf_token": province.csrf("/outside-lists"), "kind": "deceased", "area_code": area}
    content = list_xlsx(DECEASED, [ONE, "2020-02-01"])
    shown = province.client.post("/outside-lists", data=sent, files={"file": ("a.xlsx", content)})
    assert shown.status_code == 403
    assert "不在您的辖区（52）内" in shown.text
    assert registry.counts()["outside_list"] == 0
    province.client.close()


def test_a_finance_office_loads_a_list_and_withdraws_it_in_a_browser(
    registry: Registry, page: Page, tmp_path: Path
) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    file = tmp_path / "死亡名单.xlsx"
    file.write_bytes(list_xlsx(DECEASED, [ONE, "2020-02-01"], [TWO, "?"]))
    token = registry.token(Role.FINANCE, subject="三都县财政局")
    page.goto(f"{registry.url}/sign-in?next=/outside-lists#token={token}")
    page.wait_for_url("**/outside-lists")

    page.get_by_label("名单种类").select_option("deceased")
    page.set_input_files("input[type=file]", file)
    expect(page.locator("[data-chosen]")).to_contain_text("死亡名单.xlsx")
    page.get_by_role("button", name="导入", exact=True).click()
    expect(page.get_by_text("生效 1 行，退回 1 行")).to_be_visible()
    expect(page.get_by_text("不是可识别的日期")).to_be_visible()
    assert registry.counts()["outside_fact"] == 1

    page.get_by_role("button", name=re.compile("^撤回")).click()
    expect(page.get_by_text("已撤回")).to_be_visible()
    assert registry.counts()["outside_fact"] == 0
    assert faults == []
