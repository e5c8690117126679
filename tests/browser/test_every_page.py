"""Every page as every user sees it, in both languages, at a desk and on a phone: nobody is shut out, nothing is
left in the other language, no word is too faint, nothing is wider than the screen."""

import re
from datetime import datetime

import pytest
from playwright.sync_api import Page

from shared.security import Role
from tests.browser.conftest import Open
from tests.browser.house import ALL_ARRIVED, DAY, SANDU, House
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
            "/people",
            "/people?conflicts=true",
            "/people/{person_id}",
            "/people/{person_id}/reveal",
            "/population",
            "/population/{population_id}",
            "/exchange",
            "/exchange/exports/{export_id}",
        ),
    ),
    ("registry", Role.FINANCE, ("/outside-lists", "/rewards", "/rewards/{reward_list_id}")),
    (
        "registry",
        Role.BUREAU,
        (
            "/rewards",
            "/rewards/rules/file",
            "/rewards/{reward_list_id}?outcome=refused",
            "/people/{person_id}/benefits",
        ),
    ),
    ("registry", Role.ENTERPRISE, ("/workforce",)),
    ("registry", Role.BUREAU, ("/cases", "/cases?only_open=false", "/cases/new", "/cases/{case_id}")),
    ("registry", Role.RIGHTS, ("/cases", "/cases/{case_id}")),
    ("registry", Role.AUDIT, ("/case-counts",)),
    (
        "registry",
        Role.BUREAU,
        (
            "/tracking",
            "/tracking/tasks",
            "/tracking/helpers/{helper_id}",
            "/tracking/people/{person_id}",
        ),
    ),
    ("registry", Role.HELPER, ("/my-list", "/households/zero", "/households/{household_id}")),
    (
        "registry",
        Role.BUREAU,
        (
            "/households",
            "/households/zero",
            "/households/{household_id}",
            "/sites",
            "/sites/{site_code}",
        ),
    ),
    (
        "dispatcher",
        Role.DISPATCHER,
        (
            f"/board?day={DAY}",
            "/board?day=2020-03-30",
            "/rounds/{round_id}",
            "/trips/{trip_id}",
            "/trips/{trip_id}/manifest",
        ),
    ),
    (
        "dispatcher",
        Role.FINANCE,
        (
            "/ledger",
            "/ledger?trip_id={trip_id}",
            "/ledger?trip_id=none",
            "/lab",
            "/lab?round_id={round_id}&floor=30&cap=&rate=60",
            "/budgets",
            "/claims",
            "/statements",
            f"/periods?county_code={SANDU.code}&season=2020-spring",
            "/notices",
        ),
    ),
    ("dispatcher", Role.AUDIT, ("/trace", "/trace/{trip_id}", "/trace/{request_id}")),
    ("dispatcher", Role.ENTERPRISE, ("/trips/{trip_id}", "/ledger", "/claims", "/statements")),
    ("notifier", Role.ENTERPRISE, ("/arrivals", "/arrivals?earlier=true", "/arrivals/{trip_id}")),
    ("notifier", Role.CARRIER, ("/coaches",)),
    ("notifier", Role.OPERATOR, ("/outbox", "/outbox?medium=email", "/outbox?state=failed")),
]
"""Service, who looks, what at."""

WORKERS = [str(row["name"]) for row in SANDU.rows(14)]
LINKS: list[tuple[Role, str]] = [(Role.CARRIER, "/b/"), (Role.ENTERPRISE, "/h/")]
"""For whom, and what the address of the page behind the link begins with."""

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
    return any(one in text for one in (*known, *WORKERS))


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


WORDS = {"zh": ("zh-CN", "在本机打开"), "en": ("en-US", "Open on this device")}


def look_behind_links(house: House, open_page: Open, phone: bool, language: str) -> dict[str, list[str]]:
    """What is wrong with the pages of the links to a trip, by whose page it is; before it is opened, and after."""
    wrong: dict[str, list[str]] = {}

    def look(page: Page, what: str) -> None:
        found = faults_of(page) + left_in_the_other_language(page, language)
        found += [] if phone else faint_words_of(page)
        if found:
            wrong[what] = found

    locale, button = WORDS[language]
    for role, letter in LINKS:
        page = open_page(phone=phone, language=locale)
        page.goto(house.link(SANDU, role))
        assert letter in page.url
        look(page, f"{letter} before it is opened")
        page.get_by_role("button", name=button).click()
        page.locator(".rider").first.wait_for()
        look(page, letter)
    return wrong


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_behind_a_link_is_for_everybody_the_day_before(
    lived: House, open_page: Open, phone: bool, language: str
) -> None:
    board(lived, lived.clock.now())
    assert look_behind_links(lived, open_page, phone, language) == {}


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


def board(house: House, at: datetime, **departure: str) -> list[str]:
    """The escort marks the first rider as absent and the others as boarded; the riders."""
    carrier = house.office.token(Role.CARRIER, "", SANDU.carrier_id)
    path = f"/api/trips/{house.made[SANDU.code]['trip_id']}"
    found = house.office.call(carrier, "notifier", "GET", f"{path}/riders")["riders"]
    riders = [rider["request_id"] for rider in found]
    marks = [
        {
            "request_id": rider,
            "presence": "no_show" if rider == riders[0] else "boarded",
            "at": at.isoformat(),
        }
        for rider in riders
    ]
    house.office.call(carrier, "notifier", "POST", f"{path}/boarding", json={"marks": marks, **departure})
    return riders


def bring_to_the_gate(house: House) -> None:
    """The coach is there; one worker did not come, and one is refused."""
    if house.clock.now() < ALL_ARRIVED:
        house.clock.jump_to(ALL_ARRIVED)
    carrier = house.office.token(Role.CARRIER, "", SANDU.carrier_id)
    (trip,) = house.office.call(carrier, "notifier", "GET", "/api/trips")["trips"]
    riders = board(house, datetime.fromisoformat(trip["departs_at"]), departed_at=trip["departs_at"])
    enterprise = house.office.token(Role.ENTERPRISE, "", SANDU.enterprise_id)
    answers = [{"request_id": riders[1], "outcome": "refused", "reason": "health"}]
    path = f"/api/trips/{trip['trip_id']}/confirmations"
    house.office.call(enterprise, "notifier", "POST", path, json={"answers": answers})


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_behind_a_link_is_for_everybody_at_the_gate(
    lived: House, open_page: Open, phone: bool, language: str
) -> None:
    bring_to_the_gate(lived)
    assert look_behind_links(lived, open_page, phone, language) == {}
