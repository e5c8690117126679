"""Papers over HTTP: a claim's bundle, statements and notices, to the fen, to those alone who may have them, and nameless."""

import csv
import hashlib
import io
import json
import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlmodel import select

from services.dispatcher.money.books.ledger import Kind, Transfer
from services.dispatcher.money.books.voucher import Act, Voucher
from services.dispatcher.money.rules.policy import digest_of
from services.dispatcher.store.ledger import append
from services.dispatcher.store.tables import AccountRow, BookRow, ClaimRow, PolicyRow, TripRow
from services.dispatcher.usecases import statements
from shared.directory import Contact, RegistryAway
from shared.kernel.ids import derive_id
from shared.security import Role
from tests.dispatcher.api.conftest import Callers, Neighbours
from tests.dispatcher.api.test_claims import COUNTY, FIRM, PAYERS, SEASON, Offices, offices, trip

__all__ = ["offices", "trip"]

NAME, PHONE, RESIDENT_ID = "欧阳明月", "13987650001", "522732199001011234"
OTHER_FIRM = "91330500MA28C0DE99"
CONTRACT_SCAN = b"%PDF-1.4 a scan of the contract"


class Known(Neighbours):
    """A registry whose first worker has a name, phone and ID that must stand nowhere, and which may have erased some."""

    def __init__(self) -> None:
        super().__init__()
        self.erased: set[str] = set()

    def lookup(self, request_ids: Sequence[str], purpose: str, reader: str) -> dict[str, Contact]:
        if self.away:
            raise RegistryAway(reason="ConnectError")
        self.asked.append((purpose, reader))
        some = {i: Contact(f"张小{i[-2:]}", f"1380013{i[-4:]}", "123X") for i in request_ids}
        some[request_ids[0]] = Contact(NAME, PHONE, RESIDENT_ID[-4:])
        return {i: contact for i, contact in some.items() if i not in self.erased}


@pytest.fixture
def directory() -> Known:
    """Overrides the callers' directory."""
    return Known()


def bundle(offices: Offices, claim_id: str) -> ZipFile:
    """As its claimant gets it, which alone has that of a draft."""
    answer = offices.firm("GET", f"/api/claims/{claim_id}/bundle")
    assert answer.status_code == 200, answer.text
    return ZipFile(io.BytesIO(answer.content))


def rows_of(content: bytes, sheet: str) -> list[dict[str, Any]]:
    """A sheet's rows by heading."""
    heads, *rows = load_workbook(io.BytesIO(content))[sheet].iter_rows(values_only=True)
    return [dict(zip(heads, row, strict=True)) for row in rows]


def form_of(content: bytes) -> dict[str, Any]:
    return {row["项目"]: row["内容"] for row in rows_of(content, "申报表")}


def fen(yuan: Any) -> int:
    return round(yuan * 100)


def unpacked(content: bytes) -> list[bytes]:
    """A file as it is, each entry of an archive in it, and a PDF's text."""
    found = [content]
    if content.startswith(b"PK"):
        archive = ZipFile(io.BytesIO(content))
        for name in archive.namelist():
            found += [name.encode(), *unpacked(archive.read(name))]
    elif content.startswith(b"%PDF-1.7"):
        found.append("".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).encode())
    return found


def hand_in(offices: Offices, claim_id: str, name: str, content: bytes) -> None:
    sent = {"data": {"kind": "contract"}, "files": {"file": (name, content)}}
    answer = offices.firm("POST", f"/api/claims/{claim_id}/evidence", **sent)
    assert answer.status_code == 200, answer.text


def test_the_bundle_has_the_claims_figures_to_the_fen(
    offices: Offices, trip: TripRow, directory: Known
) -> None:
    claim_id = offices.paid(trip)
    claim = offices.show(claim_id)
    archive = ZipFile(io.BytesIO(offices.bureau("GET", f"/api/claims/{claim_id}/bundle").content))
    book = archive.read("02-明细表.xlsx")
    form = form_of(book)
    amounts = ("申报补贴金额（元）", "按政策计算金额（元）", "审定金额（元）", "已拨付金额（元）")
    assert [fen(form[name]) for name in amounts] == [claim["paid_fen"]] * 4
    assert fen(form["包车费合计（元）"]) == trip.cost_fen
    assert (form["状态"], form["收款账户后四位"], form["计入补贴人数"]) == ("已支付", "3445", 24)
    payers = rows_of(book, "出资明细")[:-1]
    parts = claim["lines"][0]["parts"]
    assert [fen(row["应付（元）"]) for row in payers] == [part["payable_fen"] for part in parts]
    assert [row["出资方"] for row in payers] == [
        "三都水族自治县 · 输出地县级财政",
        "黔南布依族苗族自治州 · 输出地市级财政",
    ]
    steps = rows_of(book, "计算过程")
    assert [fen(row["结果（元）"]) for row in steps[:-3]] == [
        step["result_fen"] for step in claim["lines"][0]["workings"]
    ]
    assert [row["事项"] for row in steps[:4]] == ["包车合同价", "本条人员分摊", "按比例", "每车、每人封顶"]
    assert steps[1]["规则出处"] == "guizhou-2020@1 第1条"
    assert [fen(row["结果（元）"]) for row in steps[-3:]] == [claim["payable_fen"], 0, 0]
    (contract,) = rows_of(book, "合同与发票")[:-1]
    assert (contract["合同编号"], contract["车牌"]) == (f"HT-{trip.trip_id}", "贵J12345")
    assert contract["起点"].startswith("三都水族自治县")
    assert contract["终点"].startswith("湖州市吴兴区")
    with offices.callers.dispatch.database.session() as session:
        head = session.get_one(BookRow, SEASON)
        assert form["账册摘要"] == f"{head.position}:{head.digest}"
    assert ("claim-bundle", "bureau") in directory.asked


def test_what_was_handed_in_is_in_the_bundle_byte_for_byte_and_its_name_is_not(
    offices: Offices, trip: TripRow
) -> None:
    claim_id = offices.draft()
    hand_in(offices, claim_id, f"../{NAME}的合同.PDF", CONTRACT_SCAN)
    archive = bundle(offices, claim_id)
    assert archive.read("附件/01-合同.PDF") == CONTRACT_SCAN
    named = {file["name"]: file["sha256"] for file in json.loads(archive.read("manifest.json"))["files"]}
    assert named["附件/01-合同.PDF"] == hashlib.sha256(CONTRACT_SCAN).hexdigest()
    assert not [name for name in archive.namelist() if NAME in name or ".." in name]


def test_the_bundle_has_the_policy_as_it_is_stored_though_the_program_has_learnt_more(
    offices: Offices, trip: TripRow
) -> None:
    claim_id = offices.draft()
    with offices.callers.dispatch.database.session() as session:
        body = session.get_one(PolicyRow, ("guizhou-2020", 1)).body | {"version": 2}
        older = {
            key: value for key, value in body.items() if key != "prefile_hours"
        }  # a field that came later
        session.add(
            PolicyRow(
                id="guizhou-2020", version=2, body=older, loaded_at=offices.callers.dispatch.clock.now()
            )
        )
        session.get_one(ClaimRow, claim_id).policy = "guizhou-2020@2"
    archive = bundle(offices, claim_id)
    assert json.loads(archive.read("04-政策文本.json")) == older
    assert json.loads(archive.read("manifest.json"))["policy_digest"] == digest_of(older)
    assert form_of(archive.read("02-明细表.xlsx"))["政策文本摘要（SHA-256）"] == digest_of(older)


def test_a_draft_has_papers_that_say_so_on_every_page(offices: Offices, trip: TripRow) -> None:
    claim_id = offices.draft()
    archive = bundle(offices, claim_id)
    form = form_of(archive.read("02-明细表.xlsx"))
    assert (form["状态"], form["审定金额（元）"], fen(form["按政策计算金额（元）"])) == ("草稿", None, 0)
    for page in PdfReader(io.BytesIO(archive.read("01-申报书.pdf"))).pages:
        assert f"{claim_id}（草稿）" in page.extract_text()


def test_a_claim_has_papers_in_every_state(offices: Offices, trip: TripRow) -> None:
    claim_id = offices.draft()
    seen = []

    def look() -> None:
        seen.append(form_of(bundle(offices, claim_id).read("02-明细表.xlsx"))["状态"])

    look()
    offices.papers(claim_id, trip)
    offices.firm("POST", f"/api/claims/{claim_id}/submit")
    look()
    acts: list[tuple[Any, str, dict[str, Any]]] = [
        (offices.bureau, "take-up", {}),
        (offices.bureau, "decide/suspend", {"json": {"why": "待补充材料"}}),
        (offices.bureau, "decide/resume", {"json": {"why": "材料已补充"}}),
        (offices.bureau, "decide/return", {"json": {"why": "请更正发票"}}),
        (offices.firm, "submit", {}),
        (offices.bureau, "take-up", {}),
        (offices.bureau, "publicise", {}),
        (offices.bureau, "approve", {}),
        (offices.finance, "receive", {}),
        (offices.finance, "pay", {"json": {"number": "ZF-1"}}),
    ]
    for who, act, sent in acts:
        if act == "approve":
            offices.callers.dispatch.clock.advance(days=9)
        answer = who("POST", f"/api/claims/{claim_id}/{act}", **sent)
        assert answer.status_code == 200, answer.text
        look()
    ghost = offices.show(claim_id)["seats"][0]["request_id"]
    sent = {"request_ids": [ghost], "why": "审计发现未在岗"}
    offices.bureau("POST", f"/api/claims/{claim_id}/clawback", json=sent)
    look()
    roster = rows_of(bundle(offices, claim_id).read("02-明细表.xlsx"), "乘车与到达")
    assert [row["不计入原因"] for row in roster if row["计入补贴"] == "否"] == ["已追回"]
    offices.finance("POST", f"/api/claims/{claim_id}/recover", json={"number": "SK-1"})
    look()
    recovered = fen(form_of(bundle(offices, claim_id).read("02-明细表.xlsx"))["已追回金额（元）"])
    assert recovered == offices.show(claim_id)["recovered_fen"] > 0
    offices.finance("POST", f"/api/claims/{claim_id}/archive")
    look()
    assert seen == [
        "草稿", "已核查", "审核中", "已暂停", "审核中", "已退回", "已核查", "审核中", "公示中", "已批准", "财政复核",
        "已支付", "待追回", "已追回", "已归档",
    ]  # fmt: skip


def test_what_blocks_a_claim_stands_on_its_papers_and_at_the_end_of_its_sum(
    offices: Offices, trip: TripRow
) -> None:
    claim_id = offices.submitted(trip, amount_fen=trip.cost_fen + 1)
    book = bundle(offices, claim_id).read("02-明细表.xlsx")
    (flag,) = rows_of(book, "核查意见")
    assert (flag["检查项"], flag["消除人"]) == ("F10", "未消除")
    blocked = rows_of(book, "计算过程")[-1]
    assert (blocked["事项"], blocked["算式"], blocked["结果（元）"]) == ("核查意见未消除，整份不付", "F10", 0)
    assert form_of(book)["审定金额（元）"] is None


def test_no_byte_of_any_paper_tells_who_somebody_is(offices: Offices, trip: TripRow) -> None:
    claim_id = offices.draft()
    hand_in(offices, claim_id, f"{NAME}{PHONE}.pdf", CONTRACT_SCAN)
    offices.papers(claim_id, trip)
    offices.firm("POST", f"/api/claims/{claim_id}/submit")
    offices.bureau("POST", f"/api/claims/{claim_id}/take-up")
    why = f"{NAME}（{RESIDENT_ID}，电话{PHONE}）须补材料"
    offices.bureau("POST", f"/api/claims/{claim_id}/decide/suspend", json={"why": why})
    offices.bureau("POST", f"/api/claims/{claim_id}/decide/resume", json={"why": "已补"})
    offices.bureau("POST", f"/api/claims/{claim_id}/publicise")
    papers = [offices.bureau("GET", f"/api/claims/{claim_id}/bundle")]
    papers += [
        offices.bureau("GET", f"/api/notices/{claim_id}", params={"format": format})
        for format in ("pdf", "xlsx")
    ]
    papers.append(offices.callers.client.get("/api/notices"))
    papers += [
        offices.bureau("GET", "/api/statements", params={"season": SEASON, "format": format})
        for format in ("json", "csv", "xlsx")
    ]
    assert [paper.status_code for paper in papers] == [200] * len(papers)
    files = [part for paper in papers for part in unpacked(paper.content)]
    secrets = [NAME, PHONE, RESIDENT_ID, "张小"]
    assert [one for one in secrets for file in files if one.encode() in file] == []
    record = ZipFile(io.BytesIO(papers[0].content)).read("03-办理记录.csv").decode("utf-8-sig")
    assert "欧**月（522732********1234，电话139****0001）须补材料" in record
    assert any("欧**月".encode() in file for file in files[1:])


def test_whom_the_registry_has_erased_stands_on_the_roster_without_name_or_id(
    offices: Offices, trip: TripRow, directory: Known
) -> None:
    claim_id = offices.submitted(trip)
    directory.erased = {offices.show(claim_id)["seats"][0]["request_id"]}
    first, second, *_ = rows_of(bundle(offices, claim_id).read("02-明细表.xlsx"), "人员名单")
    assert (first["姓名"], first["身份证后四位"], first["计入补贴"]) == ("*", None, "是")
    assert (second["姓名"], second["身份证后四位"]) == ("张**1", "123X")


def test_a_draft_without_a_trip_has_no_papers(offices: Offices, trip: TripRow) -> None:
    claim_id = offices.draft()
    offices.firm("POST", f"/api/claims/{claim_id}/drop", json={"trip_ids": [trip.trip_id]})
    refused = offices.firm("GET", f"/api/claims/{claim_id}/bundle")
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing-on-claim")


def test_the_same_bundle_comes_until_something_happens(offices: Offices, trip: TripRow) -> None:
    claim_id = offices.submitted(trip)
    path = f"/api/claims/{claim_id}/bundle"
    first = offices.bureau("GET", path).content
    offices.callers.dispatch.clock.advance(days=1)
    assert offices.firm("GET", path).content == first
    offices.bureau("POST", f"/api/claims/{claim_id}/take-up")
    assert offices.firm("GET", path).content != first


def test_a_neighbour_and_another_enterprise_have_no_bundle(
    offices: Offices, trip: TripRow, callers: Callers
) -> None:
    claim_id = offices.submitted(trip)
    for role, area, organisation in (
        (Role.BUREAU, "522701", None),
        (Role.FINANCE, "522701", None),
        (Role.AUDIT, "522701", None),
        (Role.ENTERPRISE, None, OTHER_FIRM),
        (Role.CARRIER, None, "C01"),
    ):
        answer = callers.ask("GET", f"/api/claims/{claim_id}/bundle", role, area, organisation)
        assert (answer.status_code, answer.json()["code"]) == (404, "no-such-claim")
    assert callers.ask("GET", f"/api/claims/{claim_id}/bundle", Role.DISPATCHER, COUNTY).status_code == 403
    for role in (Role.BUREAU, Role.FINANCE, Role.AUDIT):
        answer = callers.ask("GET", f"/api/claims/{claim_id}/bundle", role, COUNTY)
        assert answer.status_code == 200
        name = unquote(re.sub(".*UTF-8''", "", answer.headers["content-disposition"]))
        assert name == f"{claim_id}-申报材料.zip"


@pytest.mark.parametrize(
    ("language", "said"), [("zh", "登记服务暂时没有响应"), ("en", "The registry, which alone knows names")]
)
def test_without_the_registry_there_are_no_papers_of_people(
    offices: Offices, trip: TripRow, directory: Known, language: str, said: str
) -> None:
    claim_id = offices.publicised(trip)
    directory.away = True
    for path in (f"/api/claims/{claim_id}/bundle", f"/api/notices/{claim_id}"):
        answer = offices.bureau("GET", path, headers={"Accept-Language": language})
        assert (answer.status_code, answer.json()["code"]) == (503, "registry-away")
        assert said in answer.text
    assert len(offices.callers.client.get("/api/notices").json()["notices"]) == 1


def statement(offices: Offices, **asked: Any) -> dict[str, Any]:
    answer = offices.finance("GET", "/api/statements", params={"season": SEASON} | asked)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


@pytest.mark.parametrize("place", [0, 1])
def test_a_payers_statement_is_what_the_books_have(offices: Offices, trip: TripRow, place: int) -> None:
    claim_id = offices.paid(trip)
    account = PAYERS[place]
    of = account.removeprefix("payer:").removesuffix(f":{SEASON}")
    answer = offices.callers.ask(
        "GET", "/api/statements", Role.FINANCE, "5227", params={"season": SEASON, "kind": "payer", "of": of}
    )
    said = answer.json()
    with offices.callers.dispatch.database.session() as session:
        row = session.get_one(AccountRow, account).model_dump(exclude={"account"})
        head = session.get_one(BookRow, SEASON)
    assert said["closing"] == row
    assert said["books_head"] == f"{head.position}:{head.digest}"
    assert [m["kind"] for m in said["movements"]] == ["allocate", "reserve", "commit", "settle", "pay"]
    assert [m["voucher"] for m in said["movements"]] == sorted({m["voucher"] for m in said["movements"]})
    assert said["movements"][-1]["claim_id"] == claim_id
    for figure, stands in said["closing"].items():
        assert sum(m["change"][figure] for m in said["movements"]) == stands


def test_a_statement_reads_the_same_in_excel_and_csv(offices: Offices, trip: TripRow) -> None:
    offices.paid(trip)
    said = statement(offices, kind="payer", of=f"origin_county:{COUNTY}")
    asked = {"season": SEASON, "kind": "payer", "of": f"origin_county:{COUNTY}"}
    book = offices.finance("GET", "/api/statements", params=asked | {"format": "xlsx"})
    first, *rows, last = rows_of(book.content, "变动明细")
    assert (first["类别"], last["类别"], len(rows)) == ("期初", "期末", len(said["movements"]))
    words = {"limit_fen": "预算", "reserved_fen": "预留", "committed_fen": "承诺", "settled_fen": "结算", "paid_fen": "已付"}  # fmt: skip
    for figure, word in words.items():
        assert fen(last[f"{word}余额（元）"]) == said["closing"][figure]
        changes = [fen(row[f"{word}变动（元）"]) for row in rows]
        assert changes == [m["change"][figure] for m in said["movements"]]
    assert [row["分录编号"] for row in rows] == [f"{m['voucher']}-{m['entry']}" for m in said["movements"]]
    assert {row["账户"] for row in rows} == {"三都水族自治县 · 输出地县级财政"}
    sheet = offices.finance("GET", "/api/statements", params=asked | {"format": "csv"})
    assert sheet.content.startswith(b"\xef\xbb\xbf")
    assert sheet.content.count(b"\r\n") == sheet.content.count(b"\n") == len(rows) + 3
    lines = list(csv.DictReader(io.StringIO(sheet.content.decode("utf-8-sig"), newline="")))
    assert float(lines[-1]["已付余额（元）"]) * 100 == pytest.approx(said["closing"]["paid_fen"])
    name = unquote(re.sub(".*UTF-8''", "", sheet.headers["content-disposition"]))
    assert name == f"三都水族自治县 · 输出地县级财政-{SEASON}-对账单.csv"


def test_each_side_has_its_own_statement_and_no_other(
    offices: Offices, trip: TripRow, callers: Callers
) -> None:
    offices.paid(trip)
    ask = {"season": SEASON}

    def closing(role: Role, area: str | None, organisation: str | None, **asked: str) -> dict[str, int]:
        answer = callers.ask("GET", "/api/statements", role, area, organisation, params=ask | asked)
        assert answer.status_code == 200, answer.text
        found: dict[str, int] = answer.json()["closing"]
        return found

    firm = closing(Role.ENTERPRISE, None, FIRM)
    carrier = closing(Role.CARRIER, None, "C01")
    assert carrier["settled_fen"] == trip.cost_fen
    assert firm == closing(Role.FINANCE, COUNTY, None, kind="enterprise", of=FIRM)
    county = closing(Role.FINANCE, COUNTY, None)
    prefecture = closing(Role.FINANCE, "5227", None)
    assert prefecture["settled_fen"] == trip.cost_fen
    assert prefecture["limit_fen"] > county["limit_fen"] == 10**12
    assert closing(Role.FINANCE, "5227", None, kind="county", of=COUNTY) == county
    assert county["settled_fen"] == trip.cost_fen
    assert county["paid_fen"] == firm["paid_fen"] == offices.show(offices_claim(offices))["paid_fen"]
    assert closing(Role.ENTERPRISE, None, OTHER_FIRM) == dict.fromkeys(firm, 0)
    for role, area, organisation, asked in (
        (Role.ENTERPRISE, None, OTHER_FIRM, {"kind": "enterprise", "of": FIRM}),
        (Role.ENTERPRISE, None, FIRM, {"kind": "carrier", "of": "C01"}),
        (Role.ENTERPRISE, None, FIRM, {"kind": "county", "of": COUNTY}),
        (Role.CARRIER, None, "C02", {"kind": "carrier", "of": "C01"}),
        (Role.FINANCE, "522701", None, {"kind": "county", "of": COUNTY}),
        (Role.FINANCE, "522701", None, {"kind": "payer", "of": f"origin_county:{COUNTY}"}),
        (Role.FINANCE, COUNTY, None, {"kind": "payer", "of": "origin_prefecture:522700"}),
        (Role.FINANCE, "522701", None, {"kind": "enterprise", "of": FIRM}),
        (Role.FINANCE, COUNTY, None, {"kind": "enterprise", "of": OTHER_FIRM}),
        (Role.FINANCE, "", None, {}),
    ):
        answer = callers.ask("GET", "/api/statements", role, area, organisation, params=ask | asked)
        assert (answer.status_code, answer.json()["code"]) == (404, "no-such-statement"), (role, asked)


def test_a_statement_that_is_too_long_is_refused(
    offices: Offices, trip: TripRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = len(statement(offices)["movements"])
    monkeypatch.setattr(statements, "MOVEMENTS_MAX", count)
    assert len(statement(offices)["movements"]) == count
    monkeypatch.setattr(statements, "MOVEMENTS_MAX", count - 1)
    refused = offices.finance("GET", "/api/statements", params={"season": SEASON})
    assert (refused.status_code, refused.json()["code"]) == (413, "statement-too-long")


def offices_claim(offices: Offices) -> str:
    (claim,) = offices.bureau("GET", "/api/claims").json()["claims"]
    return str(claim["claim_id"])


def test_a_statement_of_five_thousand_movements_is_quick(callers: Callers) -> None:
    payer = f"payer:origin_county:{COUNTY}:{SEASON}"
    at = datetime(2020, 2, 20, tzinfo=UTC)
    with callers.dispatch.database.session() as session:
        for n in range(50):
            transfers = tuple(
                Transfer(derive_id("many", str(n), str(i)), 1, Kind.ALLOCATE, f"treasury:{COUNTY}:{SEASON}", payer, 101 + i, None, "文号", "test")
                for i in range(100)
            )  # fmt: skip
            voucher = Voucher(derive_id("many", str(n)), Act.ALLOCATE, SEASON, "test", "test", {}, transfers)
            append(session, voucher, COUNTY, at)
    asked = {"season": SEASON, "kind": "payer", "of": f"origin_county:{COUNTY}"}
    took = {}
    for format in ("json", "csv", "xlsx"):
        begun = time.process_time()
        answer = callers.ask(
            "GET", "/api/statements", Role.FINANCE, COUNTY, params=asked | {"format": format}
        )
        took[format] = time.process_time() - begun
        assert answer.status_code == 200
        if format == "json":
            assert len(answer.json()["movements"]) == 5_001
    assert max(took.values()) < 20, took
    with callers.dispatch.database.session() as session:
        limit = session.exec(select(AccountRow.limit_fen).where(AccountRow.account == payer)).one()
    assert fen(rows_of(answer.content, "变动明细")[-1]["预算余额（元）"]) == limit


def test_a_notice_tells_everybody_whom_money_goes_to_and_names_no_worker(
    offices: Offices, trip: TripRow, callers: Callers
) -> None:
    assert callers.client.get("/api/notices").json() == {"notices": []}
    claim_id = offices.publicised(trip)
    (notice,) = callers.client.get("/api/notices", params={"county_code": COUNTY}).json()["notices"]
    assert notice == {
        "claim_id": claim_id,
        "county_code": COUNTY,
        "county": "三都水族自治县",
        "season": SEASON,
        "claimant": "织里童装",
        "policy": "测试政策",
        "trips": 1,
        "heads": 24,
        "amount_fen": offices.show(claim_id)["payable_fen"],
        "first_day": "2020-03-04",
        "last_day": "2020-03-10",
        "workdays": 5,
        "object_to": "三都水族自治县人力资源和社会保障局",
    }
    assert callers.client.get("/api/notices", params={"county_code": "522701"}).json() == {"notices": []}
    callers.dispatch.clock.advance(days=7)
    assert callers.client.get("/api/notices").json() == {"notices": []}


def test_the_bureau_prints_the_notice_that_runs(
    offices: Offices, trip: TripRow, callers: Callers, directory: Known
) -> None:
    claim_id = offices.submitted(trip)
    path = f"/api/notices/{claim_id}"
    refused = offices.bureau("GET", path)
    assert (refused.status_code, refused.json()["code"]) == (409, "no-notice")
    offices.bureau("POST", f"/api/claims/{claim_id}/take-up")
    offices.bureau("POST", f"/api/claims/{claim_id}/publicise")
    where = {"address": "三合街道建设西路", "phone": "0854-3920000"}
    sheet = offices.bureau("GET", path, params=where)
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(sheet.content)).pages)
    for said in (
        "2020-03-04 至 2020-03-10",
        "5 个工作日",
        where["address"],
        where["phone"],
        "欧**月",
        claim_id,
    ):
        assert said in text.replace("\n", ""), said
    book = offices.bureau("GET", path, params={"format": "xlsx"}).content
    (claim,) = rows_of(book, "拟补贴名单")[:-1]
    assert fen(claim["拟补贴金额（元）"]) == offices.show(claim_id)["payable_fen"]
    assert len(rows_of(book, "乘车人员")) == claim["计入人数"] == 24
    assert ("public-notice", "bureau") in directory.asked
    assert callers.ask("GET", path, Role.BUREAU, "522701").status_code == 404
    assert callers.ask("GET", path, Role.ENTERPRISE, None, FIRM).status_code == 403
