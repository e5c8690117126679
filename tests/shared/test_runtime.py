import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.runtime import CLOSE_S, DRAIN_S
from tests.waiting import PATIENCE_S

ROOT = Path(__file__).parents[2]

HEAD = """
import sys, threading, time
from fastapi import Depends
from sse_starlette import EventSourceResponse
import asyncio
from shared import logs
from shared.http import make_app
from shared.kernel.clock import SystemClock
from shared.metrics import Metrics
from shared.runtime import Service, serve
from shared.security import Keyring, public

logs.configure("test", "info")
app = make_app("test", "t", "1", Metrics("test"), Keyring.from_bytes(b"k" * 32), lambda: None, SystemClock())
entered = threading.Event()

@app.get("/slow", dependencies=[Depends(public("test"))])
def slow() -> str:
    print("inside", flush=True)
    time.sleep(1)
    return "done"

@app.get("/stream", dependencies=[Depends(public("test"))])
def stream():
    async def events():
        while True:
            yield {"data": "tick"}
            await asyncio.sleep(60)
    return EventSourceResponse(events())

class Worker:
    name = "worker"
    def run(self, stop):
        stop.wait()
        print("drained", flush=True)

class Crashing:
    name = "crashing"
    def run(self, stop):
        raise RuntimeError("out of diesel")

class Leaving:
    name = "leaving"
    def run(self, stop):
        pass

class Stuck:
    name = "stuck"
    def run(self, stop):
        time.sleep(600)

def close():
    print("closed", flush=True)

def announce(run):
    print(run.url, flush=True)
"""


class Process:
    """A real process that serves; `url` is where."""

    def __init__(self, tail: str) -> None:
        code = textwrap.dedent(HEAD) + tail
        self.popen = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        )

    def line(self) -> str:
        """The next line that it prints."""
        assert self.popen.stdout is not None
        return self.popen.stdout.readline().strip()

    def end(self) -> tuple[int, str, str]:
        """Exit status, what else it printed, what it logged."""
        printed, logged = self.popen.communicate(timeout=PATIENCE_S)
        return self.popen.returncode, printed, logged


@pytest.fixture
def start() -> Iterator[Callable[[str], Process]]:
    made: list[Process] = []

    def begin(tail: str) -> Process:
        made.append(Process(tail))
        return made[-1]

    yield begin
    for process in made:
        if process.popen.poll() is None:
            process.popen.kill()
            process.popen.communicate()


WITH_WORKER = 'serve({"": Service("test", app, [Worker()], close)}, "127.0.0.1", 0, announce)'


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_end_it_answers_what_is_under_way_and_exits_with_0(
    start: Callable[[str], Process], number: int
) -> None:
    process = start(WITH_WORKER)
    url = process.line()
    answers: list[httpx.Response] = []
    request = threading.Thread(target=lambda: answers.append(httpx.get(f"{url}/slow", timeout=PATIENCE_S)))
    request.start()
    assert process.line() == "inside"
    process.popen.send_signal(number)
    request.join()
    assert (answers[0].status_code, answers[0].json()) == (200, "done")
    status, printed, _ = process.end()
    assert (status, printed.split()) == (0, ["drained", "closed"])
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/healthz")


def test_an_open_event_stream_does_not_hold_up_the_end(start: Callable[[str], Process]) -> None:
    process = start(f"import shared.runtime; shared.runtime._HTTP_DRAIN_S = 600; {WITH_WORKER}")
    url = process.line()
    headers = {"Accept": "text/event-stream"}
    with httpx.stream("GET", f"{url}/stream", headers=headers, timeout=PATIENCE_S) as stream:
        lines = stream.iter_lines()
        assert next(lines) == "data: tick"
        process.popen.send_signal(signal.SIGTERM)
        assert process.end()[0] == 0


@pytest.mark.parametrize(("worker", "reason"), [("Crashing", "out of diesel"), ("Leaving", "ended unasked")])
def test_a_worker_that_ends_unasked_ends_the_process_with_1(
    start: Callable[[str], Process], worker: str, reason: str
) -> None:
    process = start(
        f'serve({{"": Service("test", app, [Worker(), {worker}()], close)}}, "127.0.0.1", 0, announce)'
    )
    status, printed, logged = process.end()
    assert status == 1
    assert reason in logged
    assert "drained" in printed
    assert "closed" in printed


def test_a_worker_that_does_not_drain_is_left_behind(start: Callable[[str], Process]) -> None:
    process = start(
        'import shared.runtime; shared.runtime.DRAIN_S = 2.0; serve({"": Service("test", app, [Stuck()], close)}, "127.0.0.1", 0, announce)'
    )
    process.line()
    began = time.monotonic()
    process.popen.send_signal(signal.SIGTERM)
    status, _, logged = process.end()
    assert status == 1
    assert "did not end in time" in logged
    assert '"seconds": 2.0' in logged
    assert time.monotonic() - began > 1.5


def test_what_does_not_let_go_is_left_behind_too(start: Callable[[str], Process]) -> None:
    process = start(
        "import shared.runtime; shared.runtime.CLOSE_S = 1.0\n"
        'serve({"": Service("test", app, [Worker()], lambda: time.sleep(600))}, "127.0.0.1", 0, announce)'
    )
    process.line()
    process.popen.send_signal(signal.SIGTERM)
    status, printed, logged = process.end()
    assert (status, printed.split()) == (1, ["drained"])
    assert "did not end in time" in logged
    assert '"seconds": 1.0' in logged


def test_a_service_that_cannot_be_closed_says_so_and_the_next_one_is(start: Callable[[str], Process]) -> None:
    process = start(
        'serve({"/a": Service("a", app, [], lambda: [][0]), "/b": Service("b", app, [], close)}, '
        '"127.0.0.1", 0, announce)'
    )
    process.line()
    process.popen.send_signal(signal.SIGTERM)
    status, printed, logged = process.end()
    assert (status, printed.split()) == (1, ["closed"])
    assert "IndexError" in logged


def test_the_time_to_drain_is_ten_seconds_and_five_to_let_go() -> None:
    assert (DRAIN_S, CLOSE_S) == (10, 5), "docker-compose.yml gives 20"


def test_a_port_that_is_taken_is_an_error_at_once(start: Callable[[str], Process]) -> None:
    port = start(WITH_WORKER).line().rsplit(":", 1)[1]
    status, _, logged = start(WITH_WORKER.replace(", 0,", f", {port},")).end()
    assert status == 1
    assert "Address already in use" in logged


def test_no_secret_that_a_caller_sends_is_in_the_log(start: Callable[[str], Process]) -> None:
    process = start(WITH_WORKER)
    url = process.line()
    secrets: dict[str, Any] = {
        "headers": {"Authorization": "Bearer planted-bearer", "X-CSRF-Token": "planted-csrf"},
        "cookies": {"zhida_session": "planted-cookie"},
    }
    with httpx.Client(base_url=url, timeout=PATIENCE_S, **secrets) as client:
        for path in ("/healthz?token=planted-query", "/b/planted-path", "/slow?password=planted-password"):
            client.get(path)
        client.post("/readyz", json={"password": "planted-body"})
    process.popen.send_signal(signal.SIGTERM)
    status, _, logged = process.end()
    assert status == 0
    assert logged.count('"message": "request"') == 4
    assert "planted" not in logged


def test_several_services_share_a_server_below_their_prefixes(start: Callable[[str], Process]) -> None:
    process = start(
        'serve({"/registry": Service("a", app), "/notifier": Service("b", app)}, "127.0.0.1", 0, announce)'
    )
    url = process.line()
    assert httpx.get(f"{url}/registry/healthz", timeout=PATIENCE_S).json() == {"status": "alive"}
    assert httpx.get(f"{url}/notifier/healthz", timeout=PATIENCE_S).json() == {"status": "alive"}
    assert httpx.get(url, timeout=PATIENCE_S).headers["location"] == "/registry/"


def test_the_second_request_on_a_connection_does_not_wait_for_an_acknowledgement(
    start: Callable[[str], Process],
) -> None:
    process = start(WITH_WORKER)
    took = []
    with httpx.Client(base_url=process.line(), timeout=PATIENCE_S) as client:
        for _ in range(15):
            begun = time.monotonic()
            client.get("/healthz")
            took.append(time.monotonic() - begun)
    # A delayed acknowledgement is 40 ms, and all but the first would wait for one.
    assert min(took[1:]) < 0.035, took
