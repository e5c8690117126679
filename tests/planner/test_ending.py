"""The planner as `zhida serve` runs it is ended in the middle of a search of an hour: politely, and not."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.database import Database, migrate
from shared.kernel.clock import SystemClock
from shared.messaging import Cause, emit
from tests.dispatcher.processes import cpu_s_of_children, is_alive
from tests.planner.work import answers, job, waiting
from tests.waiting import PATIENCE_S, wait_until


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)])
def test_a_planner_ends_in_the_middle_of_a_search_and_takes_it_with_it(
    queue: Database,
    make_database: Callable[[str], str],
    tmp_path: Path,
    number: signal.Signals,
    status: int,
) -> None:
    asker = Database(make_database("dispatcher"))
    migrate(asker.url, "dispatcher")
    with asker.session() as session:
        hour = job(1, engine="routing", seconds=3600.0)
        emit(session, hour, source="dispatcher", cause=Cause.fresh(), clock=SystemClock())
    asker.dispose()
    key = tmp_path / "signing.key"
    key.write_text("ab" * 32)
    settings = {
        "DATABASE_URL": queue.url,
        "DISPATCHER_DATABASE_URL": asker.url,
        "SIGNING_KEY_FILE": str(key),
        "PORT": "0",
    }
    environment = {**os.environ, **{f"ZHIDA_{name}": value for name, value in settings.items()}}
    serve = [sys.executable, "-m", "services", "serve", "planner", "--workers", "1"]
    with (tmp_path / "log").open("wb") as log:
        service = subprocess.Popen(serve, env=environment, stdout=log, stderr=log)
    try:
        wait_until(lambda: max(cpu_s_of_children(service.pid).values(), default=0) > 2, "a search is on")
        children = set(cpu_s_of_children(service.pid))
        service.send_signal(number)
        assert service.wait(timeout=PATIENCE_S) == status, (tmp_path / "log").read_text()
    finally:
        service.kill()
        service.wait()
    wait_until(lambda: not any(map(is_alive, children)), "its processes have ended")
    (left,) = waiting(queue)
    assert (left.crashes, answers(queue)) == (0, [])
    assert (left.held_by is None) == (number == signal.SIGTERM), (
        "who ends politely lets others have it at once"
    )
