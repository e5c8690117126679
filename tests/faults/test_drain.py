"""SIGTERM under load (row 23 of the fault matrix): done within 10 s, with status 0, and nothing is delivered again."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.kafka.broker import Broker
from services.day import live
from shared.runtime import DRAIN_S
from tests.faults.blows import Blows, ShakenDay
from tests.faults.seed import draw
from tests.faults.work import watching
from tests.journeys.books import Books
from tests.journeys.journey import all_arrived, sendings, tomorrow, write_season
from tests.journeys.parts import Parts
from tests.journeys.quiet import DUPLICATE, STALE, await_quiet, figures
from tests.journeys.reckoning import assert_in_order

PEOPLE = 1000
PLAN = {
    "rosters to pools": ["registry", "dispatcher"],
    "planned": ["dispatcher"],
    "approved and told": ["registry"],
    "ridden and confirmed": ["dispatcher", "notifier"],
}
"""Stage -> the services that are drained in it: those who have much to do."""


@pytest.mark.kafka
def test_sigterm_under_load_drains_and_leaves_nothing_to_be_delivered_again(
    tmp_path: Path, make_database: Callable[[str], str]
) -> None:
    day, season, chance = tomorrow(), tmp_path / "season", draw()
    policy = write_season(season, PEOPLE, day)
    duplicates: list[int] = []
    drains_s: list[float] = []
    extra = {"ZHIDA_MAIL": "console", "ZHIDA_PLANNER_SECONDS": "0.2"}
    with (
        Broker(tmp_path / "kafka") as broker,
        Parts(tmp_path, make_database, broker.bootstrap, extra=extra) as parts,
        watching(parts, broker.bootstrap) as work,
    ):

        def drain(name: str) -> None:
            duplicates.append(parts.figure(name, DUPLICATE))
            begun = time.monotonic()
            assert parts.stop(name) == 0
            drains_s.append(round(time.monotonic() - begun, 1))
            parts.start(name)
            parts.await_ready(name)

        blows = Blows(chance, PLAN, drain, work.look)
        with parts.office() as office:
            lived = ShakenDay(office, season, day, blows=blows)
            live(lived, lambda: parts.clock.jump_to(all_arrived(day)))
        await_quiet(parts, broker.bootstrap)
        stale = figures(parts, STALE)
        duplicates += figures(parts, DUPLICATE).values()
    print(*blows.done, lived.seconds, drains_s, sep="\n")
    with Books(parts.databases) as books:
        assert_in_order(books, policy, sendings(parts.log("notifier"), ()), stale)
    assert len(blows.done) == sum(map(len, PLAN.values()))
    assert sum(blow.sight.at_work for blow in blows.done) >= len(PLAN), "there was no load"
    assert max(drains_s) <= DRAIN_S + 1, "a second for the interpreter's own end"
    assert set(duplicates) == {0}
