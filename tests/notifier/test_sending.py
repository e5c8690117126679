"""Each notice once: providers that are away, replies that are lost, processes that die in between."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError

from services.notifier.channels.port import Message, NotNow, Undeliverable
from services.notifier.domain.notice import Medium
from services.notifier.settings import NotifierSettings
from services.notifier.usecases import send_due
from services.notifier.usecases.send_due import HOLD
from shared.events import WorkerNotified
from shared.kernel.errors import Unavailable
from tests.notifier.world import (
    DAY,
    FACTORY,
    OTHER_FACTORY,
    PEOPLE,
    REQUESTS,
    TRIP,
    FakeChannel,
    World,
    published,
    registered,
)


def test_each_worker_is_sent_one_text_and_told_as_notified_once(world: World) -> None:
    world.tell(published())
    sent = world.send_all(Medium.SMS)
    assert len(sent.tries) == 6
    assert [event.channel for event in world.events(WorkerNotified)] == ["sms"] * 6
    assert world.send_all(Medium.SMS).tries == []


def test_the_event_that_a_worker_knows_comes_from_the_event_that_told_of_the_trip(world: World) -> None:
    world.tell(published())
    cause = world.notices(medium="sms")[0].cause_id
    world.send_all(Medium.SMS)
    assert world.scalar("SELECT count(*) FROM outbox WHERE causation_id = :id", id=cause) == 6


def test_a_provider_that_is_away_for_30_seconds_gets_each_text_once(world: World) -> None:
    world.tell(published())
    channel = FakeChannel()
    sender = world.sender(Medium.SMS, channel)
    began = world.clock.now()
    while world.notices(state="pending", medium="sms"):
        if world.clock.now() < began + timedelta(seconds=30):
            channel.before = [Unavailable()]
        sender.send_due()
        world.clock.advance(seconds=1)
    assert len(channel.effects) == 6
    assert len(world.events(WorkerNotified)) == 6
    assert len(channel.tries) < 6 + 30, "it backs off, and does not knock for each notice"
    assert world.clock.now() - began < timedelta(seconds=120)


def test_while_one_provider_is_away_the_other_channels_go_on(world: World) -> None:
    world.tell(registered(), published())
    away = FakeChannel()
    away.before = [Unavailable()]
    world.sender(Medium.SMS, away).send_due()
    assert len(world.send_all(Medium.EMAIL).effects) == 2
    assert len(world.notices(state="sent", medium="email")) == 2


def test_a_reply_that_is_lost_leads_to_a_second_try_with_the_same_key_and_one_effect(world: World) -> None:
    world.tell(published(riders=published().riders[:1]))
    channel = FakeChannel()
    channel.after = [Unavailable()]
    sender = world.sender(Medium.SMS, channel)
    sender.send_due()
    world.clock.advance(seconds=10)
    sender.send_due()
    first, second = channel.tries
    assert first == second
    assert len(channel.effects) == 1
    assert len(world.events(WorkerNotified)) == 1


class Killed(BaseException):
    """The process dies here."""


def test_a_crash_between_sending_and_marking_sends_again_and_tells_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.tell(published())
    channel = FakeChannel()
    sender = world.sender(Medium.SMS, channel)
    with monkeypatch.context() as patch:

        def die(*_: object) -> None:
            raise Killed

        patch.setattr(send_due.Sender, "_mark", die)
        with pytest.raises(Killed):
            sender.send_due()
    assert world.events(WorkerNotified) == []
    assert sender.send_due() == 0, "held by the sender that died"
    world.clock.advance(seconds=HOLD.total_seconds() + 1)
    assert sender.send_due() == 6
    assert len(channel.tries) == 12
    assert len(channel.effects) == 6
    assert len(world.events(WorkerNotified)) == 6


def test_two_senders_at_once_take_different_notices(world: World) -> None:
    world.tell(published())
    inner = FakeChannel()

    class Nested(FakeChannel):
        """While it sends, another sender looks for work."""

        def send(self, message: Message) -> None:
            super().send(message)
            if len(self.tries) == 1:
                world.sender(Medium.SMS, inner, batch=2).send_due()

    outer = Nested()
    world.sender(Medium.SMS, outer, batch=4).send_due()
    assert (len(outer.effects), len(inner.effects)) == (4, 2)
    assert set(outer.effects).isdisjoint(inner.effects)


def test_a_number_that_cannot_be_reached_fails_for_good_and_the_others_go_out(world: World) -> None:
    world.tell(published())
    channel = FakeChannel()
    channel.before = [Undeliverable(fault="empty number")]
    world.sender(Medium.SMS, channel).send_due()
    assert [notice.fault for notice in world.notices(state="failed", medium="sms")] == ["empty number"]
    assert len(world.events(WorkerNotified)) == 5


def test_while_the_registry_is_away_texts_wait_and_count_as_known_to_nobody(world: World) -> None:
    world.tell(published())
    world.directory.away = True
    channel = FakeChannel()
    sender = world.sender(Medium.SMS, channel)
    assert sender.send_due() == 0
    assert channel.tries == []
    assert {(notice.handed_over, notice.attempts) for notice in world.notices(medium="sms")} == {(False, 0)}
    world.directory.away = False
    assert sender.send_due() == 0, "it backs off"
    world.clock.advance(seconds=5)
    assert sender.send_due() == 6


def test_phones_are_asked_for_the_purpose_of_texting_and_only_when_it_is_due(world: World) -> None:
    world.tell(published())
    assert world.directory.asked == []
    world.send_all(Medium.SMS)
    [(ids, *why)] = world.directory.asked
    assert (set(ids), why) == (set(REQUESTS), ["sms", "notifier"])


def test_a_worker_whom_the_registry_has_erased_is_not_texted(world: World) -> None:
    unknown = published().riders[0].model_copy(update={"request_id": "01HERASED"})
    world.tell(published(riders=(unknown,)))
    assert world.send_all(Medium.SMS).tries == []
    assert world.notices(medium="sms")[0].fault == "no-contact"


def test_a_text_that_is_still_waiting_when_the_coach_has_left_is_not_sent(world: World) -> None:
    world.tell(published())
    world.clock.at = DAY + timedelta(hours=2)
    assert world.send_all(Medium.SMS).tries == []
    assert {notice.fault for notice in world.notices(medium="sms")} == {"too-late"}


def test_a_mail_waits_until_the_registry_has_told_of_the_enterprise(world: World) -> None:
    world.tell(published())
    sent = world.send_all(Medium.EMAIL)
    assert [message.to for message in sent.effects.values()] == ["dispatch@qiannan.example"]
    world.tell(registered())
    world.clock.advance(seconds=5)
    sent = world.send_all(Medium.EMAIL)
    assert [message.to for message in sent.effects.values()] == [f"hr@{FACTORY.lower()}.example"]


def test_a_mailbox_that_is_given_later_is_used_at_once(world: World) -> None:
    world.tell(registered(email=None), published())
    world.send_all(Medium.EMAIL)
    assert [notice.fault for notice in world.notices(state="failed")] == ["no-address"]
    world.tell(registered(version=2))
    assert len(world.send_all(Medium.EMAIL).effects) == 1


def test_a_carrier_s_mailbox_that_is_given_with_a_later_trip_is_used_for_the_earlier_one_too(
    world: World,
) -> None:
    world.tell(published(carrier_email=None))
    world.send_all(Medium.EMAIL)
    assert [notice.fault for notice in world.notices(state="failed")] == ["no-address"]
    world.tell(published(trip_id="T-522732-20200224-002"))
    sent = world.send_all(Medium.EMAIL).effects.values()
    assert sorted(message.subject[4:25] for message in sent) == [TRIP, "T-522732-20200224-002"]


def test_a_notice_sent_twice_carries_the_same_link(world: World) -> None:
    world.tell(published())
    channel = FakeChannel()
    channel.after = [Unavailable()]
    sender = world.sender(Medium.EMAIL, channel)
    sender.send_due()
    world.clock.advance(minutes=3)
    sender.send_due()
    bodies = {message.body for message in channel.tries if message.to.startswith("dispatch@")}
    assert len(bodies) == 1
    assert "/b/" in bodies.pop()


def test_a_slow_provider_does_not_outlast_the_hold(world: World) -> None:
    world.tell(published())

    class Slow(FakeChannel):
        def send(self, message: Message) -> None:
            super().send(message)
            world.clock.advance(seconds=8)

    channel = Slow()
    world.sender(Medium.SMS, channel).send_due()
    assert len(channel.effects) == 2, "16 s of the 30 s hold are used, the rest is left for another round"
    assert len(world.notices(state="sent", medium="sms")) == 2


def test_no_provider_may_be_given_as_long_as_a_notice_is_held(tmp_path: Path) -> None:
    known = {"database_url": "postgresql+psycopg://u@127.0.0.1/x", "signing_key_file": tmp_path / "key"}
    with pytest.raises(ValidationError, match="send_timeout_s"):
        NotifierSettings(**known, send_timeout_s=HOLD.total_seconds() / 2)


def test_the_spread_between_retries_follows_the_seed(world: World) -> None:
    world.tell(registered(), published())
    waits = []
    for _ in range(2):
        world.scalar("UPDATE notice SET next_at = created_at, attempts = 0, handed_over = false RETURNING 1")
        busy = FakeChannel()
        busy.before = [NotNow(fault="greylisted"), NotNow(fault="greylisted")]
        world.sender(Medium.EMAIL, busy).send_due()
        waits.append([notice.next_at for notice in world.notices(medium="email", handed_over=True)])
    assert waits[0] == waits[1]
    assert len(set(waits[0])) == 2


def test_what_had_no_turn_counts_as_not_tried_and_is_due_at_once(world: World) -> None:
    world.tell(published())
    away = FakeChannel()
    away.before = [Unavailable()]
    world.sender(Medium.SMS, away).send_due()
    tried, *others = sorted(world.notices(medium="sms"), key=lambda notice: -notice.attempts)
    assert (tried.attempts, tried.handed_over) == (1, True)
    assert tried.next_at > world.clock.now()
    assert {(one.attempts, one.handed_over, one.next_at) for one in others} == {(0, False, world.clock.now())}


def test_a_mailbox_that_is_full_holds_up_no_other(world: World) -> None:
    world.tell(registered(), registered(OTHER_FACTORY), published())
    channel = FakeChannel()
    channel.before = [NotNow(fault="452 mailbox full")]
    sender = world.sender(Medium.EMAIL, channel)
    assert sender.send_due() == 2
    world.tell(published(trip_id="T-522732-20200224-002"))
    assert sender.send_due() == 3


def test_an_error_that_nobody_foresaw_ends_the_sender_and_a_lost_database_does_not(world: World) -> None:

    world.tell(published())
    stop = threading.Event()

    class Broken(FakeChannel):
        def send(self, message: Message) -> None:
            raise RuntimeError("a fault of ours")

    with pytest.raises(RuntimeError, match="a fault of ours"):
        world.sender(Medium.SMS, Broken()).run(stop)

    class Lost(FakeChannel):
        def send(self, message: Message) -> None:
            stop.set()
            raise OperationalError("SELECT 1", {}, Exception("server closed the connection"))

    world.clock.advance(seconds=HOLD.total_seconds() + 1)
    world.sender(Medium.SMS, Lost()).run(stop)


def test_a_channel_that_reaches_nobody_says_so_when_it_begins(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    over = threading.Event()
    over.set()
    world.sender(Medium.SMS, FakeChannel()).run(over)
    assert caplog.text == ""
    world.sender(Medium.SMS, FakeChannel(), reaches_nobody=True).run(over)
    assert "writes sms to this log alone: they reach nobody" in caplog.text


def test_texts_hold_no_name(world: World) -> None:
    world.tell(published())
    sent = world.send_all(Medium.SMS)
    assert not any(person.name in message.body for message in sent.tries for person in PEOPLE.values())
