"""Wires the registry: settings -> store, use cases, HTTP app, workers; nothing else does."""

from collections.abc import Iterator
from functools import partial

from fastapi import FastAPI

from services.registry.api import (
    checks,
    directory,
    enterprises,
    exchange,
    helpers,
    households,
    outside,
    people,
    population,
    privacy,
    requests,
    rewards,
    rights,
    rosters,
    sites,
    tracking,
)
from services.registry.intake.stream import STREAM_BYTES_MAX
from services.registry.reactions import reactions
from services.registry.settings import RegistrySettings
from services.registry.store.requests import count_all_by_status
from services.registry.usecases.exchange.drawing import Drawing
from services.registry.usecases.follow import Follower
from services.registry.usecases.households.sweep import Sweeping
from services.registry.usecases.parts import Parts
from services.registry.usecases.people.importing import Importing
from services.registry.usecases.privacy.retention import Retaining
from services.registry.usecases.tracking.late import late_by_level
from services.registry.usecases.tracking.months import Monthly
from services.registry.web import exchange as exchange_pages
from services.registry.web import households as household_pages
from services.registry.web import my_list as my_list_pages
from services.registry.web import outside as outside_pages
from services.registry.web import pages
from services.registry.web import people as people_pages
from services.registry.web import population as population_pages
from services.registry.web import privacy as privacy_pages
from services.registry.web import requests as request_pages
from services.registry.web import reward_rules as reward_rule_pages
from services.registry.web import rewards as reward_pages
from services.registry.web import rights as rights_pages
from services.registry.web import rights_link as rights_link_pages
from services.registry.web import rosters as roster_pages
from services.registry.web import sites as site_pages
from services.registry.web import tracking as tracking_pages
from shared import VERSION
from shared.database import Database, create_if_missing, migrate
from shared.delivery import Counts, watch_delivery
from shared.http import make_app
from shared.kernel.clock import Clock, SystemClock, local_date
from shared.messaging import Consumer, make_bus
from shared.metrics import Metrics, Reading, Watched
from shared.runtime import Service, Worker
from shared.security import Keyring, Vault
from shared.web import add_pages, navigation

NAME = "registry"


def build(settings: RegistrySettings, *, clock: Clock | None = None) -> Service:
    """The registry, its database made and migrated."""
    clock = clock or SystemClock()
    create_if_missing(settings.database_url)
    migrate(settings.database_url, NAME)
    database = Database(settings.database_url, application_name=NAME)
    metrics = Metrics(NAME)
    parts = Parts(database, Vault.from_file(settings.vault_key_file), clock, metrics)
    bus = make_bus(settings.bus, settings.kafka_bootstrap, settings.peers(), settings.kafka_prefix)
    answers = reactions(Follower(clock), metrics)
    consumer = Consumer(NAME, database, bus, answers, clock, observer=Counts(metrics))
    metrics.watch(partial(_figures, database, clock))
    watch_delivery(metrics, database, bus, consumer.topics)

    def close() -> None:
        bus.close()
        database.dispose()

    workers: list[Worker] = [
        consumer,
        *bus.relays(NAME, database),
        Retaining(database, clock),
        Monthly(database, clock),
        Importing(parts),
        Drawing(parts),
        Sweeping(database, clock),
    ]
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
        body_bytes_max_at=dict.fromkeys(("/api/population", "/population"), STREAM_BYTES_MAX),
    )
    app.state.parts = parts
    add_pages(app, navigation(NAME, settings))
    apis = (
        requests,
        rosters,
        enterprises,
        directory,
        outside,
        checks,
        rights,
        privacy,
        tracking,
        helpers,
        households,
        sites,
        rewards,
        exchange,
        population,
        people,
    )
    for module in (
        *apis,
        pages,
        roster_pages,
        request_pages,
        privacy_pages,
        outside_pages,
        tracking_pages,
        my_list_pages,
        reward_pages,
        reward_rule_pages,
        rights_pages,
        rights_link_pages,
        exchange_pages,
        household_pages,
        site_pages,
        population_pages,
        people_pages,
    ):
        app.include_router(module.router)
    return app


def _figures(database: Database, clock: Clock) -> Iterator[Reading]:
    """What a scrape reads from the database."""
    with database.session() as session:
        for status, count in count_all_by_status(session).items():
            yield Reading(Watched.REQUESTS, count, (status,))
        for level, count in late_by_level(session, local_date(clock.now())).items():
            yield Reading(Watched.LATE_TASKS, count, (level.value,))
