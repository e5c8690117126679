"""A message that cannot be used is put aside whole, with its cause, and what follows it goes on; on both buses."""

import json
from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlmodel import Session

from shared.database import Database
from shared.events import Event, RequestWithdrawn
from shared.messaging import Cause, InvalidMessage, deadletters
from shared.messaging.envelope import VALUE_BYTES_MAX
from shared.messaging.message import Message
from shared.messaging.poison import DEAD_LETTER_TOPIC
from shared.messaging.poison_limit import OF_LAST, POISON_MAX, TooMuchPoison
from tests.shared.messaging.world import (
    TOPIC,
    NoInbox,
    Tally,
    World,
    running,
    write_down,
)
from tests.waiting import wait_until

GOOD = b'{"version":1,"request_id":"key-0","reason":"test"}'
TYPE = RequestWithdrawn.type_name()


class Incomprehensible(InvalidMessage):
    """The trip of {key} was never told."""

    zh = "{key} 的车次从未发布。"


def message(
    value: bytes | None = GOOD, event_id: bytes | None = b"poison-1", type_name: bytes = TYPE.encode()
) -> Message:
    headers = [("ce_type", type_name), ("ce_correlationid", b"chain-1"), ("odd", b"\xff\x00\xfe")]
    if event_id is not None:
        headers.append(("ce_id", event_id))
    return Message(TOPIC, "", 0, b"key-0", value, tuple(headers))


POISON: dict[str, tuple[str, Message]] = {
    "not JSON": ("not-json", message(b"{request_id: 1")),
    "not UTF-8": ("not-json", message(b'{"reason":"\xff\xfe"}')),
    "unknown type": ("unknown-type", message(type_name=b"zhida.BusCaughtFire.v1")),
    "no type": ("unknown-type", message(type_name=b"")),
    "unknown version": ("unknown-version", message(type_name=b"zhida.RequestWithdrawn.v99")),
    "no id": ("no-id", message(event_id=None)),
    "an id that no column holds": ("no-id", message(event_id=b"a\x00b")),
    "an endless id": ("no-id", message(event_id=b"i" * 5000)),
    "1.5 MB": ("message-too-large", message(json.dumps({"reason": "x" * 1_500_000}).encode())),
    "null": ("null-value", message(None)),
    "a field too many": ("data-invalid", message(GOOD[:-1] + b',"name":"x"}')),
    "a text with U+0000": ("data-invalid", message(GOOD.replace(b"test", rb"te\u0000st"))),
}


@pytest.mark.parametrize("kind", POISON)
def test_poison_goes_to_the_dead_letters_whole_and_its_partition_goes_on(world: World, kind: str) -> None:
    cause, poison = POISON[kind]
    tally = Tally()
    with running(world.consumer(observer=tally), *world.relays(world.registry, world.dispatcher)):
        world.tell(20, keys=1)
        world.put([poison])
        world.tell(20, keys=1, first=20)
        world.await_effects(40)
        world.assert_delivered()
        told = read_dead_letter_topic(world)
    [letter] = list_letters(world)
    assert (letter.cause, letter.consumer, letter.correlation_id) == (cause, "dispatcher", "chain-1")
    kept = letter.message
    assert (kept.topic, kept.key, kept.value, kept.headers) == (
        TOPIC,
        poison.key,
        poison.value,
        poison.headers,
    )
    assert tally.counts[cause] == 1
    assert (told.key, told.value) == (poison.key, poison.value)
    assert told.headers[: len(poison.headers)] == poison.headers
    assert told.header("zhida_cause") == cause
    where = (told.header("zhida_topic"), told.header("zhida_partition"), told.header("zhida_offset"))
    assert where == (kept.topic, kept.partition, str(kept.offset))


def read_dead_letter_topic(world: World) -> Message:
    """What an auditor who reads the topic finds."""
    auditor = Database(world.urls["registry"])
    subscription = world.bus.subscribe("auditor", auditor, [DEAD_LETTER_TOPIC])
    found: list[Message] = []

    def read() -> bool:
        found.extend(subscription.poll(1.0))
        return bool(found)

    wait_until(read, "the dead letter on its topic")
    subscription.close()
    auditor.dispose()
    [only] = found
    return only


def list_letters(world: World) -> list[deadletters.DeadLetter]:
    with world.dispatcher.session() as session:
        return deadletters.list_open(session)


def refuse(numbers: set[int]) -> Callable[[Session, Event, Cause], None]:
    """A reaction that cannot use some events."""

    def react(session: Session, event: Event, cause: Cause) -> None:
        write_down(session, event, cause)
        if event.version in numbers:
            raise Incomprehensible(key=event.key)

    return react


def test_an_event_that_a_reaction_refuses_leaves_no_effect_and_can_be_replayed_once(world: World) -> None:
    with running(world.consumer(refuse({3, 7})), *world.relays()):
        world.tell(100, keys=1)
        world.await_effects(98)
        wait_until(lambda: world.lag() == 0, "lag 0")
    letters = list_letters(world)
    assert [letter.cause for letter in letters] == ["incomprehensible"] * 2
    assert "key-0" in letters[0].detail
    identities = [letter.id for letter in letters]

    still = deadletters.replay(world.dispatcher, {RequestWithdrawn: refuse({3, 7})}, identities)
    assert set(still.refused) == set(identities)
    assert len(list_letters(world)) == 2
    assert world.count_effects() == 98

    done = deadletters.replay(world.dispatcher, {RequestWithdrawn: write_down}, identities)
    assert done.done == identities
    assert list_letters(world) == []
    assert sorted(world.effects()) == sorted(world.told)

    again = deadletters.replay(world.dispatcher, {RequestWithdrawn: write_down}, identities)
    assert again.duplicates == identities
    assert sorted(world.effects()) == sorted(world.told)


def test_without_the_inbox_a_second_replay_takes_effect_again(embedded_world: World) -> None:
    with running(embedded_world.consumer(refuse({3}))):
        embedded_world.tell(10, keys=1)
        embedded_world.await_effects(9)
        wait_until(lambda: embedded_world.lag() == 0, "lag 0")
    [letter] = list_letters(embedded_world)
    for _ in range(2):
        deadletters.replay(
            embedded_world.dispatcher, {RequestWithdrawn: write_down}, [letter.id], guard=NoInbox()
        )
    assert embedded_world.count_effects() == 11


def test_poison_that_is_delivered_again_is_one_dead_letter(world: World) -> None:
    poison = message(b"not json")
    with running(world.consumer(), *world.relays()):
        world.put([poison, message(b"not json either", event_id=None), poison])
        world.tell(10)
        world.await_effects(10)
        wait_until(lambda: world.lag() == 0, "lag 0")
    assert len(list_letters(world)) == 2


def test_an_unknown_dead_letter_is_named(embedded_world: World) -> None:
    with pytest.raises(deadletters.NoSuchDeadLetter, match="no dead letter nonsense"):
        deadletters.replay(embedded_world.dispatcher, {}, ["nonsense"])


def test_open_dead_letters_are_counted_by_topic(embedded_world: World) -> None:
    with running(embedded_world.consumer(refuse({0, 1, 2}))):
        embedded_world.tell(5, keys=1)
        embedded_world.await_effects(2)
        wait_until(lambda: embedded_world.lag() == 0, "lag 0")
    with embedded_world.dispatcher.session() as session:
        assert deadletters.count_open(session) == {TOPIC: 3}


def test_a_bad_release_stops_at_the_limit_also_after_a_restart_and_a_good_one_goes_on(world: World) -> None:
    bad = refuse(set(range(40, 1000)))
    with running(*world.relays()):
        world.tell(200, keys=1)
        for _ in range(2):
            with pytest.raises(TooMuchPoison, match="incomprehensible"), running(world.consumer(bad)) as run:
                wait_until(lambda: bool(run.failures), "the limit")
            assert len(list_letters(world)) == POISON_MAX
            assert world.count_effects() == 40
            age(
                world, "1 day"
            )  # a release that is started again and again gains nothing by the time that goes by
        with running(world.consumer()):
            wait_until(lambda: world.lag() == 0, "lag 0")
    identities = [letter.id for letter in list_letters(world)]
    replayed = deadletters.replay(world.dispatcher, {RequestWithdrawn: write_down}, identities)
    # Kafka's offsets stay behind the dead letters when the consumer ends, as far as it had not written them down by then: what
    # lies beyond them the good release has seen again, and the rest is done now.
    assert len(replayed.duplicates) + len(replayed.done) == POISON_MAX
    assert world.on_kafka or not replayed.duplicates
    assert sorted(world.effects()) == sorted(world.told)


def test_old_dead_letters_do_not_stop_who_has_had_much_of_use_since(embedded_world: World) -> None:
    with running(embedded_world.consumer(refuse(set(range(POISON_MAX))))):
        embedded_world.tell(POISON_MAX, keys=1)
        wait_until(lambda: len(list_letters(embedded_world)) == POISON_MAX, "the dead letters")
        embedded_world.tell(OF_LAST, keys=1, first=POISON_MAX)
        embedded_world.await_effects(OF_LAST)
    age(embedded_world, "1 day")
    poison = POISON_MAX + OF_LAST
    with running(embedded_world.consumer(refuse({poison}))):
        embedded_world.tell(2, keys=1, first=poison)
        embedded_world.await_effects(OF_LAST + 1)
    assert len(list_letters(embedded_world)) == POISON_MAX + 1


def age(world: World, by: str) -> None:
    """Let what the dispatcher took in, and what it could not, lie that much longer ago."""
    with world.dispatcher.session() as session:
        for table in ("inbox", "dead_letter"):
            session.connection().execute(
                text(f"UPDATE {table} SET at = at - CAST(:by AS interval)"), {"by": by}
            )


def test_poison_stays_where_it_is_while_dead_letters_cannot_be_written(world: World) -> None:
    with world.dispatcher.session() as session:
        session.connection().execute(text("ALTER TABLE dead_letter RENAME TO away"))
    try:
        with running(*world.relays()):
            world.tell(5, keys=1)
            world.put([message(b"not json")])
            with pytest.raises(Exception, match="dead_letter"), running(world.consumer()) as run:
                wait_until(lambda: bool(run.failures), "the error")
    finally:
        with world.dispatcher.session() as session:
            session.connection().execute(text("ALTER TABLE away RENAME TO dead_letter"))
    with running(world.consumer(), *world.relays()):
        world.tell(5, keys=1, first=5)
        world.await_effects(10)
        world.assert_delivered()
    assert [letter.cause for letter in list_letters(world)] == ["not-json"]


def test_an_event_as_large_as_may_be_told_is_accepted(world: World) -> None:
    room = VALUE_BYTES_MAX - len(GOOD)
    with running(world.consumer(), *world.relays()):
        world.put([message(GOOD.replace(b"test", b"test" + b"x" * room))])
        world.await_effects(1)
    assert list_letters(world) == []
