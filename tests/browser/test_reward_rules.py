"""A clerk puts an office's own rule in force on a narrow screen and without a mouse: the first file has a fault, the next is mended."""

from pathlib import Path

from playwright.sync_api import Page, expect

from shared.security import Role
from tests.browser.conftest import Open, Watched
from tests.browser.house import SANDU, House
from tests.browser.looking import faint_words_of, faults_of
from tests.browser.test_bureau import tab_to
from tests.registry.api.test_reward_rules import OWN

NARROW = {"width": 360, "height": 740}


def send(page: Page, file: Path) -> None:
    """Choose a file and have it checked, by keyboard."""
    tab_to(page, "#file")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(file)
    expect(page.get_by_text(f"{file.name} ·")).to_be_visible()
    tab_to(page, "form[data-upload] button[type=submit]")
    page.keyboard.press("Enter")


def look_at(page: Page) -> None:
    """Everybody can read it, in both languages, and it is no wider than the screen."""
    assert faults_of(page) == []
    assert faint_words_of(page) == []


def test_a_rule_is_sent_mended_and_put_in_force_by_keyboard_on_a_narrow_phone(
    house: House, open_page: Open, watched: Watched, tmp_path: Path
) -> None:
    watched.expected_statuses.add(422)
    wrong, mended = tmp_path / "wrong.yaml", tmp_path / "mended.yaml"
    wrong.write_text(OWN.replace("fen: 10_000", "fen: much"), "utf-8")
    mended.write_text(OWN, "utf-8")
    page = open_page()
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    page.on("filechooser", lambda _: None)
    page.goto(house.sign_in_link("registry", Role.BUREAU, SANDU.code))
    page.wait_for_url("**/registry/rosters")
    page.goto(house.address("registry", "/rewards"))
    tab_to(page, "a[href$='/rewards/rules/file']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/rewards/rules/file")
    look_at(page)

    send(page, wrong)
    expect(page.get_by_text("第 11 行：amount.tiers[0].fen")).to_be_visible()
    look_at(page)
    send(page, mended)
    expect(page.get_by_text("核对结果：尚未生效")).to_be_visible()
    expect(page.get_by_text("人数按一年全部名单累计")).to_be_visible()
    look_at(page)
    tab_to(page, "form[action$='/put'] button")
    page.keyboard.press("Enter")

    page.wait_for_url("**/registry/rewards")
    expect(page.get_by_role("rowheader", name="三都县组织输出奖补")).to_be_visible()
    look_at(page)
