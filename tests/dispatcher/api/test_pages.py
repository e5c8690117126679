"""What people get: the board, a trip, the manifest with names for the moment, the ledger; forms that need their token."""

from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlmodel import select

from services.dispatcher.store.tables import PoolPlanRow
from shared.reference import get_county, list_county_stops
from shared.security import Principal, Role, tokens
from tests.dispatcher.api.conftest import Callers, Neighbours
from tests.dispatcher.dispatch import DAY, submitted

HTML = {"Accept": "text/html"}


def test_the_board_shows_the_days_figures_in_both_languages(callers: Callers, trip_id: str) -> None:
    chinese = callers.ask("GET", "/board", params={"day": str(DAY), "lang": "zh"}, headers=HTML).text
    english = callers.ask("GET", "/board", params={"day": str(DAY), "lang": "en"}, headers=HTML).text
    assert "三都水族自治县" in chinese
    assert trip_id in chinese
    assert "Who bears the cost" in english


def test_without_a_day_the_board_opens_on_the_next_day_that_has_trips(callers: Callers, trip_id: str) -> None:
    assert trip_id in callers.ask("GET", "/board", headers=HTML).text


def test_who_may_not_plan_sees_no_buttons(callers: Callers) -> None:
    callers.dispatch.tell(submitted(1))
    callers.dispatch.propose()
    asked = {"params": {"day": str(DAY), "lang": "en"}, "headers": HTML}
    assert "Approve and publish" in callers.ask("GET", "/board", Role.DISPATCHER, **asked).text
    assert "Approve and publish" not in callers.ask("GET", "/board", Role.AUDIT, **asked).text


def test_every_payer_of_a_day_can_be_seen(callers: Callers) -> None:
    counties = ("522701", "522702", "522722", "522723", "522725", "522732")
    for n, county in enumerate(counties):
        stops = [stop.code for stop in list_county_stops(county)][:3]
        riders = range(100 * n, 100 * n + 24)
        callers.dispatch.tell(*(submitted(i, county_code=county, stop_code=stops[i % 3]) for i in riders))
    callers.dispatch.propose(area="5227")
    page = callers.ask("GET", "/board", params={"day": str(DAY), "lang": "zh"}, headers=HTML).text
    shown, more = page.split('<details id="more-payers">')
    assert "其余 2 个出资方" in shown
    payers = [f"{get_county(county).name} · 输出地县级财政" for county in counties]
    assert [payer in page for payer in payers] == [True] * 6
    assert sum(payer in more.partition("</details>")[0] for payer in payers) == 2


def test_a_round_is_rejected_for_a_reason_that_is_shown_with_who_asked_and_who_decided(
    callers: Callers,
) -> None:
    callers.dispatch.tell(submitted(1))
    callers.ask("POST", "/board/rounds", data={"day": str(DAY), "area": "522732"}, headers=HTML)
    (round_row,) = callers.ask("GET", "/api/rounds").json()["rounds"]
    callers.dispatch.plan(round_row["round_id"])
    board = {"params": {"day": str(DAY), "lang": "zh"}, "headers": HTML}
    assert 'name="reason"' in callers.ask("GET", "/board", **board).text
    callers.ask("POST", f"/rounds/{round_row['round_id']}/reject", data={"reason": "座位太少"}, headers=HTML)
    page = callers.ask("GET", "/board", **board).text
    assert "座位太少" in page
    assert page.count("dispatcher的办公室") == 2 + 1, "asked, decided, and greeted"


def test_the_cut_off_is_told_from_an_office(callers: Callers) -> None:
    callers.dispatch.tell(submitted(1))
    callers.dispatch.open(requested_by="cut-off")
    page = callers.ask("GET", "/board", params={"day": str(DAY), "lang": "zh"}, headers=HTML).text
    assert "截止时刻自动编排" in page


def test_a_day_on_which_nobody_waits_does_not_ask_to_be_planned(callers: Callers) -> None:
    def button() -> str:
        page = callers.ask("GET", "/board", params={"day": str(DAY), "lang": "zh"}, headers=HTML).text
        return page.partition('<button id="plan"')[2].partition(">")[0]

    assert "primary" not in button()
    callers.dispatch.tell(
        submitted(1), submitted(2, earliest=DAY + timedelta(days=1), latest=DAY + timedelta(days=1))
    )
    assert "primary" in button()
    callers.dispatch.open()
    assert "primary" not in button(), "whom a round holds does not wait for another"


def test_the_board_shows_how_far_from_the_best_each_pool_and_the_round_may_be(callers: Callers) -> None:
    dispatch = callers.dispatch
    dispatch.tell(*(submitted(n) for n in range(30)))
    asked = {"params": {"day": str(DAY), "lang": "zh"}, "headers": HTML}
    round_id = dispatch.propose()
    page = callers.ask("GET", "/board", **asked).text
    assert "没有证书" in page
    assert "<dt>差距</dt>" not in page
    with dispatch.database.session() as session:
        plans = session.exec(select(PoolPlanRow).where(PoolPlanRow.round_id == round_id)).all()
        for plan in plans:
            plan.cost_fen, plan.bound_fen = 1_015_000, 1_000_000
    page = callers.ask("GET", "/board", **asked).text
    pools = page.partition(f'<details id="pools-{round_id}">')[2].partition("</details>")[0]
    assert "1.5%" in pools
    assert page.count("<dt>差距</dt><dd>1.5%</dd>") == 2, "of the round, and of the day"


def test_a_refused_round_is_explained_on_the_board(callers: Callers) -> None:
    refused = callers.ask("POST", "/board/rounds", data={"day": str(DAY), "area": "52"}, headers=HTML)
    assert refused.status_code == 409
    assert "没有等待出行的申请" in refused.text


def test_the_manifest_names_people_for_the_crew_and_masks_them_for_audit(
    callers: Callers, directory: Neighbours, trip_id: str
) -> None:
    path = f"/trips/{trip_id}/manifest"
    crew = callers.ask("GET", path, Role.CARRIER, None, "C01", headers=HTML).text
    audit = callers.ask("GET", path, Role.AUDIT, headers=HTML).text
    assert "张小7" in crew
    assert "13800130007" in crew
    assert "张小7" not in audit
    assert "13800130007" not in audit
    assert "张*7" in audit
    assert directory.asked == [("manifest", "carrier"), ("manifest", "audit")]


def test_without_the_registry_the_manifest_shows_short_numbers_and_says_why(
    callers: Callers, directory: Neighbours, trip_id: str
) -> None:
    directory.away = True
    page = callers.ask("GET", f"/trips/{trip_id}/manifest", headers=HTML)
    assert page.status_code == 200
    assert "登记服务暂时没有响应" in page.text
    assert "R0007" in page.text


def test_the_ledgers_page_shows_whose_money_it_is(callers: Callers, trip_id: str) -> None:
    page = callers.ask("GET", "/ledger", Role.FINANCE, params={"lang": "zh"}, headers=HTML).text
    assert "三都水族自治县 · 输出地县级财政" in page
    assert "黔南客运" in page


def test_a_form_without_its_token_changes_nothing(callers: Callers) -> None:
    callers.dispatch.tell(submitted(1))
    round_id = callers.dispatch.propose()
    answer = callers.client.post(
        "/sign-in",
        data={"token": callers.token(Role.DISPATCHER)},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status_code == 303
    callers.client.cookies.update(answer.cookies)
    refused = callers.client.post(f"/rounds/{round_id}/approve", headers=HTML)
    assert refused.status_code == 403
    assert [trip.state for trip in callers.dispatch.trips()] == ["proposed"]


def test_a_dispatcher_plans_and_approves_a_day_in_the_browser(callers: Callers, page: Page) -> None:
    callers.dispatch.tell(*(submitted(n) for n in range(30)))
    principal = Principal("d", frozenset({Role.DISPATCHER}), ("522732",), None, "三都调度")
    token = tokens.issue(callers.keyring, principal, timedelta(hours=1), callers.dispatch.clock)
    address = str(callers.client.base_url).rstrip("/")
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{address}/sign-in#token={token}")
    page.wait_for_url("**/board**")
    page.goto(f"{address}/board?day={DAY}")
    page.get_by_role("button", name="发起编排").click()
    expect(page.locator(".badge", has_text="待编排").first).to_be_visible()
    (round_row,) = callers.ask("GET", "/api/rounds").json()["rounds"]
    callers.dispatch.plan(round_row["round_id"])
    # Nobody reloads: the server-sent events bring the proposal.
    approve = page.get_by_role("button", name="批准并发布")
    expect(approve).to_be_visible()
    expect(page.locator("#trips table tbody tr")).to_have_count(len(callers.dispatch.trips()))
    approve.click()
    expect(page.locator(".badge", has_text="已批准").first).to_be_visible()
    page.get_by_role("link", name=callers.dispatch.trips()[0].trip_id).click()
    expect(page.get_by_role("heading", name="行车时刻表")).to_be_visible()
    page.get_by_role("link", name="乘客名单").click()
    expect(page.get_by_role("columnheader", name="签字").first).to_be_visible()
    assert faults == []


def test_a_statement_shows_what_moved_and_the_notices_say_who_sets_their_days(
    callers: Callers, trip_id: str
) -> None:
    asked = {"params": {"lang": "en"}, "headers": {"Accept": "text/html"}}
    page = callers.ask("GET", "/statements", Role.FINANCE, "522732", **asked).text
    moved = page.partition('<th scope="row">reserved</th>')[2].partition("</tr>")[0]
    (trip,) = callers.dispatch.trips()
    county_fen = next(line["due_fen"] for line in trip.lines if "origin_county" in line["account"])
    assert f">+¥{county_fen / 100:,.2f}<" in moved
    assert ">—<" in moved
    assert "their policy sets" in callers.client.get("/notices", **asked).text
