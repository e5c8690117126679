"""The whole journey while its processes are killed with -9: nothing lost, nothing twice, the ledger in balance."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.kafka.broker import Broker
from services.day import live
from shared.kernel.clock import SystemClock
from tests.faults.blows import SPAN_S, Blows, ShakenDay
from tests.faults.seed import draw
from tests.journeys.books import Books
from tests.journeys.journey import sendings, tomorrow, write_season
from tests.journeys.parts import SERVICES, Parts
from tests.journeys.quiet import STALE, await_quiet, figures
from tests.journeys.reckoning import assert_in_order
from tests.notifier.running import mail_server

PEOPLE = 5000
KILLS = 20


@pytest.mark.kafka
def test_twenty_kills_lose_nothing_and_double_nothing(
    tmp_path: Path, make_database: Callable[[str], str]
) -> None:
    day, season, chance = tomorrow(), tmp_path / "season", draw()
    policy = write_season(season, PEOPLE, day)
    # In each stage each service once, and one of them, drawn, a second time.
    plan = {stage: [*SERVICES, chance.choice(SERVICES)] for stage in SPAN_S}
    with mail_server() as mails, Broker(tmp_path / "kafka") as broker:
        extra = {"ZHIDA_SMTP_PORT": str(mails.port), "ZHIDA_PLANNER_SECONDS": "0.2"}
        with Parts(tmp_path, make_database, broker.bootstrap, extra=extra) as parts:
            blows = Blows(chance, plan, parts.kill_and_restart)
            with parts.office() as office:
                lived = ShakenDay(office, season, day, SystemClock(), blows=blows)
                live(lived)
                summary = lived.summary()
            await_quiet(parts, broker.bootstrap)
            stale = figures(parts, STALE)
            assert {name: parts.stop(name) for name in SERVICES} == dict.fromkeys(SERVICES, 0)
    sent = sendings(parts.log("notifier"), mails.mails)
    print(*blows.done, lived.seconds, sep="\n")
    print({name: summary[name] for name in ("workers", "coaches", "unserved", "cost_fen", "subsidy_fen")})
    print(f"{sum(map(len, sent.values())) - len(sent)} of {len(sent)} notices handed to a provider once more")
    with Books(parts.databases) as books:
        assert_in_order(books, policy, sent, stale)
    assert len(blows.done) == KILLS
    assert min(Counter(service for _, _, service in blows.done).values()) >= len(SPAN_S)
