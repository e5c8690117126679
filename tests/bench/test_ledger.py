"""The bench of the audit: its season is a real one, every change is found, and a change that is missed fails it."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from services.bench.ledger import run, season
from services.bench.ledger.run import CHANGES, LedgerFigures, measure_ledger, print_ledger
from services.cli import app

TRIPS = 30


@pytest.fixture(scope="module")
def figures() -> LedgerFigures:
    """A season of which a part is copies."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(season, "WRITTEN", 20)
        return measure_ledger(TRIPS)


def test_the_season_is_whole_and_clean_and_every_change_is_found(figures: LedgerFigures) -> None:
    assert figures.wrong == []
    assert figures.trips == TRIPS
    assert figures.vouchers > 3 * TRIPS
    assert figures.transfers > 9 * TRIPS
    assert figures.head.startswith(f"{figures.vouchers}:")
    assert [one.name for one in figures.tampered] == [change.name for change in CHANGES]
    assert all(one.findings for one in figures.tampered)
    assert figures.copied_bytes > 100 * figures.transfers


def test_each_change_is_shown_with_what_names_it(figures: LedgerFigures) -> None:
    out = io.StringIO()
    print_ledger(figures, Console(file=out, width=160))
    for change in CHANGES:
        assert change.name in out.getvalue()
    assert "the policy is not the one" in " ".join(out.getvalue().split())
    assert "未查出" not in out.getvalue()


def test_a_change_that_is_missed_fails_the_bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    harmless = run.Change("nothing", ("UPDATE policy SET loaded_at = now()",), (), run.Code.POLICY)
    monkeypatch.setattr(run, "CHANGES", (harmless,))
    monkeypatch.setattr(season, "WRITTEN", 20)
    out = tmp_path / "figures.json"
    done = CliRunner().invoke(app, ["bench", "ledger", "--trips", "100", "--json", str(out)])
    assert done.exit_code == 1
    assert json.loads(out.read_text())["wrong"] == ["not found 未查出: nothing"]
