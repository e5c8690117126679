"""Everything delivered a second time: harmless with the inbox, found without it (the test of the test)."""

from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.kafka.broker import Broker
from services.day import Day, live
from tests.faults.booked import BOOKED, WITHOUT_INBOX
from tests.faults.work import count_dropped, list_meant, list_wrong_effects, make_books
from tests.journeys.books import Books
from tests.journeys.journey import all_arrived, sendings, tomorrow, write_season
from tests.journeys.parts import SERVICES, Parts
from tests.journeys.quiet import await_quiet, deliver_again
from tests.journeys.reckoning import list_faults

PEOPLE = 150


@pytest.mark.kafka
@pytest.mark.parametrize("options", [(), (WITHOUT_INBOX,)], ids=["inbox", "no-inbox"])
def test_everything_delivered_again_changes_nothing_thanks_to_the_inbox(
    tmp_path: Path, make_database: Callable[[str], str], options: tuple[str, ...]
) -> None:
    day, season = tomorrow(), tmp_path / "season"
    policy = write_season(season, PEOPLE, day)
    extra = {"ZHIDA_MAIL": "console", "ZHIDA_PLANNER_SECONDS": "0.2"}
    with Broker(tmp_path / "kafka") as broker:
        parts = Parts(tmp_path, make_database, broker.bootstrap, entry=(*BOOKED, *options), extra=extra)
        make_books(parts)
        with parts:
            with parts.office() as office:
                live(Day(office, season, day), lambda: parts.clock.jump_to(all_arrived(day)))
            await_quiet(parts, broker.bootstrap)
            deliver_again(parts, broker.bootstrap)
    with Books(parts.databases) as books:
        meant = sum(len(list_meant(books, name)) for name in SERVICES)
        wrong, dropped = list_wrong_effects(books), count_dropped(books)
        if options:
            assert (len(wrong), dropped) == (meant, 0)
            assert not any("took effect 0 times" in found for found in wrong)
        else:
            assert wrong == []
            assert dropped >= meant, "not everything was delivered again"
            assert list_faults(books, policy, sendings(parts.log("notifier"), ()), {}) == []
