"""A reader of the outbox meets transactions that begin, write and commit in any order, and misses no row.

Each test shows beside it what a simpler reader would have made of the same rows.
"""

import json
import random
import re
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session

from shared.database import Database
from shared.kernel.clock import SystemClock
from shared.messaging import Cause, emit
from shared.messaging.embedded import ClusterChanged
from shared.messaging.settled import Position, count_unread, read_settled
from tests.shared.messaging.world import TOPIC, Tally, World, running, withdrawn
from tests.waiting import wait_until

RUNBOOK = Path(__file__).parents[3] / "deploy/README.md"

BY_SEQ = "SELECT seq, xid FROM outbox WHERE seq > :seq ORDER BY seq"
BY_SEQ_SETTLED = """
    SELECT seq, xid FROM outbox WHERE seq > :seq AND xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY seq
"""
BY_XID = """
    SELECT seq, xid FROM outbox
    WHERE xid < pg_snapshot_xmin(pg_current_snapshot()) AND (xid, seq) > (CAST(:xid AS xid8), :seq) ORDER BY xid, seq
"""


class Reader:
    """`read_settled` with its position kept, as the embedded bus does."""

    def __init__(self, world: World, limit: int = 100) -> None:
        self._world, self._limit = world, limit
        self.position = Position.start()
        self.seen: list[str] = []

    def read(self) -> list[str]:
        """What is new: `key:number` of each event."""
        found: list[str] = []
        with self._world.registry.engine.connect() as connection:
            while True:
                messages, self.position = read_settled(
                    connection, self.position, [TOPIC], self._limit, "registry"
                )
                if not messages:
                    break
                found += [name((m.key or b"").decode(), m.value or b"") for m in messages]
        self.seen += found
        return found

    def unread(self) -> int:
        with self._world.registry.engine.connect() as connection:
            return sum(count_unread(connection, self.position, [TOPIC]).values())


class SimpleReader:
    """A reader with a cursor made of the last row's numbers."""

    def __init__(self, world: World, sql: str) -> None:
        self._world, self._sql = world, sql
        self._cursor = {"seq": 0, "xid": "0"}
        self.seen: list[int] = []

    def read(self) -> list[int]:
        with self._world.registry.session() as session:
            rows = session.connection().execute(text(self._sql), self._cursor).all()
        for row in rows:
            self._cursor = {"seq": row.seq, "xid": str(row.xid)}
            self.seen.append(row.seq)
        return [row.seq for row in rows]

    def count(self) -> int:
        """How many rows it has seen, those that it sees now included."""
        self.read()
        return len(self.seen)


def name(key: str, value: bytes) -> str:
    return f"{key}:{json.loads(value)['version']}"


def tell(session: Session, key: str, number: int) -> None:
    emit(session, withdrawn(key, number), source="registry", cause=Cause.fresh(), clock=SystemClock())


def open_two(world: World, stack: ExitStack) -> Sequence[Session]:
    return [stack.enter_context(Session(world.registry.engine)) for _ in range(2)]


def test_a_row_of_a_transaction_that_commits_late_is_not_skipped(embedded_world: World) -> None:
    reader, naive = Reader(embedded_world), SimpleReader(embedded_world, BY_SEQ)
    with ExitStack() as stack:
        slow, quick = open_two(embedded_world, stack)
        tell(slow, "slow", 1)
        tell(quick, "quick", 1)
        quick.commit()
        assert reader.read() == ["quick:1"]
        assert len(naive.read()) == 1
        slow.commit()
    assert reader.read() == ["slow:1"]
    assert naive.read() == [], "the negative control: by sequence alone the late row is lost"


def test_a_row_is_not_skipped_though_its_transaction_is_the_younger_one(embedded_world: World) -> None:
    """Older than every running transaction, and then by sequence: not enough when the older one writes later."""
    reader, naive = Reader(embedded_world), SimpleReader(embedded_world, BY_SEQ_SETTLED)
    with ExitStack() as stack:
        old, young = open_two(embedded_world, stack)
        old.connection().execute(text("SELECT pg_current_xact_id()"))
        tell(young, "young", 1)
        tell(old, "old", 1)
        old.commit()
        assert reader.read() == ["old:1"]
        wait_until(lambda: naive.count() == 1, "the older transaction's row is settled")
        young.commit()
    assert reader.read() == ["young:1"]
    assert naive.read() == [], (
        "the negative control: settled and by sequence loses the younger transaction's row"
    )


def test_two_events_of_one_key_stay_in_order_though_the_second_has_the_older_transaction(
    embedded_world: World,
) -> None:
    """By transaction id no row is lost, but the order in which they began is not the order in which they told."""
    reader, naive = Reader(embedded_world), SimpleReader(embedded_world, BY_XID)
    with ExitStack() as stack:
        old, young = open_two(embedded_world, stack)
        old.connection().execute(text("SELECT pg_current_xact_id()"))
        tell(young, "trip", 1)
        young.commit()
        tell(old, "trip", 2)
        old.commit()
    assert reader.read() == ["trip:1", "trip:2"]
    wait_until(lambda: naive.count() == 2, "both transactions are settled")
    assert naive.seen == sorted(naive.seen, reverse=True), "the negative control: by xid they change places"


def test_a_transaction_that_stays_open_holds_nobody_up(embedded_world: World) -> None:
    reader = Reader(embedded_world)
    with ExitStack() as stack:
        idle, busy = open_two(embedded_world, stack)
        tell(idle, "idle", 1)
        for number in range(5):
            tell(busy, "busy", number)
            busy.commit()
            assert reader.read() == [f"busy:{number}"]
        idle.rollback()
    assert reader.read() == []


def test_a_page_ends_within_a_transaction_and_the_next_goes_on_there(embedded_world: World) -> None:
    embedded_world.tell(25, keys=1, batch=25)
    reader = Reader(embedded_world, limit=10)
    assert reader.unread() == 25
    assert reader.read() == [f"key-0:{n}" for n in range(25)]
    assert reader.unread() == 0


def test_many_transactions_at_once_are_read_once_each_in_order_per_key(embedded_world: World) -> None:
    reader = Reader(embedded_world, limit=7)
    done = threading.Event()

    def work(writer: int) -> None:
        lots = random.Random(writer)
        for number in range(60):
            with embedded_world.registry.session() as session:
                if lots.random() < 0.5:
                    session.connection().execute(text("SELECT pg_current_xact_id()"))
                tell(session, f"writer-{writer}", number)
                session.connection().execute(text("SELECT pg_sleep(:s)"), {"s": lots.random() / 200})

    writers = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        reader.read()
        done.wait(0.005)
    reader.read()
    assert len(reader.seen) == 360
    for n in range(6):
        mine = [seen for seen in reader.seen if seen.startswith(f"writer-{n}:")]
        assert mine == [f"writer-{n}:{number}" for number in range(60)]


def test_a_database_in_another_cluster_is_an_error_until_the_runbook_is_followed(
    embedded_world: World,
) -> None:
    world = embedded_world
    world.tell(20)
    with running(world.consumer()):
        world.await_effects(20)
        wait_until(lambda: world.lag() == 0, "all taken in")
    for database in (world.registry, world.dispatcher):  # as a dump of a busier cluster has it
        execute(database, "UPDATE outbox SET xid = '4000000000000'")
        elsewhere = "'4000000000000:4000000000000:'"
        execute(database, f"UPDATE cursor SET behind = {elsewhere}, ahead = {elsewhere}")
    world.tell(20, first=20)
    with pytest.raises(ClusterChanged, match="Into another cluster"), running(world.consumer()) as run:
        wait_until(lambda: bool(run.failures), "the error")
    [mend] = re.findall(r"```sql\n(.*?)```", RUNBOOK.read_text(), re.DOTALL)
    for database in (world.registry, world.dispatcher):
        execute(database, mend)
    tally = Tally()
    with running(world.consumer(observer=tally)):
        world.await_effects(40)
        world.assert_delivered()
    assert tally.counts == {"consumed": 20, "duplicate": 20}


def execute(database: Database, statements: str) -> None:
    with database.session() as session:
        for statement in filter(str.strip, statements.split(";")):
            session.connection().execute(text(statement))
