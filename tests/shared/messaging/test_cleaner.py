"""What was told and taken in long ago is forgotten, and nothing that could still be needed; on both buses."""

import threading

import pytest
from sqlalchemy import text

from shared.database import Database
from shared.messaging import cleaner
from shared.messaging.cleaner import Cleaner
from tests.shared.messaging.world import World, running
from tests.waiting import wait_until


def execute(database: Database, sql: str) -> None:
    with database.session() as session:
        session.connection().execute(text(sql))


def count(database: Database, table: str) -> int:
    with database.session() as session:
        found: int = session.connection().execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
        return found


def clean(world: World, database: Database) -> None:
    [worker] = (one for one in world.bus.relays("service", database) if isinstance(one, Cleaner))
    worker.clean(threading.Event())


def test_what_is_old_is_forgotten_and_what_is_not_told_yet_is_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleaner, "ROWS", 7)
    with running(world.consumer(), *world.relays()):
        world.tell(40)
        world.await_effects(40)
        wait_until(lambda: world.bus.backlog(world.registry).unpublished == 0, "all published")
    execute(world.registry, "UPDATE outbox SET written_at = now() - interval '31 days' WHERE seq % 2 = 0")
    world.tell(10, first=40)  # nobody has brought these to a broker
    old = "WHERE seq > (SELECT max(seq) - 10 FROM outbox)"
    if world.on_kafka:
        execute(world.registry, f"UPDATE outbox SET written_at = now() - interval '31 days' {old}")
    execute(world.dispatcher, "UPDATE inbox SET at = now() - interval '59 days'")
    some = "SELECT event_id FROM inbox ORDER BY event_id LIMIT 15"
    execute(world.dispatcher, f"UPDATE inbox SET at = now() - interval '61 days' WHERE event_id IN ({some})")
    clean(world, world.registry)
    clean(world, world.dispatcher)
    assert count(world.registry, "outbox") == 20 + 10
    assert count(world.dispatcher, "inbox") == 40 - 15


def test_it_works_beside_the_others_until_it_is_told_to_stop(embedded_world: World) -> None:
    embedded_world.tell(5)
    execute(embedded_world.registry, "UPDATE outbox SET written_at = now() - interval '31 days'")
    with running(*embedded_world.bus.relays("registry", embedded_world.registry)):
        wait_until(lambda: count(embedded_world.registry, "outbox") == 0, "all forgotten")
