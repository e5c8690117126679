"""A bureau in front of its pages: from a roster with good and bad rows to everybody followed, without a mouse."""

import io
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from shared.roster import COLUMNS
from shared.security import Role
from tests.browser.conftest import Open, Watched
from tests.browser.house import SANDU, House
from tests.registry.rosters import xlsx

PHONE_COLUMN = [column.key for column in COLUMNS].index("phone")


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    """Eight workers, of whom one has no whole phone number and one goes to a gate that nobody knows."""
    rows = SANDU.rows(8)
    rows[3] |= {"phone": "1380855"}
    rows[6] |= {"gate": "九号门"}
    file = tmp_path / "三都县2月24日返岗名单.xlsx"
    file.write_bytes(xlsx(rows))
    return file


def tab_to(page: Page, selector: str) -> None:
    """Press the tabulator until the focus is there."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement?.matches(selector)", selector):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


def test_a_roster_is_sent_mended_and_followed_by_keyboard_alone(
    house: House, open_page: Open, roster: Path, tmp_path: Path
) -> None:
    page = open_page()
    page.on("filechooser", lambda _: None)  # from the start: the browser takes a moment to hand choosers over
    page.goto(house.sign_in_link("registry", Role.BUREAU, SANDU.code))
    page.wait_for_url("**/registry/rosters")
    tab_to(page, "#file")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(roster)
    expect(page.get_by_text("三都县2月24日返岗名单.xlsx ·")).to_be_visible()
    tab_to(page, "button.primary")
    page.keyboard.press("Enter")

    page.wait_for_url("**/registry/rosters/*")
    expect(page.get_by_text("有 2 行被退回")).to_be_visible()
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(8)
    expect(rows.nth(3)).to_contain_text("手机号")
    expect(rows.nth(6)).to_contain_text("九号门")
    expect(rows.nth(0)).to_contain_text("东门")

    tab_to(page, "a[download]")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    book = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    assert heads[: len(COLUMNS)] == [column.zh for column in COLUMNS]
    reasons = [str(sheet.cell(row, heads.index("原因") + 1).value) for row in (2, 3)]
    assert "手机号" in reasons[0]
    assert "九号门" in reasons[1]

    sheet.cell(2, PHONE_COLUMN + 1).value = "15400009999"
    mended = tmp_path / "改好的退回行.xlsx"
    book.save(mended)
    page.goto(house.address("registry", "/rosters"))
    page.set_input_files("#file", mended)
    page.get_by_role("button", name="上传并核对").press("Enter")
    page.wait_for_url("**/registry/rosters/*")
    expect(page.get_by_text("有 1 行被退回")).to_be_visible()

    page.get_by_role("link", name="出行需求").press("Enter")
    expect(page.get_by_role("link", name="全部 7")).to_be_visible()
    expect(page.locator("tbody .badge").first).to_have_text("已登记")
    assert "15400009999" not in page.content()


def test_a_file_that_is_no_roster_changes_nothing_and_says_what_to_do(
    house: House, open_page: Open, watched: Watched, tmp_path: Path
) -> None:
    watched.expected_statuses = {415, 422}
    page = open_page()
    page.goto(house.sign_in_link("registry", Role.BUREAU, SANDU.code))
    page.wait_for_url("**/registry/rosters")
    picture = tmp_path / "名单.xlsx"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    page.set_input_files("#file", picture)
    page.get_by_role("button", name="上传并核对").click()
    told = page.get_by_role("alert")
    expect(told).to_contain_text("整份文件未导入，没有任何改动")
    expect(told).to_contain_text("请")


def test_the_language_is_switched_where_one_stands(house: House, open_page: Open) -> None:
    page = open_page()
    page.goto(house.sign_in_link("registry", Role.BUREAU, SANDU.code))
    expect(page.get_by_role("heading", level=1)).to_have_text("花名册")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Rosters")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_text("None chosen yet")).to_be_visible()
    page.get_by_role("link", name="Board").click()
    page.wait_for_url("**/dispatcher/board")
    expect(page.get_by_text("Dispatcher's board")).to_be_visible()
    page.get_by_role("link", name="中文").click()
    expect(page.get_by_text("调度看板").first).to_be_visible()


def test_whoever_is_not_signed_in_is_led_to_the_sign_in_and_back(house: House, open_page: Open) -> None:
    page = open_page()
    page.goto(house.address("registry", "/requests"))
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    page.get_by_label("访问令牌").fill(house.office.token(Role.BUREAU, SANDU.code))
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/registry/requests")
    page.get_by_role("button", name="退出").click()
    page.wait_for_url("**/sign-in")
    page.go_back()
    page.reload()
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
