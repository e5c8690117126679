"""The services in one process below one address, and a caller of them; knows nothing of what they are used for."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from services.day import Office
from services.dispatcher.service import build as build_dispatcher
from services.dispatcher.settings import DispatcherSettings
from services.notifier.service import build as build_notifier
from services.notifier.settings import NotifierSettings
from services.planner.service import build as build_planner
from services.planner.settings import PlannerSettings
from services.registry.service import build as build_registry
from services.registry.settings import RegistrySettings
from shared.kernel.clock import ReplayClock
from shared.runtime import Running, Service, running
from shared.security import Keyring, write_keys

SERVICES = ("registry", "dispatcher", "notifier")
"""Those that people and programs call."""

PARTS = (*SERVICES, "planner")
HOST = "127.0.0.1"


def databases_on(server_url: str, run: str) -> dict[str, str]:
    """Service -> the address of a database on that server, named for this run; made on first use."""
    names = {name: make_url(server_url).set(database=f"demo_{run}_{name}") for name in PARTS}
    return {name: url.render_as_string(hide_password=False) for name, url in names.items()}


@contextmanager
def running_parts(
    folder: Path,
    databases: Mapping[str, str],
    clock: ReplayClock,
    *,
    planner_seconds: float,
    kafka: str | None = None,
    kafka_prefix: str = "",
    port: int = 0,
) -> Iterator[tuple[Running, Office]]:
    """The services, up for the length of a `with`, with new keys in `folder`; `port` or, where it is taken, another."""
    write_keys(folder)
    port = _free_port(port)
    services = _build(folder, databases, clock, f"http://{HOST}:{port}", kafka, kafka_prefix, planner_seconds)
    with running(services, HOST, port) as run:
        urls = {name: f"{run.url}/{name}" for name in SERVICES}
        with Office(urls, Keyring.from_file(folder / "signing.key"), clock) as office:
            yield run, office


def _build(
    folder: Path,
    databases: Mapping[str, str],
    clock: ReplayClock,
    base: str,
    kafka: str | None,
    kafka_prefix: str,
    planner_seconds: float,
) -> dict[str, Service]:
    common: dict[str, Any] = {
        "signing_key_file": folder / "signing.key",
        "bus": "kafka" if kafka else "embedded",
        "kafka_bootstrap": kafka,
        "kafka_prefix": kafka_prefix,
        **{f"{name}_database_url": url for name, url in databases.items()},
        **{f"{name}_url": f"{base}/{name}" for name in SERVICES},
    }

    def settings(name: str) -> dict[str, Any]:
        return {**common, "database_url": databases[name], "public_url": f"{base}/{name}"}

    registry = RegistrySettings(**settings("registry"), vault_key_file=folder / "vault.key")
    dispatcher = DispatcherSettings(**settings("dispatcher"), planner_seconds=planner_seconds, cut_off=None)
    notifier = NotifierSettings(
        **settings("notifier"), mail="console", outbox_links=True, webhook_allow_private=True
    )
    planner = PlannerSettings(**settings("planner"))
    return {
        "/registry": build_registry(registry, clock=clock),
        "/dispatcher": build_dispatcher(dispatcher, clock=clock),
        "/notifier": build_notifier(notifier, clock=clock),
        "/planner": build_planner(planner, clock=clock),
    }


def _free_port(wanted: int) -> int:
    """`wanted`, or another where it is 0 or taken: the services must know their address before they listen."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wanted))
        except OSError:
            return _free_port(0)
        port: int = probe.getsockname()[1]
        return port
