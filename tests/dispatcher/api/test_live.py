"""The event stream: it tells of changes while its caller is signed in, and not a moment longer."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from shared.security import Role, Token, sessions, tokens
from tests.dispatcher.api.conftest import Callers


@contextmanager
def listening(callers: Callers, headers: dict[str, str]) -> Iterator[Iterator[str]]:
    """The data of each event of /api/live, as it comes."""
    with callers.client.stream("GET", "/api/live", headers=headers) as answer:
        assert answer.status_code == 200
        yield (line.removeprefix("data: ") for line in answer.iter_lines() if line.startswith("data: "))


@pytest.mark.parametrize("proof", ["token", "session"])
def test_a_stream_ends_with_the_proof_that_opened_it(callers: Callers, trip_id: str, proof: str) -> None:
    token = callers.token(Role.DISPATCHER)
    headers = {"Authorization": f"Bearer {token}"}
    if proof == "session":
        known: Token = tokens.read(callers.keyring, token, callers.dispatch.clock)
        cookie = sessions.issue(callers.keyring, known, callers.dispatch.clock)
        headers = {"Cookie": f"{sessions.COOKIE}={cookie}"}
    with listening(callers, headers) as told:
        assert next(told) != "ended"
        callers.dispatch.clock.advance(hours=1)
        callers.dispatch.depart(callers.dispatch.trips()[0])
        assert next(told) == "ended", "what changes after the proof has ended is not told"
        assert next(told, None) is None
    again = callers.client.get("/api/live", headers=headers)
    assert again.status_code == 401
