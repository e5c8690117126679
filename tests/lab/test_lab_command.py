"""`zhida lab` as somebody types it: a sample's files in, the scenarios side by side out, and nothing lost between."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from pydantic import ValidationError
from typer.testing import CliRunner, Result

from services.cli import ObjectiveName, app
from services.dispatcher.lab.terms import BadChange
from services.dispatcher.planning.objective import OBJECTIVES
from services.lab.run import run_lab
from services.lab.scenarios import QUESTIONS, BadSetting, NeedsPlanning, Questions, ask, read_questions
from services.lab.season import NobodyLeaves, NoSeason, NothingInForce, RosterOfNoCounty, read_season
from services.sample import SampleSummary, write_sample
from shared.kernel.errors import InvalidInput

PEOPLE, DAYS = 240, 2
BASE = {"name": "base", "zh": "现行", "en": "as it is"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SampleSummary]:
    folder = tmp_path_factory.mktemp("season")
    return folder, write_sample(folder, people=PEOPLE, days=DAYS)


def type_in(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


@pytest.fixture(scope="module")
def answered(made: tuple[Path, SampleSummary], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the questions that come with Zhida are answered with; `stdout`, `rows` and `svg` beside the JSON."""
    out = tmp_path_factory.mktemp("answers")
    files = ("--json", out / "a.json", "--csv", out / "a.csv", "--plot", out / "a.svg")
    done = type_in("lab", made[0], "--seconds", "0.1", *files)
    assert done.exit_code == 0
    with (out / "a.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    told = json.loads((out / "a.json").read_text())
    return told | {"stdout": done.stdout, "rows": rows, "svg": (out / "a.svg").read_text()}


def test_everybody_is_carried_or_left_behind_and_every_fen_is_borne(
    made: tuple[Path, SampleSummary], answered: dict[str, Any]
) -> None:
    for one in answered["scenarios"]:
        assert one["carried"] + one["left_behind"] == made[1].workers
        assert sum(one["borne"].values()) == one["charter_fen"] > 0
        assert one["objective_fen"] == one["public_fen"] + one["unfunded_fen"]


def test_what_is_planned_is_proven_and_counts_what_its_rides_come_to(answered: dict[str, Any]) -> None:
    planned = [one for one in answered["scenarios"] if one["replan"]]
    assert [one["name"] for one in planned] == ["base", "floor-20", "no-cap"]
    for one in planned:
        assert one["planned_fen"] == one["objective_fen"]
        assert 0 < one["bound_fen"] <= one["planned_fen"]
        assert one["gap"] == pytest.approx(one["planned_fen"] / one["bound_fen"] - 1)
        assert sum(pool["workers"] for pool in one["pools"]) == one["carried"] + one["left_behind"]


def test_the_same_coaches_are_only_priced_again(answered: dict[str, Any]) -> None:
    by_name = {one["name"]: one for one in answered["scenarios"]}
    base = by_name["base"]
    for name in ("floor-20-same-coaches", "no-cap-same-coaches"):
        again = by_name[name]
        assert (again["coaches"], again["charter_fen"]) == (base["coaches"], base["charter_fen"])
        assert (again["pools"], again["gap"]) == ([], None)
        assert again["against_first"]["counties"] == []
    floor = by_name["floor-20-same-coaches"]
    assert floor["unfunded_coaches"] > base["unfunded_coaches"]
    assert floor["public_fen"] < base["public_fen"]
    assert by_name["no-cap-same-coaches"]["public_fen"] >= base["public_fen"]


def test_planning_around_a_floor_costs_no_more_by_the_objective_than_what_is_proven_of_not_doing_so(
    answered: dict[str, Any],
) -> None:
    by_name = {one["name"]: one for one in answered["scenarios"]}
    assert by_name["floor-20"]["bound_fen"] <= by_name["floor-20-same-coaches"]["objective_fen"]
    assert by_name["floor-20"]["objective_fen"] < by_name["floor-20-same-coaches"]["objective_fen"]
    low, high = by_name["floor-20"]["against_first"]["objective_fen_proven"]
    assert low <= by_name["floor-20"]["objective_fen"] - by_name["base"]["objective_fen"] <= high
    assert by_name["floor-20-same-coaches"]["against_first"]["objective_fen_proven"] is None


def test_the_table_the_csv_and_the_picture_say_the_same(answered: dict[str, Any]) -> None:
    base = answered["scenarios"][0]
    assert f"{base['charter_fen'] / 100:,.2f}" in answered["stdout"]
    assert "每车20人起，重新编排" in answered["stdout"]
    of_base = [row for row in answered["rows"] if row["scenario"] == "base"]
    borne = {row["who"]: int(row["value"]) for row in of_base if row["measure"] == "borne_fen"}
    assert {who: fen for who, fen in borne.items() if ":" in who} == base["borne"]
    assert sum(fen for who, fen in borne.items() if ":" not in who) == base["charter_fen"]
    assert answered["svg"].count('font-weight="bold"') == len(answered["scenarios"])


def test_one_change_is_set_beside_the_rules_as_they_are(
    made: tuple[Path, SampleSummary], tmp_path: Path
) -> None:
    out = tmp_path / "a.json"
    changes = ("--set", "load_factor_percent=100", "--set", "tariff_percent=110", "--objective", "charter")
    assert type_in("lab", made[0], *changes, "--seconds", "0.1", "--json", out).exit_code == 0
    base, changed = json.loads(out.read_text())["scenarios"]
    assert changed["set"] == {"load_factor_percent": 100, "tariff_percent": 110}
    assert changed["coaches"] < base["coaches"], "a full load needs fewer coaches"
    whole = base["carried"] + base["left_behind"]
    again = ("--set", "tariff_percent=200", "--reprice", "--objective", "charter", "--day", "2020-02-25")
    assert type_in("lab", made[0], *again, "--seconds", "0.1", "--json", out).exit_code == 0
    base, changed = json.loads(out.read_text())["scenarios"]
    assert changed["coaches"] == base["coaches"]
    assert changed["charter_fen"] == pytest.approx(2 * base["charter_fen"], abs=base["coaches"]), "half fen"
    assert {pool["pool"][-10:] for pool in base["pools"]} == {"2020-02-25"}
    assert 0 < base["carried"] + base["left_behind"] < whole
    with pytest.raises(NobodyLeaves, match="2020-02-24, 2020-02-25"):
        type_in("lab", made[0], *again[:-1], "2020-03-25")


def test_a_season_is_what_the_registry_would_accept(made: tuple[Path, SampleSummary], tmp_path: Path) -> None:
    season = read_season(made[0])
    assert season.refused == 0
    assert sum(map(len, season.requests.values())) == made[1].workers
    assert len(season.requests) == DAYS
    path = next(path for path in sorted((made[0] / "rosters").iterdir()) if "J001" in _labels(path))
    book = load_workbook(path)
    sheet = book.active
    assert sheet is not None
    heads = {str(cell.value): cell.column for cell in sheet[1]}
    family = [
        row for row in range(2, sheet.max_row + 1) if sheet.cell(row, heads["家庭编组"]).value == "J001"
    ]
    sheet.cell(family[0], heads["手机号"]).value = "12"
    spoilt = tmp_path / "spoilt"
    _copy(made[0], spoilt)
    book.save(spoilt / "rosters" / path.name)
    assert read_season(spoilt).refused == len(family) > 1, "a family is refused as a whole"


def test_a_person_is_planned_once_a_season(made: tuple[Path, SampleSummary], tmp_path: Path) -> None:
    twice = tmp_path / "twice"
    _copy(made[0], twice)
    roster = next((twice / "rosters").iterdir())
    roster.with_name(f"{roster.stem}-again.xlsx").write_bytes(roster.read_bytes())
    assert read_season(twice).refused == len(_rows(roster)) > 0
    assert sum(map(len, read_season(twice).requests.values())) == made[1].workers


def test_pools_of_one_home_prefecture_share_its_coaches(tmp_path: Path) -> None:
    write_sample(tmp_path, people=1_200)
    season = read_season(tmp_path)
    one_coach = {
        home: [rows[0].model_copy(update={"coaches_per_day": 1})] for home, rows in season.fleet.items()
    }
    pools = {request.pool_id for requests in season.requests.values() for request in requests}
    homes = {pool_id[:4] for pool_id in pools}
    assert len(homes) < len(pools), "or this shows nothing"
    asked = ask(["cap_vehicle_fen=null"], "charter", replan=False)
    base, _ = run_lab(replace(season, fleet=one_coach), asked, 0.1, 2, lambda _done, _all: None)
    assert base.outcome.coaches == len(homes)
    assert base.outcome.carried + len(base.outcome.left) == sum(map(len, season.requests.values()))


def test_without_a_coach_of_the_home_prefecture_nobody_is_planned(
    made: tuple[Path, SampleSummary],
) -> None:
    season = replace(read_season(made[0]), fleet={})
    asked = ask(["cap_vehicle_fen=null"], "charter", replan=True)
    for one in run_lab(season, asked, 0.1, 1, lambda _done, _all: None):
        assert set(one.outcome.left.values()) == {"coach-of-the-prefecture"}
        assert len(one.outcome.left) == made[1].workers


def _rows(path: Path) -> list[Any]:
    sheet = load_workbook(path).active
    assert sheet is not None
    return list(sheet.iter_rows(min_row=2, values_only=True))


def _labels(path: Path) -> set[str]:
    sheet = load_workbook(path).active
    assert sheet is not None
    return {str(value) for row in sheet.iter_rows(values_only=True) for value in row if value}


def _copy(folder: Path, to: Path) -> None:
    (to / "rosters").mkdir(parents=True)
    for path in folder.rglob("*.*"):
        (to / path.relative_to(folder)).write_bytes(path.read_bytes())


def test_a_folder_that_is_no_season_is_refused_by_what_it_lacks(
    made: tuple[Path, SampleSummary], tmp_path: Path
) -> None:
    with pytest.raises(NoSeason, match=r"enterprises\.xlsx"):
        read_season(tmp_path)
    odd = tmp_path / "odd"
    _copy(made[0], odd)
    roster = next((odd / "rosters").iterdir())
    roster.rename(roster.with_name("ours.xlsx"))
    with pytest.raises(RosterOfNoCounty, match=r"ours\.xlsx"):
        read_season(odd)
    late = tmp_path / "late"
    _copy(made[0], late)
    policy = (late / "policy.yaml").read_text().replace("2020-02-24", "2020-02-25")
    (late / "policy.yaml").write_text(policy)
    with pytest.raises(NothingInForce, match="2020-02-24"):
        type_in("lab", late, "--set", "cap_vehicle_fen=null")


@pytest.mark.parametrize("setting", ["cap", "=5"])
def test_a_setting_without_a_field_or_a_value_is_refused(setting: str) -> None:
    with pytest.raises(BadSetting):
        ask([setting], "charter", replan=True)


def test_another_load_factor_is_not_priced_without_planning_again() -> None:
    with pytest.raises(NeedsPlanning, match="changed"):
        ask(["load_factor_percent=100"], "charter", replan=False)


def test_a_setting_that_no_policy_has_is_refused_before_anything_is_planned(
    made: tuple[Path, SampleSummary],
) -> None:
    with pytest.raises(BadChange, match="min_pasengers"):
        type_in("lab", made[0], "--set", "min_pasengers=20")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("scenarios: []", "line 1, scenarios"),
        ("scenarios: [{name: a, zh: 甲, en: a, sett: {}}]", "sett"),
        ("scenarios: [{name: a, zh: 甲, en: a}, {name: a, zh: 乙, en: b}]", "twice"),
        ("scenarios: [{name: a, zh: 甲, en: a, replan: false}]", "comes first"),
        ("scenarios: [{name: a, zh: 甲, en: a, set: {cap_vehicle_fen: 1, cap_vehicle_fen: 2}}]", "again"),
        ("scenarios: [", "not YAML"),
    ],
)
def test_questions_that_cannot_be_asked_are_refused_with_their_fault(
    text: str, fault: str, tmp_path: Path
) -> None:
    path = tmp_path / "asked.yaml"
    path.write_text(text)
    with pytest.raises(InvalidInput, match=fault):
        read_questions(path)


def test_plans_may_be_judged_by_all_that_planning_knows() -> None:
    assert {one.value for one in ObjectiveName} == set(OBJECTIVES)
    for objective in OBJECTIVES:
        assert Questions.model_validate({"objective": objective, "scenarios": [BASE]}).objective == objective
    with pytest.raises(ValidationError):
        Questions.model_validate({"objective": "happiness", "scenarios": [BASE]})


def test_the_questions_that_come_with_zhida_are_the_floor_and_the_cap() -> None:
    asked = read_questions(QUESTIONS)
    assert [dict(one.set) for one in asked.scenarios] == [
        {},
        {"min_passengers_vehicle": 20},
        {"min_passengers_vehicle": 20},
        {"cap_vehicle_fen": None},
        {"cap_vehicle_fen": None},
    ]
