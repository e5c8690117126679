"""What `zhida population` writes is what the registry's import reads, and sums as published."""

import csv
import hashlib
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from services.cli import app
from services.registry.domain.people.columns import POPULATION_COLUMNS, POPULATION_TITLE
from services.registry.domain.people.register import Entry, Places, check_entry
from services.registry.intake.roster import read_rows
from services.sample.population import MARGINALS, write, write_population
from services.sample.population.write import HEADINGS, TITLE
from shared import reference
from shared.roster import Category

TINY = MARGINALS["oct-2021"].of_share(0.001)


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_the_headings_are_the_registry_s() -> None:
    assert tuple(column.zh for column in POPULATION_COLUMNS) == HEADINGS
    assert TITLE == POPULATION_TITLE


def test_every_row_is_one_that_the_registry_takes(tmp_path: Path) -> None:
    summary = write_population(tmp_path, TINY)
    codes = {one.code for one in reference.list_counties()} | {
        one.code for one in reference.list_prefectures()
    }
    stops = {stop.code for stop in reference.list_stops()}
    places = Places(
        find_place=lambda text: text if text in stops else pytest.fail(text),
        find_area=lambda text: text if text in codes else pytest.fail(text),
        has_helper=lambda _text: False,
    )
    entries = []
    for path in sorted(tmp_path.iterdir()):
        for row in read_rows(path.read_bytes(), path.name, POPULATION_TITLE, POPULATION_COLUMNS):
            entry = check_entry(row, places, date(2021, 10, 31))
            assert isinstance(entry, Entry), entry
            entries.append(entry)
    assert len(entries) == summary.people == TINY.people
    assert sum(entry.has_labour for entry in entries) == TINY.workers
    assert sum(entry.work is not None for entry in entries) == TINY.employed
    assert len({entry.household for entry in entries}) == TINY.households
    assert {entry.as_of for entry in entries} == {TINY.as_of}
    assert all(Category.RELOCATED in entry.categories for entry in entries)
    poor = {entry.household for entry in entries if Category.REGISTERED_POOR in entry.categories}
    assert len(poor) == TINY.households * 80 // 100


def test_the_same_seed_writes_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        write_population(tmp_path / name, TINY, seed)
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    assert digests(tmp_path / "a") != digests(tmp_path / "c")


def test_workers_only_are_the_published_workers(tmp_path: Path) -> None:
    summary = write_population(tmp_path, TINY, workers_only=True)
    assert (summary.people, summary.households) == (TINY.workers, TINY.labour_households)
    with next(iter(sorted(tmp_path.iterdir()))).open(encoding="utf-8-sig", newline="") as file:
        assert {row["是否劳动力"] for row in csv.DictReader(file)} == {"是"}


def test_a_county_with_more_than_a_file_takes_sends_several_and_parts_no_household(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "ROWS_A_FILE", 20)
    summary = write_population(tmp_path, TINY)
    files = [path for path in tmp_path.iterdir() if path.name.startswith("520526-")]
    assert len(files) > 2
    assert summary.files == len(list(tmp_path.iterdir()))
    homes = []
    for path in files:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        assert 0 < len(rows) <= 20
        homes += sorted({row["户编号"] for row in rows})
    assert len(homes) == len(set(homes))


def test_the_command_writes_workbooks_of_a_small_share_and_says_what_they_hold(tmp_path: Path) -> None:
    words = ["population", "--out", str(tmp_path), "--share", "0.0005", "--xlsx", "--figures", "q3-2024"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert "employed=482" in done.output
    assert "outside=239" in done.output
    book = load_workbook(min(tmp_path.iterdir()), read_only=True)
    assert next(book[TITLE].iter_rows(values_only=True)) == HEADINGS
    book.close()
