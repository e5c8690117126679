"""What the notifier does with what it hears, on a real database: order, repetition, cancellation, withdrawal."""

import threading
from datetime import timedelta

import pytest

from services.notifier.domain.notice import Medium
from services.notifier.usecases.tell_trip import Teller
from shared.events import RequestWithdrawn, TripCancelled, WorkerNotified
from shared.messaging import Cause, InvalidMessage
from tests.notifier.world import (
    DAY,
    FACTORY,
    OTHER_CARRIER,
    OTHER_FACTORY,
    REQUESTS,
    TRIP,
    World,
    published,
    registered,
    riders,
    stops,
)


def withdrawn(request_id: str) -> RequestWithdrawn:
    return RequestWithdrawn(request_id=request_id, version=2, reason="本人放弃")


def cancelled(version: int = 2) -> TripCancelled:
    return TripCancelled(trip_id=TRIP, version=version, request_ids=REQUESTS)


def test_a_trip_and_its_notices_are_stored_together_before_anything_is_sent(world: World) -> None:
    world.tell(published())
    assert {notice.state for notice in world.notices()} == {"pending"}
    assert len(world.notices(audience="worker", medium="sms")) == 6
    assert len(world.notices(audience="enterprise", medium="email")) == 2
    assert len(world.notices(audience="carrier", medium="email")) == 1
    assert world.events() == []


def test_a_transaction_that_fails_leaves_neither_trip_nor_notice(world: World) -> None:
    def publish_and_fail() -> None:
        with world.session() as session:
            world.teller.publish(session, published(), Cause.fresh())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        publish_and_fail()
    assert world.notices() == []
    assert world.scalar("SELECT count(*) FROM trip") == 0


def test_the_same_publication_heard_again_tells_nobody_anything(world: World) -> None:
    assert world.tell(published(), published()) == [True, False]
    assert len(world.notices()) == 9


def test_an_older_version_that_comes_late_is_counted_and_ignored(world: World) -> None:
    late = published(version=1, stops=stops(timedelta(hours=3)))
    assert world.tell(published(version=2), late) == [True, False]
    assert "08:30" in world.notices(recipient_ref=REQUESTS[0])[0].body


def test_a_new_version_in_which_nothing_changed_for_people_tells_nobody(world: World) -> None:
    world.tell(published())
    world.send_all(Medium.SMS)
    assert world.tell(published(version=2, cost_fen=1)) == [True]
    assert len(world.notices()) == 9


def test_a_later_departure_is_told_as_a_change_and_the_unsent_hour_never_goes_out(world: World) -> None:
    world.tell(published())
    world.send_all(Medium.SMS)
    world.clock.advance(minutes=1)
    world.tell(published(version=2, stops=stops(timedelta(hours=1))))
    world.clock.advance(minutes=1)
    world.tell(published(version=3, stops=stops(timedelta(hours=2))))
    first, unsent, last = world.notices(recipient_ref=REQUESTS[0])
    assert (first.state, unsent.state, last.state) == ("sent", "superseded", "pending")
    assert (last.kind, last.latest) == ("changed", True)
    sent = world.send_all(Medium.SMS)
    assert all("10:30" in message.body or "11:15" in message.body for message in sent.effects.values())


def test_a_cancelled_trip_is_told_to_those_who_knew_and_to_nobody_else(world: World) -> None:
    world.tell(registered(), published())
    world.send_all(Medium.SMS)
    world.tell(cancelled())
    assert {notice.kind for notice in world.notices(state="pending")} == {"cancelled"}
    assert {notice.audience for notice in world.notices(state="pending")} == {"worker"}
    sent = world.send_all(Medium.SMS)
    assert all("已取消" in message.body for message in sent.effects.values())


def test_who_knows_the_first_hour_hears_of_the_cancellation_though_the_change_never_went_out(
    world: World,
) -> None:
    world.tell(published())
    world.send_all(Medium.SMS)
    world.tell(published(version=2, stops=stops(timedelta(hours=1))), cancelled(version=3))
    assert {notice.kind for notice in world.notices(state="pending", audience="worker")} == {"cancelled"}
    assert len(world.send_all(Medium.SMS).effects) == 6


def test_being_told_of_a_cancellation_is_not_being_notified_of_a_trip(world: World) -> None:
    world.tell(published())
    world.send_all(Medium.SMS)
    world.tell(cancelled())
    world.send_all(Medium.SMS)
    assert len(world.events(WorkerNotified)) == 6


def test_a_publication_that_comes_after_its_own_cancellation_is_ignored(world: World) -> None:
    assert world.tell(cancelled(version=2), published(version=1)) == [True, False]
    assert world.notices() == []


def test_a_withdrawn_request_is_taken_off_and_worker_and_enterprise_are_told(world: World) -> None:
    world.tell(registered(), published())
    world.send_all(Medium.SMS)
    world.send_all(Medium.EMAIL)
    world.tell(withdrawn(REQUESTS[0]))
    pending = {
        (notice.audience, notice.recipient_ref, notice.kind) for notice in world.notices(state="pending")
    }
    assert ("worker", REQUESTS[0], "cancelled") in pending
    assert ("enterprise", FACTORY, "changed") in pending
    assert ("enterprise", OTHER_FACTORY, "changed") not in pending
    assert {ref for audience, ref, _ in pending if audience == "worker"} == {REQUESTS[0]}


def test_a_withdrawal_heard_before_the_trip_keeps_its_worker_off(world: World) -> None:
    world.tell(withdrawn(REQUESTS[0]), published(), published(version=2, stops=stops(timedelta(hours=1))))
    assert world.notices(recipient_ref=REQUESTS[0]) == []


def test_a_withdrawal_after_the_departure_changes_nothing(world: World) -> None:
    world.tell(published())
    world.scalar("UPDATE trip SET state = 'departed', departed_at = departs_at RETURNING 1")
    world.tell(withdrawn(REQUESTS[0]))
    assert world.scalar("SELECT count(*) FROM rider WHERE riding") == 6


def test_a_carrier_that_loses_the_trip_is_told_at_its_own_mailbox(world: World) -> None:
    world.tell(published())
    world.send_all(Medium.EMAIL)
    world.tell(
        published(
            version=2, carrier_id=OTHER_CARRIER, carrier_name="都匀客运", carrier_email="duyun@example.org"
        )
    )
    sent = world.send_all(Medium.EMAIL)
    subjects = {message.to: message.subject for message in sent.effects.values()}
    assert subjects["dispatch@qiannan.example"].startswith("用车取消")
    assert subjects["duyun@example.org"].startswith("用车单 ")


def test_a_trip_that_contradicts_itself_is_an_invalid_message(world: World) -> None:
    lost = riders()[0].model_copy(update={"stop_code": "nowhere"})
    with pytest.raises(InvalidMessage, match="no stop on its way"):
        world.tell(published(riders=(lost,)))
    with pytest.raises(InvalidMessage, match="at least one pickup"):
        world.tell(published(stops=stops()[2:]))


def test_two_consumers_that_hear_of_the_same_trip_at_once_tell_it_once(world: World) -> None:
    together, failures = threading.Barrier(2), []

    def hear(version: int) -> None:
        teller = Teller(world.clock, timedelta(days=7))
        together.wait()
        try:
            with world.session() as session:
                later = published(version=version, stops=stops(timedelta(hours=1)))
                teller.publish(session, later, Cause.fresh())
        except Exception as error:  # noqa: BLE001 - shown below
            failures.append(error)

    world.tell(published(version=1))
    threads = [threading.Thread(target=hear, args=(version,)) for version in (2, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(world.notices(state="superseded")) == 9
    assert len(world.notices(state="pending")) == 9


def test_an_older_enterprise_does_not_replace_a_newer_one(world: World) -> None:
    world.tell(registered(version=2, email="new@example.org"), registered(version=1, email="old@example.org"))
    assert world.scalar("SELECT email FROM organisation WHERE ref = :ref", ref=FACTORY) == "new@example.org"


def test_the_day_of_the_trip_is_kept(world: World) -> None:
    world.tell(published())
    assert world.scalar("SELECT departs_at FROM trip") == DAY + timedelta(hours=1.25)
