"""Everything delivered a second time is harmless. That it would be found without the inbox is shown in test_kills."""

from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.kafka.broker import Broker
from services.day import Day, live
from tests.faults.booked import BOOKED
from tests.faults.work import count_dropped, list_meant, list_wrong_effects, make_books
from tests.journeys.books import Books
from tests.journeys.journey import all_arrived, sendings, tomorrow, write_season
from tests.journeys.parts import SERVICES, Parts
from tests.journeys.quiet import await_quiet, deliver_again
from tests.journeys.reckoning import list_faults

PEOPLE = 150


@pytest.mark.kafka
def test_everything_delivered_again_changes_nothing(
    tmp_path: Path, make_database: Callable[[str], str]
) -> None:
    day, season = tomorrow(), tmp_path / "season"
    policy = write_season(season, PEOPLE, day)
    extra = {"ZHIDA_MAIL": "console", "ZHIDA_PLANNER_SECONDS": "0.2"}
    with Broker(tmp_path / "kafka") as broker:
        parts = Parts(tmp_path, make_database, broker.bootstrap, entry=BOOKED, extra=extra)
        make_books(parts)
        with parts:
            with parts.office() as office:
                live(Day(office, season, day), lambda: parts.clock.jump_to(all_arrived(day)))
            await_quiet(parts, broker.bootstrap)
            deliver_again(parts, broker.bootstrap)
    with Books(parts.databases) as books:
        meant = sum(len(list_meant(books, name)) for name in SERVICES)
        assert list_wrong_effects(books) == []
        assert count_dropped(books) >= meant > 0, "not everything was delivered again"
        assert list_faults(books, policy, sendings(parts.log("notifier"), ()), {}) == []
