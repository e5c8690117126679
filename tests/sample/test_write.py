"""What `zhida sample` writes is what bureaus, enterprises and carriers send."""

import csv
import hashlib
from collections import Counter, defaultdict
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from openpyxl import load_workbook

from services.dispatcher.intake.budgets import read_budgets
from services.sample import SampleSummary, write_sample
from shared import reference, roster
from shared.kernel.season import season_of


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SampleSummary]:
    out = tmp_path_factory.mktemp("sample")
    return out, write_sample(out)


def rows_of(path: Path) -> list[tuple[Any, ...]]:
    with closing(load_workbook(path, read_only=True)) as book:
        return list(book.worksheets[0].iter_rows(values_only=True))


def digests(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_the_same_seed_writes_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        write_sample(tmp_path / name, people=300, days=2, seed=seed)
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    assert digests(tmp_path / "a") != digests(tmp_path / "c")


def test_a_roster_is_one_county_s_day_under_its_name_with_the_agreed_headings(
    day: tuple[Path, SampleSummary],
) -> None:
    out, summary = day
    files = sorted((out / "rosters").iterdir())
    assert len(files) == summary.rosters == summary.counties
    for path in files:
        code, name, on = path.stem.split("-")
        assert reference.get_county(code).name == name
        assert on == "20200224"
        assert rows_of(path)[0] == tuple(c.zh for c in roster.COLUMNS)


def test_every_row_of_every_roster_holds(day: tuple[Path, SampleSummary]) -> None:
    out, summary = day
    gates = {(r[0], r[2]) for r in rows_of(out / "enterprises.xlsx")[1:]}
    seen: set[str] = set()
    workers = 0
    for path in (out / "rosters").iterdir():
        for row in rows_of(path)[1:]:
            fields = dict(zip([c.key for c in roster.COLUMNS], row, strict=True))
            assert isinstance(fields["resident_id"], str)
            assert isinstance(fields["phone"], str)
            assert reference.find_stop(path.name[:6], fields["stop"])
            assert (fields["enterprise"], fields["gate"]) in gates
            assert fields["earliest"].date() == date(2020, 2, 24)
            assert 0 <= (fields["latest"] - fields["earliest"]).days <= 2
            assert fields["category"] in roster.CATEGORY_WORDS
            assert fields["organising_mode"] in roster.ORGANISING_MODE_WORDS
            seen |= {fields["resident_id"], fields["phone"]}
            workers += 1
    assert workers == summary.workers
    assert len(seen) == 2 * workers


def test_a_family_shares_stop_gate_and_window_and_has_two_to_four_members(
    day: tuple[Path, SampleSummary],
) -> None:
    out, summary = day
    in_families = 0
    for path in (out / "rosters").iterdir():
        families = defaultdict(list)
        for row in rows_of(path)[1:]:
            if row[8]:
                families[row[8]].append((*row[3:8], row[9]))
        for members in families.values():
            assert 2 <= len(members) <= 4
            assert len(set(members)) == 1
            in_families += len(members)
    assert 0.15 <= in_families / summary.workers <= 0.25


def test_a_third_to_a_half_are_poor_or_relocated_and_every_mode_occurs(
    day: tuple[Path, SampleSummary],
) -> None:
    out, summary = day
    rows = [row for path in (out / "rosters").iterdir() for row in rows_of(path)[1:]]
    categories = Counter(row[9] for row in rows)
    assert 1 / 3 <= 1 - categories["普通"] / summary.workers <= 1 / 2
    assert set(categories) == set(roster.CATEGORY_WORDS)
    assert {row[10] for row in rows} == set(roster.ORGANISING_MODE_WORDS)


def test_enterprises_name_a_real_town_or_zone_with_its_code(day: tuple[Path, SampleSummary]) -> None:
    out, summary = day
    headings, *rows = rows_of(out / "enterprises.xlsx")
    assert headings == tuple(c.zh for c in roster.ENTERPRISE_COLUMNS)
    assert len(rows) == summary.gates
    for _, _, _, code, name, _, _, email in rows:
        place = reference.find_destination(code)
        assert place is not None
        assert place.name == name
        assert email.endswith("@example.com")


def test_the_fleet_can_carry_the_day_and_names_a_tariff_s_coach_types(
    day: tuple[Path, SampleSummary],
) -> None:
    out, summary = day
    with (out / "fleet.csv").open(encoding="utf-8", newline="") as file:
        fleet = list(csv.DictReader(file))
    tariffs = yaml.safe_load((out / "tariffs.yaml").read_text(encoding="utf-8"))["tariffs"]
    assert {(r["coach_type"], int(r["seats_approved"])) for r in fleet} == {
        (t["coach_type"], t["seats"]) for t in tariffs
    }
    assert sum(int(r["coaches_per_day"]) for r in fleet) > summary.coaches_at_half_load
    assert {r["home_prefecture_code"] for r in fleet} == {
        p.code for p in reference.list_prefectures("520000")
    }
    assert all(t["valid_from"] <= date(2020, 2, 24) <= t["valid_to"] for t in tariffs)
    money = ("fixed_fen", "fen_per_km", "minimum_day_fen", "driver_day_fen", "toll_fen_per_km")
    assert all(isinstance(t[key], int) for t in tariffs for key in money)


def test_the_policy_is_the_epidemic_preset_made_simple_and_says_what_it_assumes(
    day: tuple[Path, SampleSummary],
) -> None:
    policy = yaml.safe_load((day[0] / "policy.yaml").read_text(encoding="utf-8"))
    (provision,) = policy["provisions"]
    assert (policy["load_factor_percent"], provision["rule"]["rate_percent"]) == (50, 50)
    assert (policy["cap_vehicle_fen"], policy["min_passengers_vehicle"]) == (1_000_000, 10)
    assert policy["valid_from"] <= date(2020, 2, 24) <= policy["valid_to"]
    assert policy["toll_exempt"] is True
    assert provision["payers"] == [{"payer": "origin_county", "share": 1}]
    for what in (
        "rate_percent",
        "cap_vehicle_fen",
        "min_passengers_vehicle",
        "has one for each organising mode",
    ):
        assert any(what in line for line in policy["assumed"])


def test_every_county_has_a_budget_for_each_season_that_the_registry_will_name(tmp_path: Path) -> None:
    write_sample(tmp_path, people=30, days=2, start=date(2020, 6, 30))
    budgets = read_budgets((tmp_path / "budgets.csv").read_bytes())
    counties = {county.code for county in reference.list_counties()}
    seasons = {season_of(date(2020, 6, 30)), season_of(date(2020, 7, 1))}
    assert len(seasons) == 2
    assert {(one.code, one.season) for one in budgets} == {(c, s) for c in counties for s in seasons}
    assert {one.payer for one in budgets} == {"origin_county"}
    assert all("假定" in one.document for one in budgets)


def test_progress_is_told_up_to_the_last_worker(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    summary = write_sample(tmp_path, people=500, days=3, progress=lambda done, of: told.append((done, of)))
    assert told[-1] == (summary.workers, summary.workers)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert len(told) == summary.rosters


def test_a_season_over_new_year_has_a_tariff_and_a_policy_on_every_day(tmp_path: Path) -> None:
    write_sample(tmp_path, people=200, days=20, start=date(2020, 12, 20))
    last = date(2021, 1, 8)
    tariffs = yaml.safe_load((tmp_path / "tariffs.yaml").read_text(encoding="utf-8"))["tariffs"]
    policy = yaml.safe_load((tmp_path / "policy.yaml").read_text(encoding="utf-8"))
    for terms in (*tariffs, policy):
        assert terms["valid_from"] <= date(2020, 12, 20)
        assert terms["valid_to"] >= last
