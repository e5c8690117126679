"""Wires the notifier: settings -> store, channels, use cases, HTTP app, workers; nothing else does."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from fastapi import FastAPI

from services.notifier.api import notices as notices_api
from services.notifier.api import trips as trips_api
from services.notifier.api import webhooks as webhooks_api
from services.notifier.channels.console import ConsoleMail, ConsoleProvider
from services.notifier.channels.email import Email, SmtpServer
from services.notifier.channels.port import Channel
from services.notifier.channels.sms import Sms
from services.notifier.channels.webhook import Webhook
from services.notifier.domain.notice import Medium
from services.notifier.reactions import reactions
from services.notifier.settings import NotifierSettings
from services.notifier.store import figures
from services.notifier.usecases.addressing import address_email, address_sms, address_webhook
from services.notifier.usecases.confirm_arrival import Confirmer
from services.notifier.usecases.linking import Linker
from services.notifier.usecases.make_link import LinkMaker
from services.notifier.usecases.notes import Notes
from services.notifier.usecases.send_due import Address, Sender
from services.notifier.usecases.subscribe_webhook import Subscriptions
from services.notifier.usecases.tell_trip import Teller
from services.notifier.web import boarding, coaches, handover, outbox, pages
from services.notifier.web.link_faults import with_link_faults
from shared import VERSION
from shared.database import Database, create_if_missing, migrate
from shared.delivery import Counts, watch_delivery
from shared.directory import HttpDirectory
from shared.http import make_app
from shared.kernel.clock import Clock, SystemClock
from shared.messaging import Consumer, make_bus
from shared.metrics import Metrics, Reading, Watched
from shared.runtime import Service, Worker
from shared.security import Keyring, Seal
from shared.web import add_pages, navigation

NAME = "notifier"
BATCHES = {Medium.SMS: 100, Medium.EMAIL: 10, Medium.WEBHOOK: 10}
"""How many notices a sender holds at once: what a crash may send again, under the same keys."""


@dataclass(frozen=True)
class _Parts:
    """What several pieces of the service are made of."""

    settings: NotifierSettings
    clock: Clock
    database: Database
    keyring: Keyring
    metrics: Metrics
    directory: HttpDirectory
    webhook: Webhook
    linker: Linker


def build(settings: NotifierSettings, *, clock: Clock | None = None) -> Service:
    """The notifier, its database made and migrated; without `clock` by the machine's."""
    clock = clock or SystemClock()
    create_if_missing(settings.database_url)
    migrate(settings.database_url, NAME)
    keyring = Keyring.from_file(settings.signing_key_file)
    parts = _Parts(
        settings=settings,
        clock=clock,
        database=Database(settings.database_url, application_name=NAME),
        keyring=keyring,
        metrics=Metrics(NAME),
        directory=HttpDirectory(settings.registry_url, keyring, clock, NAME),
        webhook=Webhook(
            clock, timeout_s=settings.send_timeout_s, allow_private=settings.webhook_allow_private
        ),
        linker=Linker(keyring, settings.public_url),
    )
    bus = make_bus(settings.bus, settings.kafka_bootstrap, settings.peers(), settings.kafka_prefix)
    answers = reactions(Teller(clock, settings.link_lasts), parts.metrics)
    consumer = Consumer(NAME, parts.database, bus, answers, clock, observer=Counts(parts.metrics))
    parts.metrics.watch(partial(_figures, parts.database))
    watch_delivery(parts.metrics, parts.database, bus, consumer.topics)

    def close() -> None:
        bus.close()
        parts.directory.close()
        parts.webhook.close()
        parts.database.dispose()

    workers: list[Worker] = [consumer, *bus.relays(NAME, parts.database), *_senders(parts)]
    return Service(NAME, _app(parts), workers, close)


def _app(parts: _Parts) -> FastAPI:
    settings, clock, database, keyring = parts.settings, parts.clock, parts.database, parts.keyring
    app = make_app(
        NAME,
        "Zhida notifier",
        VERSION,
        parts.metrics,
        keyring,
        database.ready,
        clock,
        public_url=settings.public_url,
    )
    add_pages(app, navigation(NAME, settings))
    app.state.error_page = with_link_faults(app.state.error_page)
    confirmer = Confirmer(clock, settings.correctable_for, Notes(Seal(keyring.derive("note"))))
    link_maker = LinkMaker(parts.linker, settings.link_lasts, clock)
    subscriptions = Subscriptions(keyring, clock, settings.webhook_allow_private)
    page = handover.HandoverPage(database, parts.directory, confirmer, clock)
    for router in (
        notices_api.router(database, clock),
        trips_api.router(database, confirmer, link_maker, clock),
        webhooks_api.router(database, subscriptions, parts.webhook),
        boarding.router(database, parts.directory, clock),
        handover.link_router(page, database, clock),
        handover.arrivals_router(page, database, clock),
        outbox.router(database, parts.linker, clock, show_links=settings.outbox_links),
        coaches.router(database, link_maker, clock),
        pages.router,
    ):
        app.include_router(router)
    return app


def _senders(parts: _Parts) -> list[Sender]:
    settings, database, linker = parts.settings, parts.database, parts.linker
    ways: dict[Medium, tuple[Channel, Address]] = {
        Medium.SMS: (Sms(ConsoleProvider()), partial(address_sms, directory=parts.directory)),
        Medium.EMAIL: (_mail(parts), partial(address_email, database=database, linker=linker)),
        Medium.WEBHOOK: (
            parts.webhook,
            partial(address_webhook, database=database, linker=linker, keyring=parts.keyring),
        ),
    }
    return [
        Sender(
            medium=medium,
            channel=channel,
            address=address,
            database=database,
            clock=parts.clock,
            batch=BATCHES[medium],
            one_provider=medium is not Medium.WEBHOOK,
            reaches_nobody=medium is Medium.SMS or (medium is Medium.EMAIL and settings.mail == "console"),
            jitter=random.Random(f"{settings.jitter_seed}/{medium}"),  # noqa: S311 - spreads retries
        )
        for medium, (channel, address) in ways.items()
    ]


def _mail(parts: _Parts) -> Channel:
    settings = parts.settings
    if settings.mail == "console":
        return ConsoleMail()
    server = SmtpServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.smtp_sender,
        starttls=settings.smtp_starttls,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value(),
        timeout_s=settings.send_timeout_s,
    )
    return Email(server, parts.clock)


def _figures(database: Database) -> Iterator[Reading]:
    """What a scrape reads from the database."""
    with database.session() as session:
        for channel_outcome, count in figures.count_notices(session).items():
            yield Reading(Watched.NOTICES, count, channel_outcome)
        for outcome, count in figures.count_confirmations(session).items():
            yield Reading(Watched.CONFIRMATIONS, count, (outcome,))
