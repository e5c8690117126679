"""Wires the registry: settings -> store, use cases, HTTP app, workers; nothing else does."""

from collections.abc import Iterator
from functools import partial

from fastapi import FastAPI

from services.registry.api import directory, enterprises, requests, rosters
from services.registry.reactions import reactions
from services.registry.settings import RegistrySettings
from services.registry.store.requests import count_all_by_status
from services.registry.usecases.follow import Follower
from services.registry.usecases.forget import Forgetting
from services.registry.usecases.parts import Parts
from services.registry.web import pages
from services.registry.web import requests as request_pages
from services.registry.web import rosters as roster_pages
from shared import VERSION
from shared.database import Database, create_if_missing, migrate
from shared.delivery import Counts, watch_delivery
from shared.http import make_app
from shared.kernel.clock import Clock, SystemClock
from shared.messaging import Consumer, make_bus
from shared.metrics import Metrics, Reading, Watched
from shared.runtime import Service, Worker
from shared.security import Keyring, Vault, read_key_file
from shared.web import add_pages, navigation

NAME = "registry"


def build(settings: RegistrySettings, *, clock: Clock | None = None) -> Service:
    """The registry, its database made and migrated."""
    clock = clock or SystemClock()
    create_if_missing(settings.database_url)
    migrate(settings.database_url, NAME)
    database = Database(settings.database_url, application_name=NAME)
    metrics = Metrics(NAME)
    parts = Parts(database, Vault(read_key_file(settings.vault_key_file)), clock, metrics)
    bus = make_bus(settings.bus, settings.kafka_bootstrap, settings.peers(), settings.kafka_prefix)
    answers = reactions(Follower(clock), metrics)
    consumer = Consumer(NAME, database, bus, answers, clock, observer=Counts(metrics))
    metrics.watch(partial(_figures, database))
    watch_delivery(metrics, database, bus, consumer.topics)

    def close() -> None:
        bus.close()
        database.dispose()

    workers: list[Worker] = [consumer, *bus.relays(NAME, database), Forgetting(database, clock)]
    return Service(NAME, _app(settings, parts), workers, close)


def _app(settings: RegistrySettings, parts: Parts) -> FastAPI:
    app = make_app(
        NAME,
        "Zhida registry",
        VERSION,
        parts.metrics,
        Keyring.from_file(settings.signing_key_file),
        parts.database.ready,
        parts.clock,
        public_url=settings.public_url,
    )
    app.state.parts = parts
    add_pages(app, navigation(NAME, settings))
    for module in (requests, rosters, enterprises, directory, pages, roster_pages, request_pages):
        app.include_router(module.router)
    return app


def _figures(database: Database) -> Iterator[Reading]:
    """What a scrape reads from the database."""
    with database.session() as session:
        for status, count in count_all_by_status(session).items():
            yield Reading(Watched.REQUESTS, count, (status,))
