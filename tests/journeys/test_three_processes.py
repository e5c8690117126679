"""Roster -> confirmation -> settled ledger with three separate processes on real Apache Kafka and PostgreSQL."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.kafka.broker import Broker
from services.day import Day, live
from shared.events import (
    ArrivalConfirmed,
    Event,
    RequestPooled,
    RequestSubmitted,
    TripPublished,
    WorkerBoarded,
    WorkerNotified,
)
from tests.journeys.books import Books
from tests.journeys.journey import (
    all_arrived,
    found_in_files,
    leaks,
    log_records,
    planted,
    sendings,
    tomorrow,
    write_season,
)
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
        uploads = chains_of(books, "registry", RequestSubmitted)
        for service, fact in FACTS:
            chains = chains_of(books, service, fact)
            assert chains, fact
            assert chains.items() <= uploads.items(), f"{fact} leaves the chain of its upload"
    assert leaks(parts, planted(season)) == []
    assert found_in_files(broker.folder / "data", planted(season)) == set()
    assert found_in_files(broker.folder / "data", list(uploads)[:1])
    confirmed = set(chains.values())
    for name in ("registry", "dispatcher"):
        assert confirmed == logged_chains(parts, name, ArrivalConfirmed), (
            f"{name} takes them in on another chain"
        )
    assert set(uploads.values()) <= logged_chains(parts, "notifier", TripPublished)


FACTS = (
    ("dispatcher", RequestPooled),
    ("notifier", WorkerNotified),
    ("notifier", WorkerBoarded),
    ("notifier", ArrivalConfirmed),
)
"""What is told of a single worker on a day on which all goes well, the confirmation last."""


def chains_of(books: Books, service: str, fact: type[Event]) -> dict[str, str]:
    """Request id -> the chain in which a service has told a fact about it."""
    query = f"SELECT payload, correlation_id FROM outbox WHERE type = '{fact.type_name()}'"
    return {json.loads(row.payload)["request_id"]: row.correlation_id for row in books.rows(service, query)}


def logged_chains(parts: Parts, name: str, fact: type[Event]) -> set[str]:
    """The chains in which a service logs that it takes in a fact."""
    return {
        record["correlation_id"]
        for record in log_records(parts.log(name))
        if record["message"].endswith(f"events {fact.type_name()}")
    }
