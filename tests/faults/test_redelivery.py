"""Everything delivered a second time: harmless with the inbox, found without it (the test of the test).

What a reaction keeps has a version of its own, so even without the inbox no trip, notice or transfer is doubled
here; what shows is that reactions are told what they know, and that nobody has noted what came.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.kafka.broker import Broker
from services.day import Day, live
from tests.journeys.books import Books
from tests.journeys.journey import all_arrived, sendings, tomorrow, write_season
from tests.journeys.parts import SERVE, Parts
from tests.journeys.quiet import DUPLICATE, STALE, await_quiet, deliver_again, figures
from tests.journeys.reckoning import list_faults

PEOPLE = 150
WITHOUT_INBOX = ("-m", "tests.faults.without_inbox")
MakeDatabase = Callable[[str], str]


def faults_after_redelivery(
    tmp_path: Path, make_database: MakeDatabase, entry: tuple[str, ...]
) -> tuple[list[str], dict[str, int]]:
    """Live a small day, deliver everything again; what is then not in order, and the duplicates dropped by service."""
    day, season = tomorrow(), tmp_path / "season"
    policy = write_season(season, PEOPLE, day)
    extra = {"ZHIDA_MAIL": "console", "ZHIDA_PLANNER_SECONDS": "0.2"}
    with (
        Broker(tmp_path / "kafka") as broker,
        Parts(tmp_path, make_database, broker.bootstrap, entry=entry, extra=extra) as parts,
    ):
        with parts.office() as office:
            live(Day(office, season, day), lambda: parts.clock.jump_to(all_arrived(day)))
        await_quiet(parts, broker.bootstrap)
        deliver_again(parts, broker.bootstrap)
        stale, duplicates = figures(parts, STALE), figures(parts, DUPLICATE)
    with Books(parts.databases) as books:
        return list_faults(books, policy, sendings(parts.log("notifier"), ()), stale), duplicates


@pytest.mark.kafka
def test_everything_delivered_again_changes_nothing(tmp_path: Path, make_database: MakeDatabase) -> None:
    faults, duplicates = faults_after_redelivery(tmp_path, make_database, SERVE)
    assert faults == []
    assert min(duplicates.values()) > 0, "nothing was delivered again"


@pytest.mark.kafka
def test_without_the_inbox_the_same_redelivery_is_found(tmp_path: Path, make_database: MakeDatabase) -> None:
    faults, duplicates = faults_after_redelivery(tmp_path, make_database, WITHOUT_INBOX)
    print(*faults, sep="\n")
    assert max(duplicates.values()) == 0
    for name in ("registry", "dispatcher", "notifier"):
        assert any(fault.startswith(f"{name} was told ") for fault in faults)
        assert any(fault.startswith(f"{name} noted other events") for fault in faults)
