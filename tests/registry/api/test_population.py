"""Registers and people's files over HTTP: bad files, progress, rows, the refused ones in full, and whose they are."""

import gzip
import io
from typing import Any

import httpx
import openpyxl
import pytest

from services.registry.domain.people.columns import POPULATION_COLUMNS
from services.registry.store.access import list_accesses
from services.registry.usecases.people.importing import Importing
from shared.security import Principal, Role
from tests.registry.conftest import LIBO, SANDU, Registry
from tests.registry.population import entry, population_csv, population_xlsx
from tests.registry.rosters import resident_id


def send(
    registry: Registry, content: bytes, areas: tuple[str, ...] = (SANDU,), **data: str
) -> httpx.Response:
    files = {"file": ("登记.xlsx", content)}
    return registry.client(areas=areas).post("/api/population", files=files, data=data)


def test_a_register_is_received_dealt_with_and_told_row_by_row(registry: Registry) -> None:
    content = population_xlsx([entry(0), entry(1, phone="12"), entry(2)])
    sent = send(registry, content)
    assert sent.status_code == 201
    told = sent.json()
    assert (told["rows"], told["done"], told["finished_at"], told["file_name"]) == (4, 1, None, "登记.xlsx")
    assert send(registry, content).json() == told | {"known": True}
    Importing(registry.parts).look()
    bureau = registry.client()
    done = bureau.get(f"/api/population/{told['population_id']}").json()
    assert (done["done"], done["new"], done["refused"], done["failure"]) == (4, 2, 1, None)
    rows = bureau.get(f"/api/population/{told['population_id']}/rows").json()["items"]
    assert [(row["row"], row["outcome"], bool(row["person_id"])) for row in rows] == [
        (2, "new", True),
        (3, "refused", False),
        (4, "new", True),
    ]
    assert [error["code"] for error in rows[1]["errors"]] == ["phone"]
    narrowed = bureau.get(f"/api/population/{told['population_id']}/rows", params={"outcome": "refused"})
    assert [row["row"] for row in narrowed.json()["items"]] == [3]
    assert bureau.get("/api/population").json()["total"] == 1


def test_refused_rows_come_back_in_full_are_logged_and_can_be_sent_again(registry: Registry) -> None:
    bad = entry(1, phone="12", name="=1+1")
    told = send(registry, population_xlsx([entry(0), bad | {"name": "登记乙丑"}])).json()
    Importing(registry.parts).look()
    back = registry.client().get(f"/api/population/{told['population_id']}/refused.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(back.content)).active
    heading, row = sheet.iter_rows(values_only=True)
    assert heading[: len(POPULATION_COLUMNS)] == tuple(column.zh for column in POPULATION_COLUMNS)
    assert row[1] == resident_id(1)
    assert "手机号" in row[-2]
    assert registry.sql("SELECT purpose, request_ids FROM access_log") == [
        ("refused-rows", [f"{told['population_id']}#3"])
    ]
    book = openpyxl.load_workbook(io.BytesIO(back.content))
    book.active["C2"] = "15700000001"
    mended = io.BytesIO()
    book.save(mended)
    again = send(registry, mended.getvalue()).json()
    Importing(registry.parts).look()
    done = registry.client().get(f"/api/population/{again['population_id']}").json()
    assert (done["new"], done["refused"]) == (1, 0)


def _encrypted() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")


def _merged() -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(population_xlsx([entry(0), entry(1)])))
    book.active.merge_cells("D2:D3")
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _formula_heading() -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(population_xlsx([entry(0)])))
    book.active["A1"] = '="姓名"'
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "file-empty"),
    "only headings": (population_csv([]), "file-empty"),
    "a PDF": (b"%PDF-1.7 ...", "wrong-file-type"),
    "an archive": (gzip.compress(b"x"), "wrong-file-type"),
    "with a password": (_encrypted(), "file-encrypted"),
    "cut off": (population_xlsx([entry(0)])[:-400], "file-damaged"),
    "merged cells": (_merged(), "cells-merged"),
    "headings by formula": (_formula_heading(), "heading-is-formula"),
    "a column missing": ("姓名,手机号\n甲乙,1\n".encode(), "columns-missing"),
    "not text": (b"\x81\x00\x02" * 3000, "wrong-file-type"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_refused_as_a_whole_before_anything_is_kept(registry: Registry, kind: str) -> None:
    content, code = BAD[kind]
    before = registry.counts()
    answer = send(registry, content)
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert registry.counts() == before


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        (population_xlsx([entry(0, resident_id=529900199001010009)]), ["id-number"]),
        (population_xlsx([entry(0, as_of="=TODAY()")]), ["formula"]),
        (population_csv([entry(0, resident_id="529900900101001")]), ["id-15"]),
        (population_csv([entry(0, name="张3")]), ["name-unreadable"]),
        (population_csv([entry(0, education="x" * 101)]), ["text-long"]),
        (population_csv([entry(0, place="")]), ["required"]),
    ],
)
def test_a_bad_row_comes_back_with_its_fault(registry: Registry, content: bytes, codes: list[str]) -> None:
    told = send(registry, content).json()
    Importing(registry.parts).look()
    rows = registry.client().get(f"/api/population/{told['population_id']}/rows").json()["items"]
    assert [error["code"] for error in rows[0]["errors"]] == codes


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_is_read_in_the_encodings_of_offices(registry: Registry, encoding: str) -> None:
    sent = send(registry, population_csv([entry(0), entry(1)]).decode().encode(encoding))
    Importing(registry.parts).look()
    done = registry.client().get(f"/api/population/{sent.json()['population_id']}").json()
    assert (done["new"], done["refused"]) == (2, 0)


def test_a_register_of_another_area_is_nobodys_here(registry: Registry) -> None:
    told = send(registry, population_csv([entry(0)])).json()
    neighbour = registry.client(areas=(LIBO,))
    path = f"/api/population/{told['population_id']}"
    for one in (path, f"{path}/rows", f"{path}/refused.xlsx"):
        assert neighbour.get(one).status_code == 404
    assert neighbour.get("/api/population").json()["total"] == 0
    assert send(registry, population_csv([entry(1)]), area_code=LIBO).status_code == 403


def test_somebody_is_looked_for_in_the_body_and_found_in_ones_own_area_alone(registry: Registry) -> None:
    send(registry, population_csv([entry(0), entry(1)]))
    Importing(registry.parts).look()

    def found(client: httpx.Client, sought: str) -> list[dict[str, Any]]:
        answer: list[dict[str, Any]] = client.post("/api/people/search", json={"sought": sought}).json()
        return answer

    bureau = registry.client()
    [one] = found(bureau, resident_id(1))
    assert one["resident_id"] == "529900********" + resident_id(1)[-4:]
    assert found(bureau, "+86 " + entry(1)["phone"]) == [one]
    assert found(bureau, entry(1)["name"]) == [one]
    assert found(bureau, resident_id(7)) == []
    assert found(registry.client(areas=(LIBO,)), resident_id(1)) == []
    assert registry.client(Role.AUDIT).post("/api/people/search", json={"sought": "x"}).status_code == 403


def test_a_person_that_is_erased_is_in_no_list_and_cannot_be_found(registry: Registry) -> None:
    send(registry, population_csv([entry(0), entry(1), entry(0, phone="15711110000")]))
    Importing(registry.parts).look()
    bureau = registry.client()
    [one] = bureau.post("/api/people/search", json={"sought": resident_id(0)}).json()
    erased = registry.client(Role.OPERATOR).post(f"/api/people/{one['person_id']}/erase")
    assert erased.status_code in (200, 204), erased.text
    for sought in (resident_id(0), entry(0)["phone"], entry(0)["name"]):
        assert bureau.post("/api/people/search", json={"sought": sought}).json() == []
    assert bureau.get("/api/people").json()["total"] == 1
    left = bureau.get(f"/api/people/{one['person_id']}").json()
    assert (left["name"], left["said"], left["ids"][0][1]) == ("—", {}, "—")
    [(population,)] = registry.sql("SELECT id FROM population")
    rows = bureau.get(f"/api/population/{population}/rows", params={"outcome": "refused"}).json()["items"]
    assert [error["code"] for error in rows[0]["errors"]] == ["erased"]


def test_a_person_finds_that_their_refused_row_was_read_in_full(registry: Registry) -> None:
    told = send(registry, population_csv([entry(0), entry(0, phone="15711110000")])).json()
    Importing(registry.parts).look()
    registry.client(subject="who reads").get(f"/api/population/{told['population_id']}/refused.xlsx")
    reader = Principal("x", frozenset({Role.BUREAU}), ("52",))
    with registry.parts.database.session() as session:
        fingerprint = registry.parts.vault.fingerprint(resident_id(0))
        [access] = list_accesses(session, reader, [], [fingerprint], offset=0, limit=5)
    assert (access.subject, access.purpose) == ("who reads", "refused-rows")
