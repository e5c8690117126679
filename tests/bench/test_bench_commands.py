"""What is typed: a bench by its name, its figures as JSON and pictures, and a package that is lacking named before anything runs."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.bench import commands
from services.bench.commands import NoExtra
from services.cli import app


def test_a_bench_writes_its_figures_and_its_pictures(tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    words = ["bench", "corridors", "--stops", "3", "--seeds", "1", "--seconds", "0.2", "--json", str(out)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    figures = json.loads(out.read_text())
    assert {run["engine"] for run in figures["runs"]} == {"columns", "routing", "firstfit", "separate"}
    assert {one["stops"] for one in figures["summaries"]} == {3}


@pytest.mark.parametrize(
    ("option", "extra"), [(("--plot", "pictures"), "plot"), (("--peers",), "peers")], ids=["plot", "peers"]
)
def test_a_lacking_package_is_named_before_anything_is_measured(
    option: tuple[str, ...], extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "find_spec", lambda _name: None)
    done = CliRunner().invoke(app, ["bench", "corridors", *option])
    assert isinstance(done.exception, NoExtra)
    for language in ("zh", "en"):
        assert f"zhida[{extra}]" in done.exception.message(language)
