"""The dispatcher as `zhida serve` runs it is ended in the middle of a search of an hour: politely, and not."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from services.dispatcher.store.rounds import get_round
from shared.events import TripPublished
from shared.runtime import DRAIN_S
from tests.dispatcher.dispatch import Dispatch, submitted
from tests.dispatcher.processes import cpu_s_of_children, is_alive
from tests.journeys.waiting import wait_until

WORKERS = 100


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)])
def test_a_dispatcher_ends_in_the_middle_of_a_search_and_takes_it_with_it(
    dispatch: Dispatch, tmp_path: Path, number: signal.Signals, status: int
) -> None:
    dispatch.tell(*(submitted(n) for n in range(WORKERS)))
    round_id = dispatch.open()
    key = tmp_path / "signing.key"
    key.write_text("ab" * 32)
    own = dispatch.database.url
    settings = {
        "DATABASE_URL": own,
        "REGISTRY_DATABASE_URL": own,  # nobody tells anything here
        "NOTIFIER_DATABASE_URL": own,
        "SIGNING_KEY_FILE": str(key),
        "PORT": "0",
        "CUT_OFF": "off",
        "PLANNER_SECONDS": "3600",
    }
    environment = {**os.environ, **{f"ZHIDA_{name}": value for name, value in settings.items()}}
    serve = [sys.executable, "-m", "services", "serve", "dispatcher"]
    with (tmp_path / "log").open("wb") as log:
        service = subprocess.Popen(serve, env=environment, stdout=log, stderr=log)
    try:
        wait_until(lambda: max(cpu_s_of_children(service.pid).values(), default=0) > 2, "a search is on")
        children = set(cpu_s_of_children(service.pid))
        begun = time.monotonic()
        service.send_signal(number)
        assert service.wait(timeout=30) == status, (tmp_path / "log").read_text()
        assert time.monotonic() - begun < DRAIN_S
    finally:
        service.kill()
        service.wait()
    wait_until(lambda: not any(map(is_alive, children)), "its processes have ended", timeout_s=10)
    with dispatch.database.session() as session:
        assert get_round(session, round_id).state == "planning"
    dispatch.plan(round_id)
    dispatch.approve(round_id)
    riders = [rider for trip in dispatch.told(TripPublished) for rider in trip.riders]  # type: ignore[attr-defined]
    assert len(riders) == WORKERS
