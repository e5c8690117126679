from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from fastapi import Depends, FastAPI, Request
from playwright.sync_api import Page, expect
from starlette.responses import Response

from shared.http import make_app
from shared.kernel.clock import FixedClock
from shared.metrics import Metrics
from shared.security import Keyring, Principal, Role, allow, tokens
from shared.web import NavItem, add_pages
from shared.web.rendering import COMMON_TEMPLATES

Up = Callable[..., httpx.Client]


@pytest.fixture
def address(depot: FastAPI, up: Up) -> str:
    return str(up(depot, "/dispatcher").base_url).rstrip("/")


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser's console complained of: a breach of the content security policy is among it."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


@pytest.fixture
def signed_in(page: Page, address: str, token: str) -> Page:
    page.goto(f"{address}/sign-in#token={token}")
    page.wait_for_url(f"{address}/trips")
    return page


def test_a_sign_in_link_signs_in_and_leaves_no_token_in_the_address(
    signed_in: Page, complaints: list[str], token: str
) -> None:
    expect(signed_in.get_by_role("heading", level=1)).to_have_text("今日车次")
    assert "token" not in signed_in.url
    signed_in.go_back()
    assert token not in signed_in.url
    assert complaints == []


def test_who_has_no_page_here_is_led_to_the_other_service_though_it_is_another_origin(
    app: FastAPI, up: Up, keyring: Keyring, clock: FixedClock, page: Page, complaints: list[str]
) -> None:
    """A browser refuses a form whose answer leads where its page did not say that forms lead."""
    for_operators = frozenset({Role.OPERATOR})
    other = make_app("notifier", "Other", "1", Metrics("notifier"), keyring, lambda: None, clock)
    add_pages(other, [NavItem("/outbox", "发件箱", "Outbox", for_operators)])

    @other.get("/outbox", dependencies=[Depends(allow(Role.OPERATOR))])
    def outbox(request: Request) -> Response:
        return COMMON_TEMPLATES.TemplateResponse(request, "base.html")

    there = str(up(other).base_url).rstrip("/")
    add_pages(app, [NavItem(f"{there}/outbox", "发件箱", "Outbox", for_operators)])
    operator = Principal("o", for_operators, ("52",))
    token = tokens.issue(keyring, operator, timedelta(hours=1), clock)
    page.goto(f"{up(app).base_url}/sign-in#token={token}")
    page.wait_for_url(f"{there}/outbox")
    expect(page.get_by_role("link", name="发件箱")).to_be_visible()
    assert complaints == []


def test_the_map_is_drawn_on_canvas_and_its_trips_can_be_chosen_by_keyboard(
    signed_in: Page, complaints: list[str]
) -> None:
    region = signed_in.get_by_role("region", name="车次地图")
    expect(region.locator("canvas")).to_have_count(2)
    expect(region.locator(".map-words")).to_be_empty()
    region.locator("summary").press("Enter")
    first = region.get_by_role("button", name="T-0 <b>望谟</b>")
    first.press("Enter")
    expect(first).to_have_attribute("aria-pressed", "true")
    painted = """() => { let found = 0;
        for (const canvas of document.querySelectorAll(".map canvas")) {
            const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
            for (let i = 0; i < pixels.length; i += 4)
                if (Math.abs(pixels[i] - 0xb8) < 8 && Math.abs(pixels[i + 1] - 0x48) < 8 && pixels[i + 3] > 200) found += 1;
        }
        return found; }"""
    signed_in.wait_for_function(f"({painted})() > 50")
    assert complaints == []


def test_the_map_says_what_its_dots_are_and_lays_no_name_over_them(
    signed_in: Page, complaints: list[str]
) -> None:
    region = signed_in.get_by_role("region", name="车次地图")
    expect(region.locator(".map-words")).to_be_empty()
    expect(region.locator(".map-legend li")).to_have_text(["上车点", "厂门"])
    above = """(selector) => [...document.querySelectorAll(`.map ${selector}`)].map((one) => {
        for (let at = one; at; at = at.parentElement) {
            const level = getComputedStyle(at).zIndex;
            if (at.classList.contains("leaflet-pane") && level !== "auto") return Number(level);
        }
        return 0;
    })"""
    ground, trips = sorted(signed_in.evaluate(above, "canvas"))
    names = set(signed_in.evaluate(above, ".map-name"))
    assert len(names) == 1
    assert ground < names.pop() < trips
    assert complaints == []


def test_a_swap_carries_the_csrf_token_and_is_spoken(signed_in: Page, complaints: list[str]) -> None:
    signed_in.get_by_role("button", name="批准").click()
    expect(signed_in.locator("#outcome")).to_have_text("ok")
    expect(signed_in.locator("#live")).to_have_text("已批准 1 车次")
    assert complaints == []


def test_what_is_unfolded_stays_so_when_it_is_swapped(signed_in: Page, complaints: list[str]) -> None:
    signed_in.get_by_text("更多", exact=True).click()
    signed_in.get_by_role("button", name="更新").click()
    expect(signed_in.locator("#more p")).to_have_text("新的内容")
    expect(signed_in.locator("#more p")).to_be_visible()
    assert complaints == []


def test_a_swap_that_fails_tells_why(signed_in: Page) -> None:
    signed_in.get_by_role("button", name="退回").click()
    expect(signed_in.locator("#live")).to_have_text("该车次已经批准。")


def test_a_plain_form_carries_the_csrf_token(signed_in: Page) -> None:
    signed_in.get_by_label("备注").fill("四个字呀")
    signed_in.get_by_role("button", name="保存").click()
    expect(signed_in).to_have_title("noted")


def test_the_keyboard_reaches_the_content_first(signed_in: Page) -> None:
    signed_in.keyboard.press("Tab")
    expect(signed_in.locator(".skip")).to_be_focused()
    signed_in.keyboard.press("Enter")
    expect(signed_in.locator("#main")).to_be_focused()


def test_a_phone_needs_no_sideways_scrolling(signed_in: Page) -> None:
    for width in (320, 390):
        signed_in.set_viewport_size({"width": width, "height": 844})
        assert signed_in.evaluate("document.documentElement.scrollWidth") == width


def test_on_a_narrow_screen_the_navigation_begins_where_the_page_lies(signed_in: Page, address: str) -> None:
    signed_in.set_viewport_size({"width": 120, "height": 600})
    for path in ("/trips", "/trips/late"):
        signed_in.goto(f"{address}{path}")
        entry = signed_in.locator(".site-nav [aria-current]").bounding_box()
        assert entry
        assert entry["x"] >= 0, path
        assert entry["x"] + entry["width"] <= 120, path


def test_signing_out_leads_to_the_sign_in(signed_in: Page, address: str) -> None:
    signed_in.get_by_role("button", name="退出").click()
    signed_in.wait_for_url(f"{address}/sign-in")


def test_the_language_is_switched_and_kept(signed_in: Page, address: str) -> None:
    signed_in.get_by_role("link", name="English").click()
    expect(signed_in.get_by_role("heading", level=1)).to_have_text("Today's trips")
    signed_in.goto(f"{address}/trips")
    expect(signed_in.get_by_role("heading", level=1)).to_have_text("Today's trips")


def test_without_scripts_the_token_is_pasted(page: Page, address: str, token: str) -> None:
    assert page.context.browser is not None
    context = page.context.browser.new_context(java_script_enabled=False, locale="zh-CN")
    plain = context.new_page()
    plain.goto(f"{address}/sign-in")
    plain.get_by_label("访问令牌").fill(token)
    plain.get_by_role("button", name="登录").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("今日车次")
    context.close()
