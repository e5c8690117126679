"""A small service of the tests' own, up on a real port."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI

from shared.http import make_app
from shared.kernel.clock import FixedClock
from shared.metrics import Metrics
from shared.runtime import Service, running
from shared.security import Keyring
from tests.waiting import PATIENCE_S

KEYRING = Keyring.from_bytes(b"k" * 32)
BODY_BYTES_MAX = 2_000_000
Up = Callable[..., httpx.Client]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2020, 2, 24, tzinfo=UTC))


@pytest.fixture
def keyring() -> Keyring:
    return KEYRING


@pytest.fixture
def app(clock: FixedClock) -> FastAPI:
    """An app without routes of its own, to be given some."""
    return make_app(
        "registry",
        "Test",
        "1",
        Metrics("registry"),
        KEYRING,
        lambda: None,
        clock,
        body_bytes_max=BODY_BYTES_MAX,
    )


@pytest.fixture
def up() -> Iterator[Up]:
    """`up(app)` runs an app until the test ends and gives a client; `prefix` mounts it."""
    with ExitStack() as stack:

        def start(app: FastAPI, prefix: str = "") -> httpx.Client:
            run = stack.enter_context(running({prefix: Service("test", app)}, "127.0.0.1", 0))
            return stack.enter_context(httpx.Client(base_url=run.url + prefix, timeout=PATIENCE_S))

        yield start
