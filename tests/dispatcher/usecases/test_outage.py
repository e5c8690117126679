"""PostgreSQL goes away while rounds are opened and planned: the workers wait for it, and go on."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import time

import psycopg
import pytest
from psycopg import sql
from sqlmodel import select

from services.dispatcher.store.tables import RoundRow
from services.dispatcher.usecases.cut_off import CutOff
from shared.events import PoolPlanRequested
from shared.runtime import Worker
from tests.dispatcher.dispatch import Dispatch, submitted
from tests.waiting import wait_until

Outage = Callable[[Worker], AbstractContextManager[None]]


@contextmanager
def at_work(worker: Worker) -> Iterator[threading.Thread]:
    """The worker in a thread that ends with the block."""
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join()


@pytest.fixture
def outage(dispatch: Dispatch, postgres: str, caplog: pytest.LogCaptureFixture) -> Outage:
    """Takes the database away from everybody for the length of a block, and until the worker says that it waits."""
    name = str(dispatch.database.engine.url.database)
    allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")

    @contextmanager
    def away(worker: Worker) -> Iterator[None]:
        with psycopg.connect(postgres, autocommit=True) as server:
            server.execute(allow.format(sql.Identifier(name), sql.SQL("false")))
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )
            try:
                yield
                wait_until(lambda: f"{worker.name} waits" in caplog.text, f"{worker.name} waits")
            finally:
                server.execute(allow.format(sql.Identifier(name), sql.SQL("true")))

    return away


def test_a_round_waits_for_its_database_while_it_is_planned_and_goes_on(
    dispatch: Dispatch, outage: Outage
) -> None:
    dispatch.tell(*(submitted(n) for n in range(30)))
    round_id = dispatch.open()
    worker = dispatch.rounds()
    with at_work(worker) as thread:
        wait_until(lambda: dispatch.told(PoolPlanRequested), "a plan is asked for")
        with outage(worker):
            pass
        dispatch.tell(*map(dispatch.answer, dispatch.jobs()))
        wait_until(lambda: _state(dispatch, round_id) == "proposed", "it is proposed")
        assert thread.is_alive()
    riders = [rider.request_id for trip in dispatch.trips() for rider in dispatch.riders(trip.trip_id)]
    assert sorted(riders) == [f"R{n:04d}" for n in range(30)]


def test_a_cut_off_waits_for_its_database_and_opens_its_round(
    dispatch: Dispatch, outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.dispatcher.usecases.cut_off.LOOK_EVERY_S", 0.05)
    dispatch.tell(submitted(1))
    worker = CutOff(dispatch.database, dispatch.clock, time(18, 0), "52")
    with at_work(worker) as thread:
        with outage(worker):
            dispatch.clock.advance(hours=2)
        wait_until(lambda: _rounds(dispatch), "the round is open")
        assert thread.is_alive()


def _rounds(dispatch: Dispatch) -> list[RoundRow]:
    with dispatch.database.session() as session:
        return list(session.exec(select(RoundRow)))


def _state(dispatch: Dispatch, round_id: str) -> str:
    with dispatch.database.session() as session:
        return session.exec(select(RoundRow.state).where(RoundRow.round_id == round_id)).one()
