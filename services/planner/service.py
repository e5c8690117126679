"""Wires the planner: settings -> queue, processes, consumer, probes; nothing else does."""

import os
from collections.abc import Iterator
from functools import partial

from services.dispatcher.planning.worker import PlannerPool
from services.planner.reactions import make_reactions
from services.planner.settings import PlannerSettings
from services.planner.store.jobs import count_jobs
from services.planner.usecases.work_queue import WorkQueue
from shared import VERSION
from shared.database import Database, create_if_missing, migrate
from shared.delivery import Counts, watch_delivery
from shared.http import make_app
from shared.kernel.clock import Clock, SystemClock
from shared.messaging import Consumer, make_bus
from shared.metrics import Metrics, Reading, Watched
from shared.runtime import Service
from shared.security import Keyring

NAME = "planner"


def build(settings: PlannerSettings, *, clock: Clock | None = None) -> Service:
    """The planner, its database made and migrated. Its app has the probes alone."""
    clock = clock or SystemClock()
    create_if_missing(settings.database_url)
    migrate(settings.database_url, NAME)
    database = Database(settings.database_url, application_name=NAME)
    metrics = Metrics(NAME)
    processes = settings.workers or os.cpu_count() or 1
    planners = PlannerPool(processes)
    bus = make_bus(settings.bus, settings.kafka_bootstrap, settings.peers(), settings.kafka_prefix)
    consumer = Consumer(NAME, database, bus, make_reactions(), clock, observer=Counts(metrics))
    queue = WorkQueue(database, planners, processes, clock)
    metrics.watch(partial(_figures, database))
    watch_delivery(metrics, database, bus, consumer.topics)

    def close() -> None:
        planners.close()
        bus.close()
        database.dispose()

    app = make_app(
        NAME,
        "Zhida planner",
        VERSION,
        metrics,
        Keyring.from_file(settings.signing_key_file),
        database.ready,
        clock,
        public_url=settings.public_url,
    )
    return Service(NAME, app, [consumer, *bus.relays(NAME, database), queue], close)


def _figures(database: Database) -> Iterator[Reading]:
    """What a scrape reads of the queue."""
    with database.session() as session:
        for state, count in count_jobs(session).items():
            yield Reading(Watched.JOBS, count, (state,))
