"""Telling an event: with the state or not at all, under an id that doing it again does not change."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from shared.kernel.clock import FixedClock, SystemClock
from shared.messaging import Cause, emit, emit_all
from shared.messaging.envelope import VALUE_BYTES_MAX, EventTooLarge
from shared.messaging.listening import Listener, wait_for_news
from shared.messaging.outbox import EventIdTaken
from shared.messaging.unpublished import (
    list_unpublished,
    mark_published,
    read_backlog,
    republish,
)
from tests.shared.messaging.world import World, withdrawn

BECAUSE = Cause(correlation_id="chain", event_id="parent")
CLOCK = FixedClock(datetime(2020, 2, 24, 8, tzinfo=UTC))


def count(world: World) -> int:
    with world.registry.session() as session:
        return len(list_unpublished(session.connection(), 1000))


def test_an_event_of_a_transaction_that_is_rolled_back_was_never_told(embedded_world: World) -> None:
    def tell_and_fail() -> None:
        with embedded_world.registry.session() as session:
            emit(session, withdrawn("a", 1), source="registry", cause=BECAUSE, clock=CLOCK)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        tell_and_fail()
    assert count(embedded_world) == 0


def test_a_step_done_again_tells_the_same_event_once(embedded_world: World) -> None:
    ids = []
    for _ in range(2):
        with embedded_world.registry.session() as session:
            ids.append(emit(session, withdrawn("a", 1), source="registry", cause=BECAUSE, clock=CLOCK))
    assert ids[0] == ids[1]
    assert count(embedded_world) == 1


def test_two_steps_of_one_cause_have_two_ids(embedded_world: World) -> None:
    with embedded_world.registry.session() as session:
        ids = {
            emit(session, withdrawn("a", n), source="registry", cause=BECAUSE, clock=CLOCK, step=str(n))
            for n in range(3)
        }
    assert len(ids) == count(embedded_world) == 3


@pytest.mark.parametrize("together", [True, False])
def test_a_different_event_under_a_taken_id_is_an_error_that_asks_for_a_step(
    embedded_world: World, together: bool
) -> None:
    events = [withdrawn("a", 1, "ill"), withdrawn("a", 1, "other work")]

    def tell() -> None:
        with embedded_world.registry.session() as session:
            for batch in [events] if together else [[event] for event in events]:
                emit_all(session, batch, source="registry", cause=BECAUSE, clock=CLOCK)

    with pytest.raises(EventIdTaken, match="Give `step`"):
        tell()


def test_a_cause_that_is_no_event_gives_fresh_ids(embedded_world: World) -> None:
    with embedded_world.registry.session() as session:
        events = [withdrawn("a", 1)] * 3
        ids = emit_all(session, events, source="registry", cause=Cause.fresh(), clock=CLOCK)
    assert len(set(ids)) == 3


def test_many_events_are_told_in_the_order_given(embedded_world: World) -> None:
    events = [withdrawn(f"key-{n * 7 % 100}", n) for n in range(500)]
    with embedded_world.registry.session() as session:
        ids = emit_all(session, events, source="registry", cause=Cause.fresh(), clock=SystemClock())
    with embedded_world.registry.session() as session:
        stored = session.connection().execute(text("SELECT event_id FROM outbox ORDER BY seq")).scalars()
        assert list(stored) == ids


def test_no_events_are_no_error(embedded_world: World) -> None:
    with embedded_world.registry.session() as session:
        assert emit_all(session, [], source="registry", cause=BECAUSE, clock=CLOCK) == []


def test_an_event_that_no_consumer_would_accept_is_refused_when_it_is_told(embedded_world: World) -> None:
    vast = withdrawn("a", 1, "x" * VALUE_BYTES_MAX)
    with pytest.raises(EventTooLarge, match="Split it"), embedded_world.registry.session() as session:
        emit(session, vast, source="registry", cause=BECAUSE, clock=CLOCK)


def test_listeners_hear_of_an_event_when_it_is_committed_and_not_before(embedded_world: World) -> None:
    listener = Listener(embedded_world.registry)
    with embedded_world.registry.session() as session:
        emit(session, withdrawn("a", 1), source="registry", cause=BECAUSE, clock=CLOCK)
        assert not listener.has_heard()
    assert wait_for_news([listener], 10)
    assert not listener.has_heard()
    listener.close()


def test_the_backlog_is_what_has_no_mark_and_the_age_of_its_oldest(embedded_world: World) -> None:
    embedded_world.tell(30)
    with embedded_world.registry.session() as session:
        session.connection().execute(text("UPDATE outbox SET written_at = written_at - interval '90 s'"))
        backlog = read_backlog(session.connection())
        assert backlog.unpublished == 30
        assert 90 <= backlog.age_s < 120
        mark_published(
            session.connection(), [message.offset for message in list_unpublished(session.connection(), 100)]
        )
        assert read_backlog(session.connection()).unpublished == 0
        assert read_backlog(session.connection()).age_s == 0


def test_what_was_published_can_be_published_again_from_a_sequence_or_a_time(embedded_world: World) -> None:
    embedded_world.tell(30)
    with embedded_world.registry.session() as session:
        seqs = [message.offset for message in list_unpublished(session.connection(), 100)]
        mark_published(session.connection(), seqs)
        assert republish(session.connection(), from_seq=seqs[20]) == 10
        mark_published(session.connection(), seqs)
        now = session.connection().execute(text("SELECT now()")).scalar_one()
        assert republish(session.connection(), since=now) == 0
        session.connection().execute(
            text("UPDATE outbox SET written_at = now() - interval '1 hour' WHERE seq <= :seq"),
            {"seq": seqs[24]},
        )
        assert republish(session.connection(), since=now.replace(year=now.year - 1)) == 30
