"""The bench of the checks: it plants every cause, finds what it planted, and fails where that is not so."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from services.bench.checks import run
from services.bench.checks.faults import KINDS
from services.bench.checks.run import CheckFigures, measure_checks, print_checks
from services.bench.checks.season import TRIPS_A_CLAIM, invent_claims
from services.cli import app
from services.dispatcher.money.claims.checks import CHECKS
from services.dispatcher.money.claims.checks.papers import OTHER_CARRIER
from tests.dispatcher.money.claims.test_checks import CAUSES

TRIPS = 2 * len(KINDS) * TRIPS_A_CLAIM  # every second claim has a fault


@pytest.fixture(scope="module")
def figures() -> CheckFigures:
    return measure_checks(TRIPS)


def test_every_cause_is_planted_and_all_that_is_planted_is_found(figures: CheckFigures) -> None:
    assert figures.wrong == []
    assert figures.planted == figures.found
    assert figures.planted.keys() == CHECKS.keys()
    assert (figures.claims, figures.faulty_claims) == (2 * len(KINDS), len(KINDS))
    [facts] = invent_claims(TRIPS_A_CLAIM, 1)
    trip, seats = facts.claimed_seats[0]
    planted = {(code, cause) for kind in KINDS for code, cause, *_ in kind(facts, trip, seats[0])[1]}
    assert planted == {(cause.code, cause.name) for cause in CAUSES}


def test_the_counts_are_those_of_the_claims(figures: CheckFigures) -> None:
    assert figures.trips == TRIPS
    assert 22 * TRIPS < figures.claimed < figures.seats < 28 * TRIPS
    assert figures.seconds.keys() == {"seats", *CHECKS}
    assert figures.checks_s == pytest.approx(sum(figures.seconds.values()))
    assert 0 < figures.reference_s < figures.checks_s
    assert figures.seats_per_s == pytest.approx(figures.seats / figures.checks_s)


def test_each_check_is_shown_with_what_it_found(figures: CheckFigures) -> None:
    out = io.StringIO()
    print_checks(figures, Console(file=out, width=120))
    for check in CHECKS.values():
        assert check.__name__ in out.getvalue()
    assert "flags wrong" not in out.getvalue()


def test_a_check_that_finds_nothing_fails_the_bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(run, "CHECKS", {**CHECKS, "F03": lambda _facts: []})
    out = tmp_path / "figures.json"
    done = CliRunner().invoke(app, ["bench", "checks", "--trips", str(TRIPS), "--json", str(out)])
    assert done.exit_code == 1
    told = json.loads(out.read_text())
    assert (told["checks"]["F03"]["planted"], told["checks"]["F03"]["found"]) == (1, 0)
    [wrong] = told["wrong"]
    assert "not found" in wrong
    assert wrong in " ".join(done.output.split())


def test_a_flag_that_was_not_planted_fails_the_bench(monkeypatch: pytest.MonkeyPatch) -> None:
    cry = OTHER_CARRIER.flag("T000000", number="1", party_id="C1", carrier_id="C2")
    monkeypatch.setattr(run, "CHECKS", {**CHECKS, "F10": lambda _facts: [cry]})
    figures = measure_checks(TRIPS_A_CLAIM)
    assert len(figures.wrong) == 1
    assert "not planted" in figures.wrong[0]
