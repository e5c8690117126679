"""Wires the dispatcher: settings -> store, planner, use cases, HTTP app, workers; nothing else does."""

import os
from collections.abc import Iterator
from functools import cache, partial

from fastapi import FastAPI

from services.dispatcher.api import amendments as amendments_api
from services.dispatcher.api import budgets as budgets_api
from services.dispatcher.api import claims as claims_api
from services.dispatcher.api import contracts as contracts_api
from services.dispatcher.api import ledger as ledger_api
from services.dispatcher.api import live as live_api
from services.dispatcher.api import papers as papers_api
from services.dispatcher.api import rounds as rounds_api
from services.dispatcher.api import terms as terms_api
from services.dispatcher.api import trace as trace_api
from services.dispatcher.api import trips as trips_api
from services.dispatcher.planning.judge import judge
from services.dispatcher.planning.mending import Promises
from services.dispatcher.planning.processes import Processes
from services.dispatcher.reactions import make_reactions
from services.dispatcher.roads import TableRoads
from services.dispatcher.settings import DispatcherSettings
from services.dispatcher.store.figures import count_trips, count_unserved_now, sum_accounts
from services.dispatcher.usecases.claims.desk import ClaimDesk
from services.dispatcher.usecases.cut_off import CutOff
from services.dispatcher.usecases.lab.answer import AnswerLabs
from services.dispatcher.usecases.plan_round import PlanRounds
from services.dispatcher.usecases.request_plan import Search
from services.dispatcher.web import (
    board,
    budgets,
    claim,
    claims,
    lab,
    ledger,
    notices,
    pages,
    periods,
    statements,
    trace,
    trip,
)
from services.dispatcher.web import round as round_page
from shared import VERSION
from shared.database import Database, create_if_missing, migrate
from shared.delivery import Counts, watch_delivery
from shared.directory import Directory, HttpDirectory
from shared.http import make_app
from shared.kernel.clock import Clock, SystemClock
from shared.messaging import Consumer, make_bus
from shared.metrics import Metrics, Reading, Watched
from shared.runtime import Service, Worker
from shared.security import Keyring, Seal
from shared.web import add_pages, navigation

NAME = "dispatcher"
JUDGES_MAX = 4
"""Processes that check answers: each takes a quarter of a gigabyte, and a check a fraction of a search."""
read_roads = cache(TableRoads)
"""The road tables, read when somebody first needs them."""


def build(settings: DispatcherSettings, *, clock: Clock | None = None) -> Service:
    """The dispatcher, its database made and migrated."""
    clock = clock or SystemClock()
    create_if_missing(settings.database_url)
    migrate(settings.database_url, NAME)
    database = Database(settings.database_url, application_name=NAME)
    keyring, metrics = Keyring.from_file(settings.signing_key_file), Metrics(NAME)
    directory = HttpDirectory(settings.registry_url, keyring, clock, NAME)
    judges = Processes(min(JUDGES_MAX, os.cpu_count() or 1), judge)
    bus = make_bus(settings.bus, settings.kafka_bootstrap, settings.peers(), settings.kafka_prefix)
    reactions = make_reactions(metrics, clock)
    consumer = Consumer(NAME, database, bus, reactions, clock, observer=Counts(metrics))
    workers: list[Worker] = [consumer, *bus.relays(NAME, database)]
    workers.append(AnswerLabs(database, read_roads(), judges, _search(settings), clock))
    workers.append(PlanRounds(database, read_roads(), judges, _search(settings), metrics, clock))
    if settings.cut_off is not None:
        workers.append(CutOff(database, clock, settings.cut_off, settings.cut_off_area))
    watch_delivery(metrics, database, bus, consumer.topics)

    def close() -> None:
        judges.close()
        bus.close()
        directory.close()
        database.dispose()

    app = make_dispatcher_app(settings, database, clock, keyring, metrics, directory)
    return Service(NAME, app, workers, close)


def _search(settings: DispatcherSettings) -> Search:
    return Search(
        seconds=settings.planner_seconds,
        engine=settings.planner_engine,
        objective=settings.planner_objective,
        pickups_max=settings.pickups_max,
        drops_max=settings.drops_max,
    )


def make_dispatcher_app(
    settings: DispatcherSettings,
    database: Database,
    clock: Clock,
    keyring: Keyring,
    metrics: Metrics,
    directory: Directory,
) -> FastAPI:
    """The app alone, without workers: routes of programs and people, and what a scrape reads of trips and money."""
    metrics.watch(partial(_figures, database))
    app = make_app(
        NAME,
        "Zhida dispatcher",
        VERSION,
        metrics,
        keyring,
        database.ready,
        clock,
        public_url=settings.public_url,
    )
    add_pages(app, navigation(NAME, settings))
    desk = ClaimDesk(database, directory, Seal(keyring.derive("claim")), clock)
    promises = Promises(settings.moved_fen, settings.changed_fen, settings.cancelled_fen)
    for router in (
        terms_api.router(database, clock),
        rounds_api.router(database, clock),
        trips_api.router(database, clock),
        amendments_api.router(database, clock, promises, read_roads),
        budgets_api.router(database, clock),
        contracts_api.router(database, clock),
        ledger_api.router(database),
        claims_api.router(desk),
        papers_api.router(desk),
        trace_api.router(database, directory),
        live_api.router(database, clock),
        pages.router,
        board.router(database, clock),
        trip.router(database, directory, clock),
        round_page.router(database, clock, promises, read_roads),
        budgets.router(database, clock),
        claims.router(desk),
        claim.router(desk),
        notices.router(desk),
        periods.router(desk),
        statements.router(desk),
        trace.router(database, directory),
        ledger.router(database),
        lab.router(database, clock),
    ):
        app.include_router(router)
    return app


def _figures(database: Database) -> Iterator[Reading]:
    """What a scrape reads of trips and money."""
    with database.session() as session:
        for state, count in count_trips(session).items():
            yield Reading(Watched.TRIPS, count, (state,))
        for rule, count in count_unserved_now(session).items():
            yield Reading(Watched.UNSERVED, count, (rule,))
        for account_balance, fen in sum_accounts(session).items():
            yield Reading(Watched.FEN, fen, account_balance)
