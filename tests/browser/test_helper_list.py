"""A helper's list on the phone: loaded once it works without network; what is recorded arrives once, whatever happens to the tab."""

import itertools
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect
from sqlalchemy import text

from services.registry.usecases.parts import Parts
from services.registry.usecases.tracking.months import make_month
from shared.security import Principal, Role
from tests.browser.conftest import Open, Watched
from tests.browser.house import SANDU, House
from tests.browser.looking import faint_words_of, faults_of
from tests.registry.folk import Folk, add_folk, add_helper
from tests.registry.tracked import MARCH, SINCE, follow

HELPER, COLLEAGUE = "h.wang", "h.li"
MARCH_12 = datetime.fromisoformat("2020-03-12T10:00:00+08:00")
APRIL_1 = datetime.fromisoformat("2020-04-01T00:01:00+08:00")
TAPS = (
    ("仍在原单位", "3000–3999元"),
    ("换了单位", "浙江"),
    ("正在找工作", "确认：正在找工作"),
    ("已返乡", "确认：已返乡"),
    ("联系不上", "确认：联系不上"),
)
PEOPLE = 20
HOUR_MS = 3_600_000


@pytest.fixture(scope="module")
def parts(house: House) -> Parts:
    """The registry's, in the middle of March."""
    house.clock.jump_to(MARCH_12)
    made: Parts = house.apps["registry"].state.parts
    return made


_used = itertools.count(1, 100)


@pytest.fixture
def people(parts: Parts, house: House) -> list[Folk]:
    """A helper's twenty, and nobody of whom anything is recorded."""
    with parts.database.session() as session:
        for table in ("tracking_record", "tracking_task", "tracking", "assignment"):
            session.connection().execute(text(f"DELETE FROM {table}"))
        session.connection().execute(text("UPDATE person_file SET helper_id = NULL"))
        session.connection().execute(text("DELETE FROM helper"))
    add_helper(parts, HELPER)
    first = next(_used)
    made = add_folk(parts, range(first, first + PEOPLE), helper_id=HELPER, employed_since=SINCE)
    follow(parts, made)
    with parts.database.session() as session:
        make_month(session, MARCH, house.clock)
    return made


SignIn = Callable[..., Page]


@pytest.fixture
def sign_in(house: House, open_page: Open) -> SignIn:
    """A phone on which that helper is signed in, at their list."""

    def make(helper: str = HELPER, *, page: Page | None = None, language: str = "zh-CN") -> Page:
        page = page or open_page(phone=True, language=language)
        cookies = house.session_cookie(
            Principal(helper, frozenset({Role.HELPER}), (SANDU.code,), None, "帮扶甲")
        )
        page.context.add_cookies([{"name": n, "value": v, "url": house.url} for n, v in cookies.items()])
        page.goto(house.address("registry", "/my-list"))
        return page

    return make


def ready(page: Page) -> Page:
    """Once the page is kept on the phone."""
    expect(page.locator("[data-ready=yes]")).to_be_attached()
    return page


def cards(page: Page) -> Locator:
    return page.locator("li.person")


def record(card: Locator, number: int) -> None:
    """Two taps."""
    finding, second = TAPS[number % len(TAPS)]
    card.get_by_role("button", name=finding, exact=True).click()
    card.get_by_role("button", name=second, exact=True).click()


def another_tab(context: BrowserContext, watched: Watched) -> Page:
    page = context.new_page()
    watched.watch(page)
    return page


def recorded(parts: Parts) -> list[tuple[Any, ...]]:
    with parts.database.session() as session:
        asked = "SELECT id, person_id, outcome FROM tracking_record ORDER BY recorded_at"
        return [tuple(row) for row in session.connection().execute(text(asked))]


def test_twenty_records_made_without_network_arrive_once_each_though_the_tab_is_killed(
    house: House, parts: Parts, people: list[Folk], sign_in: SignIn, watched: Watched
) -> None:
    page = ready(sign_in())
    expect(cards(page)).to_have_count(PEOPLE)
    context = page.context
    watched.expected_offline = True
    context.set_offline(True)
    for number in range(PEOPLE):
        record(cards(page).nth(number), number)
    expect(page.locator("[data-waiting] [data-count]")).to_have_text(str(PEOPLE))
    assert recorded(parts) == []
    page.close(run_before_unload=False)

    again = another_tab(context, watched)
    again.goto(house.address("registry", "/my-list"))
    expect(again.get_by_text("没有网络：这是上次载入的名单")).to_be_visible()
    expect(cards(again)).to_have_count(PEOPLE)
    expect(again.locator("[data-waiting] [data-count]")).to_have_text(str(PEOPLE))
    again.close(run_before_unload=False)

    context.set_offline(False)
    last = another_tab(context, watched)
    last.goto(house.address("registry", "/my-list"))
    expect(last.locator("[data-waiting]")).to_be_hidden()
    house.office.await_true(lambda: len(recorded(parts)) == PEOPLE, "all have arrived", 20)
    rows = recorded(parts)
    assert {row[1] for row in rows} == {one.id for one in people}
    assert sorted(row[2] for row in rows) == sorted(
        ["same", "changed", "looking", "home", "not_reached"] * (PEOPLE // 5)
    )
    last.reload()
    expect(last.locator("[data-done]")).to_have_text("16")
    assert len(recorded(parts)) == PEOPLE


def test_a_list_is_called_and_recorded_in_two_taps_and_a_second_try_goes_on_another_day(
    house: House, parts: Parts, people: list[Folk], sign_in: SignIn
) -> None:
    page = sign_in()
    card = page.locator("li.person", has_text=people[0].name)
    expect(card.get_by_role("link", name="拨打电话")).to_have_attribute("href", f"tel:{people[0].phone}")
    record(card, 0)
    expect(card.locator("[data-state]")).to_have_text("仍在原单位")
    expect(page.locator("[data-waiting]")).to_be_hidden()
    tried = page.locator("li.person", has_text=people[1].name)
    record(tried, 4)
    expect(tried.locator("[data-state]")).to_have_text("已试一次")
    record(tried, 4)  # the same day: it is still one
    expect(tried.locator("[data-state]")).to_have_text("已试一次")
    record(card, 4)  # who was reached today was reached
    expect(card.locator("[data-state]")).to_have_text("仍在原单位")
    # A card is marked a moment before what waits is counted anew: only the record itself says that it has arrived.
    house.office.await_true(lambda: len(recorded(parts)) == 4, "all have arrived", 20)
    assert [row[2] for row in recorded(parts)] == ["same", "not_reached", "not_reached", "not_reached"]
    expect(page.locator("[data-waiting]")).to_be_hidden()
    page.reload()
    expect(card.locator("[data-state]")).to_have_text("仍在原单位")
    expect(tried.locator("[data-state]")).to_have_text("已试一次")


def test_a_record_whose_answer_is_lost_on_the_way_back_is_sent_again_and_counts_once(
    parts: Parts, people: list[Folk], sign_in: SignIn, watched: Watched
) -> None:
    page = ready(sign_in())
    watched.expected_offline = True
    sent: list[str] = []

    def lose(route: Route) -> None:
        sent.append(route.request.post_data or "")
        assert route.fetch().ok
        route.abort()

    page.route("**/api/tracking/records", lose)
    with page.expect_event("requestfailed", lambda failed: "/api/tracking/records" in failed.url):
        record(cards(page).nth(0), 0)
    assert len(recorded(parts)) == 1
    expect(page.locator("[data-waiting] [data-count]")).to_have_text("1")
    page.unroute("**/api/tracking/records", lose)
    with page.expect_response("**/api/tracking/records") as answered:
        pass
    assert answered.value.request.post_data == sent[0]
    expect(page.locator("[data-waiting]")).to_be_hidden()
    assert len(recorded(parts)) == 1


def test_what_is_refused_is_told_and_not_sent_for_ever(
    parts: Parts, people: list[Folk], sign_in: SignIn, watched: Watched
) -> None:
    page = sign_in()
    expect(cards(page)).to_have_count(PEOPLE)
    name = cards(page).nth(0).locator("[data-name]").inner_text()
    with parts.database.session() as session:
        session.connection().execute(text("UPDATE person_file SET helper_id = NULL"))
    record(cards(page).nth(0), 2)
    expect(page.locator("[data-refused]")).to_contain_text(name)
    expect(page.locator("[data-refused]")).to_contain_text("此人在该月不在您的名单上")
    page.get_by_role("button", name="知道了").click()
    expect(page.locator("[data-refused]")).to_be_hidden()
    expect(page.get_by_text("本月没有需要跟踪的人员")).to_be_visible()
    assert recorded(parts) == []


def kept_on(page: Page) -> str:
    """All that the phone keeps of the list, as text."""
    found: str = page.evaluate("""async () => {
      const all = [];
      for (const name of await caches.keys()) {
        const shelf = await caches.open(name);
        for (const request of await shelf.keys()) all.push(request.url, await (await shelf.match(request)).text());
      }
      for (const { name } of await indexedDB.databases()) {
        const open = await new Promise((done) => { const asked = indexedDB.open(name); asked.onsuccess = () => done(asked.result); });
        for (const store of open.objectStoreNames) {
          const rows = await new Promise((done) => { const asked = open.transaction(store).objectStore(store).getAll(); asked.onsuccess = () => done(asked.result); });
          all.push(JSON.stringify(rows));
        }
        open.close();
      }
      return all.concat(JSON.stringify(localStorage), JSON.stringify(sessionStorage)).join("\\n");
    }""")
    return found


def test_who_signs_out_leaves_no_name_on_the_phone_and_what_waited_goes_out_when_they_are_back(
    house: House, parts: Parts, people: list[Folk], sign_in: SignIn, watched: Watched
) -> None:
    page = ready(sign_in())
    expect(cards(page)).to_have_count(PEOPLE)
    assert people[0].name in kept_on(page)
    watched.expected_offline = True
    page.route("**/api/tracking/records", lambda route: route.abort())
    record(cards(page).nth(0), 0)
    expect(page.locator("[data-waiting] [data-count]")).to_have_text("1")
    page.get_by_role("button", name="退出").click()
    page.wait_for_url("**/sign-in")
    left = kept_on(page)
    for one in people:
        assert one.name not in left
        assert one.phone not in left
    page.unroute("**/api/tracking/records")

    sign_in(COLLEAGUE, page=page)
    expect(page.get_by_text("本月没有需要跟踪的人员")).to_be_visible()
    assert recorded(parts) == []
    sign_in(HELPER, page=page)
    expect(page.locator("[data-waiting]")).to_be_hidden()
    house.office.await_true(lambda: len(recorded(parts)) == 1, "it has arrived", 20)


def test_another_helper_who_signs_in_on_the_same_phone_sees_nothing_of_the_first_s_list(
    people: list[Folk], sign_in: SignIn, house: House, watched: Watched
) -> None:
    page = ready(sign_in())
    expect(cards(page)).to_have_count(PEOPLE)
    watched.expected_offline = True
    sign_in(COLLEAGUE, page=page)
    expect(page.get_by_text("本月没有需要跟踪的人员")).to_be_visible()
    ready(page)
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_text("没有网络：这是上次载入的名单")).to_be_visible()
    assert people[0].name not in kept_on(page) + page.content()


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_the_list_is_for_a_small_phone_in_both_languages(
    people: list[Folk], sign_in: SignIn, language: str
) -> None:
    page = sign_in(language=language)
    page.set_viewport_size({"width": 360, "height": 740})
    expect(cards(page)).to_have_count(PEOPLE)
    for finding in ("same", "changed", "not_reached"):
        cards(page).nth(1).locator(f"[data-finding={finding}]").click()
        assert faults_of(page) + faint_words_of(page) == []


def test_a_month_that_is_over_is_gone_from_the_phone(
    house: House, people: list[Folk], sign_in: SignIn, watched: Watched
) -> None:
    page = ready(sign_in())
    expect(cards(page)).to_have_count(PEOPLE)
    watched.expected_offline = True
    page.context.set_offline(True)
    ahead = int((APRIL_1 - house.clock.now()).total_seconds() * 1000)
    page.add_init_script(f"const now = Date.now; Date.now = () => now() + {ahead};")
    page.reload()
    expect(page.get_by_text("上个月的名单已从本机删除")).to_be_visible()
    assert people[0].name not in kept_on(page)


def names_on(page: Page, people: list[Folk]) -> list[str]:
    """Which of their names and phones are still on the phone or on its screen."""
    there = kept_on(page) + page.content()
    return [word for one in people for word in (one.name, one.phone) if word in there]


def test_a_session_that_is_over_takes_the_names_off_the_phone_and_leaves_what_waits(
    house: House, parts: Parts, people: list[Folk], sign_in: SignIn, watched: Watched
) -> None:
    page = ready(sign_in())
    expect(cards(page)).to_have_count(PEOPLE)
    watched.expected_offline = True
    watched.expected_statuses = {401}
    page.route("**/api/tracking/records", lambda route: route.abort())
    record(cards(page).nth(0), 0)
    expect(page.locator("[data-waiting] [data-count]")).to_have_text("1")
    page.context.clear_cookies()
    page.unroute("**/api/tracking/records")
    expect(page.get_by_text("登录已过期")).to_be_visible()
    expect(cards(page)).to_have_count(0)
    assert names_on(page, people) == []
    expect(page.locator("[data-waiting] [data-count]")).to_have_text("1")
    sign_in(HELPER, page=page)
    expect(page.locator("[data-waiting]")).to_be_hidden()
    house.office.await_true(lambda: len(recorded(parts)) == 1, "it has arrived", 20)


def test_a_list_opened_once_the_session_is_over_leaves_no_name_on_the_phone(
    people: list[Folk], sign_in: SignIn, watched: Watched
) -> None:
    page = ready(sign_in())
    expect(cards(page)).to_have_count(PEOPLE)
    assert people[0].name in kept_on(page)
    page.context.clear_cookies()
    page.reload()
    page.wait_for_url("**/sign-in**")
    assert names_on(page, people) == []


@pytest.mark.parametrize("is_open", [False, True], ids=["opened again", "left open"])
def test_a_list_not_loaded_for_three_days_is_gone_from_the_phone_and_what_waits_is_not(
    people: list[Folk], sign_in: SignIn, open_page: Open, watched: Watched, is_open: bool
) -> None:
    page = open_page(phone=True)
    page.clock.install()
    ready(sign_in(page=page))
    expect(cards(page)).to_have_count(PEOPLE)
    watched.expected_offline = True
    page.context.set_offline(True)
    record(cards(page).nth(0), 2)
    expect(page.locator("[data-waiting] [data-count]")).to_have_text("1")
    page.clock.fast_forward(71 * HOUR_MS)
    page.reload()
    expect(cards(page)).to_have_count(PEOPLE)
    address, context = page.url, page.context
    if not is_open:
        page.close()
        page = another_tab(context, watched)
    context.clock.fast_forward(HOUR_MS + 600_000)
    if not is_open:
        page.goto(address)
    expect(page.get_by_text("已三天没有联网载入")).to_be_visible()
    assert names_on(page, people) == []
    expect(page.locator("[data-waiting] [data-count]")).to_have_text("1")
    page.reload()
    expect(page.get_by_text("本机没有名单")).to_be_visible()
    expect(page.locator("[data-waiting] [data-count]")).to_have_text("1")


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_the_bureau_s_pages_with_people_in_them_are_for_everybody(
    house: House, parts: Parts, people: list[Folk], sign_in: SignIn, open_page: Open, language: str
) -> None:
    page = sign_in()
    record(cards(page).nth(0), 1)
    record(cards(page).nth(1), 4)
    expect(page.locator("[data-waiting]")).to_be_hidden()
    house.office.await_true(lambda: len(recorded(parts)) == 2, "both have arrived", 20)
    bureau = open_page(language=language)
    bureau.goto(house.sign_in_link("registry", Role.BUREAU, SANDU.code))
    bureau.wait_for_url(lambda url: "/sign-in" not in url)
    recorded_of = recorded(parts)[0][1]
    for path in (
        "/tracking",
        "/tracking/tasks",
        "/tracking/tasks?is_open=false",
        f"/tracking/helpers/{HELPER}",
        f"/tracking/people/{recorded_of}",
    ):
        for width in (1280, 360):
            bureau.set_viewport_size({"width": width, "height": 800})
            answer = bureau.goto(house.address("registry", path))
            assert answer
            assert answer.status == 200
            assert faults_of(bureau) + faint_words_of(bureau) == [], (path, width)
