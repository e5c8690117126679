"""The browser of the tests is a real Chromium that can show what the pages are written in."""

from playwright.sync_api import Page


def test_chinese_text_is_drawn_and_not_replaced_by_empty_boxes(page: Page) -> None:
    """Two different characters without a glyph look the same: an empty box."""
    page.set_content("<meta charset=utf-8><span id=a>贵</span><br><span id=b>州</span>")
    assert page.inner_text("#a") == "贵"
    assert page.locator("#a").screenshot() != page.locator("#b").screenshot()


def test_a_page_acts_on_a_click(page: Page) -> None:
    page.set_content("<button onclick=\"this.textContent='已确认'\">确认</button>")
    page.get_by_role("button").click()
    assert page.get_by_role("button").inner_text() == "已确认"


def test_a_page_starts_without_the_cookies_of_another(page: Page) -> None:
    assert page.context.cookies() == []
