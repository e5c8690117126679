"""People in front of the running services: a browser whose every complaint and every request is kept."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from tests.browser.house import COUNTIES, House, running_house

DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def house(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The three services behind one address, with terms, and nobody who travels yet."""
    with running_house(postgres, tmp_path_factory.mktemp("house")) as made:
        made.load_terms()
        yield made


@pytest.fixture(scope="module")
def lived(house: House) -> House:
    """The same with a trip of each county, approved and told."""
    for county in COUNTIES:
        house.live_until_told(county, 14)
    return house


@dataclass
class Watched:
    """What went wrong in browsers: the console, the content security policy, other hosts."""

    own: str
    complaints: list[str] = field(default_factory=list)
    expected_statuses: set[int] = field(default_factory=set)
    """Answers that a test provokes: a page for them is what it looks at."""
    expected_offline: bool = False
    """The test takes the network away: a browser says so of each request."""

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("console", self._hear)
        page.on("request", self._see)

    def _hear(self, said: ConsoleMessage) -> None:
        expected = any(f"status of {status}" in said.text for status in self.expected_statuses)
        expected |= self.expected_offline and "net::ERR_" in said.text
        if said.type in ("error", "warning") and not expected:
            self.complaints.append(f"console: {said.text}")

    def _see(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.netloc != self.own:
            self.complaints.append(f"asks another host: {request.url}")


@pytest.fixture
def watched(house: House) -> Iterator[Watched]:
    """Fails a test whose browsers complained or asked another host for anything."""
    made = Watched(urlsplit(house.url).netloc)
    yield made
    assert made.complaints == []


Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, watched: Watched) -> Iterator[Open]:
    """`open_page(phone=True, language="en")`: a page of a profile of its own, watched."""
    with ExitStack() as closing:

        def make(*, phone: bool = False, language: str = "zh-CN") -> Page:
            context: BrowserContext = browser.new_context(
                locale=language,
                timezone_id="Asia/Shanghai",
                viewport=PHONE if phone else DESK,  # type: ignore[arg-type]
                has_touch=phone,
                accept_downloads=True,
            )
            closing.callback(context.close)
            page = context.new_page()
            watched.watch(page)
            return page

        yield make
