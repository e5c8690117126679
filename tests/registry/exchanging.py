"""The exchange with the provincial system as an office does it over HTTP, and files as that system would send them."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import httpx
import openpyxl

from services.registry.domain.exchange.fields import Field
from services.registry.domain.people.consent import ConsentPurpose
from services.registry.intake.mapping import read_presets
from services.registry.usecases.exchange.drawing import Drawing
from shared.security import Role
from tests.registry.conftest import SANDU, Registry
from tests.registry.folk import Folk, add_folk, add_helper, add_household
from tests.registry.rosters import ENTERPRISE_ID

DAHE, PUAN = "522732111", "522732112"
"""Two townships of Sandu."""
MONTH = "2020-01"
PRESET = read_presets()[0]
HEADINGS = {one.field: one.heading for one in PRESET.rows.columns}
RECEIPT = {one.field: one.heading for one in PRESET.receipts.columns}
WORDS = {"accepted": "成功", "refused": "失败"}
Line = Mapping[str, str]


def people(registry: Registry, numbers: Sequence[int], place: str = DAHE, **more: Any) -> list[Folk]:
    """People of a household with a helper, at work since March 2019."""
    known = {
        "household_id": add_household(registry.parts, f"H{place}-{numbers[0]}", place),
        "employed_since": date(2019, 3, 1),
        "enterprise_id": ENTERPRISE_ID,
    }
    return add_folk(registry.parts, numbers, place_code=place, **(known | more))


def helped(registry: Registry, numbers: Sequence[int]) -> list[Folk]:
    """The same with a helper."""
    return people(registry, numbers, helper_id=add_helper(registry.parts, place_code=DAHE))


def move(registry: Registry, folk: Folk, place: str) -> None:
    """Their file is at another place."""
    with registry.parts.database.session() as session:
        session.connection().exec_driver_sql(
            "UPDATE person_file SET place_code = %s WHERE person_id = %s", (place, folk.id)
        )


def all_agree(registry: Registry) -> None:
    """All who are there agree to whatever may need it; a consent does not travel with a file."""
    with registry.parts.database.session() as session:
        session.connection().exec_driver_sql(
            "INSERT INTO consent (id, person_id, notice_version, purposes, channel, given_on, obtained_by, recorded_at)"
            " SELECT 'c/' || id, id, '2021-11', %s, 'paper', '2020-01-01', 'x', now() FROM person"
            " ON CONFLICT DO NOTHING",
            (list(ConsentPurpose),),
        )


def draw_up(
    registry: Registry, *, areas: tuple[str, ...] = (SANDU,), month: str = MONTH, **more: Any
) -> dict[str, Any]:
    """An export as the bureau gets it, once a worker has drawn it up."""
    body = {"reason": "monthly", "month": month} | more
    client = registry.client(areas=areas)
    answer = client.post("/api/exchange/exports", json=body)
    assert answer.status_code == 201, answer.text
    Drawing(registry.parts).look()
    drawn: dict[str, Any] = client.get(f"/api/exchange/exports/{answer.json()['export_id']}").json()
    assert drawn["status"] == "ready", drawn
    return drawn


def fetch(
    registry: Registry,
    export_id: str,
    kind: str = "csv",
    encoding: str = "utf-8",
    areas: tuple[str, ...] = (SANDU,),
) -> bytes:
    """The bytes of an export's file."""
    path = f"/api/exchange/exports/{export_id}/file"
    answer = registry.client(areas=areas).post(path, params={"kind": kind, "encoding": encoding})
    assert answer.status_code == 200, answer.text
    return answer.content


def read(content: bytes) -> list[Line]:
    """The lines of a CSV or a workbook by heading."""
    if content.startswith(b"PK"):
        rows = list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))
        return [dict(zip(rows[0], (str(cell or "") for cell in row), strict=True)) for row in rows[1:]]
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def lines_of(registry: Registry, export_id: str, areas: tuple[str, ...] = (SANDU,)) -> list[Line]:
    """The lines of an export."""
    return read(fetch(registry, export_id, areas=areas))


def as_csv(lines: Sequence[Line], headings: Sequence[str] | None = None) -> bytes:
    """Lines as the system would send them."""
    names = list(headings or lines[0])
    file = io.StringIO()
    writer = csv.DictWriter(file, names, extrasaction="ignore", restval="")
    writer.writeheader()
    writer.writerows(lines)
    return file.getvalue().encode()


def as_xlsx(lines: Sequence[Mapping[str, Any]]) -> bytes:
    """The same as a workbook, its cells of the types they are given."""
    book = openpyxl.Workbook()
    book.active.append(list(lines[0]))
    for line in lines:
        book.active.append(list(line.values()))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def receipt(token: str, result: str = "accepted", reason: str = "") -> Line:
    """One answer by the number of its row."""
    return {
        RECEIPT[Field.TOKEN]: token,
        RECEIPT[Field.RESULT]: WORDS.get(result, result),
        RECEIPT[Field.REASON]: reason,
    }


def accept_all(registry: Registry, drawn: Mapping[str, Any], areas: tuple[str, ...] = (SANDU,)) -> None:
    """The system takes every row of an export."""
    tokens = [f"{drawn['export_id']}-{row}" for row in range(1, drawn["rows"] + 1)]
    answer = send(registry, "receipts", as_csv([receipt(one) for one in tokens]), areas=areas)
    assert (answer.status_code, answer.json()["accepted"]) == (201, drawn["rows"]), answer.text


def send(
    registry: Registry,
    what: str,
    content: bytes,
    *,
    areas: tuple[str, ...] = (SANDU,),
    role: Role = Role.BUREAU,
    name: str = "文件.csv",
    **data: str,
) -> httpx.Response:
    """Send receipts or an import."""
    client = registry.client(role, areas=areas)
    return client.post(f"/api/exchange/{what}", data=data, files={"file": (name, content)})


def their_line(folk: Folk, **changes: str) -> dict[str, str]:
    """What the system says of somebody's month, by our fields; `changes` replace some."""
    said = {
        "month": MONTH,
        "name": folk.name,
        "resident_id": folk.resident_id,
        "phone": folk.phone,
        "household": "TH-1",
        "county": "三都水族自治县",
        "place": "大河镇",
        "employed": "是",
        "employer_code": ENTERPRISE_ID,
        "area": "441900",
    } | changes
    return {HEADINGS[Field(field)]: value for field, value in said.items()}


def stands(registry: Registry, export_id: str) -> dict[str, int]:
    """How many rows of an export stand how."""
    found = registry.client().get(f"/api/exchange/exports/{export_id}").json()["states"]
    return dict(found)
