"""An office's own rules of rewards come as a file: checked first, with each fault at its line, then put in force whole or not at all."""

from typing import Any

import httpx
import pytest

from services.registry.intake.reward_presets import preset_files, presets
from shared.security import Role
from tests.registry.conftest import LIBO, SANDU, Registry

OWN = """\
id: sandu-agency
version: 1
name: {zh: 三都县组织输出奖补, en: "Sandu: agencies"}
claimant: agency
purpose: agency_reward
valid_from: 2020-01-01
amount:
  kind: tiers
  counted_over: year
  tiers:
  - {heads_to: 49, fen: 10_000}
  - {fen: 20_000}
conditions: {job_months: 3}
source: {zh: 三都县示例文件, en: An example}
"""
SECOND = OWN.replace("version: 1", "version: 2").replace("20_000", "25_000")


def listed(*rules: str) -> str:
    return "rules:\n" + "\n".join("- " + one.rstrip().replace("\n", "\n  ") for one in rules)


def send(
    registry: Registry, what: str, content: str | bytes, areas: tuple[str, ...] = (SANDU,), **data: str
) -> httpx.Response:
    body = content if isinstance(content, bytes) else content.encode()
    client = registry.client(areas=areas)
    return client.post(f"/api/reward-rules/{what}", files={"file": ("规则.yaml", body)}, data=data)


def in_force(registry: Registry) -> list[tuple[str, str]]:
    return [
        tuple(row)
        for row in registry.sql("SELECT area_code, rule_id || '@' || version FROM reward_rule ORDER BY 1, 2")
    ]


def test_a_file_is_checked_without_coming_into_force_and_then_put_in_force_once(
    empty_registry: Registry,
) -> None:
    checked = send(empty_registry, "check", OWN)
    assert checked.status_code == 200
    assert (checked.json()["area_code"], checked.json()["rules"][0]["stand"]) == (SANDU, "new")
    assert in_force(empty_registry) == []
    first, again = (send(empty_registry, "file", OWN) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()[0]["rule"]["amount"]["counted_over"] == "year"
    assert in_force(empty_registry) == [(SANDU, "sandu-agency@1")]
    assert send(empty_registry, "check", OWN).json()["rules"][0]["stand"] == "known"


def test_a_list_of_rules_comes_into_force_whole_or_not_at_all(empty_registry: Registry) -> None:
    send(empty_registry, "file", OWN)
    changed = OWN.replace("10_000", "11_000")
    stands = [one["stand"] for one in send(empty_registry, "check", listed(SECOND, changed)).json()["rules"]]
    assert stands == ["new", "taken"]
    refused = send(empty_registry, "file", listed(SECOND, changed))
    assert (refused.status_code, refused.json()["code"]) == (409, "reward-version-taken")
    assert in_force(empty_registry) == [(SANDU, "sandu-agency@1")]
    assert send(empty_registry, "file", listed(OWN, SECOND)).status_code == 201
    assert in_force(empty_registry) == [(SANDU, "sandu-agency@1"), (SANDU, "sandu-agency@2")]


@pytest.mark.parametrize(
    ("old", "new", "field", "fault"),
    [
        ("valid_from: 2020-01-01", "valid_from: 明年", "line 6: valid_from", "is not valid"),
        ("fen: 10_000", "fen: 100.5", "line 11: amount.tiers[0].fen", "is not a whole number"),
        ("heads_to: 49, fen: 10_000", "heads_to: 49, fen: 30_000", "line 10: amount.tiers", "is not valid"),
        ("kind: tiers", "kind: stairs", "line 7: amount", "is not one of the choices"),
        ("job_months: 3", "job_month: 3", "line 13: conditions.job_month", "is not a known field"),
        ("claimant: agency\n", "", "line 1: claimant", "is missing"),
        ("claimant: agency", "claimant: agent", "line 4: claimant", "is not one of the choices"),
    ],
)
def test_a_fault_is_told_with_its_line_its_field_and_its_mend(
    empty_registry: Registry, old: str, new: str, field: str, fault: str
) -> None:
    assert old in OWN
    for what in ("check", "file"):
        refused = send(empty_registry, what, OWN.replace(old, new))
        assert (refused.status_code, refused.json()["code"]) == (422, "lines-invalid")
        [found] = refused.json()["errors"]
        assert (found["field"], found["fault_en"]) == (field, fault)
        assert found["fault_zh"]
        assert found["mend_zh"]
        assert found["mend_en"]
    assert in_force(empty_registry) == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "file-unreadable"),
        ("- 1", "file-unreadable"),
        ("rules: [unclosed", "file-unreadable"),
        (OWN.encode("gb18030"), "file-unreadable"),
        (b"PK\x03\x04 a workbook", "file-unreadable"),
        (OWN + "id: another\n", "key-twice"),
        (OWN.replace("3}", "&a 3}"), "not-plain-yaml"),
        ("#" * 1_000_001, "file-too-long"),
        ("rules: 1", "lines-invalid"),
        (listed(OWN, OWN.replace("10_000", "11_000")), "lines-invalid"),
    ],
)
def test_what_is_no_file_of_rules_is_refused(
    empty_registry: Registry, content: str | bytes, code: str
) -> None:
    refused = send(empty_registry, "check", content)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert refused.json()["detail_zh"]


def test_a_file_is_for_one_s_own_area_alone_and_says_nothing_of_a_neighbour_s_rules(
    empty_registry: Registry,
) -> None:
    send(empty_registry, "file", OWN, (LIBO,))
    for what in ("check", "file"):
        refused = send(empty_registry, what, OWN, area_code=LIBO)
        assert (refused.status_code, refused.json()["code"]) == (403, "area-not-yours")
        for role in (Role.FINANCE, Role.AUDIT, Role.OPERATOR, Role.ENTERPRISE):
            body: dict[str, Any] = {"files": {"file": ("x.yaml", OWN.encode())}}
            assert empty_registry.client(role).post(f"/api/reward-rules/{what}", **body).status_code == 403
    assert send(empty_registry, "check", OWN).json()["rules"][0]["stand"] == "new"


def test_a_preset_is_handed_out_as_the_file_that_it_is_and_reads_as_the_rule_in_force(
    empty_registry: Registry,
) -> None:
    client = empty_registry.client()
    for name in ("changle-agency", "yantai-2020-agency"):
        got = client.get("/api/reward-rules/preset.yaml", params={"name": name})
        assert got.content == preset_files()[name]
        checked = send(empty_registry, "check", got.content).json()["rules"]
        assert checked[0]["rule"] == presets()[name].model_dump(mode="json")
    assert (
        client.get("/api/reward-rules/preset.yaml", params={"name": "x"}).json()["code"] == "no-such-preset"
    )
