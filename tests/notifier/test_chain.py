"""From a published trip to a confirmed arrival, through the use cases alone."""

from datetime import timedelta

from services.notifier.domain.boarding import Presence
from services.notifier.domain.handover import Answer
from services.notifier.domain.notice import Medium
from services.notifier.usecases.mark_boarding import Mark, mark_boarding, report_departure
from shared.events import (
    ArrivalConfirmed,
    NoShowRecorded,
    Outcome,
    TripDeparted,
    WorkerBoarded,
    WorkerNotified,
)
from shared.messaging import Cause
from tests.notifier.world import (
    CARRIER,
    DAY,
    FACTORY,
    PEOPLE,
    REQUESTS,
    TRIP,
    World,
    published,
    registered,
    riders,
)


def test_a_published_trip_ends_in_confirmed_arrivals(world: World) -> None:
    world.tell(registered(), published())
    sent = world.send_all(Medium.SMS)
    assert {message.to for message in sent.effects.values()} == {person.phone for person in PEOPLE.values()}
    notified = world.events(WorkerNotified)
    assert {event.request_id for event in notified} == set(REQUESTS)

    world.clock.at = DAY + timedelta(hours=1)
    cause = Cause.fresh()
    marks = [Mark(request_id, Presence.BOARDED, world.clock.now()) for request_id in REQUESTS[:3]]
    marks.append(Mark(REQUESTS[3], Presence.NO_SHOW, world.clock.now()))
    with world.session() as session:
        assert mark_boarding(session, TRIP, CARRIER, marks, cause, world.clock) == 4
        assert report_departure(session, TRIP, CARRIER, world.clock.now(), cause, world.clock)
    assert [event.request_id for event in world.events(WorkerBoarded)] == list(REQUESTS[:3])
    assert [event.request_id for event in world.events(NoShowRecorded)] == [REQUESTS[3]]
    assert set(world.events(TripDeparted)[0].request_ids) == set(REQUESTS[:3])

    world.clock.at = DAY + timedelta(hours=24)
    answers = [Answer(request_id, Outcome.ARRIVED) for request_id in REQUESTS[:3]]
    with world.session() as session:
        assert world.confirmer.confirm(session, TRIP, FACTORY, answers, cause) == 3
    confirmed = world.events(ArrivalConfirmed)
    assert [event.request_id for event in confirmed] == list(REQUESTS[:3])
    assert {event.outcome for event in confirmed} == {Outcome.ARRIVED}


def test_what_is_told_of_a_worker_goes_on_with_the_chain_of_that_workers_upload(world: World) -> None:
    mixed = [rider.model_copy(update={"correlation_id": "one-more"}) for rider in riders(REQUESTS[:1])]
    world.tell(registered(), published(riders=(*mixed, *riders(REQUESTS[1:]))))
    world.send_all(Medium.SMS)
    world.clock.at = DAY + timedelta(hours=1)
    marks = [Mark(one, Presence.BOARDED, world.clock.now()) for one in REQUESTS[:3]]
    marks.append(Mark(REQUESTS[3], Presence.NO_SHOW, world.clock.now()))
    with world.session() as session:
        mark_boarding(session, TRIP, CARRIER, marks, Cause("the-escorts"), world.clock)
        report_departure(session, TRIP, CARRIER, world.clock.now(), Cause("the-escorts"), world.clock)
    world.clock.at = DAY + timedelta(hours=24)
    answers = [Answer(one, Outcome.ARRIVED) for one in REQUESTS[:3]]
    with world.session() as session:
        world.confirmer.confirm(session, TRIP, FACTORY, answers, Cause("the-enterprises"))
    uploads = dict(zip(REQUESTS, ("one-more", *("upload-1", "upload-0") * 2, "upload-1"), strict=True))
    assert world.chains(WorkerNotified) == uploads
    assert world.chains(WorkerBoarded) == {one: uploads[one] for one in REQUESTS[:3]}
    assert world.chains(NoShowRecorded) == {REQUESTS[3]: uploads[REQUESTS[3]]}
    assert world.chains(ArrivalConfirmed) == {one: uploads[one] for one in REQUESTS[:3]}
    assert world.chains(TripDeparted) == {TRIP: "upload-1"}, "the one that most came by"
