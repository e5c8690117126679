"""What reaches the registry by mistake, what the sender then reads in Chinese and English, and what has changed.

The lists are the specification: each line is one mistake, sent over HTTP to a registry on PostgreSQL. Every answer
says what is wrong and what to do; nothing is half done, which every table of the database is counted for, the
outbox among them. Where `…` stands in the expected words, anything may.
"""

import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest

from tests.registry.conftest import LIBO, Registry
from tests.registry.rosters import changed, csv_text, long_xlsx, merged, worker, xlsx

FILES = Path(__file__).parent / "files"
GOOD = xlsx([worker(1), worker(2), worker(3)])
ONE_WORKER = {key: value for key, value in worker(2).items() if key != "party"}
KEYED = {"Idempotency-Key": "key-00001"}


@dataclass(frozen=True)
class Bad:
    """One mistake: what is sent, and what comes back."""

    name: str
    sent: Callable[[], bytes]
    status: int
    code: str
    zh: str
    en: str


def named(cases: list[Any]) -> Any:
    return pytest.mark.parametrize("bad", [pytest.param(case, id=case.name) for case in cases])


def as_json(**changes: str) -> Callable[[], bytes]:
    return lambda: json.dumps(ONE_WORKER | changes).encode()


def csv_of(rows: int) -> bytes:
    headings, line = csv_text([worker(1)]).splitlines(keepends=True)
    return (headings + line * rows).encode("gbk")


def says(expected: str, said: str) -> bool:
    return re.search(".*".join(map(re.escape, expected.split("…"))), said, re.DOTALL) is not None


def words_of(answer: httpx.Response, language: str) -> str:
    """All that an answer tells in one language: what is wrong as a whole, then field by field."""
    problem = answer.json()
    fields = [
        f"{one['field']}: {one[f'fault_{language}']} → {one[f'mend_{language}']}" for one in problem["errors"]
    ]
    return "\n".join([problem[f"detail_{language}"], *fields])


# --- a file is refused as a whole: nothing at all has changed -----------------------------------------------------

BAD_FILES = [
    Bad(
        "a missing column", lambda: changed(GOOD, C1="电话"), 422, "columns-missing",
        "“花名册.xlsx”缺少列：手机号。读到的表头是：姓名、身份证号、电话、…。请下载模板并保留其表头。",
        "“花名册.xlsx” lacks the column 手机号 (Mobile phone). Found were: 姓名、身份证号、电话、…."
        " Download the template and keep its headings.",
    ),
    Bad(
        "merged cells", lambda: merged(GOOD, "E2:E4"), 422, "cells-merged",
        "“花名册.xlsx”的数据中有合并单元格（E2:E4）。请取消合并并逐行填写。",
        "“花名册.xlsx” has merged cells among its rows (E2:E4). Unmerge them and fill in every row.",
    ),
    Bad(
        "200,000 rows in a workbook", lambda: long_xlsx(200_000), 413, "file-too-large",
        "“花名册.xlsx”超过50,000行的上限。请按乡镇等拆分成几个文件分别上传。",
        "“花名册.xlsx” has more than 50,000 rows. Split it, by township for instance, and upload the parts.",
    ),
    Bad(
        "200,000 rows as CSV", lambda: csv_of(200_000), 413, "body-too-large",
        "内容超过允许的 25 MB，请拆分后再提交。",
        "This is larger than the 25 MB that are accepted. Split it into smaller parts.",
    ),
    Bad(
        "60,000 rows as CSV", lambda: csv_of(60_000), 413, "file-too-large",
        "“花名册.xlsx”超过50,000行的上限。请按乡镇等拆分成几个文件分别上传。",
        "“花名册.xlsx” has more than 50,000 rows. Split it, by township for instance, and upload the parts.",
    ),
    Bad(
        "an encrypted file", lambda: (FILES / "encrypted.xlsx").read_bytes(), 422, "file-encrypted",
        "“花名册.xlsx”设有打开密码。请在“文件—信息—保护工作簿”中取消密码后重新上传。",
        "“花名册.xlsx” is protected by a password."
        " Remove the password (File, Info, Protect Workbook) and upload it again.",
    ),
    Bad(
        "the wrong type: a workbook of old Excel", lambda: (FILES / "old.xls").read_bytes(), 422, "wrong-file-type",
        "“花名册.xlsx”是旧版 Office 文件（.xls 或 .doc），不是花名册。请另存为 .xlsx 或 .csv 后上传。",
        "“花名册.xlsx” is a file of old Office (.xls or .doc), not a roster. Save it as .xlsx or .csv and upload that.",
    ),
    Bad(
        "the wrong type: a PDF", lambda: b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", 422, "wrong-file-type",
        "“花名册.xlsx”是PDF 文件，不是花名册。请另存为 .xlsx 或 .csv 后上传。",
        "“花名册.xlsx” is a PDF, not a roster. Save it as .xlsx or .csv and upload that.",
    ),
    Bad(
        "the wrong type: a picture", lambda: b"\x89PNG\r\n\x1a\n", 422, "wrong-file-type",
        "“花名册.xlsx”是图片，不是花名册。请另存为 .xlsx 或 .csv 后上传。",
        "“花名册.xlsx” is a picture, not a roster. Save it as .xlsx or .csv and upload that.",
    ),
    Bad(
        "a damaged file", lambda: GOOD[:-60], 422, "file-damaged",
        "“花名册.xlsx”无法完整读取（…）。请用 Excel 或 WPS 打开后重新保存再上传。",
        "“花名册.xlsx” cannot be read to its end (…). Open it in Excel or WPS, save it again and upload that.",
    ),
    Bad(
        "an empty file", lambda: b"", 422, "file-empty",
        "文件“花名册.xlsx”在表头以下没有内容。请至少填写一行后重新上传。",
        "The file “花名册.xlsx” has no rows below its headings. Fill in at least one row and upload it again.",
    ),
    Bad(
        "headings alone", lambda: xlsx([]), 422, "file-empty",
        "文件“花名册.xlsx”在表头以下没有内容。请至少填写一行后重新上传。",
        "The file “花名册.xlsx” has no rows below its headings. Fill in at least one row and upload it again.",
    ),
]  # fmt: skip


@named(BAD_FILES)
def test_a_file_that_is_no_roster_is_refused_as_a_whole(registry: Registry, bad: Bad) -> None:
    before = registry.counts()
    answer = registry.upload(bad.sent())
    assert (answer.status_code, answer.json()["code"]) == (bad.status, bad.code)
    assert says(bad.zh, words_of(answer, "zh")), words_of(answer, "zh")
    assert says(bad.en, words_of(answer, "en")), words_of(answer, "en")
    assert registry.counts() == before


# --- a row is refused, the others go on -----------------------------------------------------------------------------

WHO_HAS_A_REQUEST_IN_LIBO = worker(9, stop="玉屏街道")
"""Sent by the neighbouring county's bureau before each of these files."""


@dataclass(frozen=True)
class BadRow:
    """A mistake in row 3 of a file whose rows 2 and 4 are good, and the reasons with which that row comes back."""

    name: str
    sent: bytes
    zh: str
    en: str


def with_row_3(**changes: Any) -> bytes:
    return xlsx([worker(1), worker(2, **changes), worker(3)])


BAD_ROWS = [
    BadRow(
        "a number for an ID", with_row_3(resident_id=529900199001010010),
        "身份证号是以数字格式保存的，末尾几位已丢失，无法恢复。请把该列设为“文本”格式，重新输入18位号码",
        "The resident ID was kept as a number: its last digits are lost and cannot be recovered."
        " Format the column as text and type the 18 characters again",
    ),
    BadRow(
        "a formula", changed(GOOD, D3='="三合"&"街道"'),
        "单元格里是公式，不是内容。请复制后用“选择性粘贴—数值”粘贴，再上传",
        "The cell holds a formula, not a value. Copy and paste it as values, then send it again",
    ),
    BadRow(
        "a gate nobody knows", with_row_3(gate="后门"),
        "东莞晨光示例电子有限公司没有登记名为“后门”的厂门。请填写已登记的厂门之一：东门、西门；新厂门请先由调度或运营人员登记",
        "东莞晨光示例电子有限公司 has registered no gate called “后门”."
        " Write one of its registered gates: 东门, 西门; a new one has to be registered first",
    ),
    BadRow(
        "a window in the past", with_row_3(earliest="2020-02-01", latest="2020-02-19"),
        "最晚出发日期 2020-02-19 已经过去（今天是 2020-02-20）。请改为今天或以后的日期",
        "The latest departure 2020-02-19 is in the past (today is 2020-02-20). Give a day from today on",
    ),
    BadRow(
        "a worker who is in another bureau's file", xlsx([worker(1), worker(9), worker(3)]),
        "此人本季在其他县已有在办需求。请本人联系原报名县撤回后再报，或由原报名县继续承运",
        "This person has a request under way in another county this season."
        " Ask the person to have the other county withdraw it, or to travel with that county",
    ),
    BadRow(
        "a worker who is in an earlier row", xlsx([worker(1), worker(1), worker(3)]),
        "与第2行是同一个人。一人只报一行，请删除重复的一行",
        "The same person as row 2. Keep one row for one person",
    ),
]  # fmt: skip


@named(BAD_ROWS)
def test_a_bad_row_comes_back_with_its_reasons_and_the_others_go_on(registry: Registry, bad: BadRow) -> None:
    registry.accept(WHO_HAS_A_REQUEST_IN_LIBO, areas=(LIBO,))
    before = registry.counts()
    answer = registry.upload(bad.sent)
    roster = answer.json()
    assert (answer.status_code, roster["accepted"], roster["refused"]) == (201, 2, 1)
    grown = {table: count - before[table] for table, count in registry.counts().items()}
    assert {table: more for table, more in grown.items() if more} == {
        "roster": 1, "refused_row": 1, "person": 2, "statement": 4, "travel_request": 2, "outbox": 2,
    }  # fmt: skip
    assert [one["row"] for one in registry.told("RequestSubmitted")[-2:]] == [2, 4]
    back = registry.client().get(f"/api/rosters/{roster['roster_id']}/refused.xlsx")
    row = next(openpyxl.load_workbook(io.BytesIO(back.content)).active.iter_rows(min_row=2, values_only=True))
    assert row[-2:] == (bad.zh, bad.en)


def test_a_gbk_csv_is_taken_in_like_any_other(registry: Registry) -> None:
    sent = csv_text([worker(1), worker(2)]).encode("gbk")
    before = registry.counts()
    roster = registry.upload(sent, "花名册.csv").json()
    assert (roster["file_name"], roster["accepted"], roster["refused"]) == ("花名册.csv", 2, 0)
    grown = {table: count - before[table] for table, count in registry.counts().items()}
    assert {table: more for table, more in grown.items() if more} == {
        "roster": 1, "person": 2, "statement": 4, "travel_request": 2, "outbox": 2,
    }  # fmt: skip
    [shown] = (
        registry.client()
        .get("/api/requests", params={"roster_id": roster["roster_id"], "size": 1})
        .json()["items"]
    )
    assert shown["enterprise_name"] == worker(1)["enterprise"]


# --- the same file twice ---------------------------------------------------------------------------------------------


def test_the_same_file_twice_changes_nothing_and_gets_the_first_outcome(registry: Registry) -> None:
    content = xlsx([worker(1), worker(2, phone="1")])
    first = registry.upload(content, "一.xlsx")
    before = registry.counts()
    again = registry.upload(content, "二.xlsx")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json() | {"known": True}
    assert registry.counts() == before


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", "这份文件以前上传过…没有任何改动，下面是第一次的结果。"),
        (
            "en",
            "This file had been sent before…Nothing was changed; this is what became of it the first time.",
        ),
    ],
    ids=["zh", "en"],
)
def test_the_page_says_that_a_file_had_been_sent_before(
    registry: Registry, language: str, words: str
) -> None:
    registry.upload(GOOD)
    before = registry.counts()
    headers = {"Accept": "text/html", "Accept-Language": language}
    files = {"file": ("二.xlsx", GOOD)}
    page = registry.client().post("/rosters", files=files, headers=headers, follow_redirects=True)
    assert says(words, page.text)
    assert registry.counts() == before


# --- JSON ------------------------------------------------------------------------------------------------------------

BAD_JSON = [
    Bad(
        "JSON that is not", lambda: b"{not json", 400, "json-invalid",
        "提交内容不是有效的 JSON：从第 1 个字符起无法识别。请提交一个 JSON 对象。",
        "The body is not JSON: it stops making sense at character 1. Send one JSON object.",
    ),
    Bad(
        "JSON that is a list", lambda: b"[]", 422, "fields-invalid",
        "body: 不是 JSON 对象 → 请提交 JSON 对象，并注明 Content-Type: application/json",
        "body: is not a JSON object → Send a JSON object with Content-Type: application/json.",
    ),
    Bad(
        "JSON in GBK", lambda: json.dumps(ONE_WORKER, ensure_ascii=False).encode("gbk"), 400, "body-unreadable",
        "无法读取提交的内容。JSON 请用 UTF-8 编码，表单请以 multipart/form-data 或 application/x-www-form-urlencoded 格式提交。",
        "The body cannot be read. Send JSON in UTF-8, and a form as multipart/form-data or"
        " application/x-www-form-urlencoded.",
    ),
    Bad(
        "JSON that is too large", as_json(name="测" * 5_000_000), 413, "body-too-large",
        "内容超过允许的 25 MB，请拆分后再提交。",
        "This is larger than the 25 MB that are accepted. Split it into smaller parts.",
    ),
    Bad(
        "an unknown field", as_json(nickname="小测"), 422, "fields-invalid",
        "nickname: 不认识此字段 → 请删除或更正字段名",
        "nickname: is not a known field → Remove it or correct its name.",
    ),
    Bad(
        "a gate nobody knows", as_json(gate="后门"), 422, "request-refused",
        "gate: 东莞晨光示例电子有限公司没有登记名为“后门”的厂门 → 请填写已登记的厂门之一：东门、西门；新厂门…登记",
        "gate: 东莞晨光示例电子有限公司 has registered no gate called “后门” → Write one of its registered gates: 东门, 西门; a new…",
    ),
    Bad(
        "a window in the past", as_json(earliest="2020-02-01", latest="2020-02-19"), 422, "request-refused",
        "latest: 最晚出发日期 2020-02-19 已经过去（今天是 2020-02-20） → 请改为今天或以后的日期",
        "latest: The latest departure 2020-02-19 is in the past (today is 2020-02-20) → Give a day from today on",
    ),
]  # fmt: skip


@named(BAD_JSON)
def test_json_that_is_no_request_is_refused(registry: Registry, bad: Bad) -> None:
    before = registry.counts()
    headers = KEYED | {"Content-Type": "application/json"}
    answer = registry.client().post("/api/requests", content=bad.sent(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (bad.status, bad.code)
    assert says(bad.zh, words_of(answer, "zh")), words_of(answer, "zh")
    assert says(bad.en, words_of(answer, "en")), words_of(answer, "en")
    assert registry.counts() == before


# --- what is a neighbour's ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/api/requests/{}", None),
        ("PATCH", "/api/requests/{}", {"gate": "西门"}),
        ("POST", "/api/requests/{}/withdraw", {"reason": "worker_asked"}),
    ],
    ids=["look", "amend", "withdraw"],
)
def test_a_bureau_that_reaches_for_its_neighbours_request_does_not_find_it(
    registry: Registry, method: str, path: str, body: Any
) -> None:
    [request_id] = registry.accept(worker(1))
    before, row = registry.counts(), registry.sql("SELECT * FROM travel_request")
    answer = registry.client(areas=(LIBO,)).request(method, path.format(request_id), json=body)
    assert (answer.status_code, answer.json()["code"]) == (404, "request-unknown")
    assert (
        words_of(answer, "zh")
        == f"没有编号为 {request_id} 的需求，或它不属于您的县。请核对编号，或联系报送它的县人社局。"
    )
    assert words_of(answer, "en") == (
        f"There is no request {request_id}, or it is not your county's."
        " Check the number, or ask the county bureau that sent it."
    )
    assert (registry.counts(), registry.sql("SELECT * FROM travel_request")) == (before, row)


@pytest.mark.parametrize("way", ["a roster", "JSON"])
def test_a_bureau_cannot_send_for_its_neighbour(registry: Registry, way: str) -> None:
    before = registry.counts()
    if way == "a roster":
        sent = {"files": {"file": ("花名册.xlsx", GOOD)}, "data": {"county_code": LIBO}}
        answer = registry.client().post("/api/rosters", **sent)
    else:
        sent = {"json": ONE_WORKER | {"county_code": LIBO}, "headers": KEYED}
        answer = registry.client().post("/api/requests", **sent)
    assert (answer.status_code, answer.json()["code"]) == (403, "county-not-yours")
    assert words_of(answer, "zh") == "522722 不在您的辖区（522732）内。请用该县自己的账号提交。"
    assert words_of(answer, "en") == (
        "County 522722 is not in your area (522732). Send it from the county's own account."
    )
    assert registry.counts() == before
