"""The whole journey while its processes are killed with -9: nothing lost, nothing twice, the ledger in balance.

And the test of the test: with the inbox switched off, the same kills are found out. What a reaction keeps has a
version of its own, a second guard: so even without the inbox no trip, notice or transfer doubles here. What doubles
is the effect of the event as such, its reaction's transaction, committed once for each delivery.
"""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.kafka.broker import Broker
from services.day import live
from tests.faults.blows import Blow, Blows, ShakenDay
from tests.faults.booked import BOOKED, WITHOUT_INBOX
from tests.faults.seed import draw
from tests.faults.work import Work, count_dropped, list_wrong_effects, make_books, watching
from tests.journeys.books import Books
from tests.journeys.journey import all_arrived, sendings, tomorrow, write_season
from tests.journeys.parts import SERVICES, Parts
from tests.journeys.quiet import await_quiet
from tests.journeys.reckoning import list_faults
from tests.notifier.running import mail_server

ALL: Mapping[str, Mapping[str, int]] = {
    "rosters to pools": {"registry": 3, "dispatcher": 3},
    "planned": {"dispatcher": 1},
    "approved and told": {"registry": 3, "notifier": 2},
    "ridden and confirmed": {"notifier": 3},
    "settled": {"registry": 2, "dispatcher": 3},
}
"""Stage -> how often each service is struck: those who have work in it. Twenty in all."""

SOME: Mapping[str, Mapping[str, int]] = {
    "rosters to pools": {"dispatcher": 3},
    "approved and told": {"registry": 1},
    "ridden and confirmed": {"dispatcher": 1},
    "settled": {"registry": 1, "dispatcher": 1},
}
"""Those who take in much, for the test of the test."""


@dataclass(frozen=True)
class Outcome:
    """What came of a shaken day: what is out of order, by the reckoning and by the books of deliveries."""

    blows: list[Blow]
    faults: list[str]
    wrong_effects: list[str]
    dropped: int


def live_shaken(
    folder: Path,
    make_database: Callable[[str], str],
    people: int,
    plan: Mapping[str, Mapping[str, int]],
    *options: str,
) -> Outcome:
    """Live a day of `people` while its processes are killed; `options` go to `tests.faults.booked`."""
    day, season, chance = tomorrow(), folder / "season", draw()
    policy = write_season(season, people, day)
    with mail_server() as mails, Broker(folder / "kafka") as broker:
        extra = {"ZHIDA_SMTP_PORT": str(mails.port), "ZHIDA_PLANNER_SECONDS": "0.2"}
        parts = Parts(folder, make_database, broker.bootstrap, entry=(*BOOKED, *options), extra=extra)
        make_books(parts)
        with parts, watching(parts, broker.bootstrap) as work:
            blows = aim(parts, work, chance, plan)
            with parts.office() as office:
                lived = ShakenDay(office, season, day, blows=blows)
                live(lived, lambda: parts.clock.jump_to(all_arrived(day)))
                summary = lived.summary()
            await_quiet(parts, broker.bootstrap)
            assert {name: parts.stop(name) for name in SERVICES} == dict.fromkeys(SERVICES, 0)
    sent = sendings(parts.log("notifier"), mails.mails)
    with Books(parts.databases) as books:
        outcome = Outcome(
            blows.done, list_faults(books, policy, sent, {}), list_wrong_effects(books), count_dropped(books)
        )
    print(*blows.done, lived.seconds, sep="\n")
    print({name: summary[name] for name in ("workers", "coaches", "unserved", "cost_fen", "subsidy_fen")})
    print(f"{sum(map(len, sent.values())) - len(sent)} of {len(sent)} notices handed to a provider once more")
    print(
        f"{outcome.dropped} events delivered again and dropped, {len(outcome.wrong_effects)} took effect again"
    )
    return outcome


def aim(parts: Parts, work: Work, chance: random.Random, plan: Mapping[str, Mapping[str, int]]) -> Blows:
    """Blows with -9 against services that are at work."""

    def strike(name: str) -> None:
        parts.require_alive(name)
        parts.kill(name)
        work.forget(name)
        parts.start(name)

    services = {stage: list(Counter(struck).elements()) for stage, struck in plan.items()}
    return Blows(chance, services, strike, work.look_at_life)


@pytest.mark.timeout(1800)  # 150 s on an idle machine, beside another worker's tests on a slow one over 600
@pytest.mark.kafka
def test_twenty_kills_at_work_lose_nothing_and_double_nothing(
    tmp_path: Path, make_database: Callable[[str], str]
) -> None:
    outcome = live_shaken(tmp_path, make_database, 5000, ALL)
    assert outcome.faults == []
    assert outcome.wrong_effects == []
    assert Counter(blow.service for blow in outcome.blows) == {"registry": 8, "dispatcher": 7, "notifier": 5}
    assert sum(blow.sight.waiting > 0 for blow in outcome.blows) >= 12, "they fell on idle processes"
    assert any(blow.sight.open for blow in outcome.blows), "no transaction was interrupted"
    assert outcome.dropped > 0, "nothing was delivered again"


@pytest.mark.kafka
def test_without_the_inbox_the_same_kills_are_found_out(
    tmp_path: Path, make_database: Callable[[str], str]
) -> None:
    outcome = live_shaken(tmp_path, make_database, 1000, SOME, WITHOUT_INBOX)
    twice = [found for found in outcome.wrong_effects if "took effect 0 times" not in found]
    assert twice
    assert len(twice) == len(outcome.wrong_effects), "something else is wrong"
