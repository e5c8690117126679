"""Two transactions at the same round, trip or request: the second one goes by what the first has made of it."""

from collections.abc import Callable

import pytest

from services.dispatcher.domain.round import RoundNotReady
from services.dispatcher.domain.trip import TripNotReady
from services.dispatcher.store.demand import find_demand
from services.dispatcher.store.rounds import get_round
from services.dispatcher.store.tables import TripRow
from services.dispatcher.store.trips import get_trip
from services.dispatcher.usecases.amend_trip import cancel_trip
from services.dispatcher.usecases.decide_round import approve_round, reject_round
from services.dispatcher.usecases.record_handover import record_arrival, record_departure
from services.dispatcher.usecases.take_demand import take_request, withdraw_request
from shared.events import (
    Outcome,
    RequestAmended,
    RequestWithdrawn,
    TripCancelled,
    TripDeparted,
    TripPublished,
)
from shared.messaging import Cause
from tests.dispatcher.dispatch import PROVINCE, SANDU_STOPS, Dispatch, submitted
from tests.racing import run_into

WITHDRAWN = RequestWithdrawn(request_id="R0001", version=2, reason="worker-asked")
AMENDED = RequestAmended.model_validate(
    submitted(1).model_dump() | {"version": 2, "stop_code": SANDU_STOPS[0]}
)
Change = Callable[..., bool]


@pytest.fixture
def trip(dispatch: Dispatch) -> TripRow:
    """An approved coach of two."""
    dispatch.tell(submitted(1), submitted(2))
    dispatch.approve(dispatch.propose())
    return dispatch.trips()[0]


def approve(dispatch: Dispatch, round_id: str) -> None:
    """As a page does it: it looks at the caller's round, and decides on it in the same transaction."""
    with dispatch.database.session() as session:
        seen = get_round(session, round_id, PROVINCE)
        approve_round(session, seen.round_id, "second", Cause.fresh(), dispatch.clock)


def reject(dispatch: Dispatch, round_id: str) -> None:
    with dispatch.database.session() as session:
        seen = get_round(session, round_id, PROVINCE)
        reject_round(session, seen.round_id, "second", None, dispatch.clock)


def cancel(dispatch: Dispatch, trip_id: str) -> None:
    with dispatch.database.session() as session:
        seen = get_trip(session, trip_id, PROVINCE)
        cancel_trip(session, seen.trip_id, "second", Cause.fresh(), dispatch.clock)


def test_who_rejects_while_another_approves_is_refused_and_the_trips_run(dispatch: Dispatch) -> None:
    dispatch.tell(submitted(1))
    round_id = dispatch.propose()
    with dispatch.database.session() as session:
        approve_round(session, round_id, "first", Cause.fresh(), dispatch.clock)
        late = run_into(dispatch.database, lambda: reject(dispatch, round_id))
    with pytest.raises(RoundNotReady, match="is approved"):
        late.result()
    assert [trip.state for trip in dispatch.trips()] == ["approved"]


def test_who_approves_while_another_rejects_is_refused_and_nothing_is_told(dispatch: Dispatch) -> None:
    dispatch.tell(submitted(1))
    round_id = dispatch.propose()
    with dispatch.database.session() as session:
        reject_round(session, round_id, "first", None, dispatch.clock)
        late = run_into(dispatch.database, lambda: approve(dispatch, round_id))
    with pytest.raises(RoundNotReady, match="is rejected"):
        late.result()
    assert dispatch.told(TripPublished) == []


def test_a_coach_that_leaves_while_it_is_cancelled_has_left(dispatch: Dispatch, trip: TripRow) -> None:
    reserved = dispatch.balances()
    left = TripDeparted(trip_id=trip.trip_id, version=1, at=dispatch.clock.now(), request_ids=())
    with dispatch.database.session() as session:
        record_departure(session, left, Cause.fresh(), dispatch.clock)
        session.flush()
        late = run_into(dispatch.database, lambda: cancel(dispatch, trip.trip_id))
    with pytest.raises(TripNotReady, match="is departed"):
        late.result()
    assert dispatch.told(TripCancelled) == []
    assert dispatch.balances() == reserved


def test_a_trip_that_is_settled_while_it_is_cancelled_is_settled(dispatch: Dispatch, trip: TripRow) -> None:
    with dispatch.database.session() as session:
        for rider in dispatch.riders(trip.trip_id):
            arrival = dispatch.arrival(rider, Outcome.ARRIVED)
            record_arrival(session, arrival, Cause.fresh(), dispatch.clock)
        late = run_into(dispatch.database, lambda: cancel(dispatch, trip.trip_id))
    with pytest.raises(TripNotReady, match="is settled"):
        late.result()
    assert dispatch.balances()["carrier:C01:2020-spring"].settled_fen == trip.cost_fen


@pytest.mark.parametrize(("change", "event"), [(withdraw_request, WITHDRAWN), (take_request, AMENDED)])
def test_who_changes_while_the_round_is_proposed_has_no_seat(
    dispatch: Dispatch, change: Change, event: RequestWithdrawn | RequestAmended
) -> None:
    dispatch.tell(submitted(1), submitted(2))
    round_id = dispatch.open()
    with dispatch.database.session() as session:
        change(session, event, Cause.fresh(), dispatch.clock)
        session.flush()
        late = run_into(dispatch.database, lambda: dispatch.plan(round_id))
    late.result()
    dispatch.approve(round_id)
    (told,) = dispatch.told(TripPublished)
    assert isinstance(told, TripPublished)
    assert [rider.request_id for rider in told.riders] == ["R0002"]


def test_who_withdraws_while_the_round_is_put_away_does_not_wait_for_it_in_a_circle(
    dispatch: Dispatch,
) -> None:
    dispatch.tell(submitted(1), submitted(2))
    round_id = dispatch.propose()
    with dispatch.database.session() as session:
        find_demand(session, "R0001")
        late = run_into(dispatch.database, lambda: reject(dispatch, round_id))
        assert withdraw_request(session, WITHDRAWN, Cause.fresh(), dispatch.clock)
    late.result()
    assert [trip.state for trip in dispatch.trips()] == ["rejected"]
