"""The pages of the exchange: over HTTP, and a clerk's month in a real browser."""

from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from services.registry.intake.mapping import read_presets
from services.registry.usecases.exchange.drawing import Drawing
from shared.security import Role
from tests.registry.conftest import LIBO, SANDU, Registry
from tests.registry.domain.exchange.test_mapping import GOOD
from tests.registry.exchanging import (
    MONTH,
    PUAN,
    as_csv,
    draw_up,
    people,
    read,
    receipt,
    send,
    their_line,
)
from tests.registry.web.test_pages import Office


@pytest.fixture
def bureau(registry: Registry) -> Iterator[Office]:
    office = Office(registry)
    yield office
    office.client.close()


def test_the_page_says_that_the_columns_are_assumed_and_how_the_month_stands(
    registry: Registry, bureau: Office
) -> None:
    people(registry, [1, 2])
    shown = bureau.client.get("/exchange").text
    assert "列名为假定" in shown
    assert all(line in unescape(shown) for line in read_presets()[0].assumed)
    assert "三都水族自治县 2020-01 报送情况" in shown
    assert "大河镇" in shown


def test_a_month_is_drawn_up_fetched_and_answered(registry: Registry, bureau: Office) -> None:
    [one, _] = people(registry, [1, 2])
    form = {"csrf_token": bureau.csrf("/exchange"), "reason": "monthly", "scope": "all", "month": MONTH}
    shown = bureau.client.post("/exchange/exports", data=form)
    assert shown.url.path.startswith("/exchange/exports/")
    export_id = shown.url.path.rpartition("/")[2]
    assert "正在生成" in shown.text
    assert "下载 Excel" not in shown.text
    early = bureau.client.post(
        f"/exchange/exports/{export_id}/file",
        data={"csrf_token": bureau.csrf("/exchange"), "form": "csv"},
    )
    assert early.status_code == 409
    Drawing(registry.parts).look()
    assert one.name not in bureau.client.get(f"/exchange/exports/{export_id}").text
    csrf = {"csrf_token": bureau.csrf(f"/exchange/exports/{export_id}")}
    for kind in ("xlsx", "csv"):
        file = bureau.client.post(f"/exchange/exports/{export_id}/file", data=csrf | {"form": kind})
        assert file.headers["content-disposition"].endswith(f'exchange-{export_id}.{kind}"')
        assert one.name in {line["姓名"] for line in read(file.content)}
    content = as_csv([receipt(f"{export_id}-1"), receipt(f"{export_id}-9")])
    sent = csrf | {"kind": "receipts"}
    shown = bureau.client.post("/exchange/files", data=sent, files={"file": ("回执.csv", content)})
    assert "接收 1，退回 0，无变化 0，对应不上 1" in shown.text
    assert "还有 1 行没有回执" in shown.text
    assert "没有这个行号" in shown.text
    again = bureau.client.post("/exchange/files", data=sent, files={"file": ("回执.csv", content)})
    assert "以前收过" in again.text


def test_what_is_wrong_is_said_on_the_page_and_nothing_is_changed(registry: Registry, bureau: Office) -> None:
    people(registry, [1])
    csrf = {"csrf_token": bureau.csrf("/exchange")}
    before = registry.counts()
    month = bureau.client.post("/exchange/exports", data=csrf | {"reason": "monthly", "month": "2020-03"})
    assert (month.status_code, "尚未开始" in month.text) == (422, True)
    for kind in ("receipts", "import"):
        file = {"file": ("x.xlsx", b"%PDF-1.4")}
        shown = bureau.client.post("/exchange/files", data=csrf | {"kind": kind}, files=file)
        assert (shown.status_code, "没有任何改动" in shown.text) == (422, True)
        theirs = bureau.client.post(
            "/exchange/files", data=csrf | {"kind": kind, "area_code": LIBO}, files=file
        )
        assert (theirs.status_code, "不在您的辖区" in theirs.text) == (403, True)
    assert registry.counts() == before


def test_an_audit_sees_the_report_alone(registry: Registry) -> None:
    people(registry, [1])
    drawn = draw_up(registry)
    audit = Office(registry, Role.AUDIT)
    shown = audit.client.get("/exchange").text
    assert "报送情况" in shown
    assert drawn["export_id"] not in shown
    assert 'method="post" action="/exchange' not in shown
    assert audit.client.get(f"/exchange/exports/{drawn['export_id']}").status_code == 403
    audit.client.close()


def test_an_operator_of_the_province_adds_a_mapping_and_it_can_be_chosen_at_once(registry: Registry) -> None:
    operator = Office(registry, Role.OPERATOR, areas=("52",))
    csrf = {"csrf_token": operator.csrf("/exchange")}
    bad = operator.client.post(
        "/exchange/mappings",
        data=csrf,
        files={"file": ("x.yaml", GOOD.replace("version: 2", "version: 0").encode())},
    )
    assert (bad.status_code, "第 3 行：version" in bad.text) == (422, True)
    good = {"file": ("x.yaml", GOOD.encode())}
    assert "另一个系统" in operator.client.post("/exchange/mappings", data=csrf, files=good).text
    operator.client.close()
    api = registry.client(Role.OPERATOR, areas=("52",))
    again = api.post("/api/exchange/mappings", files=good)
    assert (again.status_code, again.json()["known"]) == (200, True)
    other = {"file": ("x.yaml", GOOD.replace("培训材料", "别处").encode())}
    taken = api.post("/api/exchange/mappings", files=other)
    assert (taken.status_code, taken.json()["code"]) == (409, "mapping-taken")
    county = registry.client(Role.OPERATOR).post("/api/exchange/mappings", files=good)
    assert (county.status_code, county.json()["code"]) == (403, "province-needed")
    [one] = people(registry, [1])
    drawn = draw_up(registry, mapping_id="other-system")
    [line] = read(
        registry.client()
        .post(f"/api/exchange/exports/{drawn['export_id']}/file", params={"kind": "csv"})
        .content
    )
    assert line == {"年月": "202001", "XM": one.name, "SFZ": one.resident_id, "JY": "1"}
    told = send(
        registry, "receipts", as_csv([{"SFZ": one.resident_id, "标志": "OK"}]), export_id=drawn["export_id"]
    )
    assert told.json()["accepted"] == 1
    wrong = send(registry, "receipts", b"x", export_id=drawn["export_id"], mapping_id="guizhou-assumed")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "receipt-for-other-mapping")


def test_a_province_sees_its_counties_and_each_page_is_a_link_away(registry: Registry) -> None:
    people(registry, [1])
    province = Office(registry, Role.AUDIT, areas=("52",))
    shown = province.client.get("/exchange").text
    assert f"area_code={SANDU}" in shown
    assert "大河镇" in province.client.get(f"/exchange?area_code={SANDU}").text
    province.client.close()


def test_a_clerk_s_month_in_a_browser(registry: Registry, page: Page, tmp_path: Path) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    folk = people(registry, [1, 2, 3])
    people(registry, [4], PUAN)
    send(registry, "imports", as_csv([their_line(folk[0], employed="否", employer_code="", area="")]))
    token = registry.token(Role.BUREAU, subject="三都县人社局")
    page.goto(f"{registry.url}/sign-in?next=/exchange#token={token}")
    page.wait_for_url("**/exchange")
    page.get_by_label("内容").select_option("all")
    page.get_by_role("button", name="生成报送").click()
    page.wait_for_url("**/exchange/exports/*")
    expect(page.get_by_text("正在生成")).to_be_visible()
    Drawing(registry.parts).look()  # and the page shows it by itself
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV (UTF-8)").click()
    lines = read(Path(download.value.path()).read_bytes())
    assert len(lines) == 4
    file = tmp_path / "回执.csv"
    file.write_bytes(
        as_csv(
            [
                receipt(lines[0]["报送编号"]),
                receipt(lines[1]["报送编号"], "refused", "户编号不存在"),
                receipt("x"),
            ]
        )
    )
    page.get_by_role("link", name="返回").click()
    page.set_input_files("[data-upload] input[type=file]", file)
    page.get_by_role("button", name="上传并核对").click()
    expect(page.get_by_text("还有 2 行没有回执")).to_be_visible()
    page.get_by_role("link", name="2020-01").first.click()
    expect(page.get_by_text("户编号不存在")).to_be_visible()
    expect(page.get_by_text(folk[0].name)).to_have_count(0)
    page.set_viewport_size({"width": 360, "height": 740})
    for path in ("/exchange", page.url.removeprefix(registry.url)):
        page.goto(f"{registry.url}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
    assert faults == []
