"""What escort and enterprise say becomes money: once, in any order, and corrected when they change their mind."""

import random
from datetime import timedelta

import pytest
from sqlmodel import select

from services.dispatcher.domain.trip import TripNotReady
from services.dispatcher.money.rules.policy import digest_of
from services.dispatcher.store.tables import PolicyRow, TripRow, VoucherRow
from services.dispatcher.usecases.amend_trip import cancel_trip
from services.dispatcher.usecases.record_handover import NotOnTrip, NotTheirWorker, UnknownTrip
from shared.events import ArrivalConfirmed, NoShowRecorded, Outcome, TripCancelled, WorkerBoarded
from shared.messaging import Cause
from tests.dispatcher.dispatch import Dispatch, policy, submitted

COUNTY = "payer:origin_county:522732:2020-spring"
CARRIER = "carrier:C01:2020-spring"


@pytest.fixture
def trip(dispatch: Dispatch) -> TripRow:
    """One approved coach with 24 riders."""
    dispatch.tell(*(submitted(n) for n in range(24)))
    dispatch.approve(dispatch.propose())
    (only,) = dispatch.trips()
    return only


def no_show(dispatch: Dispatch, trip: TripRow, request_id: str) -> NoShowRecorded:
    return NoShowRecorded(trip_id=trip.trip_id, version=1, at=dispatch.clock.now(), request_id=request_id)


def test_approval_reserves_half_the_charter_for_the_two_payers(dispatch: Dispatch, trip: TripRow) -> None:
    at = dispatch.balances()
    assert trip.subsidy_fen == min(trip.cost_fen // 2, 1_000_000)
    assert at[COUNTY].reserved_fen == -(-trip.subsidy_fen // 2)
    assert at[CARRIER].reserved_fen == trip.cost_fen
    assert at[CARRIER].settled_fen == 0


def test_nothing_is_settled_while_somebodys_answer_is_open(dispatch: Dispatch, trip: TripRow) -> None:
    riders = dispatch.riders(trip.trip_id)
    dispatch.tell(*(dispatch.arrival(rider, Outcome.ARRIVED) for rider in riders[1:]))
    assert dispatch.balances()[CARRIER].settled_fen == 0
    dispatch.tell(no_show(dispatch, trip, riders[0].request_id))
    assert dispatch.balances()[CARRIER].settled_fen == trip.cost_fen
    assert dispatch.trips()[0].state == "settled"


def test_a_coach_that_has_not_left_is_not_settled_by_its_escorts_marks_alone(
    dispatch: Dispatch, trip: TripRow
) -> None:
    absent = [no_show(dispatch, trip, rider.request_id) for rider in dispatch.riders(trip.trip_id)]
    dispatch.tell(*absent)
    assert dispatch.trips()[0].state == "approved"
    assert dispatch.balances()[CARRIER].settled_fen == 0
    dispatch.depart(trip)
    assert dispatch.trips()[0].state == "settled"
    assert dispatch.balances()[CARRIER].settled_fen == trip.cost_fen


def test_below_the_minimum_of_arrivals_the_subsidy_is_released(dispatch: Dispatch, trip: TripRow) -> None:
    riders = dispatch.riders(trip.trip_id)
    dispatch.tell(*(dispatch.arrival(rider, Outcome.REFUSED) for rider in riders[:5]))
    dispatch.tell(*(dispatch.arrival(rider, Outcome.ARRIVED) for rider in riders[5:]))
    at = dispatch.balances()
    assert (at[COUNTY].reserved_fen, at[COUNTY].settled_fen) == (0, 0)
    assert at["enterprise:91330500MA28C0DE01:2020-spring"].settled_fen == trip.cost_fen


def test_a_changed_word_after_settlement_is_corrected_and_the_balance_follows(
    dispatch: Dispatch, trip: TripRow
) -> None:
    dispatch.confirm(trip)
    settled = dispatch.balances()[COUNTY].settled_fen
    assert settled > 0
    for rider in dispatch.riders(trip.trip_id)[:5]:
        dispatch.tell(dispatch.arrival(rider, Outcome.NO_SHOW, version=2))
    at = dispatch.balances()
    assert (at[COUNTY].settled_fen, at[COUNTY].reserved_fen) == (0, 0)
    assert at[CARRIER].settled_fen == trip.cost_fen
    corrections = [t for t in dispatch.transfers() if t.kind == "correct"]
    assert corrections
    assert all(t.corrects for t in corrections)


def test_a_dispute_holds_its_part_until_it_is_decided(dispatch: Dispatch, trip: TripRow) -> None:
    riders = dispatch.riders(trip.trip_id)
    dispatch.tell(*(dispatch.arrival(rider, Outcome.ARRIVED) for rider in riders[1:]))
    dispatch.tell(dispatch.arrival(riders[0], Outcome.DISPUTED))
    assert 0 < dispatch.balances()[CARRIER].reserved_fen < trip.cost_fen
    dispatch.tell(dispatch.arrival(riders[0], Outcome.ARRIVED, version=2))
    at = dispatch.balances()
    assert (at[CARRIER].reserved_fen, at[CARRIER].settled_fen) == (0, trip.cost_fen)


def test_arrived_without_boarding_is_a_dispute(dispatch: Dispatch, trip: TripRow) -> None:
    riders = dispatch.riders(trip.trip_id)
    dispatch.tell(no_show(dispatch, trip, riders[0].request_id))
    dispatch.confirm(trip)
    assert dispatch.balances()[CARRIER].reserved_fen > 0


def test_any_order_and_redelivery_gives_the_same_ledger(dispatch: Dispatch, trip: TripRow) -> None:
    riders = dispatch.riders(trip.trip_id)
    outcomes = [Outcome.ARRIVED] * 22 + [Outcome.NO_SHOW, Outcome.REFUSED]
    words = [dispatch.arrival(rider, outcome) for rider, outcome in zip(riders, outcomes, strict=True)]
    shuffled = words * 3
    random.Random(7).shuffle(shuffled)
    dispatch.tell(*shuffled)
    at = dispatch.balances()
    assert at[CARRIER].settled_fen == trip.cost_fen
    assert {balance.reserved_fen for balance in at.values()} == {0}
    assert len([t for t in dispatch.transfers() if t.kind == "settle"]) == 3  # two payers, one enterprise
    assert [t for t in dispatch.transfers() if t.kind == "correct"] == []


def test_a_cancelled_trip_releases_its_money_and_its_riders_wait(dispatch: Dispatch, trip: TripRow) -> None:
    with dispatch.database.session() as session:
        cancel_trip(session, trip.trip_id, "道路中断", Cause.fresh(), dispatch.clock)
    assert {balance.reserved_fen for balance in dispatch.balances().values()} == {0}
    (cancelled,) = dispatch.told(TripCancelled)
    assert isinstance(cancelled, TripCancelled)
    assert len(cancelled.request_ids) == 24
    dispatch.approve(dispatch.propose())
    assert [t.state for t in dispatch.trips()] == ["cancelled", "approved"]


def test_a_departed_trip_is_not_cancelled(dispatch: Dispatch, trip: TripRow) -> None:
    dispatch.depart(trip)
    with dispatch.database.session() as session, pytest.raises(TripNotReady):
        cancel_trip(session, trip.trip_id, "x", Cause.fresh(), dispatch.clock)


def test_words_about_strangers_are_invalid(dispatch: Dispatch, trip: TripRow) -> None:
    rider = dispatch.riders(trip.trip_id)[0]
    good = dispatch.arrival(rider, Outcome.ARRIVED)
    with pytest.raises(UnknownTrip):
        dispatch.tell(good.model_copy(update={"trip_id": "T-522732-20200224-999"}))
    with pytest.raises(NotOnTrip):
        dispatch.tell(good.model_copy(update={"request_id": "R9999"}))
    with pytest.raises(NotTheirWorker):
        dispatch.tell(good.model_copy(update={"enterprise_id": "91330500MA28C0DE99"}))


def test_boarding_is_kept_with_the_latest_word(dispatch: Dispatch, trip: TripRow) -> None:
    rider = dispatch.riders(trip.trip_id)[0]
    at = dispatch.clock.now()
    boarded = WorkerBoarded(trip_id=trip.trip_id, version=2, at=at, request_id=rider.request_id)
    dispatch.tell(boarded, no_show(dispatch, trip, rider.request_id))
    assert dispatch.riders(trip.trip_id)[0].boarding == "boarded"


def test_a_confirmation_before_the_departure_is_known_still_settles(
    dispatch: Dispatch, trip: TripRow
) -> None:
    dispatch.confirm(trip)
    dispatch.clock.advance(hours=1)
    dispatch.depart(trip)
    (after,) = dispatch.trips()
    assert (after.state, after.departed_at) == ("settled", dispatch.clock.now() - timedelta(hours=0))
    assert isinstance(dispatch.arrival(dispatch.riders(trip.trip_id)[0], Outcome.ARRIVED), ArrivalConfirmed)


def test_a_voucher_names_its_policy_as_it_is_stored_though_the_program_has_learnt_more(
    dispatch: Dispatch,
) -> None:
    older = policy(version=2).model_dump(mode="json")
    del older["prefile_hours"]  # a field that this policy was loaded without
    with dispatch.database.session() as session:
        session.add(PolicyRow(id="guizhou-2020", version=2, body=older, loaded_at=dispatch.clock.now()))
    dispatch.tell(*(submitted(n) for n in range(24)))
    dispatch.approve(dispatch.propose())
    with dispatch.database.session() as session:
        facts = session.exec(select(VoucherRow.facts).where(VoucherRow.act == "bill")).one()
    assert (facts["policy"], facts["policy_digest"]) == ("guizhou-2020@2", digest_of(older))
