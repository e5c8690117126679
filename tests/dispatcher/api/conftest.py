"""The dispatcher's app, asked over HTTP by callers of every kind."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx import Client, Response

from services.dispatcher.service import make_dispatcher_app
from services.dispatcher.settings import DispatcherSettings
from shared.directory import Contact, Origin, PersonCheck, RegistryAway
from shared.runtime import Service, running
from shared.security import Keyring, Principal, Role, tokens
from tests.dispatcher.dispatch import Dispatch, submitted
from tests.waiting import PATIENCE_S


@dataclass
class Callers:
    """Asks as anybody; by default as the province's dispatcher."""

    client: Client
    keyring: Keyring
    dispatch: Dispatch

    def token(self, role: Role, area: str | None = "52", organisation: str | None = None) -> str:
        areas = (area,) if area else ()
        principal = Principal(f"{role}", frozenset({role}), areas, organisation, f"{role}的办公室")
        return tokens.issue(self.keyring, principal, timedelta(hours=1), self.dispatch.clock)

    def ask(
        self,
        method: str,
        path: str,
        role: Role = Role.DISPATCHER,
        area: str | None = "52",
        organisation: str | None = None,
        **sent: Any,
    ) -> Response:
        headers = {"Authorization": f"Bearer {self.token(role, area, organisation)}"}
        headers |= sent.pop("headers", {})
        return self.client.request(method, path, headers=headers, **sent)


class Neighbours:
    """The registry's directory: knows everybody, or is away."""

    def __init__(self) -> None:
        self.away = False
        self.asked: list[tuple[str, str]] = []
        self.unknown: set[str] = set()
        self.without_file: set[str] = set()

    def lookup(self, request_ids: Sequence[str], purpose: str, reader: str) -> dict[str, Contact]:
        """One invented person a request."""
        if self.away:
            raise RegistryAway(reason="ConnectError")
        self.asked.append((purpose, reader))
        return {i: Contact(f"张小{n}", f"1380013{n:04d}", "123X") for n, i in enumerate(request_ids)}

    def check_people(
        self, request_ids: Sequence[str], day: date, purpose: str, reader: str
    ) -> dict[str, PersonCheck]:
        """Somebody of 30 without any history behind each request."""
        if self.away:
            raise RegistryAway(reason="ConnectError")
        self.asked.append((purpose, reader))
        return {i: PersonCheck(f"person of {i}", False, 30, True, 1, (), None, None, ()) for i in request_ids}

    def find_origins(self, request_ids: Sequence[str], reader: str) -> dict[str, Origin]:
        """All from one roster of Sandu, row by row by their ids, but for those that are unknown or came without a file."""
        if self.away:
            raise RegistryAway(reason="ConnectError")
        self.asked.append(("trace", reader))
        sent = datetime(2020, 2, 20, 1, 0, tzinfo=UTC)
        return {
            i: Origin("522732", sent, "三都县人社局", *source)
            for n, i in enumerate(sorted(request_ids), start=2)
            for source in [(None,) * 3 if i in self.without_file else ("roster", "ab" * 32, n)]
            if i not in self.unknown
        }


@pytest.fixture
def directory() -> Neighbours:
    """A directory that a test may send away."""
    return Neighbours()


@pytest.fixture
def callers(dispatch: Dispatch, directory: Neighbours) -> Iterator[Callers]:
    """The app on the dispatcher's database; no worker runs."""
    settings = DispatcherSettings(database_url=dispatch.database.url, signing_key_file=Path("unused"))
    keyring = Keyring.from_bytes(secrets.token_bytes(32))
    app = make_dispatcher_app(
        settings, dispatch.database, dispatch.clock, keyring, dispatch.metrics, directory
    )
    with (
        running({"": Service("dispatcher", app)}, "127.0.0.1", 0) as run,
        Client(base_url=run.url, timeout=PATIENCE_S) as client,
    ):
        yield Callers(client, keyring, dispatch)


@pytest.fixture
def trip_id(dispatch: Dispatch) -> str:
    """An approved coach of 24 from Sandu."""
    dispatch.tell(*(submitted(n) for n in range(24)))
    dispatch.approve(dispatch.propose())
    return dispatch.trips()[0].trip_id
