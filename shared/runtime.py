"""Runs services in a process: one HTTP server, one thread a worker, and an orderly end; knows no service.

The end is orderly when somebody asks for it (SIGTERM, SIGINT, `Running.stop`): no new requests, those under way
are answered, workers finish what they are at, all within 10 seconds, and then 5 more for letting go. A worker that ends unasked ends the
process with status 1, so that whoever supervises it starts it again.
"""

import asyncio
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import SimpleQueue
from types import FrameType
from typing import Final, Protocol

import uvicorn
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DRAIN_S: Final = 10.0
CLOSE_S: Final = 5.0
_HTTP_DRAIN_S: Final = 7
_STARTUP_S: Final = 30.0

log = logging.getLogger("zhida.runtime")


class Worker(Protocol):
    """What runs beside the HTTP server until it is told to stop."""

    @property
    def name(self) -> str: ...

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set, then finish what is under way and return."""
        ...


@dataclass
class Service:
    """A service, wired: its app, its workers, and what to let go of at the end."""

    name: str
    app: FastAPI
    workers: list[Worker] = field(default_factory=list)
    close: Callable[[], None] = lambda: None


class ServerFailed(Exception):
    """The HTTP server did not come up."""


class Running:
    """Services that run; `url` is where they listen. Made by `running`."""

    def __init__(self, services: Mapping[str, Service], host: str, port: int) -> None:
        self._services = services
        self._listener = _listen(host, port)
        self.host = host
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://{host}:{self.port}"
        self.failed = False
        self._ended: SimpleQueue[str] = SimpleQueue()
        self._stop = threading.Event()
        self._drain = _Drain(_compose(services))
        config = uvicorn.Config(
            self._drain, log_config=None, access_log=False, server_header=False, lifespan="off",
            timeout_graceful_shutdown=_HTTP_DRAIN_S,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._serving = threading.Thread(target=self._serve, name="http", daemon=True)
        self._working = [
            threading.Thread(target=self._work, args=(worker,), name=worker.name, daemon=True)
            for service in services.values()
            for worker in service.workers
        ]

    def start(self) -> None:
        """Start workers and server; returns once it listens. Raises ServerFailed."""
        for thread in (*self._working, self._serving):
            thread.start()
        deadline = time.monotonic() + _STARTUP_S
        while not self._server.started:
            self._serving.join(0.01)
            if not self._serving.is_alive() or time.monotonic() > deadline:
                raise ServerFailed(f"the HTTP server did not start on {self.url}")

    def wait(self) -> str:
        """Block until somebody asks for the end or a worker dies; why."""
        return self._ended.get()

    def ask_to_end(self, why: str) -> None:
        """Make `wait` return; may be called from a signal handler (SimpleQueue.put is re-entrant)."""
        self._ended.put(why)

    def stop(self) -> None:
        """Drain server and workers, at most 10 seconds in all, then close the services, at most 5 in all."""
        self._stop.set()
        self._drain.begin()
        self._server.should_exit = True
        self._await((self._serving, *self._working), DRAIN_S)
        closing = threading.Thread(target=self._close, name="close", daemon=True)
        closing.start()
        self._await((closing,), CLOSE_S)
        self._listener.close()

    def _await(self, threads: Iterable[threading.Thread], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                self.failed = True
                log.error("did not end in time", extra={"worker": thread.name, "seconds": seconds})

    def _close(self) -> None:
        """Close every service, also after one that cannot be."""
        for service in self._services.values():
            try:
                service.close()
            except Exception:
                self.failed = True
                log.exception("did not close", extra={"service": service.name})

    def _serve(self) -> None:
        with self._until_asked("http"):
            asyncio.run(self._server.serve(sockets=[self._listener]))

    def _work(self, worker: Worker) -> None:
        with self._until_asked(worker.name):
            worker.run(self._stop)

    @contextmanager
    def _until_asked(self, name: str) -> Iterator[None]:
        """What runs inside may end when it was asked to; otherwise its end, of any kind, is that of the process."""
        error: BaseException | None = None
        try:
            yield
        except BaseException as raised:  # noqa: BLE001 - a thread has nobody above it to tell
            error = raised
        if error is None and self._stop.is_set():
            return
        self.failed = True
        self.ask_to_end(f"{name} ended unasked")
        log.error("ended unasked", extra={"worker": name}, exc_info=error)


@contextmanager
def running(services: Mapping[str, Service], host: str, port: int) -> Iterator[Running]:
    """The services, up for the length of a `with`: path prefix -> service; port 0 takes a free one."""
    run = Running(services, host, port)
    try:
        run.start()
        yield run
    finally:
        run.stop()


def serve(
    services: Mapping[str, Service],
    host: str,
    port: int,
    announce: Callable[[Running], None] | None = None,
) -> None:
    """Run the services until SIGTERM or SIGINT; returns when all ended well, else exits with status 1.

    A single service has the prefix ""; several are mounted at theirs, such as "/registry". `announce` is
    called once they listen, with `url` and `port`. Call it in the main thread.
    """
    run = Running(services, host, port)

    def end(signum: int, _frame: FrameType | None) -> None:
        run.ask_to_end(signal.Signals(signum).name)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        run.start()
        log.info("listening", extra={"url": run.url, "services": [s.name for s in services.values()]})
        if announce is not None:
            announce(run)
        log.info("ending", extra={"why": run.wait()})
    finally:
        run.stop()
        for number, handler in before.items():
            signal.signal(number, handler)
    if run.failed:
        logging.shutdown()
        # Not SystemExit: a worker that hangs in a library's thread must not keep the process.
        os._exit(1)


class _Drain:
    """Ends event streams when the drain begins: they have no end of their own, and would use up the time."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._begun = threading.Event()
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def begin(self) -> None:
        """Tell every stream that is open that its client is gone; called from another thread."""
        self._begun.set()
        for loop, event in list(self._waiting):
            loop.call_soon_threadsafe(event.set)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or "text/event-stream" not in _accept(scope):
            await self._app(scope, receive, send)
            return
        ended = asyncio.Event()
        entry = (asyncio.get_running_loop(), ended)
        self._waiting.add(entry)
        if self._begun.is_set():
            ended.set()
        try:
            await self._app(scope, _until(ended, receive), send)
        finally:
            self._waiting.discard(entry)


def _until(ended: asyncio.Event, receive: Receive) -> Receive:
    async def receive_until() -> Message:
        message = asyncio.ensure_future(receive())
        end = asyncio.ensure_future(ended.wait())
        try:
            await asyncio.wait((message, end), return_when=asyncio.FIRST_COMPLETED)
            return message.result() if message.done() else {"type": "http.disconnect"}
        finally:
            message.cancel()
            end.cancel()

    return receive_until


def _accept(scope: Scope) -> str:
    return b",".join(value for name, value in scope["headers"] if name == b"accept").decode("latin-1")


def _compose(services: Mapping[str, Service]) -> ASGIApp:
    """One service alone at the root, or several below their prefixes."""
    if list(services) == [""]:
        return services[""].app
    first = next(iter(services))

    async def to_first(_request: object) -> RedirectResponse:
        return RedirectResponse(f"{first}/", 303)

    mounts = [Mount(prefix, app=service.app) for prefix, service in services.items()]
    return Starlette(routes=[Route("/", to_first), *mounts])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=1024)
    # Connections inherit it. asyncio sets it too, but not where the listener was made without a protocol, as here;
    # without it a second request on a connection waits 40 ms for the client's delayed acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.setblocking(False)
    return listener
