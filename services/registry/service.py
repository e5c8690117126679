"""Wires the registry: settings -> store, use cases, HTTP app, workers; nothing else does."""

from collections.abc import Iterable
from functools import partial
from importlib.metadata import version

from fastapi import FastAPI

from services.registry.api import directory, enterprises, requests, rosters
from services.registry.api.parts import Parts
from services.registry.reactions import reactions
from services.registry.settings import RegistrySettings
from services.registry.store.requests import count_all_by_status
from services.registry.usecases.follow import Follower
from shared.database import Database, create_if_missing, migrate
from shared.http import make_app
from shared.kernel.clock import Clock, SystemClock
from shared.messaging import Bus, Consumer, make_bus
from shared.metrics import Metrics, Reading, Watched
from shared.runtime import Service
from shared.security import Keyring, Role, Vault, read_key_file
from shared.web import NavItem, add_pages

NAME = "registry"


def build(settings: RegistrySettings, *, clock: Clock | None = None) -> Service:
    """The registry, its database made and migrated."""
    clock = clock or SystemClock()
    create_if_missing(settings.database_url)
    migrate(settings.database_url, NAME)
    database = Database(settings.database_url, application_name=NAME)
    metrics = Metrics(NAME)
    parts = Parts(database, Vault(read_key_file(settings.vault_key_file)), clock, metrics)
    bus = make_bus(settings.bus, settings.kafka_bootstrap, settings.peers())
    consumer = Consumer(NAME, database, bus, reactions(Follower(clock), metrics), clock)
    metrics.watch(partial(_read_figures, database, bus))

    def close() -> None:
        bus.close()
        database.dispose()

    return Service(NAME, _app(settings, parts), [consumer, *bus.relays(NAME, database)], close)


def _app(settings: RegistrySettings, parts: Parts) -> FastAPI:
    app = make_app(
        NAME,
        "Zhida registry",
        version("zhida"),
        parts.metrics,
        Keyring.from_file(settings.signing_key_file),
        parts.database.ready,
        parts.clock,
        public_url=settings.public_url,
    )
    app.state.parts = parts
    for router in (requests.router, rosters.router, enterprises.router, directory.router):
        app.include_router(router)
    return app


def _read_figures(database: Database, bus: Bus) -> Iterable[Reading]:
    with database.session() as session:
        counts = count_all_by_status(session)
    for status, count in counts.items():
        yield Reading(Watched.REQUESTS, count, (status,))
