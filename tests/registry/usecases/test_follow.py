"""Requests follow what the other services tell, in whatever order it comes."""

import random
from datetime import UTC, date, datetime

import pytest

from services.registry.domain.status import Status
from services.registry.reactions import reactions
from services.registry.usecases.follow import Follower, RequestNotHere
from shared.events import (
    ArrivalConfirmed,
    Event,
    NoShowRecorded,
    ObjectionReason,
    Outcome,
    RequestPooled,
    RequestUnserved,
    Rider,
    TripCancelled,
    TripDeparted,
    TripPublished,
    WorkerBoarded,
    WorkerNotified,
)
from shared.events.catalogue import CONSUMED_BY
from shared.messaging import Cause, InRuns
from shared.metrics import Metrics
from tests.registry.conftest import Registry
from tests.registry.rosters import ENTERPRISE_ID, worker

AT = datetime(2020, 2, 24, 1, tzinfo=UTC)


def trip(trip_id: str, *riders: str, version: int = 1, round_id: str = "R1") -> TripPublished:
    return TripPublished(
        trip_id=trip_id,
        version=version,
        round_id=round_id,
        season="2020-spring",
        day=date(2020, 2, 24),
        county_code="522732",
        prefecture_code="441900",
        carrier_id="c",
        carrier_name="c",
        carrier_email=None,
        coach_type="C39",
        seats_approved=39,
        seats_max=19,
        drivers=2,
        distance_m=900_000,
        cost_fen=1,
        subsidy_fen=0,
        stops=(),
        riders=tuple(
            Rider(
                request_id=one,
                party_id=one,
                stop_code="s",
                enterprise_id=ENTERPRISE_ID,
                gate_id="g",
                correlation_id="upload",
            )
            for one in riders
        ),
    )


def cancelled(trip_id: str, *riders: str, version: int = 2) -> TripCancelled:
    return TripCancelled(trip_id=trip_id, version=version, request_ids=riders)


def notified(request_id: str, trip_id: str = "T-1") -> WorkerNotified:
    return WorkerNotified(request_id=request_id, trip_id=trip_id, version=1, channel="sms", at=AT)


def arrived(request_id: str, outcome: Outcome = Outcome.ARRIVED, version: int = 1) -> ArrivalConfirmed:
    return ArrivalConfirmed(
        trip_id="T-1",
        version=version,
        at=AT,
        request_id=request_id,
        enterprise_id=ENTERPRISE_ID,
        outcome=outcome,
    )


def unserved(request_id: str, round_id: str) -> RequestUnserved:
    return RequestUnserved(
        request_id=request_id,
        version=1,
        round_id=round_id,
        rule="seats",
        limit="1",
        figure="2",
        mend_zh="改",
        mend_en="x",
    )


class Ear:
    """Takes events in as the consumer would, each in a transaction of its own."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.metrics = Metrics("registry")
        self.reactions = reactions(Follower(registry.clock), self.metrics)

    def hear(self, *events: Event) -> None:
        for event in events:
            with self.registry.parts.database.session() as session:
                self.reactions[type(event)](session, event, Cause("c", "e"))

    def standing(self, request_id: str) -> tuple[str, str | None]:
        [(status, trip_id)] = self.registry.sql(
            "SELECT status, trip_id FROM travel_request WHERE id = :id", id=request_id
        )
        return status, trip_id

    def stale(self) -> float:
        total = 0.0
        for line in self.metrics.render().decode().splitlines():
            if line.startswith("zhida_events_stale_total{"):
                total += float(line.rsplit(" ", 1)[1])
        return total


@pytest.fixture
def ear(registry: Registry) -> Ear:
    return Ear(registry)


def test_the_registry_reacts_to_all_that_it_listens_to(ear: Ear) -> None:
    assert set(ear.reactions) == set(CONSUMED_BY["registry"])


def test_a_request_goes_from_pool_to_gate(ear: Ear) -> None:
    [one] = ear.registry.accept(worker(1))
    steps: list[tuple[Event, Status]] = [
        (RequestPooled(request_id=one, version=1, pool_id="522732-441900"), Status.SUBMITTED),
        (trip("T-1", one), Status.PLANNED),
        (notified(one), Status.NOTIFIED),
        (WorkerBoarded(trip_id="T-1", version=1, at=AT, request_id=one), Status.BOARDED),
        (TripDeparted(trip_id="T-1", version=1, at=AT, request_ids=(one,)), Status.BOARDED),
        (arrived(one), Status.ARRIVED),
    ]
    for event, status in steps:
        ear.hear(event)
        assert ear.standing(one)[0] == status
    shown = ear.registry.client().get(f"/api/requests/{one}").json()
    assert [fact["kind"] for fact in shown["history"]].count("seat") == 1
    assert len(shown["history"]) == 6


@pytest.mark.parametrize("seed", range(6))
def test_events_of_several_topics_may_come_in_any_order_and_twice(ear: Ear, seed: int) -> None:
    one, two = ear.registry.accept(worker(1), worker(2))
    by_topic: list[list[Event]] = [
        [trip("T-1", one, two), trip("T-1", one, version=2), cancelled("T-9", version=2)],
        [trip("T-2", two, round_id="R2")],
        [notified(one), notified(two)],
        [
            NoShowRecorded(trip_id="T-1", version=1, at=AT, request_id=one),
            WorkerBoarded(trip_id="T-1", version=2, at=AT, request_id=one),
            arrived(one, Outcome.DISPUTED),
            arrived(one, version=2),
        ],
    ]
    dice = random.Random(seed)
    told: list[Event] = []
    queues = [list(queue) for queue in by_topic]
    while any(queues):
        queue = dice.choice([queue for queue in queues if queue])
        told.append(queue.pop(0))
        if dice.random() < 0.3:
            told.append(dice.choice(told))
    ear.hear(*told)
    assert ear.standing(one) == ("arrived", "T-1"), f"seed {seed}"
    assert ear.standing(two) == ("planned", "T-2"), f"seed {seed}"


def test_a_cancelled_trip_gives_its_riders_back_but_not_those_of_another(ear: Ear) -> None:
    one, two = ear.registry.accept(worker(1), worker(2))
    ear.hear(trip("T-1", one, two), trip("T-2", two, round_id="R2"), cancelled("T-1", one, two))
    assert ear.standing(one) == ("submitted", None)
    assert ear.standing(two) == ("planned", "T-2")


def test_a_rider_who_is_taken_off_a_trip_waits_again(ear: Ear) -> None:
    one, two = ear.registry.accept(worker(1), worker(2))
    ear.hear(trip("T-1", one, two), trip("T-1", one, version=2))
    assert ear.standing(two) == ("submitted", None)


def test_an_older_version_changes_nothing_and_is_counted(ear: Ear) -> None:
    one, two = ear.registry.accept(worker(1), worker(2))
    ear.hear(trip("T-1", one, version=2), trip("T-1", one, two), arrived(one, version=3))
    ear.hear(arrived(one, Outcome.NO_SHOW, version=2))
    assert ear.standing(one) == ("arrived", "T-1")
    assert ear.standing(two) == ("submitted", None)
    assert ear.stale() == 2


def test_what_comes_in_one_run_counts_as_if_it_came_one_by_one(ear: Ear) -> None:
    one, two = ear.registry.accept(worker(1), worker(2))
    ear.hear(trip("T-1", one, two))
    run = [arrived(one, version=2), arrived(one, Outcome.DISPUTED, version=1), arrived(two, Outcome.REFUSED)]
    take = ear.reactions[ArrivalConfirmed]
    assert isinstance(take, InRuns)
    with ear.registry.parts.database.session() as session:
        take.take(session, [(event, Cause("c", "e")) for event in run])
    assert ear.standing(one)[0] == "arrived"
    assert ear.standing(two)[0] == "refused"
    assert ear.stale() == 1


def test_why_an_enterprise_refuses_stands_in_the_history_as_a_code_and_on_the_page_in_words(ear: Ear) -> None:
    [one] = ear.registry.accept(worker(1))
    refused = arrived(one, Outcome.REFUSED).model_copy(update={"reason": ObjectionReason.HEALTH})
    ear.hear(trip("T-1", one), refused)
    client = ear.registry.client()
    history = client.get(f"/api/requests/{one}").json()["history"]
    told = [fact["detail"] for fact in history if fact["kind"] == "arrival"]
    assert told == [{"reason": "health", "at": AT.isoformat()}]
    assert "健康检查未通过" in client.get(f"/requests/{one}", headers={"Accept": "text/html"}).text


def test_unserved_says_why_and_ends_with_a_seat(ear: Ear) -> None:
    [one] = ear.registry.accept(worker(1))
    ear.hear(unserved(one, "R1"))
    assert ear.standing(one) == ("unserved", None)
    history = ear.registry.client().get(f"/api/requests/{one}").json()["history"]
    assert history[0]["detail"]["rule"] == "seats"
    ear.hear(trip("T-1", one, round_id="R2"))
    assert ear.standing(one) == ("planned", "T-1")


def test_a_withdrawn_request_stays_withdrawn(ear: Ear) -> None:
    [one] = ear.registry.accept(worker(1))
    ear.registry.client().post(f"/api/requests/{one}/withdraw", json={})
    ear.hear(trip("T-1", one), notified(one))
    assert ear.standing(one)[0] == "withdrawn"


def test_who_is_on_the_coach_can_neither_be_amended_nor_withdrawn(ear: Ear) -> None:
    [one] = ear.registry.accept(worker(1))
    client = ear.registry.client()
    ear.hear(trip("T-1", one))
    amended = client.patch(f"/api/requests/{one}", json={"gate": "西门"})
    assert (amended.status_code, amended.json()["code"]) == (409, "not-amendable")
    ear.hear(WorkerBoarded(trip_id="T-1", version=1, at=AT, request_id=one))
    withdrawn = client.post(f"/api/requests/{one}/withdraw", json={})
    assert (withdrawn.status_code, withdrawn.json()["code"]) == (409, "not-withdrawable")
    assert ear.registry.told("RequestAmended") == []
    assert ear.registry.told("RequestWithdrawn") == []


def test_an_event_of_a_request_that_never_was_is_poison(ear: Ear) -> None:
    [one] = ear.registry.accept(worker(1))
    before = ear.registry.counts()
    with pytest.raises(RequestNotHere):
        ear.hear(notified("01ARZ3NDEKTSV4RRFFQ69G5FAV"))
    with pytest.raises(RequestNotHere):
        ear.hear(trip("T-1", one, "01ARZ3NDEKTSV4RRFFQ69G5FAV"))
    assert ear.registry.counts() == before
    assert ear.standing(one) == ("submitted", None)
