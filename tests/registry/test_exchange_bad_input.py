"""What reaches the exchange with the provincial system by mistake: a file is refused as a whole, or a line comes back.

The lists are those of the rosters' bad input, for the system's files and for its receipts. Every table is counted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.registry.domain.exchange.fields import Field
from tests.registry.api.test_province_imports import stranger
from tests.registry.conftest import Registry
from tests.registry.exchanging import (
    HEADINGS,
    RECEIPT,
    as_csv,
    as_xlsx,
    draw_up,
    people,
    receipt,
    send,
    their_line,
)
from tests.registry.rosters import changed, long_xlsx, merged

FILES = Path(__file__).parent / "files"
LINES = [their_line(stranger(number)) for number in (1, 2, 3)]
GOOD = as_xlsx(LINES)
ANSWERS = [receipt(f"01HZZZZZZZZZZZZZZZZZZZZZZZ-{row}") for row in (1, 2, 3)]
ANSWERED = as_xlsx(ANSWERS)
NAMES = list(HEADINGS.values())


def without(heading: str, lines: list[dict[str, str]]) -> bytes:
    return as_csv([{key: value for key, value in line.items() if key != heading} for line in lines])


def letter_of(field: Field) -> str:
    return chr(65 + list(LINES[0]).index(HEADINGS[field]))


@dataclass(frozen=True)
class Bad:
    """One mistake: what is sent for an import and as receipts, and with what code it comes back."""

    name: str
    sent: Callable[[], bytes]
    answered: Callable[[], bytes]
    status: int
    code: str


BAD_FILES = [
    Bad("a missing column", lambda: without(HEADINGS[Field.NAME], LINES), lambda: without(RECEIPT[Field.RESULT], ANSWERS), 422, "columns-missing"),
    Bad("a column twice", lambda: changed(GOOD, Z1="姓名", Z2="x"), lambda: changed(ANSWERED, Z1="结果"), 422, "column-twice"),
    Bad("headings that are formulas", lambda: changed(GOOD, B1='="姓"&"名"'), lambda: changed(ANSWERED, B1='="结"&"果"'), 422, "heading-is-formula"),
    Bad("merged cells", lambda: merged(GOOD, "B2:B4"), lambda: merged(ANSWERED, "A2:A3"), 422, "cells-merged"),
    Bad("200,000 rows in a workbook", lambda: long_xlsx(200_000), lambda: long_xlsx(200_000), 413, "exchange-file-too-large"),
    Bad("60,000 rows as CSV", lambda: as_csv(LINES[:1] * 60_000), lambda: as_csv(ANSWERS[:1] * 60_000), 413, "exchange-file-too-large"),
    Bad("a password", lambda: (FILES / "encrypted.xlsx").read_bytes(), lambda: (FILES / "encrypted.xlsx").read_bytes(), 422, "file-encrypted"),
    Bad("a workbook of old Excel", lambda: (FILES / "old.xls").read_bytes(), lambda: (FILES / "old.xls").read_bytes(), 422, "wrong-file-type"),
    Bad("a PDF", lambda: b"%PDF-1.4\n", lambda: b"%PDF-1.4\n", 422, "wrong-file-type"),
    Bad("a picture", lambda: b"\x89PNG\r\n\x1a\n", lambda: b"\x89PNG\r\n\x1a\n", 422, "wrong-file-type"),
    Bad("bytes of no encoding", lambda: b"\xff\x81\x00\x01", lambda: b"\xff\x81\x00\x01", 422, "wrong-file-type"),
    Bad("a damaged file", lambda: GOOD[:-60], lambda: ANSWERED[:-60], 422, "file-damaged"),
    Bad("an empty file", lambda: b"", lambda: b"", 422, "file-empty"),
    Bad("headings alone", lambda: ",".join(NAMES).encode(), lambda: ",".join(RECEIPT.values()).encode(), 422, "file-empty"),
]  # fmt: skip


@pytest.mark.parametrize("what", ["imports", "receipts"])
@pytest.mark.parametrize("bad", [pytest.param(one, id=one.name) for one in BAD_FILES])
def test_a_file_that_is_none_is_refused_as_a_whole(registry: Registry, bad: Bad, what: str) -> None:
    before = registry.counts()
    content = bad.sent() if what == "imports" else bad.answered()
    answer = send(registry, what, content, name="系统.xlsx")
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (bad.status, bad.code), problem
    assert problem["detail_zh"]
    assert problem["detail_en"]
    assert registry.counts() == before


def test_a_file_that_is_too_long_is_sent_in_parts_in_any_order_and_a_part_twice_does_no_harm(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.registry.intake.roster.ROWS_MAX", 2)
    people(registry, [1, 2, 3])
    drawn = draw_up(registry)
    answers = [receipt(f"{drawn['export_id']}-{row}") for row in (1, 2, 3)]
    whole = send(registry, "receipts", as_csv(answers))
    assert (whole.status_code, whole.json()["code"]) == (413, "exchange-file-too-large")
    assert "in parts" in whole.json()["detail_en"]
    parts = [
        send(registry, "receipts", as_csv(part)).json() for part in (answers[2:], answers[:2], answers[2:])
    ]
    assert [(one["accepted"], one["still_open"]) for one in parts] == [(1, 2), (2, 0), (1, 0)]


# --- a line is refused, the others go on ------------------------------------------------------------------------------


def line_2(**changes: Any) -> bytes:
    """Three lines of which the second is wrong."""
    wrong = LINES[1] | {HEADINGS[Field(field)]: value for field, value in changes.items()}
    return as_xlsx([LINES[0], wrong, LINES[2]])


BAD_LINES = [
    ("a number for an ID", line_2(resident_id=529900198006010000), "id-number"),
    ("an ID in scientific notation", as_csv([LINES[0], LINES[1] | {HEADINGS[Field.RESIDENT_ID]: "5.299E+17"}, LINES[2]]), "id-number"),
    ("an ID with a wrong digit", line_2(resident_id="529900198006010099"), "id-checksum"),
    ("an old ID of 15 digits", line_2(resident_id="529900800601001"), "id-15"),
    ("a formula", changed(GOOD, **{f"{letter_of(Field.PLACE)}3": '="大河"&"镇"'}), "formula"),
    ("a date as a number", line_2(month=43831), "month"),
    ("a month to come", line_2(month="2020-03"), "not-yet"),
    ("a word that is in no table", line_2(employed="在岗"), "word-unknown"),
    ("an empty cell", line_2(place=None), "required"),
    ("the same person twice", as_xlsx([LINES[0], LINES[0], LINES[2]]), "duplicate-row"),
    ("a text that is too long", line_2(place="大" * 101), "text-long"),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "code"), [pytest.param(*rest, id=name) for name, *rest in BAD_LINES])
def test_a_bad_line_comes_back_and_the_others_go_on(registry: Registry, sent: bytes, code: str) -> None:
    told = send(registry, "imports", sent, name="系统.xlsx").json()
    assert (told["fresh"], told["refused"]) == (2, 1), told
    [line] = told["errors"]
    assert (line["row"], line["errors"][0]["code"]) == (3, code)
    assert registry.counts()["person"] == 2
    assert registry.sql("SELECT row, codes FROM province_refused") == [(3, [code])]


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("GBK", as_csv(LINES).decode().encode("gbk")),
        ("semicolons", as_csv(LINES).decode().replace(",", ";").encode()),
        ("tabs in UTF-16", as_csv(LINES).decode().replace(",", "\t").encode("utf-16")),
        ("a title above", b"\xe8\xa1\xa8,,\n" + as_csv(LINES)),
        ("further columns", as_csv([line | {"备注": "x"} for line in LINES])),
        ("columns that may be missing", without(HEADINGS[Field.PHONE], LINES)),
        ("columns in another order", as_csv(LINES, list(reversed(LINES[0])))),
        ("a date cell for the month", as_xlsx([line | {HEADINGS[Field.MONTH]: date(2020, 1, 31)} for line in LINES])),
        ("quotes against Excel", as_csv([line | {HEADINGS[Field.RESIDENT_ID]: f"'{line[HEADINGS[Field.RESIDENT_ID]]}"} for line in LINES])),
    ],
)  # fmt: skip
def test_a_file_as_offices_write_it_is_read(registry: Registry, name: str, sent: bytes) -> None:
    told = send(registry, "imports", sent).json()
    assert (told["fresh"], told["refused"]) == (3, 0), told


def test_a_receipt_by_an_id_in_scientific_notation_answers_nothing(registry: Registry) -> None:
    people(registry, [1])
    drawn = draw_up(registry)
    lines = [{RECEIPT[Field.RESIDENT_ID]: "5.299E+17", RECEIPT[Field.RESULT]: "成功"}]
    told = send(registry, "receipts", as_csv(lines), export_id=drawn["export_id"]).json()
    assert [one["code"] for one in told["errors"][0]["errors"]] == ["id-number"]
    assert told["still_open"] == 0  # it speaks of no row of any export
