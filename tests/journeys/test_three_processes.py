"""Roster -> confirmation -> settled ledger with three separate processes on real Apache Kafka and PostgreSQL."""

from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.kafka.broker import Broker
from services.day import Day, live
from tests.journeys.books import Books
from tests.journeys.journey import all_arrived, leaks, log_records, planted, sendings, tomorrow, write_season
from tests.journeys.parts import SERVICES, Parts
from tests.journeys.quiet import STALE, await_quiet, figures
from tests.journeys.reckoning import assert_in_order
from tests.notifier.running import mail_server

PEOPLE = 400


@pytest.mark.kafka
def test_a_roster_becomes_a_settled_ledger_through_three_processes(
    tmp_path: Path, make_database: Callable[[str], str]
) -> None:
    day, season = tomorrow(), tmp_path / "season"
    policy = write_season(season, PEOPLE, day)
    with mail_server() as mails, Broker(tmp_path / "kafka") as broker:
        extra = {"ZHIDA_SMTP_PORT": str(mails.port), "ZHIDA_PLANNER_SECONDS": "0.2"}
        with Parts(tmp_path, make_database, broker.bootstrap, extra=extra) as parts:
            with parts.office() as office:
                lived = Day(office, season, day)
                live(lived, lambda: parts.clock.jump_to(all_arrived(day)))
                print(lived.seconds, lived.summary()["coaches"])
            await_quiet(parts, broker.bootstrap)
            stale = figures(parts, STALE)
            assert {name: parts.stop(name) for name in SERVICES} == dict.fromkeys(SERVICES, 0)
    with Books(parts.databases) as books:
        assert_in_order(books, policy, sendings(parts.log("notifier"), mails.mails), stale)
        uploads = set(
            books.column("registry", "SELECT correlation_id FROM outbox WHERE type LIKE '%RequestSubmitted%'")
        )
    assert leaks(parts, planted(season)) == []
    for name in SERVICES:
        logged = {record["correlation_id"] for record in log_records(parts.log(name))}
        assert uploads <= logged, f"{name} does not log the chain of an upload"
