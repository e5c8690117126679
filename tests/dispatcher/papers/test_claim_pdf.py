"""A claim's application as PDF, read again by pypdf."""

import hashlib
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from services.dispatcher.papers.claim_pdf import claim_pdf
from services.dispatcher.papers.pdf import fonts
from services.dispatcher.papers.table import Fen, words
from tests.dispatcher.papers.claim import BOOKS_HEAD, ENTERPRISE, claim_papers, with_name

PAPERS = claim_papers(trips=7, people=5)
ROOT = Path(__file__).parents[3]
A4 = {(595, 842), (842, 595)}


def pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


@pytest.fixture(scope="module")
def content() -> bytes:
    return claim_pdf(PAPERS)


@pytest.fixture(scope="module")
def text(content: bytes) -> str:
    return "\n".join(pages(content))


def test_the_form_says_who_claims_what_by_which_policy(content: bytes) -> None:
    form = pages(content)[0]
    for said in (
        "“点对点”返岗包车补贴申报表",
        "C-522732-2020-0007",
        ENTERPRISE,
        "913302001445970270",
        "宁波市企业包车补贴（ningbo-2023@1）",
        "2020-02-20 至 2020-02-28",
        f"审定金额（元） {words(Fen(PAPERS.form.approved_fen or 0))}",
        "已拨付金额（元） —",
        "人民币陆万叁仟玖佰元壹角贰分",
        "财政部门",
    ):
        assert said in form
    assert PAPERS.form.approved_fen == 63_900_12


def test_every_amount_of_the_lists_is_there_to_the_fen_and_the_totals_are_their_sums(text: str) -> None:
    amounts = re.findall(r"[\d,]+\.\d\d", text)
    for trip in PAPERS.trips:
        assert amounts.count(words(Fen(trip.price_fen or 0))) >= 2  # contract and invoice
    for line in (*PAPERS.payers, *(PAPERS.calculation)):
        assert words(Fen(line.due_fen if hasattr(line, "due_fen") else line.result_fen)) in amounts
    assert amounts.count(words(Fen(PAPERS.form.charter_fen))) == 3  # form, and under contracts and invoices


def test_every_person_has_a_line_with_evidence_and_room_to_sign(content: bytes) -> None:
    rosters = [page for page in pages(content) if "乘车人员名单" in page]
    assert len(rosters) == len(PAPERS.trips)
    for trip, page in zip(PAPERS.trips, rosters, strict=True):
        assert f"车次 {trip.trip_id}" in page
        assert trip.plate in page
        assert "本人签名" in page
        *boarded, absent = [line for line in PAPERS.roster if line.trip_id == trip.trip_id]
        for line in boarded:
            assert (
                f"{line.number} {line.masked_name} {line.id_tail} {ENTERPRISE} {line.category}"
                " 已上车 2020-02-24 09:05 已到厂 2020-02-25 14:00 是\n"
            ) in page
        assert f"{absent.masked_name} {absent.id_tail}" in page
        assert page.count("未乘车 否 无乘车记录（F04）") == 1


def test_each_page_says_which_claim_which_books_and_which_page_of_how_many(content: bytes) -> None:
    every = pages(content)
    for number, page in enumerate(every, start=1):
        assert f"申报编号 C-522732-2020-0007（已批准）　账册摘要 {BOOKS_HEAD}" in page
        assert f"第 {number} 页　共 {len(every)} 页" in page


def test_a_roster_of_45_pages_repeats_its_headings_and_loses_nobody() -> None:
    papers = claim_papers(trips=1, people=45 * 34)
    every = [page for page in pages(claim_pdf(papers)) if "本人签名" in page]
    assert len(every) >= 45
    numbers = [int(n) for page in every for n in re.findall(r"^(\d+) [张韦罗杨]\*", page, re.M)]
    assert numbers == list(range(1, 45 * 34 + 1))


def test_only_the_papers_font_is_in_it_and_it_is_embedded(content: bytes) -> None:
    reader = PdfReader(io.BytesIO(content))
    assert {tuple(map(round, page.mediabox[2:])) for page in reader.pages} == A4
    embedded = list(embedded_fonts(reader))
    assert embedded
    for name, has_file in embedded:
        assert re.fullmatch(r"/[A-Z]{6}\+NotoSerifCJKsc-Regular", name)
        assert has_file


def test_fonts_of_the_machine_have_no_part_in_it() -> None:
    assert fonts().families() == ["Noto Serif CJK SC"]


def embedded_fonts(reader: PdfReader) -> Iterator[tuple[str, bool]]:
    for page in reader.pages:
        resources: Any = page["/Resources"]
        for font in resources["/Font"].values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            yield inner["/BaseFont"].removesuffix("-Identity-H"), "/FontFile3" in inner["/FontDescriptor"]


def test_it_is_an_archive_file_of_pdf_a_2(content: bytes) -> None:
    metadata = PdfReader(io.BytesIO(content)).xmp_metadata
    assert metadata is not None
    raw = metadata.stream.get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>U</pdfaid:conformance>" in raw


def test_a_character_that_the_font_lacks_is_shown_as_missing_and_listed_with_its_code_and_place() -> None:
    every = "\n".join(pages(claim_pdf(with_name(PAPERS, "𠮷*䶮"))))
    assert "〓*䶮" in every
    assert f"U+20BB7（首见于 人员名单 {PAPERS.trips[0].trip_id}：1）" in every
    assert "附注：字库未收字" in every
    assert "附注：字库未收字" not in "\n".join(pages(claim_pdf(PAPERS)))


def test_what_somebody_typed_is_text_and_no_instruction_of_the_form() -> None:
    typed = '#panic("x") *b* $1+1$ @ref \\ <a> // no'
    papers = replace(PAPERS, flags=(replace(PAPERS.flags[0], message=typed),))
    assert typed in "\n".join(pages(claim_pdf(papers)))


def test_no_number_leaves_its_column_or_the_page_however_long() -> None:
    number = "QN" + "0123456789" * 12
    sheets = (replace(PAPERS.trips[0], contract_no=number), *PAPERS.trips[1:])
    reader = PdfReader(io.BytesIO(claim_pdf(replace(PAPERS, trips=sheets))))
    listed = next(page for page in reader.pages if "合同与发票" in page.extract_text()).extract_text()
    assert number in listed.replace("\n", "")
    assert "0123456789" * 3 not in listed
    for page in reader.pages:
        assert "0123456789" * 10 not in page.extract_text()


def test_the_same_content_gives_the_same_bytes_in_another_process_and_zone(content: bytes) -> None:
    program = (
        "import hashlib; from services.dispatcher.papers.claim_pdf import claim_pdf;"
        "from tests.dispatcher.papers.claim import claim_papers;"
        "print(hashlib.sha256(claim_pdf(claim_papers(7, 5))).hexdigest())"
    )
    for zone in ("UTC", "Asia/Shanghai"):
        assert run(program, TZ=zone) == hashlib.sha256(content).hexdigest()


def test_papers_that_have_been_set_are_not_kept_in_memory() -> None:
    program = (
        "import resource; from services.dispatcher.papers.claim_pdf import claim_pdf;"
        "from tests.dispatcher.papers.claim import claim_papers;"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024;"
        "claim_pdf(claim_papers(30, 24)); first = peak();"
        "[claim_pdf(claim_papers(30, 24 + n)) for n in range(1, 9)];"
        "print(peak() - first)"
    )
    assert int(run(program)) < 100


def run(program: str, **environment: str) -> str:
    """What a program prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
