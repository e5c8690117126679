"""`zhida policy` as a clerk types it, and the schema that an editor reads."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from services.cli import app
from services.dispatcher.intake.presets import list_presets
from services.dispatcher.intake.terms import read_policies
from services.policies.compare import list_changes, list_effects
from services.registry.intake.reward_presets import preset_files, presets
from shared.kernel.errors import ZhidaError

ROOT = Path(__file__).parent.parent
POLICY = """\
id: sandu
version: 1
name: 三都县示例
valid_from: 2020-02-01
load_factor_percent: 50
cap_vehicle_fen: 1_000_000
min_passengers_vehicle: 10
source: an example
provisions:
- rule: {kind: percentage, rate_percent: 50}
  payers:
  - {payer: origin_county, share: 1}
"""
NEXT = (
    POLICY.replace("version: 1", "version: 2")
    .replace("2020-02-01", "2020-03-01")
    .replace("1_000_000", "800_000")
    .replace("min_passengers_vehicle: 10", "min_passengers_vehicle: 20")
)


def type_in(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["policy", *(str(word) for word in words)])


def write(path: Path, *policies: str) -> Path:
    items = ("- " + policy.rstrip().replace("\n", "\n  ") for policy in policies)
    path.write_text("policies:\n" + "\n".join(items) if len(policies) > 1 else policies[0], "utf-8")
    return path


def rows(printed: str) -> list[list[str]]:
    """The cells of all tables."""
    return [
        [cell.strip() for cell in line.strip("│").split("│")]
        for line in printed.splitlines()
        if line.startswith("│")
    ]


# --- list and check --------------------------------------------------------------------------------------------------


def test_rules_of_rewards_are_checked_and_listed_as_policies_are(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_bytes(preset_files()["changle-agency"])
    bad.write_bytes(preset_files()["changle-agency"].replace(b"first_heads: 50", b"first_heads: fifty"))
    checked = type_in("check", good, bad)
    assert checked.exit_code == 1
    assert (
        f"{good}: 政策 0 policies, 价目 0 tariffs, 奖补规则 1 rules of rewards, 错误 0 faults"
        in checked.stdout
    )
    assert re.search(r"line 8: amount.first_heads\n.*不是整数.*\n.*is not a whole number", checked.stdout)
    other = tmp_path / "other.yaml"
    other.write_bytes(preset_files()["changle-agency"].replace(b"job_months: 3", b"job_months: 4"))
    assert "A file before has this version" in type_in("check", good, other).stdout
    listed = type_in("list").stdout
    assert all(f"{name}  {rule.name.zh}" in listed for name, rule in presets().items())


def test_the_presets_are_listed_with_their_source() -> None:
    listed = type_in("list")
    assert listed.exit_code == 0
    for name in list_presets():
        assert re.search(rf"^{name}  .*\n  .+\.$", listed.stdout, re.M)


def test_files_in_order_are_counted(tmp_path: Path) -> None:
    tariffs = tmp_path / "tariffs.yaml"
    tariffs.write_text(
        "tariffs:\n- {id: C53, coach_type: C53, seats: 53, valid_from: 2020-01-01, fen_per_km: 1050}\n"
    )
    one = write(tmp_path / "one.yaml", POLICY.replace("_vehicle: 10", "_vehicle: 9"))
    checked = type_in("check", one, tariffs)
    assert checked.stdout == (
        f"{one}: 政策 1 policies, 价目 0 tariffs, 奖补规则 0 rules of rewards, 错误 0 faults\n"
        f"{tariffs}: 政策 0 policies, 价目 1 tariffs, 奖补规则 0 rules of rewards, 错误 0 faults\n"
    )
    assert checked.exit_code == 0


def test_a_fault_is_told_with_line_and_mend_in_both_languages_and_fails(tmp_path: Path) -> None:
    wrong = write(tmp_path / "wrong.yaml", POLICY.replace("50}", "150}").replace("name:", "nama:"))
    twice = write(tmp_path / "twice.yaml", POLICY + "version: 2\n")
    checked = type_in("check", wrong, twice)
    assert checked.exit_code == 1
    assert (
        "  line 10: provisions[0].rule.rate_percent\n"
        "    太大。最多为 100\n"
        "    is too large. Give at most 100.\n"
    ) in checked.stdout
    assert "  line 3: nama\n" in checked.stdout
    assert "第 13 行重复给出 version" in checked.stdout
    assert (
        f"{wrong}: 政策 0 policies, 价目 0 tariffs, 奖补规则 0 rules of rewards, 错误 3 faults\n"
        in checked.stdout
    )


def test_a_warning_alone_does_not_fail(tmp_path: Path) -> None:
    checked = type_in("check", write(tmp_path / "next.yaml", NEXT))
    assert checked.exit_code == 0
    assert "提醒 1 warnings\n  sandu@2\n" in checked.stdout
    assert "coaches of 19, 35, 39 seats carry 9, 17, 19 passengers" in checked.stdout


def test_files_are_looked_at_together(tmp_path: Path) -> None:
    one = write(tmp_path / "one.yaml", POLICY + "valid_to: 2020-02-27\n")
    two = write(tmp_path / "two.yaml", NEXT)
    assert "From 2020-02-28 to 2020-02-29 no version holds" in type_in("check", one, two).stdout
    again = type_in("check", one, write(tmp_path / "again.yaml", POLICY))
    assert again.exit_code == 1
    assert "  sandu@1\n    前面的文件中已有此版本" in again.stdout
    assert type_in("check", one, one).exit_code == 0
    tariffs = [tmp_path / f"{number}.yaml" for number in range(2)]
    for fen_per_km, path in enumerate(tariffs):
        entry = f"{{id: C53, coach_type: C53, seats: 53, valid_from: 2020-01-01, fen_per_km: {fen_per_km}}}"
        path.write_text(f"tariffs:\n- {entry}\n")
    assert "  C53@1\n    前面的文件中已有此版本" in type_in("check", *tariffs).stdout


# --- diff ------------------------------------------------------------------------------------------------------------


def test_what_changed_is_told_in_yuan_and_by_what_it_means(tmp_path: Path) -> None:
    both = write(tmp_path / "both.yaml", POLICY, NEXT)
    told = type_in("diff", f"{both}#sandu@1", f"{both}#sandu@2")
    assert told.exit_code == 0
    assert rows(told.stdout) == [
        ["版本号", "version", "1", "2"],
        ["生效日期", "valid from", "2020-02-01", "2020-03-01"],
        ["每车补贴上限", "cap vehicle", "10,000.00 元", "8,000.00 元"],
        ["每车最少人数", "min passengers vehicle", "10", "20"],
        # Half of 8,000, 18,400 and 23,000 is 4,000, 9,200 and 11,500; from 10 heads up to 10,000, then from 20 up to 8,000.
        # Of 49 seats half is 24, so 46 may not ride.
        ["8,000.00", "4,000.00 → 0.00", "4,000.00 → 0.00", "4,000.00", "超员"],
        ["18,400.00", "9,200.00 → 0.00", "9,200.00 → 0.00", "9,200.00 → 8,000.00", "超员"],
        ["23,000.00", "10,000.00 → 0.00", "10,000.00 → 0.00", "10,000.00 → 8,000.00", "超员"],
    ]
    assert "全体人员 everybody" in told.stdout


def test_workers_of_other_provisions_are_told_apart() -> None:
    told = type_in("diff", "guizhou-2020-epidemic", "ningbo-2023")
    assert told.exit_code == 0
    found = rows(told.stdout)
    assert ["补贴条款 1 · 补贴规则 · 规则类型", "provisions 1 · rule · kind", "全额 full_cost", "按比例 percentage"] in found  # fmt: skip
    assert ["目的地代码", "destinations", "无 none", "3302"] in found
    assert ["出行期间 · 首日", "trips · first", "—", "2023-01-21"] in found
    # The relocated under a purchase: all of 8,000 at half load, half of it in Ningbo from 20 heads.
    assert ["8,000.00", "8,000.00 → 0.00", "8,000.00 → 0.00", "8,000.00 → 4,000.00", "超员 → 4,000.00"] in found  # fmt: skip
    assert ["8,000.00", "4,000.00 → 0.00", "4,000.00 → 0.00", "4,000.00", "超员 → 4,000.00"] in found


def test_a_policy_and_itself_differ_in_nothing() -> None:
    assert type_in("diff", "longwan-2020", "longwan-2020").stdout == "没有改动。 Nothing changed.\n"


def test_amounts_of_bands_are_told_by_distance_in_yuan() -> None:
    (old,) = read_policies((PRESETS / "zhumadian-2020.yaml").read_bytes())
    (new,) = read_policies(
        (PRESETS / "zhumadian-2020.yaml").read_bytes().replace(b"200_000, 250_000", b"200_000, 300_000")
    )
    (change,) = list_changes(old, new)
    assert change.path == ("provisions", 0, "rule", "fen", "other_province")
    assert (change.old, change.new) == (
        "1,500.00 元, 2,000.00 元, 2,500.00 元",
        "1,500.00 元, 2,000.00 元, 3,000.00 元",
    )
    # 24 of 49 seats, another province: 2,500 before, 3,000 after, whatever the charter.
    (effect,) = list_effects(old, new)
    assert [row[2] for row in effect.fen] == [(250_000, 300_000)] * 3


def test_rules_of_rewards_are_told_apart_and_by_what_they_pay(tmp_path: Path) -> None:
    """Changle's lump for 50, then 30,000 for it: 51 bring the same as 50, 100 one further lump more, and 500 the cap."""
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_bytes(preset_files()["changle-agency"])
    new.write_bytes(
        preset_files()["changle-agency"]
        .replace(b"version: 1", b"version: 2")
        .replace(b"first_fen: 2_000_000", b"first_fen: 3_000_000")
        .replace(b"counted_over: season", b"counted_over: year")
    )
    told = type_in("diff", old, new)
    assert told.exit_code == 0
    assert rows(told.stdout) == [
        ["版本号", "version", "1", "2"],
        ["标准 · 人数累计期间", "amount · counted over", "一季 season", "一年 year"],
        ["标准 · 首批金额", "amount · first", "20,000.00 元", "30,000.00 元"],
        *([str(heads), "0.00"] for heads in (1, 10, 19, 20, 49)),
        *([str(heads), "20,000.00 → 30,000.00"] for heads in (50, 51)),
        ["100", "30,000.00 → 40,000.00"],
        *([str(heads), "50,000.00"] for heads in (200, 500)),
    ]
    halves = rows(type_in("diff", "county-enterprise-halves", "qiandongnan-enterprise").stdout)
    assert ["100", "200,000.00 → 50,000.00"] in halves
    assert ["500", "1,000,000.00 → 100,000.00"] in halves


def test_a_worker_s_own_benefits_are_told_apart_by_their_fields_alone() -> None:
    told = type_in("diff", "linyi-2024-transport", "tongdao-2017-transport").stdout
    assert "标准 · 每人金额 · 省外" in told
    assert "A claimant's reward" not in told


def test_a_policy_is_not_compared_with_a_rule_of_rewards() -> None:
    refused = type_in("diff", "ningbo-2023", "changle-agency").exception
    assert isinstance(refused, ZhidaError)
    assert refused.code == "kinds-differ"


PRESETS = ROOT / "services/dispatcher/money/rules/presets"


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ("{both}", "policy-unclear"),
        ("{both}#sandu@3", "no-such-policy-here"),
        ("guizhou-2021", "neither-file-nor-preset"),
    ],
)
def test_what_cannot_be_compared_says_what_to_name(tmp_path: Path, named: str, code: str) -> None:
    both = write(tmp_path / "both.yaml", POLICY, NEXT)
    refused = type_in("diff", "ningbo-2023", named.format(both=both)).exception
    assert isinstance(refused, ZhidaError)
    assert refused.code == code
    for language in ("zh", "en"):
        choice = "longwan-2020" if code == "neither-file-nor-preset" else f"{both}#sandu@2"
        assert choice in refused.message(language)  # type: ignore[arg-type]


def test_the_faults_of_a_file_that_is_compared_are_told(tmp_path: Path) -> None:
    wrong = write(tmp_path / "wrong.yaml", POLICY.replace("50}", "150}"))
    refused = type_in("diff", wrong, "ningbo-2023")
    assert refused.exit_code == 1
    assert "line 10: provisions[0].rule.rate_percent" in refused.stdout


# --- the schema ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["policy", "tariff", "reward-rule"])
def test_the_schema_explains_every_field_in_both_languages(name: str) -> None:
    schema: dict[str, Any] = json.loads((ROOT / f"docs/{name}.schema.json").read_text("utf-8"))
    defs = {kind: body for kind, body in schema["$defs"].items() if not kind.endswith("List")}
    fields = [field for body in defs.values() for field in body.get("properties", {}).items()]
    assert len(fields) > 10
    for field, body in fields:
        assert body["description"], field
        assert re.search("[\u4e00-\u9fff]", body["title"]), field
    assert all(body["additionalProperties"] is False for body in defs.values() if "properties" in body)
