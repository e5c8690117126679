"""One planner and two are asked for the same pools over real Kafka, and every run of both is answered and timed."""

import pytest

from services.bench.planners import measure_planners


@pytest.mark.kafka
def test_one_planner_and_two_answer_the_same_pools_by_turns() -> None:
    told: list[str] = []
    figures = measure_planners(2, 2, told.append)
    assert {planners: len(seconds) for planners, seconds in figures.seconds.items()} == {1: 2, 2: 2}
    assert all(one > 0.1 for seconds in figures.seconds.values() for one in seconds), "a search takes longer"
    assert told[-1] == "run 2 of 2, planners 规划器: 2"
    written = figures.as_json()
    assert written["ratio"] == round(figures.ratio, 3)
    assert set(written["seconds"]) == {"1", "2"}
