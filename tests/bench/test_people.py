"""The bench of a province's people: its sums are the published ones, and one that is not fails it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.bench.people import run, sums
from services.cli import app

SHARE = "0.002"


def test_the_published_sums_come_out_and_every_figure_is_beside_its_reference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sums, "FALLS", 5)
    out = tmp_path / "figures.json"
    done = CliRunner().invoke(app, ["bench", "people", "--share", SHARE, "--json", str(out)])
    assert done.exit_code == 0, done.output
    figures = json.loads(out.read_text())
    assert figures["wrong"] == []
    assert (figures["people"], figures["first"]["refused"]) == (3842, 0)
    province = next(one for one in figures["indicators"] if one["area"] == "52")
    assert province["day"] == "2021-10-31"
    counted = {"households": 827, "with_employed": 827, "workers": 1983, "employed": 1857, "outside": 919}
    assert province["counts"] == province["raw"] == province["wanted"] == counted
    later = next(one for one in figures["indicators"] if (one["area"], one["day"]) == ("52", "2021-12-31"))
    assert later["counts"]["with_employed"] == 827 - figures["fallen"] < 827
    assert figures["month"]["tasks"] == figures["month"]["raw_tasks"] == 1983
    assert figures["copied"]["rows"]["person"] == 3842
    assert figures["import_rows_per_s"] > 0
    assert "之比" in done.output


def test_a_sum_that_is_not_the_published_one_fails_the_bench(monkeypatch: pytest.MonkeyPatch) -> None:
    add_up = sums.add_up

    def wrong(households: object) -> sums.Sums:
        right = add_up(households)  # type: ignore[arg-type]
        right.published["52"] = right.published["52"]._replace(employed=1)
        return right

    monkeypatch.setattr(run, "add_up", wrong)
    done = CliRunner().invoke(app, ["bench", "people", "--share", "0.0005"])
    assert done.exit_code == 1
    assert "不等于" in done.output
