"""Every page as every user sees it, in both languages, at a desk and on a phone: nobody is shut out, nothing is
left in the other language, no word is too faint, nothing is wider than the screen."""

import re

import pytest
from playwright.sync_api import Page

from shared.security import Role
from tests.browser.conftest import Open
from tests.browser.house import DAY, SANDU, House
from tests.browser.looking import faint_words_of, faults_of

PAGES: list[tuple[str, Role, tuple[str, ...]]] = [
    (
        "registry",
        Role.BUREAU,
        (
            "/rosters",
            "/rosters/{roster_id}",
            "/rosters/{roster_id}?outcome=refused",
            "/requests",
            "/requests/{request_id}",
        ),
    ),
    (
        "dispatcher",
        Role.DISPATCHER,
        (f"/board?day={DAY}", "/board?day=2020-03-30", "/trips/{trip_id}", "/trips/{trip_id}/manifest"),
    ),
    ("dispatcher", Role.FINANCE, ("/ledger", "/ledger?trip_id={trip_id}", "/ledger?trip_id=none")),
    ("dispatcher", Role.ENTERPRISE, ("/trips/{trip_id}", "/ledger")),
    ("notifier", Role.ENTERPRISE, ("/arrivals", "/arrivals?earlier=true", "/arrivals/{trip_id}")),
    ("notifier", Role.CARRIER, ("/coaches",)),
    ("notifier", Role.OPERATOR, ("/outbox", "/outbox?medium=email", "/outbox?state=failed")),
]
"""Service, who looks, what at."""

CHROME = "nav a, button, thead th, label, legend, summary, dt, .badge, .tabs a, .stat .note, .kicker:not(:has(code))"
CJK = re.compile(r"[\u4e00-\u9fff]")


def organisation_of(role: Role) -> tuple[str, str | None]:
    organisations = {Role.ENTERPRISE: SANDU.enterprise_id, Role.CARRIER: SANDU.carrier_id}
    return ("", organisations[role]) if role in organisations else (SANDU.code, None)


def left_in_the_other_language(page: Page, language: str) -> list[str]:
    """The page's own words, which are not data, in the language that was not asked for."""
    words = page.locator(f"main :is({CHROME})").all_inner_texts()
    spoken = [text.strip() for text in words if text.strip()]
    if language == "en":
        return [text for text in spoken if CJK.search(text) and not _is_data(text)]
    return [
        text
        for text in spoken
        if re.search(r"[A-Za-z]{4,}", text) and not CJK.search(text) and not _is_data(text)
    ]


def _is_data(text: str) -> bool:
    known = (SANDU.enterprise, SANDU.carrier, "东门", "测试", "三都", "三合", "大河", "Trip", "T-522732")
    return any(one in text for one in known)


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_is_for_everybody(lived: House, open_page: Open, phone: bool, language: str) -> None:
    wrong: dict[str, list[str]] = {}
    for service, role, paths in PAGES:
        page = open_page(phone=phone, language={"zh": "zh-CN", "en": "en-US"}[language])
        page.goto(lived.sign_in_link(service, role, *organisation_of(role)))
        page.wait_for_url(lambda url: "/sign-in" not in url)
        for path in paths:
            answer = page.goto(lived.address(service, path.format(**lived.made[SANDU.code])))
            assert answer
            assert answer.status == 200, path
            found = faults_of(page) + left_in_the_other_language(page, language)
            found += [] if phone else faint_words_of(page)
            if found:
                wrong[f"{role} {service}{path}"] = found
        page.context.close()
    assert wrong == {}


def test_the_sign_in_page_is_for_everybody(house: House, open_page: Open) -> None:
    for phone in (False, True):
        page = open_page(phone=phone)
        page.goto(house.address("registry", "/sign-in"))
        assert faults_of(page) + faint_words_of(page) == []


def test_the_skip_link_comes_first_and_every_control_shows_its_focus(lived: House, open_page: Open) -> None:
    page = open_page()
    page.goto(lived.sign_in_link("dispatcher", Role.DISPATCHER, SANDU.code))
    page.wait_for_url("**/dispatcher/board")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    seen: dict[str, bool] = {}
    for _ in range(18):
        page.keyboard.press("Tab")
        element, shows = page.evaluate("""() => {
            const at = document.activeElement, style = getComputedStyle(at);
            return [at === document.body ? "the end" : at.outerHTML.slice(0, 80), at === document.body || style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 1]; }""")
        seen[element] = seen.get(element, False) or shows  # a date has stops of its own, drawn by the browser
    assert len(seen) > 8
    assert [element for element, shows in seen.items() if not shows] == []
