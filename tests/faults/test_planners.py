"""One of two planners killed with -9 in the middle of a round (row 24): the other one finishes it, and one plan is published."""

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.kafka.broker import Broker
from services.day import live
from tests.faults.blows import Blows, ShakenDay, Sight
from tests.journeys.books import Books
from tests.journeys.journey import all_arrived, sendings, tomorrow, write_season
from tests.journeys.parts import SECOND, Parts
from tests.journeys.quiet import STALE, await_quiet, figures
from tests.journeys.reckoning import assert_in_order

PEOPLE = 600


@pytest.mark.kafka
def test_a_planner_that_is_killed_delays_its_pools_and_loses_none(
    tmp_path: Path, make_database: Callable[[str], str]
) -> None:
    day, season = tomorrow(), tmp_path / "season"
    policy = write_season(season, PEOPLE, day)
    # The routing engine, since it takes the whole of its time: that is when a planner can be struck.
    extra = {
        "ZHIDA_MAIL": "console",
        "ZHIDA_PLANNER_ENGINE": "routing",
        "ZHIDA_PLANNER_SECONDS": "3",
        "ZHIDA_WORKERS": "1",
    }
    held_at_blow: list[str] = []
    with (
        Broker(tmp_path / "kafka") as broker,
        Parts(tmp_path, make_database, broker.bootstrap, extra=extra) as parts,
        Books(parts.databases) as books,
    ):
        parts.start(SECOND)

        def look(_name: str) -> Sight:
            """At work is who plans beside another one."""
            held = books.column("planner", "SELECT DISTINCT held_by FROM job WHERE held_until > now()")
            (jobs,) = books.column("planner", "SELECT count(*) FROM job")
            return Sight(len(held) == 2, jobs, 0)

        def kill(name: str) -> None:
            parts.kill(name)
            held_at_blow.extend(books.column("planner", "SELECT job_id FROM job WHERE held_until > now()"))

        blows = Blows(random.Random(24), {"planned": ["planner"]}, kill, look)
        with parts.office() as office:
            lived = ShakenDay(office, season, day, blows=blows)
            live(lived, lambda: parts.clock.jump_to(all_arrived(day)))
        parts.start("planner")  # its outbox and its lag are looked at below
        parts.await_ready("planner")
        await_quiet(parts, broker.bootstrap)
        stale = figures(parts, STALE)
        print(*blows.done, lived.seconds, sep="\n")
        assert [blow.sight.at_work for blow in blows.done] == [True]
        assert len(held_at_blow) == 2
        told = books.told("dispatcher")
        asked = [content["job_id"] for _, kind, content in told if kind == "zhida.PoolPlanRequested.v1"]
        answers = books.told("planner")
        assert Counter(content["job_id"] for _, _, content in answers) == Counter(asked), "each once"
        assert set(held_at_blow) <= set(asked)
        assert {kind for _, kind, _ in answers} == {"zhida.PoolPlanned.v1"}
        assert books.column("planner", "SELECT job_id FROM job") == []
        assert books.column("dispatcher", "SELECT state FROM round") == ["approved"]
        assert_in_order(books, policy, sendings(parts.log("notifier"), ()), stale)
