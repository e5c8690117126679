"""The province's bench, tiny: everybody is planned once, every plan holds, and the sums are those of the pools."""

import io
import json

import pytest
from rich.console import Console

from services.bench.province.figures import STAGES, SeasonFigures
from services.bench.province.report import print_season
from services.bench.province.requests import make_requests
from services.bench.province.run import run_season
from services.bench.province.season import plan_season

PEOPLE, DAYS, SEED = 500, 2, 1


@pytest.fixture(scope="module")
def figures() -> SeasonFigures:
    return run_season(PEOPLE, DAYS, SEED, cores=2, minutes=0.1, tell=lambda _done, _all: None)


def test_everybody_of_the_season_is_carried_or_left_behind_for_a_reason(figures: SeasonFigures) -> None:
    jobs, _ = plan_season(PEOPLE, DAYS, SEED)
    assert figures.finished
    assert sorted(run.name for run in figures.jobs) == sorted(job.name for job in jobs)
    assert figures.workers == sum(job.workers for job in jobs) == pytest.approx(PEOPLE, rel=0.07)
    assert figures.unserved.total() < figures.workers / 10


def test_every_plan_and_every_certificate_holds(figures: SeasonFigures) -> None:
    assert figures.faults == []
    assert all(0 < pool.bound_fen <= pool.cost_fen for pool in figures.pools)
    assert figures.gap == pytest.approx(figures.cost_fen / figures.bound_fen - 1)


def test_the_last_progress_is_the_whole_and_the_stages_lie_within_the_time(figures: SeasonFigures) -> None:
    last = figures.progress[-1]
    assert (last.workers, last.cost_fen, last.bound_fen) == (
        figures.workers,
        figures.cost_fen,
        figures.bound_fen,
    )
    assert list(figures.stage_seconds) == list(STAGES)
    assert all(seconds > 0 for seconds in figures.stage_seconds.values())
    assert sum(figures.stage_seconds.values()) < (figures.wall_s - figures.start_s) * figures.cores
    assert figures.start_s > 0
    assert figures.parent_peak_bytes < figures.peak_bytes < 8 * 2**30


def test_a_job_makes_the_same_requests_again_and_as_many_as_it_has_workers() -> None:
    job = plan_season(PEOPLE, DAYS, SEED)[0][0]
    requests, gates = make_requests(job)
    assert len(requests) == job.workers
    assert len({request.request_id for request in requests}) == job.workers
    assert {request.gate_id for request in requests} == gates.keys()
    assert make_requests(job)[0] == requests


def test_ctrl_c_leaves_the_figures_of_what_is_done() -> None:
    def interrupt(_done: int, _all: int) -> None:
        raise KeyboardInterrupt

    figures = run_season(PEOPLE, DAYS, SEED, cores=1, minutes=0.05, tell=interrupt)
    assert not figures.finished
    assert 0 < figures.workers < PEOPLE
    assert figures.gap is not None


def test_what_is_printed_and_written_has_the_gap_and_the_slowest_pool(figures: SeasonFigures) -> None:
    out = io.StringIO()
    print_season(figures, Console(file=out, width=120))
    assert f"{figures.gap:.2%}" in out.getvalue()
    assert figures.slowest(1)[0].name in out.getvalue()
    written = json.loads(json.dumps(figures.as_json()))
    assert written["gap"] == figures.gap
    assert written["pool_days"] == len(written["jobs"][0]["pools"]) + sum(
        len(job["pools"]) for job in written["jobs"][1:]
    )
