"""The bench itself, small and on the embedded parts: its figures are there, positive, and add up."""

import io
import json
import tempfile
from pathlib import Path

import pytest
from rich.console import Console

from services.bench.figures import Figures
from services.bench.passes import BUS, CHECK, ENCRYPT, POOL, READ, WRITE
from services.bench.report import print_figures
from services.bench.run import Extent, measure

EXTENT = Extent(people=300, runs=2, seeds=0, planner_seconds=0.2, with_kafka=False)


@pytest.fixture(scope="module")
def figures() -> Figures:
    return measure(EXTENT)


def test_every_run_brings_all_of_its_workers_into_pools(figures: Figures) -> None:
    [intake] = figures.intake
    assert len(intake.runs) == EXTENT.runs
    for run in intake.runs:
        assert run.workers == pytest.approx(EXTENT.people, rel=0.07)
        assert run.refused_rows == 0
        assert 0 < run.answered_s <= run.pooled_s <= run.told_back_s
    rates = sorted(run.workers_per_s for run in intake.runs)
    assert rates[0] <= intake.workers_per_s <= rates[-1]


def test_the_stages_are_all_there_and_sum_to_the_whole(figures: Figures) -> None:
    stages = figures.intake[0].stages
    assert list(stages.seconds) == [READ, CHECK, ENCRYPT, WRITE, BUS, POOL]
    assert all(seconds > 0 for seconds in stages.seconds.values())
    assert sum(stages.seconds.values()) == pytest.approx(stages.whole_s, rel=0.1)
    assert sum(map(stages.share, stages.seconds)) == pytest.approx(1)


def test_the_raw_limits_lie_above_what_intake_reaches(figures: Figures) -> None:
    assert len(figures.limits) == 2
    for limit in figures.limits:
        assert limit.unit_bytes > 200
        assert limit.per_s > figures.intake[0].workers_per_s


def test_all_engines_carry_the_same_day_and_the_planner_is_not_the_dearest(figures: Figures) -> None:
    day = {one.engine: one for one in figures.day}
    assert day.keys() == {"columns", "firstfit", "separate"}
    assert len({(one.pools, one.workers) for one in figures.day}) == 1
    assert day["columns"].workers == figures.intake[0].runs[0].workers
    assert 0 < day["columns"].cost_fen <= day["firstfit"].cost_fen <= day["separate"].cost_fen


def test_what_is_printed_and_written_names_no_path_of_this_machine(figures: Figures) -> None:
    out = io.StringIO()
    print_figures(figures, Console(file=out, width=120))
    written = json.dumps(figures.as_json())
    assert f"{figures.intake[0].workers_per_s:,.0f}" in out.getvalue()
    assert json.loads(written)["intake"][0]["workers_per_s"] == figures.intake[0].workers_per_s
    for text in (out.getvalue(), written):
        for place in (tempfile.gettempdir(), str(Path(__file__).parents[2]), str(Path.home()), "127.0.0.1"):
            assert place not in text
