"""The event stream: it tells of changes while its caller is signed in, and not a moment longer."""

from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape

import pytest

from shared.security import Role, Token, sessions, tokens
from tests.dispatcher.api.conftest import Callers
from tests.dispatcher.dispatch import DAY, submitted


@contextmanager
def listening(
    callers: Callers, headers: dict[str, str], address: str = "/api/live"
) -> Iterator[Iterator[str]]:
    """The data of each event of a stream, as it comes; none for 10 seconds is an error, sooner than a sign of life."""
    with callers.client.stream("GET", address, headers=headers, timeout=10) as answer:
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


def test_a_page_is_told_of_what_has_changed_since_it_was_made_and_not_of_itself(
    callers: Callers, trip_id: str
) -> None:
    page = callers.ask("GET", "/board", params={"day": str(DAY)}, headers={"Accept": "text/html"}).text
    address = unescape(page.split('sse-connect="')[1].split('"')[0])
    known = address.partition("seen=")[2]
    proof = {"Authorization": f"Bearer {callers.token(Role.DISPATCHER)}"}
    with listening(callers, proof, address.replace(f"seen={known}", "seen=other")) as told:
        assert next(told) == known, "nothing has changed since"
    with listening(callers, proof, address) as told:
        callers.dispatch.depart(callers.dispatch.trips()[0])
        departed = next(told)
        assert departed != known
        callers.dispatch.tell(submitted(500))
        assert next(told) != departed, "one more waits"
