"""The broker killed with -9 while a consumer is behind, and started again (row 13): nothing of it is lost."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deploy.kafka.broker import Broker
from services.day import Day, live
from tests.journeys.books import Books
from tests.journeys.journey import all_arrived, sendings, tomorrow, write_season
from tests.journeys.parts import Parts
from tests.journeys.quiet import STALE, await_published, await_quiet, figures
from tests.journeys.reckoning import assert_in_order

PEOPLE = 400


@dataclass
class InterruptedDay(Day):
    """A day whose uploads, and later whose confirmations, are made within `interruption`."""

    interruption: Callable[[], AbstractContextManager[None]] = field(kw_only=True)

    def upload_rosters(self) -> None:
        with self.interruption():
            super().upload_rosters()

    def ride(self) -> None:
        with self.interruption():
            super().ride()


@pytest.mark.kafka
def test_a_broker_that_is_killed_while_a_consumer_is_behind_loses_nothing(
    tmp_path: Path, make_database: Callable[[str], str]
) -> None:
    day, season = tomorrow(), tmp_path / "season"
    policy = write_season(season, PEOPLE, day)
    behind: list[int] = []
    extra = {"ZHIDA_MAIL": "console", "ZHIDA_PLANNER_SECONDS": "0.2"}
    with (
        Broker(tmp_path / "kafka") as broker,
        Parts(tmp_path, make_database, broker.bootstrap, extra=extra) as parts,
    ):

        @contextmanager
        def dispatcher_away_then_broker_killed() -> Iterator[None]:
            parts.kill("dispatcher")
            yield
            await_published(parts)
            with Books(parts.databases) as books:
                behind.append(len(books.missed("dispatcher")))
            broker.kill()
            broker.start()
            parts.start("dispatcher")

        with parts.office() as office:
            lived = InterruptedDay(office, season, day, interruption=dispatcher_away_then_broker_killed)
            live(lived, lambda: parts.clock.jump_to(all_arrived(day)))
        await_quiet(parts, broker.bootstrap)
        stale = figures(parts, STALE)
    print(f"the dispatcher was {behind} events behind; {lived.seconds}")
    assert min(behind) > 0
    with Books(parts.databases) as books:
        assert_in_order(books, policy, sendings(parts.log("notifier"), ()), stale)
