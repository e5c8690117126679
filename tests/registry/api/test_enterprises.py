"""Enterprises and gates: registered all or none, told when they change."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from shared.roster import ENTERPRISE_COLUMNS
from shared.security import Role
from tests.registry.conftest import LIBO, SANDU, Registry, enterprise
from tests.registry.rosters import ENTERPRISE, ENTERPRISE_ID, save

OTHER_ID = "91110108551385082Q"
GATE: dict[str, Any] = enterprise()["gates"][0]


def register(
    registry: Registry,
    *given: dict[str, Any],
    role: Role = Role.OPERATOR,
    areas: tuple[str, ...] = ("52",),
    organisation: str | None = None,
) -> Any:
    client = registry.client(role, areas=areas, organisation=organisation)
    return client.post("/api/enterprises", json={"enterprises": list(given)})


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
    other = registry.client(Role.ENTERPRISE, areas=(), organisation=OTHER_ID)
    assert len(own.get("/api/enterprises").json()) == 1
    assert other.get("/api/enterprises").json() == []


CHANGES = [
    {"email": "elsewhere@example.com"},
    {"gates": [GATE | {"name": "北门"}]},
    {"gates": [GATE | {"lon": 113.8}]},
    {"name": "别的公司"},
]
NOT_THEIRS: list[dict[str, Any]] = [
    {"role": Role.DISPATCHER, "areas": (SANDU,)},
    {"role": Role.DISPATCHER, "areas": (LIBO,)},
    {"role": Role.DISPATCHER, "areas": ("52",)},
    {"role": Role.OPERATOR, "areas": (LIBO,)},
    {"role": Role.ENTERPRISE, "areas": (), "organisation": OTHER_ID},
    {"role": Role.ENTERPRISE, "areas": ()},
]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("caller", NOT_THEIRS)
def test_a_known_enterprise_is_not_changed_by_a_county_or_by_another_enterprise(
    registry: Registry, caller: dict[str, Any], change: dict[str, Any]
) -> None:
    """Its mailbox gets the link that confirms arrivals, and so settles the money of every county."""
    before = registry.counts(), registry.client().get("/api/enterprises").json()
    answer = register(registry, enterprise(**change), **caller)
    assert (answer.status_code, answer.json()["code"]) == (403, "enterprise-not-yours")
    assert ENTERPRISE_ID in answer.json()["detail_zh"]
    assert (registry.counts(), registry.client().get("/api/enterprises").json()) == before


@pytest.mark.parametrize(
    "caller",
    [
        {"role": Role.OPERATOR, "areas": ("52",)},
        {"role": Role.ENTERPRISE, "areas": (), "organisation": ENTERPRISE_ID},
    ],
)
def test_a_known_enterprise_is_changed_by_itself_and_by_the_province_and_who_did_it_is_logged(
    registry: Registry, caller: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "services.registry")
    answer = register(registry, enterprise(email="new@example.com"), **caller)
    assert answer.json()["changed"] == [ENTERPRISE_ID]
    [line] = [record for record in caplog.records if record.message == "enterprise changed"]
    assert str(caller["role"]) in line.subject  # type: ignore[attr-defined]
    assert (line.enterprise_id, line.changed) == (ENTERPRISE_ID, ["email"])  # type: ignore[attr-defined]
    assert "new@example.com" not in str(vars(line))


def test_a_county_registers_who_is_new_and_may_send_who_is_known_again(registry: Registry) -> None:
    new = enterprise(enterprise_id=OTHER_ID, name="另一家公司")
    answer = register(registry, enterprise(), new, role=Role.DISPATCHER, areas=(LIBO,))
    assert answer.json()["changed"] == [OTHER_ID]


def test_an_enterprise_registers_itself_and_nobody_else(empty_registry: Registry) -> None:
    as_other: dict[str, Any] = {"role": Role.ENTERPRISE, "areas": (), "organisation": OTHER_ID}
    assert register(empty_registry, enterprise(), **as_other).status_code == 403
    assert empty_registry.counts()["enterprise"] == 0
    own = enterprise(enterprise_id=OTHER_ID)
    assert register(empty_registry, own, **as_other).json()["changed"] == [OTHER_ID]


def test_a_bureau_registers_no_enterprise(empty_registry: Registry) -> None:
    assert register(empty_registry, enterprise(), role=Role.BUREAU).status_code == 403
    assert empty_registry.counts()["enterprise"] == 0
