"""A reaction may take in together what follows one another, and nothing else about delivery changes; on both buses."""

from collections.abc import Sequence

from sqlmodel import Session

from shared.events import Event
from shared.messaging import Cause, InRuns, InvalidMessage
from tests.shared.messaging.world import Tally, World, running, write_down


class BadOne(InvalidMessage):
    """{key} is not for us."""

    zh = "{key} 不归我们处理。"


def test_events_that_follow_one_another_are_taken_in_together_in_their_order_and_once(world: World) -> None:
    sizes = []

    def take(session: Session, run: Sequence[tuple[Event, Cause]]) -> None:
        sizes.append(len(run))
        for event, cause in run:
            write_down(session, event, cause)

    world.tell(1200, keys=7)
    with running(world.consumer(InRuns(take)), *world.relays()):
        world.await_effects(1200)
        world.assert_delivered()
    assert max(sizes) > 100


def test_an_invalid_event_of_a_run_is_put_aside_alone(world: World) -> None:
    def take(session: Session, run: Sequence[tuple[Event, Cause]]) -> None:
        for event, cause in run:
            if event.version == 3:
                raise BadOne(key=event.key)
            write_down(session, event, cause)

    tally = Tally()
    world.tell(20, keys=2)
    with running(
        world.consumer(InRuns(take), observer=tally), *world.relays(world.registry, world.dispatcher)
    ):
        world.await_effects(18)
    assert tally.counts["bad-one"] == 2
    assert tally.counts["consumed"] == 18
    assert len(set(world.effects())) == len(world.effects()) == 18
