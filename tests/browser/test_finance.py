"""The money in the browser, by those whose part it is: a budget, a claim with its papers, findings and evidence, the public
notice, approval, payment, statement, a season's close. At each step everybody else is refused, and nothing changes."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from services.day.claims import Case, hand_in, pay, review
from shared.kernel.money import yuan
from shared.security import Principal, Role
from tests.browser.conftest import Open, Watched
from tests.browser.house import GUANSHANHU, SANDU, County, House
from tests.browser.looking import faint_words_of, faults_of
from tests.browser.test_every_page import left_in_the_other_language, organisation_of
from tests.waiting import PATIENCE_S

WORKERS = 24
SEASON = "2020-spring"
ACCOUNT = f"payer:origin_county:{SANDU.code}:{SEASON}"
NOTICE_IS_OVER = datetime(2020, 3, 3, 1, 0, tzinfo=UTC)
"""Published on Tuesday 25 February, it runs for five working days, to Monday 2 March."""
PEOPLE = set(Role) - {Role.SERVICE}


@pytest.fixture(scope="module")
def settled(house: House) -> House:
    """A coach of 24 from Sandu and one of Guanshanhu that have run by their contracts; all have arrived."""
    for county in (SANDU, GUANSHANHU):
        house.live_until_told(county, WORKERS)
    for county in (SANDU, GUANSHANHU):
        house.settle(county)
    return house


@pytest.fixture
def paid(settled: House) -> str:
    """Sandu's claim that is paid: by the path in the browser, or over HTTP where another process has walked that."""
    made = settled.made[SANDU.code]
    if "claim_id" not in made:
        case = Case(SANDU.enterprise_id, SANDU.code, SEASON, wrong=False)
        made["claim_id"] = hand_in(settled.office, case)
        review(settled.office, case, made["claim_id"])
        settled.clock.jump_to(NOTICE_IS_OVER)
        settled.office.token.cache_clear()  # those of February have expired
        pay(settled.office, case, made["claim_id"])
    return made["claim_id"]


def token_of(house: House, role: Role, county: County = SANDU) -> str:
    organisations = {Role.ENTERPRISE: county.enterprise_id, Role.CARRIER: county.carrier_id}
    if role in organisations:
        return house.office.token(role, "", organisations[role])
    return house.office.token(role, county.code)


def stranger(house: House, role: Role, county: County = SANDU) -> str:
    """A token of somebody who has had no part in any claim, so that the role alone can refuse them."""
    organisations = {Role.ENTERPRISE: county.enterprise_id, Role.CARRIER: county.carrier_id}
    areas = () if role in organisations else (county.code,)
    return house.token(Principal(f"{role}:stranger", frozenset({role}), areas, organisations.get(role)))


def send(house: House, token: str, path: str, data: Mapping[str, Any]) -> httpx.Response:
    """What a form would send, by anybody who holds a token."""
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/html"}
    address = house.address("dispatcher", path)
    return httpx.post(address, headers=headers, data=data, timeout=PATIENCE_S, trust_env=False)


def state_of(house: House) -> Any:
    """All that the money's pages could change."""
    finance = house.office.token(Role.FINANCE, "52")
    claims = house.office.call(finance, "dispatcher", "GET", "/api/claims")["claims"]
    drafts = house.office.call(token_of(house, Role.ENTERPRISE), "dispatcher", "GET", "/api/claims")["claims"]
    books = house.office.call(finance, "dispatcher", "GET", "/api/ledger")["balances"]
    return claims, drafts, books


def nobody_else(house: House, path: str, mine: set[Role], **data: Any) -> None:
    """Every other role of the county is refused, and the same role of another county; nothing changes."""
    before = state_of(house)
    for role in PEOPLE - mine:
        assert send(house, stranger(house, role), path, data).status_code == 403, (path, role)
    for role in mine:
        refused = send(house, stranger(house, role, GUANSHANHU), path, data)
        assert refused.status_code in (403, 404), (path, role)
    assert send(house, "nobody", path, data).status_code == 401
    assert state_of(house) == before, path


def same_person(house: House, subject: str, path: str, **data: Any) -> str:
    """Somebody who had another part in the claim, though with every office's role, is refused; the page's words."""
    before = state_of(house)
    roles = frozenset({Role.BUREAU, Role.FINANCE})
    token = house.token(Principal(subject, roles, (SANDU.code,), None, "一人两职"))
    refused = send(house, token, path, data)
    assert refused.status_code == 403, path
    assert state_of(house) == before, path
    return refused.text


def sign_in(house: House, page: Page, role: Role, path: str) -> Page:
    page.goto(house.sign_in_link("dispatcher", role, *organisation_of(role), next_path=path))
    page.wait_for_url(lambda address: path in address)
    return page


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_from_the_budget_to_the_statement_each_by_whose_part_it_is(
    settled: House, open_page: Open, watched: Watched
) -> None:
    watched.expected_statuses = {403, 409, 422}
    house, made = settled, settled.made[SANDU.code]
    auditor = token_of(house, Role.AUDIT)
    trip = house.office.call(auditor, "dispatcher", "GET", f"/api/trips/{made['trip_id']}")
    due_fen = min(trip["cost_fen"] // 2, 1_000_000)  # half of the charter, at most 10,000 yuan a vehicle

    # Finance allocates a budget; an amount that a reader would have to guess is refused and nothing typed is lost.
    form = {"purse": f"origin_county:{SANDU.code}", "season": SEASON, "amount_yuan": "1"}
    nobody_else(house, "/budgets", {Role.FINANCE}, **form, document="三财预〔2020〕9号")
    nobody_else(house, "/budgets/override", {Role.FINANCE}, **form, reason="春运加开班次")
    finance = sign_in(house, open_page(), Role.FINANCE, "/budgets")
    before_fen = limit_of(house)
    finance.locator("#allocate-amount_yuan").fill("500,000")
    finance.locator("#allocate-document").fill("三财预〔2020〕9号")
    press(finance, "下达")
    expect(finance.locator("#refusal")).to_contain_text("请去掉千分位分隔符")
    expect(finance.locator("#allocate-document")).to_have_value("三财预〔2020〕9号")
    finance.locator("#allocate-amount_yuan").fill("500000")
    press(finance, "下达")
    expect(finance.locator("#refusal")).to_have_count(0)
    assert limit_of(house) == before_fen + 50_000_000
    lines = f"payer,code,season,amount_yuan,document\norigin_county,{SANDU.code},{SEASON},500000,三财预〔2020〕9号\n"
    for content, said in ((lines, "没有重复计入"), (lines.replace("500000", "一百万"), "请以元填写")):
        file = {"name": "budgets.csv", "mimeType": "text/csv", "buffer": content.encode()}
        finance.get_by_label("预算表（CSV）").set_input_files(file)  # type: ignore[arg-type]
        press(finance, "导入")
        expect(finance.locator(".notice")).to_contain_text(said)
    assert limit_of(house) == before_fen + 50_000_000
    finance.locator("#override-amount_yuan").fill("100")
    finance.locator("#override-reason").fill("防疫专班同意加开")
    finance.get_by_role("button", name="授权超支").click()
    expect(finance.locator(".budgets tbody tr").first).to_contain_text(yuan(before_fen + 50_010_000))

    # The enterprise drafts, fills in its papers, hands a document in, and submits.
    nobody_else(house, "/claims", {Role.ENTERPRISE, Role.CARRIER}, county_code=SANDU.code, season=SEASON)
    firm = sign_in(house, open_page(), Role.ENTERPRISE, "/claims")
    expect(firm.locator("main")).to_contain_text(yuan(due_fen))
    firm.get_by_role("button", name="起草申报").click()
    firm.wait_for_url("**/claims/C-*")
    claim_id = firm.get_by_role("heading", level=1).inner_text()
    made["claim_id"] = claim_id
    at = f"/claims/{claim_id}"
    nobody_else(house, f"{at}/papers", {Role.ENTERPRISE, Role.CARRIER}, then="submit")
    firm.get_by_label("文件").set_input_files(
        {"name": "发票.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 x"}
    )
    press(firm, "上传")
    expect(firm.get_by_role("link", name="发票.pdf")).to_be_visible()
    firm.get_by_label("企业所有制").select_option("private")
    firm.get_by_label("收款账号").fill("1234")
    firm.get_by_label("发票号").fill("FP-20200301")
    firm.get_by_label("发票金额（元）").fill(yuan(trip["cost_fen"] + 1).replace(",", ""))
    firm.get_by_label("开票日期").fill("2020-02-25")
    press(firm, "保存并提交")
    expect(firm.locator("#refusal")).to_contain_text("收款账号")
    expect(firm.locator("#refusal")).to_be_focused()
    expect(firm.locator("#refusal")).to_be_in_viewport()
    expect(firm.get_by_label("发票号")).to_have_value("FP-20200301")
    firm.get_by_label("收款账号").fill("6222 0202 0011 2233 445")
    press(firm, "保存并提交")
    expect(firm.locator(".badge", has_text="已核查").first).to_be_visible()
    expect(firm.get_by_role("button", name="受理")).to_have_count(0)

    # The bureau takes it up, sees what was found with its figures, and lets it pass for a reason; then it publishes.
    nobody_else(house, f"{at}/take-up", {Role.BUREAU})
    bureau = sign_in(house, open_page(), Role.BUREAU, "/claims")
    bureau.get_by_role("link", name=claim_id).click()
    with bureau.expect_download() as fetched:
        bureau.get_by_role("link", name="发票.pdf").click()
    assert fetched.value.path().read_bytes() == b"%PDF-1.4 x"
    press(bureau, "受理")
    flag = bureau.locator(".flag", has_text="F10")
    expect(flag).to_contain_text(f"¥{yuan(trip['cost_fen'] + 1)}")
    nobody_else(house, f"{at}/flags/1/clear", {Role.BUREAU}, why="尾差一分")
    nobody_else(house, f"{at}/publicise", {Role.BUREAU})
    nobody_else(house, f"{at}/decide/reject", {Role.BUREAU}, why="材料不实")
    press(bureau, "公示")
    expect(bureau.locator("#refusal")).to_contain_text("F10")
    flag.get_by_label("放行理由").fill("尾差一分，已与承运人核对")
    press(bureau, "放行")
    expect(flag).to_contain_text("已放行")
    press(bureau, "公示")
    expect(bureau.locator(".badge", has_text="公示中").first).to_be_visible()
    assert payable_of(house) == due_fen

    # Names are shown masked, and to the world not at all; the notice tells who gets how much, until when.
    bureau.get_by_role("link", name="人员与凭证").click()
    expect(bureau.locator("tbody tr")).to_have_count(WORKERS)
    names = [str(row["name"]) for row in SANDU.rows(WORKERS)]
    shown = bureau.locator("table").inner_text()
    assert [name for name in names if name in shown] == []
    assert "*" in shown
    anybody = open_page()
    anybody.goto(house.address("dispatcher", "/notices"))
    expect(anybody.get_by_role("heading", name=SANDU.enterprise)).to_be_visible()
    notice = anybody.locator("main").inner_text()
    assert f"¥{yuan(due_fen)}" in notice
    assert "2020年3月2日" in notice
    assert not [name for name in (*names, "*", "6222", "3445") if name in notice]

    # An objection has to be answered, and the notice to run out, before its reviewer alone approves.
    bureau.goto(house.address("dispatcher", at))
    press(bureau, "批准")
    expect(bureau.locator("#refusal")).to_contain_text("2020-03-02")
    nobody_else(house, f"{at}/objections", {Role.BUREAU}, words="有人没有上车")
    bureau.get_by_text("登记收到的异议").click()
    bureau.get_by_label("异议内容").fill("有人没有上车")
    press(bureau, "登记")
    house.clock.jump_to(NOTICE_IS_OVER)
    house.office.token.cache_clear()  # those of February have expired
    sign_in(house, bureau, Role.BUREAU, at)
    nobody_else(house, f"{at}/approve", {Role.BUREAU})
    press(bureau, "批准")
    expect(bureau.locator("#refusal")).to_contain_text("1 条异议尚未答复")
    bureau.get_by_label("答复内容").fill("经核对上车记录，二十四人全部上车")
    press(bureau, "答复")
    assert "须由其审结" in same_person(house, "bureau:colleague", f"{at}/approve")
    press(bureau, "批准")
    expect(bureau.locator(".badge", has_text="已批准").first).to_be_visible()

    # Finance receives and pays; whoever reviewed the claim cannot, whatever roles it holds.
    nobody_else(house, f"{at}/receive", {Role.FINANCE})
    assert "申报、审核、支付须由不同人员办理" in same_person(house, f"bureau:{SANDU.code}", f"{at}/receive")
    sign_in(house, finance, Role.FINANCE, f"{at}")
    press(finance, "接收复核")
    nobody_else(house, f"{at}/pay", {Role.FINANCE}, number="ZF-1")
    same_person(house, f"bureau:{SANDU.code}", f"{at}/pay", number="ZF-1")
    finance.get_by_label("支付凭证号").fill("ZF-2020-0001")
    finance.get_by_role("button", name=f"登记支付 ¥{yuan(due_fen)}").click()
    expect(finance.locator(".badge", has_text="已支付").first).to_be_visible()
    same_person(house, f"finance:{SANDU.code}", f"{at}/clawback", why="自己付的")
    nobody_else(house, f"{at}/clawback", {Role.BUREAU, Role.AUDIT}, why="审计发现")
    nobody_else(house, f"{at}/archive", {Role.FINANCE})

    # The statement shows it: of the payer, and of the enterprise that was paid.
    finance.goto(house.address("dispatcher", f"/statements?account={ACCOUNT}"))
    half_fen = (due_fen + 1) // 2  # county and prefecture 1 : 1
    paid = finance.locator("tbody tr", has=finance.get_by_role("rowheader", name="支付"))
    expect(paid).to_contain_text(f"+¥{yuan(half_fen)}")
    expect(finance.get_by_role("link", name=claim_id).first).to_be_visible()
    with finance.expect_download() as sheet:
        finance.get_by_role("link", name="下载 Excel").click()
    assert sheet.value.path().read_bytes().startswith(b"PK")
    firm.goto(house.sign_in_link("dispatcher", Role.ENTERPRISE, "", SANDU.enterprise_id, "/statements"))
    expect(firm.get_by_role("heading", level=2, name="明细")).to_be_visible()
    expect(firm.locator("dl.stats")).to_contain_text(f"¥{yuan(due_fen)}")


def limit_of(house: House) -> int:
    """What Sandu's county budget is."""
    payers = house.office.call(token_of(house, Role.FINANCE), "dispatcher", "GET", "/api/budgets")["payers"]
    return int(payers[0]["limit_fen"])


def payable_of(house: House) -> int:
    path = f"/api/claims/{house.made[SANDU.code]['claim_id']}"
    return int(house.office.call(token_of(house, Role.AUDIT), "dispatcher", "GET", path)["payable_fen"])


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_of_a_claim_are_for_everybody(
    settled: House, paid: str, open_page: Open, phone: bool, language: str
) -> None:
    claim_id = paid
    wrong: dict[str, list[str]] = {}
    for role in (Role.BUREAU, Role.FINANCE, Role.ENTERPRISE, Role.AUDIT):
        page = open_page(phone=phone, language={"zh": "zh-CN", "en": "en-US"}[language])
        sign_in(settled, page, role, "/claims")
        for path in ("/claims", f"/claims/{claim_id}", f"/claims/{claim_id}/people", "/statements"):
            page.goto(settled.address("dispatcher", path))
            found = faults_of(page) + left_in_the_other_language(page, language)
            found += [] if phone else faint_words_of(page)
            if found:
                wrong[f"{role} {path}"] = found
    assert wrong == {}


def test_what_was_paid_wrongly_is_asked_back_and_booked(
    settled: House, paid: str, open_page: Open, watched: Watched
) -> None:
    watched.expected_statuses = {422}
    at = f"/claims/{paid}"
    bureau = sign_in(settled, open_page(), Role.BUREAU, at)
    bureau.get_by_role("link", name="发起追回").click()
    ticked = bureau.locator("tbody tr").nth(3).get_by_role("checkbox")
    ticked.check()
    bureau.get_by_label("理由").fill("虚")
    press(bureau, "发起追回")
    expect(bureau.locator("#refusal")).to_contain_text("至少 2 个字符")
    expect(ticked).to_be_checked()
    expect(bureau.get_by_label("理由")).to_have_value("虚")
    bureau.get_by_label("理由").fill("审计发现未在岗")
    press(bureau, "发起追回")
    expect(bureau.locator(".badge", has_text="待追回").first).to_be_visible()
    expect(bureau.get_by_text("审计发现未在岗").first).to_be_visible()
    nobody_else(settled, f"{at}/recover", {Role.FINANCE}, number="SK-1")
    finance = sign_in(settled, open_page(), Role.FINANCE, at)
    finance.get_by_label("收款凭证号").fill("SK-2020-0001")
    finance.get_by_role("button", name="登记退款").click()
    expect(finance.locator(".badge", has_text="已追回").first).to_be_visible()
    press(finance, "归档")
    expect(finance.locator(".badge", has_text="已归档").first).to_be_visible()


def test_a_claim_is_suspended_resumed_returned_mended_and_rejected(
    settled: House, open_page: Open, watched: Watched
) -> None:
    watched.expected_statuses = {409, 422}
    house = settled
    house.claim(GUANSHANHU)
    at = f"/claims/{house.made[GUANSHANHU.code]['claim_id']}"
    bureau = open_page()
    bureau.goto(house.sign_in_link("dispatcher", Role.BUREAU, GUANSHANHU.code, next_path=at))
    expect(bureau.locator(".objection")).to_contain_text("有人没有上车")
    for act, word in (("暂停", "已暂停"), ("恢复办理", "审核中"), ("退回修改", "已退回")):
        if act != "恢复办理":
            bureau.locator(".decide summary").click()
        reason = bureau.locator("#decide-why")
        reason.evaluate("field => field.removeAttribute('required')")  # as a browser that knows no such thing
        press(bureau, act)
        expect(bureau.locator("#refusal")).to_contain_text("理由")
        reason.fill(f"{act}：请核对发票金额")
        press(bureau, act)
        expect(bureau.locator(".badge", has_text=word).first).to_be_visible()
    firm = open_page()
    firm.goto(house.sign_in_link("dispatcher", Role.ENTERPRISE, "", GUANSHANHU.enterprise_id, at))
    expect(firm.get_by_text("请核对发票金额").first).to_be_visible()
    expect(firm.get_by_text("已登记，尾号 3445")).to_be_visible()
    expect(firm.get_by_label("发票号")).to_have_value(f"FP-{GUANSHANHU.code}")
    firm.get_by_role("link", name="人员与凭证").click()
    firm.locator("tbody tr").first.get_by_role("checkbox").check()
    press(firm, "将勾选的人员移出申报")
    expect(firm.locator("tbody tr")).to_have_count(WORKERS - 1)
    firm.get_by_role("link", name="返回申报").click()
    firm.get_by_label("申报人数").fill(str(WORKERS - 1))
    press(firm, "保存并提交")
    expect(firm.locator(".badge", has_text="已核查").first).to_be_visible()
    bureau.goto(house.address("dispatcher", at))
    press(bureau, "受理")
    absent = f"{at}/objections/01HZZZZZZZZZZZZZZZZZZZZZZR/answer"
    reviewer = token_of(house, Role.BUREAU, GUANSHANHU)
    assert send(house, reviewer, absent, {"words": "无此异议"}).status_code == 404
    bureau.locator(".decide summary").click()
    bureau.locator("#decide-why").fill("材料不实")
    press(bureau, "驳回")
    expect(bureau.locator(".steps li").last).to_contain_text("已驳回")
    firm.goto(house.address("dispatcher", "/claims"))
    expect(firm.get_by_role("button", name="起草申报")).to_be_visible()


def test_a_season_is_closed_once_and_nothing_is_claimed_after_it(
    settled: House, open_page: Open, watched: Watched
) -> None:
    watched.expected_statuses = {409, 422}
    season = {"county_code": SANDU.code, "season": SEASON}
    nobody_else(settled, "/periods", {Role.FINANCE}, **season, confirmed="yes")
    page = sign_in(settled, open_page(), Role.FINANCE, "/periods")
    page.get_by_role("link", name="查看并结账").click()
    expect(page.locator("#close-title")).to_contain_text(SEASON)
    refused = send(settled, token_of(settled, Role.FINANCE), "/periods", season)
    assert refused.status_code == 422, "without the tick nothing is closed"
    page.get_by_label("已核对失效金额").check()
    press(page, "结账")
    expect(page.locator(".notice.good")).to_contain_text("已结账")
    again = send(settled, token_of(settled, Role.FINANCE), "/periods", {**season, "confirmed": "yes"})
    assert again.status_code == 409
    drafted = send(settled, token_of(settled, Role.ENTERPRISE), "/claims", season)
    assert drafted.status_code == 409
    assert "已由财政部门结账" in drafted.text
