"""The notifier as `zhida serve notifier` runs it, with the world around it played by small real servers."""

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from aiosmtpd.controller import Controller
from pydantic import BaseModel

from services.notifier.domain.notice import Audience
from services.notifier.service import build
from services.notifier.settings import NotifierSettings
from shared.database import Database
from shared.events import Event
from shared.events.catalogue import PUBLISHED_BY
from shared.kernel.clock import FixedClock
from shared.messaging import Cause, emit
from shared.runtime import Running, Service, running
from shared.security import Keyring, Principal, Role, tokens
from tests.notifier.world import PEOPLE, START, TRIP, World
from tests.waiting import PATIENCE_S


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class MailServer:
    """A real SMTP server that keeps what it takes. `answers` are given instead of taking, one a mail."""

    mails: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    answers_after: list[str] = field(default_factory=list)
    port: int = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answers:
            return self.answers.pop(0)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return self.answers_after.pop(0) if self.answers_after else "250 taken"


@contextmanager
def mail_server() -> Iterator[MailServer]:
    handler = MailServer(port=free_port())
    controller = Controller(handler, hostname="127.0.0.1", port=handler.port)
    controller.start()
    try:
        yield handler
    finally:
        controller.stop()


@dataclass
class Received:
    """One request that a local HTTP server got."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class HttpServer:
    """A real HTTP server that keeps what it gets and answers with `answer(request)`: status, headers, body."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    answer: Callable[[Received], tuple[int, dict[str, str], bytes]] = lambda _: (204, {}, b"")


@contextmanager
def http_server() -> Iterator[HttpServer]:
    made = HttpServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            request = Received(self.path, dict(self.headers.items()), self.rfile.read(length))
            made.received.append(request)
            status, headers, body = made.answer(request)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def raw_server(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that lets `talk` do to each connection what no library would, until it is hung up on; its URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=hold, args=(connection,), daemon=True).start()

        def hold(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                talk(connection)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        listener.shutdown(socket.SHUT_RDWR)


class _Asked(BaseModel):
    request_ids: list[str]
    purpose: str
    reader: str


def registry_answer(request: Received) -> tuple[int, dict[str, str], bytes]:
    """What the registry's /api/directory says of PEOPLE."""
    asked = _Asked.model_validate_json(request.body)
    contacts = {key: PEOPLE[key].__dict__ for key in asked.request_ids if key in PEOPLE}
    return 200, {"Content-Type": "application/json"}, json.dumps({"contacts": contacts}).encode()


@dataclass
class Site:
    """The notifier's pages and API, served without its workers: they answer, and nothing goes out by itself."""

    url: str
    service: Service
    world: World
    registry: HttpServer
    clients: ExitStack

    def browser(self) -> httpx.Client:
        """A browser of its own: nobody is signed in, no link is open."""
        client = httpx.Client(
            base_url=self.url, headers={"Accept": "text/html"}, follow_redirects=True, timeout=PATIENCE_S
        )
        return self.clients.enter_context(client)

    def program(
        self, role: Role, organisation: str | None = None, areas: tuple[str, ...] = ()
    ) -> httpx.Client:
        """A program that sends a bearer token."""
        headers = {"Authorization": f"Bearer {self.token(role, organisation, areas)}"}
        return self.clients.enter_context(
            httpx.Client(base_url=self.url, headers=headers, timeout=PATIENCE_S)
        )

    def token(self, role: Role, organisation: str | None = None, areas: tuple[str, ...] = ()) -> str:
        principal = Principal("tester", frozenset({role}), areas, organisation, "测试")
        return tokens.issue(self.world.keyring, principal, timedelta(hours=12), self.world.clock)

    def link(self, audience: Audience, organisation: str, trip_id: str = TRIP) -> str:
        """The path of the link in the last mail to an organisation on a trip."""
        notice = self.world.notices(audience=audience, recipient_ref=organisation, trip_id=trip_id)[-1]
        return self.world.linker.link(notice).removeprefix(self.world.linker.public_url)


@contextmanager
def site_of(url: str, world: World, folder: Path, **changes: Any) -> Iterator[Site]:
    """The notifier's app on the database at `url`, with some settings changed."""
    key = folder / "signing.key"
    key.write_bytes(b"k" * 32)
    with http_server() as registry:
        registry.answer = registry_answer
        port = free_port()
        settings = NotifierSettings(
            database_url=url,
            notifier_database_url=url,
            signing_key_file=key,
            registry_url=registry.url,
            public_url=f"http://127.0.0.1:{port}",
            webhook_allow_private=True,
            **changes,
        )
        service = build(settings, clock=world.clock)
        service.workers.clear()
        with running({"": service}, "127.0.0.1", port) as run:
            yield Site(run.url, service, world, registry, ExitStack())


@dataclass
class Notifier:
    """A running notifier and the world around it."""

    url: str
    run: Running
    database: Database
    peers: Mapping[str, Database]
    mail: MailServer
    registry: HttpServer
    clock: FixedClock
    keyring: Keyring

    def hears(self, event: Event) -> None:
        """Another service tells an event in its own outbox."""
        source = next(name for name, models in PUBLISHED_BY.items() if type(event) in models)
        with self.peers[source].session() as session:
            emit(session, event, source=source, cause=Cause.fresh(), clock=self.clock)

    def token(self, role: Role, organisation: str | None = None, areas: tuple[str, ...] = ()) -> str:
        principal = Principal("tester", frozenset({role}), areas, organisation, "测试")
        return tokens.issue(self.keyring, principal, timedelta(hours=12), self.clock)

    def as_(self, role: Role, organisation: str | None = None, areas: tuple[str, ...] = ()) -> dict[str, str]:
        """The headers of a program with that role."""
        return {"Authorization": f"Bearer {self.token(role, organisation, areas)}"}


@contextmanager
def running_notifier(urls: Mapping[str, str], folder: Path) -> Iterator[Notifier]:
    """`urls`: the databases of the notifier, migrated, and of its peers, with the tables of delivery."""
    key = folder / "signing.key"
    key.write_text("ab" * 32)
    clock = FixedClock(START)
    with mail_server() as mail, http_server() as registry:
        registry.answer = registry_answer
        port = free_port()
        settings = NotifierSettings(
            database_url=urls["notifier"],
            registry_database_url=urls["registry"],
            dispatcher_database_url=urls["dispatcher"],
            signing_key_file=key,
            registry_url=registry.url,
            public_url=f"http://127.0.0.1:{port}",
            smtp_port=mail.port,
            webhook_allow_private=True,
        )
        peers = {name: Database(urls[name]) for name in ("registry", "dispatcher")}
        database = Database(urls["notifier"])
        with running({"": build(settings, clock=clock)}, "127.0.0.1", port) as run:
            yield Notifier(run.url, run, database, peers, mail, registry, clock, Keyring.from_file(key))
        for opened in (database, *peers.values()):
            opened.dispose()
