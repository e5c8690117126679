"""Enterprises and gates: registered all or none, told when they change."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from shared.roster import ENTERPRISE_COLUMNS
from shared.security import Role
from tests.registry.conftest import Registry, enterprise
from tests.registry.rosters import ENTERPRISE, ENTERPRISE_ID, save

GATE: dict[str, Any] = enterprise()["gates"][0]


def register(registry: Registry, *given: dict[str, Any], role: Role = Role.OPERATOR) -> Any:
    return registry.client(role, areas=("52",)).post("/api/enterprises", json={"enterprises": list(given)})


def sheet(*lines: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    book.active.append([column.zh for column in ENTERPRISE_COLUMNS])
    for line in lines:
        book.active.append(line)
    return save(book)


def test_an_enterprise_is_told_with_its_gates_and_their_prefecture(empty_registry: Registry) -> None:
    assert register(empty_registry, enterprise()).json() == {"changed": [ENTERPRISE_ID], "given": 1}
    [told] = empty_registry.told("EnterpriseRegistered")
    assert (told["enterprise_id"], told["version"], told["name"]) == (ENTERPRISE_ID, 1, ENTERPRISE)
    assert {gate["prefecture_code"] for gate in told["gates"]} == {"441900"}
    assert {gate["name"] for gate in told["gates"]} == {"东门", "西门"}


def test_what_is_known_and_unchanged_is_not_told_again(registry: Registry) -> None:
    before = registry.counts()
    assert register(registry, enterprise()).json()["changed"] == []
    assert registry.counts() == before


def test_a_change_is_told_as_the_whole_new_state_and_a_gate_left_out_stays(registry: Registry) -> None:
    register(registry, enterprise(email="new@example.com", gates=[GATE | {"name": "北门"}]))
    told = registry.told("EnterpriseRegistered")[-1]
    assert (told["version"], told["email"]) == (2, "new@example.com")
    assert {gate["name"] for gate in told["gates"]} == {"东门", "西门", "北门"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"enterprise_id": "91441900MA0000015X"}, "enterprise_id"),
        ({"email": "not an address"}, "email"),
        ({"gates": [GATE | {"town_code": "999999999"}]}, "town_code"),
        ({"gates": [GATE | {"town_code": "330922100", "lon": 122.45, "lat": 30.73}]}, "town_code"),
        ({"gates": [GATE | {"lon": 121.5, "lat": 31.2}]}, "lon/lat"),
        ({"gates": [GATE, GATE]}, "gates"),
    ],
)
def test_one_bad_enterprise_keeps_the_whole_list_out(
    empty_registry: Registry, change: dict[str, Any], field: str
) -> None:
    before = empty_registry.counts()
    answer = register(empty_registry, enterprise(), enterprise(**change))
    assert (answer.status_code, answer.json()["code"]) == (422, "enterprises-refused")
    [error] = answer.json()["errors"]
    assert error["field"].startswith("enterprises[1]")
    assert error["field"].endswith(field)
    assert empty_registry.counts() == before


def test_a_sheet_has_one_line_a_gate(empty_registry: Registry) -> None:
    lines = [
        [ENTERPRISE, ENTERPRISE_ID, gate, "441900003", "东城街道", 113.79, 23.04, "hr@example.com"]
        for gate in ("东门", "西门")
    ]
    client = empty_registry.client(Role.DISPATCHER, areas=("52",))
    answer = client.post("/api/enterprises/file", files={"file": ("e.xlsx", sheet(*lines))})
    assert answer.json()["changed"] == [ENTERPRISE_ID]
    assert register(empty_registry, enterprise()).json()["changed"] == []


def test_the_sample_of_a_season_is_registered_and_its_rosters_accepted(
    empty_registry: Registry, tmp_path: Path
) -> None:
    from datetime import date

    from services.sample import write_sample

    write_sample(
        tmp_path, people=150, days=1, start=date(2020, 2, 24), seed=3, progress=lambda done, total: None
    )
    client = empty_registry.client(Role.OPERATOR, areas=("52",))
    answer = client.post(
        "/api/enterprises/file", files={"file": ("e.xlsx", (tmp_path / "enterprises.xlsx").read_bytes())}
    )
    assert answer.status_code == 200, answer.text
    for file in sorted((tmp_path / "rosters").iterdir()):
        roster = empty_registry.upload(file.read_bytes(), file.name, areas=(file.name[:6],)).json()
        assert roster["refused"] == 0
        assert roster["accepted"] > 0


def test_bureaus_see_the_list_and_an_enterprise_sees_itself(registry: Registry) -> None:
    assert [one["enterprise_id"] for one in registry.client().get("/api/enterprises").json()] == [
        ENTERPRISE_ID
    ]
    own = registry.client(Role.ENTERPRISE, areas=(), organisation=ENTERPRISE_ID)
    other = registry.client(Role.ENTERPRISE, areas=(), organisation="91110108551385082Q")
    assert len(own.get("/api/enterprises").json()) == 1
    assert other.get("/api/enterprises").json() == []


def test_a_bureau_registers_no_enterprise(empty_registry: Registry) -> None:
    assert register(empty_registry, enterprise(), role=Role.BUREAU).status_code == 403
    assert empty_registry.counts()["enterprise"] == 0
