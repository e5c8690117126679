"""A small day in one process on the embedded parts: everybody comes to their end, and the three services agree.

And the reckoning that says so is itself held to account: it names each thing that is put out of order.
"""

import logging
import re
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import httpx
import pytest

from services.day import Day, live
from services.demo import databases_on, running_parts
from services.ledger.audit import audit
from shared.database import Database
from shared.events.catalogue import CONSUMED_BY
from shared.kernel.clock import SHANGHAI, ReplayClock
from tests.journeys.books import Books
from tests.journeys.journey import write_season
from tests.journeys.reckoning import Sendings, balances, list_faults
from tests.waiting import PATIENCE_S, wait_until

PEOPLE = 300
DAY = date(2020, 2, 24)
MORNING_BEFORE = datetime.combine(DAY - timedelta(days=1), time(9), SHANGHAI)
EVENING_AFTER = datetime.combine(DAY + timedelta(days=2), time(20), SHANGHAI)


CONTRACTS = """
    SELECT contract.*, cost_fen, county_code, carrier_id, day FROM trip LEFT JOIN contract USING (trip_id)
"""
TRANSFER = (
    "id, voucher_id, position, trip_id, number, kind, debit, credit, amount_fen, season, rule, cause, answers,"
    " county_code, recorded_at"
)


@dataclass(frozen=True)
class Lived:
    """A day that is over: where it is written down, and what was said of it."""

    urls: dict[str, str]
    policy: dict[str, Any]
    sendings: Sendings
    accepted: int
    summary: dict[str, Any]
    ends: Counter[str]
    scrapes: dict[str, str]


class Outgoing(logging.Handler):
    """What the console providers are given, by idempotency key."""

    def __init__(self) -> None:
        super().__init__()
        self.sendings: dict[str, list[str]] = defaultdict(list)

    def emit(self, record: logging.LogRecord) -> None:
        self.sendings[record.idempotency_key].append(record.getMessage())  # type: ignore[attr-defined]


@contextmanager
def outgoing() -> Iterator[Outgoing]:
    console = logging.getLogger("services.notifier.channels.console")
    handler, before = Outgoing(), console.level
    console.addHandler(handler)
    console.setLevel(logging.INFO)
    console.propagate = False
    try:
        yield handler
    finally:
        console.removeHandler(handler)
        console.setLevel(before)
        console.propagate = True


@pytest.fixture(scope="module")
def lived(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """The day, lived once for all tests here."""
    folder, clock = tmp_path_factory.mktemp("day"), ReplayClock(MORNING_BEFORE)
    databases = databases_on(postgres.replace("://", "+psycopg://", 1), secrets.token_hex(3))
    policy = write_season(folder / "season", PEOPLE, DAY)
    with outgoing() as out, running_parts(folder, databases, clock, planner_seconds=0.2) as (_, office):
        day = Day(office, folder / "season", DAY)
        live(day, lambda: clock.jump_to(EVENING_AFTER))
        summary, ends = day.summary(), day.request_counts()
        wait_until(lambda: all(map(shows_lag, office.urls.values())), "lags are measured")
        scrapes = {name: scrape(url) for name, url in office.urls.items()}
    return Lived(databases, policy, out.sendings, day.accepted, summary, ends, scrapes)


def scrape(url: str) -> str:
    return httpx.get(f"{url}/metrics", timeout=PATIENCE_S).raise_for_status().text


def shows_lag(url: str) -> bool:
    """Whether a service has measured its lag, and found none when it last did."""
    lags = readings(scrape(url), "zhida_consumer_lag")
    return bool(lags) and not any(lags.values())


def test_everybody_comes_to_their_end_and_the_three_services_agree(lived: Lived) -> None:
    with Books(lived.urls) as books:
        assert list_faults(books, lived.policy, lived.sendings, {}) == []
    assert lived.accepted == lived.ends.total() >= PEOPLE * 0.9
    carried = sum(lived.ends[status] for status in ("arrived", "no_show", "refused", "disputed"))
    assert (carried, lived.ends["unserved"]) == (lived.summary["workers"], lived.summary["unserved"])
    assert lived.summary["trips_by_state"] == {"settled": lived.summary["coaches"]}


def test_the_days_sums_are_those_of_the_ledger(lived: Lived) -> None:
    with Books(lived.urls) as books:
        settled, held = balances(books.rows("dispatcher", "SELECT * FROM transfer"))
    paid = {account: settled[account] + held[account] for account in {*settled, *held}}
    public = sum(fen for account, fen in paid.items() if account.startswith("payer:"))
    private = sum(fen for account, fen in paid.items() if account.startswith("enterprise:"))
    carriers = sum(fen for account, fen in paid.items() if account.startswith("carrier:"))
    assert (public, private) == (lived.summary["subsidy_fen"], lived.summary["enterprises_fen"])
    assert public + private == -carriers == lived.summary["cost_fen"] > 0


def test_the_audit_finds_nothing_in_the_days_books(lived: Lived) -> None:
    database = Database(lived.urls["dispatcher"])
    [audited] = audit(database)
    database.dispose()
    assert audited.findings == []
    with Books(lived.urls) as books:
        assert audited.vouchers == len(books.rows("dispatcher", "SELECT id FROM voucher"))
        assert audited.transfers == len(books.rows("dispatcher", "SELECT id FROM transfer"))


def test_every_trip_has_a_contract_at_its_price_and_a_plate_of_its_own_prefecture(lived: Lived) -> None:
    with Books(lived.urls) as books:
        rows = books.rows("dispatcher", CONTRACTS)
    assert {row.price_fen for row in rows if row.price_fen != row.cost_fen} == set()
    assert {row.tariff_fen for row in rows if row.tariff_fen != row.cost_fen} == set()
    assert len({row.plate for row in rows}) == len(rows) == lived.summary["coaches"]
    letters = {row.county_code[:4]: row.plate[:2] for row in rows}
    assert len(set(letters.values())) == len(letters) > 1
    assert all(row.plate_prefecture_code == row.county_code[:4] + "00" for row in rows)
    assert all(row.filed_at.date() == row.signed_on == row.day - timedelta(days=1) for row in rows)
    assert {row.recorded_by for row in rows} == {f"carrier:{row.carrier_id}" for row in rows}


def test_each_service_shows_its_figures_of_the_day(lived: Lived) -> None:
    for name, text in lived.scrapes.items():
        topics = {model.topic for model in CONSUMED_BY[name]}
        assert readings(text, "zhida_consumer_lag") == {f'topic="{topic}"': 0 for topic in topics}, name
        assert readings(text, "zhida_dead_letters") == {f'topic="{topic}"': 0 for topic in topics}, name
        assert readings(text, "zhida_outbox_age_seconds") == {"": 0}, name
    requests = readings(lived.scrapes["registry"], "zhida_requests_in_total")
    assert requests['outcome="accepted"'] == lived.accepted
    dispatcher = lived.scrapes["dispatcher"]
    assert readings(dispatcher, "zhida_trips") == {'state="settled"': lived.summary["coaches"]}
    planned = readings(dispatcher, "zhida_planning_duration_seconds_count")[""]
    assert planned == readings(dispatcher, "zhida_planning_gap_ratio_count")[""] > 0
    fen = readings(dispatcher, "zhida_ledger_fen")
    stages = ("reserved", "committed", "settled", "paid")
    owed = {stage: fen[f'account="carrier",balance="{stage}"'] for stage in stages}
    with Books(lived.urls) as books:
        settled, held = balances(books.rows("dispatcher", "SELECT * FROM transfer"))
    # By contract all is committed, and what an enterprise disputes stays so.
    assert (owed["reserved"], owed["paid"]) == (0, 0)
    for stage, in_books in (("settled", settled), ("committed", held)):
        assert owed[stage] == -sum(fen for account, fen in in_books.items() if account.startswith("carrier:"))
    assert owed["committed"] + owed["settled"] == lived.summary["cost_fen"] > 0
    for stage in stages:
        borne = [fen[account] for account in fen if stage in account and "carrier" not in account]
        assert sum(borne) == owed[stage]
    assert fen['account="payer:origin_county",balance="limit"'] == 88 * 5_000_000_000


def readings(text: str, metric: str) -> dict[str, float]:
    """What a scrape shows of a metric, by its labels."""
    found = re.findall(rf"^{metric}(?:\{{(.*)\}})? (\S+)$", text, re.MULTILINE)
    return {labels: float(value) for labels, value in found}


@pytest.mark.parametrize(
    ("service", "statement", "finding"),
    [
        ("dispatcher", "DELETE FROM demand WHERE request_id = (SELECT min(request_id) FROM demand)",
         "is not known to both registry and dispatcher"),
        ("dispatcher", "INSERT INTO rider (trip_id, request_id, party_id, stop_code, enterprise_id, gate_id, riding,"
         " organising_mode, category, earliest, latest, correlation_id, boarding_version, outcome_version) SELECT (SELECT max(trip_id) FROM trip), request_id, party_id, stop_code,"
         " enterprise_id, gate_id, true, organising_mode, category, earliest, latest, 'upload', 0, 0 FROM rider ORDER BY trip_id LIMIT 1", "has 2 seats"),
        ("dispatcher", "UPDATE rider SET riding = false WHERE request_id = (SELECT min(request_id) FROM rider)",
         "has 0 seats"),
        ("registry", "UPDATE travel_request SET status = 'notified' WHERE id = (SELECT min(id) FROM travel_request)",
         "'notified') for the registry"),
        ("dispatcher", "INSERT INTO round SELECT 'again', version, state, day, area, tariffs, policy, requested_by,"
         " requested_at, decided_by, decided_at, note, correlation_id FROM round", "rounds by state: {'approved': 2}"),
        ("dispatcher", "UPDATE trip SET state = 'departed'", "is departed"),
        ("notifier", "UPDATE notice SET state = 'pending' WHERE notice_id = (SELECT min(notice_id) FROM notice)",
         "and pending"),
        ("dispatcher", f"INSERT INTO transfer ({TRANSFER}) SELECT 'again', voucher_id, 99, trip_id, number, kind, debit, credit,"
         " amount_fen, season, rule, cause, answers, county_code, recorded_at FROM transfer WHERE kind = 'settle' LIMIT 1",
         "was made 2 times"),
        ("dispatcher", f"INSERT INTO transfer ({TRANSFER}) SELECT 'more', voucher_id, 99, trip_id, 99, 'reserve', debit, credit,"
         " 1, season, rule, cause, NULL, county_code, recorded_at FROM transfer WHERE kind = 'settle' LIMIT 1", "by hand it is"),
        ("dispatcher", "UPDATE trip SET cost_fen = cost_fen + 1", "by hand"),
        ("registry", "INSERT INTO outbox (event_id, topic, key, type, payload, headers, occurred_at)"
         " SELECT 'again', topic, key, type, payload, headers, occurred_at FROM outbox ORDER BY seq DESC LIMIT 1",
         "2 times"),
        ("notifier", "DELETE FROM inbox WHERE event_id = (SELECT min(event_id) FROM inbox)", "1 differ"),
    ],
)  # fmt: skip
def test_the_reckoning_names_what_is_out_of_order(
    lived: Lived, service: str, statement: str, finding: str
) -> None:
    with Books(lived.urls) as books, books.undone(service, statement):
        found = list_faults(books, lived.policy, lived.sendings, {})
    assert any(finding in fault for fault in found), found[:5]


def test_the_reckoning_names_a_message_that_left_under_two_keys_or_twice(lived: Lived) -> None:
    key = min(lived.sendings)
    twice = {**lived.sendings, key: [*lived.sendings[key], *lived.sendings[key]]}
    other = {**lived.sendings, "a-key-of-nobody": lived.sendings[key]}
    with Books(lived.urls) as books:
        assert any("2 times, in 1 tries" in fault for fault in list_faults(books, lived.policy, twice, {}))
        assert any("a-key-of-nobody" in fault for fault in list_faults(books, lived.policy, other, {}))
