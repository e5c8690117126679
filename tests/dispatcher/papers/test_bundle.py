"""The bundle of a claim: one ZIP to archive."""

import csv
import hashlib
import io
import json
from dataclasses import replace
from zipfile import ZipFile

import pytest

from services.dispatcher.money.rules.policy import digest_of
from services.dispatcher.papers.bundle import claim_bundle
from services.dispatcher.papers.claim_pdf import claim_pdf
from tests.dispatcher.papers.claim import BOOKS_HEAD, POLICY, claim_papers

PAPERS = claim_papers()
NAMES = ["01-申报书.pdf", "02-明细表.xlsx", "03-办理记录.csv", "04-政策文本.json"]
UTF8_NAME = 0x800


@pytest.fixture(scope="module")
def content() -> bytes:
    return claim_bundle(PAPERS)


@pytest.fixture(scope="module")
def bundle(content: bytes) -> ZipFile:
    return ZipFile(io.BytesIO(content))


def test_it_holds_what_a_finance_office_files_in_order_and_is_whole(bundle: ZipFile) -> None:
    assert bundle.namelist() == [*NAMES, "manifest.json"]
    assert bundle.testzip() is None


def test_chinese_names_are_marked_as_utf_8_so_that_windows_shows_them(bundle: ZipFile) -> None:
    assert all(bundle.getinfo(name).flag_bits & UTF8_NAME for name in NAMES)


def test_the_manifest_has_the_digest_of_each_file_and_what_they_speak_of(bundle: ZipFile) -> None:
    manifest = json.loads(bundle.read("manifest.json"))
    assert [file["name"] for file in manifest["files"]] == NAMES
    for file in manifest["files"]:
        content = bundle.read(file["name"])
        assert (file["bytes"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert manifest["claim_id"] == "C-522732-2020-0007"
    assert manifest["books_head"] == BOOKS_HEAD
    assert manifest["made_at"] == "2020-03-12T02:00:00+00:00"


def test_the_policy_is_the_version_that_the_form_names(bundle: ZipFile) -> None:
    policy = json.loads(bundle.read("04-政策文本.json"))
    assert policy == POLICY
    assert digest_of(policy) == PAPERS.form.policy_digest
    with pytest.raises(ValueError, match="不符"):
        claim_bundle(replace(PAPERS, policy={**POLICY, "cap_vehicle_fen": 2_000_000}))


def test_the_claims_own_steps_say_who_did_what_when(bundle: ZipFile) -> None:
    text = bundle.read("03-办理记录.csv").decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0] == ["序号", "状态", "时间", "办理人", "说明"]
    assert rows[2] == ["2", "审核中", "2020-03-03 10:00", "三都县人社局 王科长", "材料齐全"]


def test_the_same_papers_give_the_same_bundle_and_another_fen_another(
    content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert claim_bundle(PAPERS) == content
    other = replace(PAPERS, form=replace(PAPERS.form, claimed_fen=PAPERS.form.claimed_fen + 1))
    assert claim_bundle(other) != content
    assert claim_pdf(other) != claim_pdf(PAPERS)


def test_no_entry_tells_of_the_machine_that_made_it(bundle: ZipFile) -> None:
    told = {(entry.date_time, entry.create_system, entry.external_attr) for entry in bundle.infolist()}
    assert told == {((1980, 1, 1, 0, 0, 0), 3, 0o644 << 16)}
