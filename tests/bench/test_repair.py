"""The bench of repairs counts what the repairs did."""

import io

import pytest
from rich.console import Console

from services.bench import repair as bench
from services.bench.repair import KINDS, measure_repair, print_repair


def test_each_kind_of_change_is_mended_timed_and_shown() -> None:
    figures = measure_repair(range(1), stops=6, standing_s=0.2)
    assert {one.kind for one in figures.mended} == KINDS.keys()
    told = figures.as_json()
    for kind in KINDS:
        seconds = [one.seconds for one in figures.of(kind)]
        assert len(seconds) == bench.CHANGES_EACH
        assert told["kinds"][kind]["seconds_worst"] == max(seconds) > 0
    assert any(one.trips_changed for one in figures.of("broken"))
    shown = io.StringIO()
    print_repair(figures, Console(file=shown, width=120))
    assert all(kind in shown.getvalue() for kind in KINDS)


def test_a_mended_plan_that_breaks_a_rule_has_no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "list_violations", lambda _problem, _plan: ["an overfull coach"])
    with pytest.raises(RuntimeError, match="an overfull coach"):
        measure_repair(range(1), stops=3, standing_s=0.1)
