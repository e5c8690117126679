"""Requests find their pools, change, and go, in whatever order the registry's topics bring them."""

from datetime import timedelta

from sqlmodel import select

from services.dispatcher.store.tables import DemandRow
from services.dispatcher.usecases.take_demand import take_enterprise
from shared.events import (
    RequestAmended,
    RequestPooled,
    RequestWithdrawn,
    TripCancelled,
    TripPublished,
)
from shared.messaging import Cause
from tests.dispatcher.dispatch import DAY, ENTERPRISE, Dispatch, submitted


def demand(dispatch: Dispatch, request_id: str = "R0001") -> DemandRow:
    with dispatch.database.session() as session:
        return session.exec(select(DemandRow).where(DemandRow.request_id == request_id)).one()


def amended(number: int, version: int, **changes: object) -> RequestAmended:
    return RequestAmended.model_validate(submitted(number).model_dump() | {"version": version} | changes)


def test_a_request_joins_the_pool_of_its_county_and_its_gates_prefecture(dispatch: Dispatch) -> None:
    dispatch.tell(submitted(1))
    assert demand(dispatch).pool_id == "522732-330500"
    assert [event.key for event in dispatch.told(RequestPooled)] == ["R0001"]


def test_a_request_told_before_its_enterprise_joins_when_the_gate_becomes_known(dispatch: Dispatch) -> None:
    late = ENTERPRISE.gates[0].model_copy(update={"gate_id": "G9", "prefecture_code": "440300"})
    dispatch.tell(submitted(1, gate_id="G9"))
    assert demand(dispatch).pool_id is None
    dispatch.tell(ENTERPRISE.model_copy(update={"version": 2, "gates": (*ENTERPRISE.gates, late)}))
    assert demand(dispatch).pool_id == "522732-440300"
    assert [event.key for event in dispatch.told(RequestPooled)] == ["R0001"]


def test_older_news_changes_nothing_and_is_counted(dispatch: Dispatch) -> None:
    dispatch.tell(submitted(1), amended(1, 3, category="RELOCATED"), amended(1, 2, category="LOW_INCOME"))
    assert demand(dispatch).category == "RELOCATED"
    assert b'zhida_events_stale_total{type="zhida.RequestAmended.v1"} 1.0' in dispatch.metrics.render()
    with dispatch.database.session() as session:
        assert not take_enterprise(session, ENTERPRISE, Cause.fresh(), dispatch.clock)


def test_a_withdrawn_rider_leaves_the_published_trip_and_its_price_stays(dispatch: Dispatch) -> None:
    dispatch.tell(*(submitted(n) for n in range(24)))
    dispatch.approve(dispatch.propose())
    (before,) = dispatch.trips()
    dispatch.tell(RequestWithdrawn(request_id="R0001", version=2, reason="worker-asked"))
    (after,) = dispatch.trips()
    last = dispatch.told(TripPublished)[-1]
    assert isinstance(last, TripPublished)
    assert last.version == after.version > before.version
    assert "R0001" not in {rider.request_id for rider in last.riders}
    assert len(last.riders) == 23
    assert after.cost_fen == before.cost_fen
    assert demand(dispatch).state == "withdrawn"


def test_the_rider_who_makes_the_minimum_takes_the_subsidy_away(dispatch: Dispatch) -> None:
    dispatch.tell(*(submitted(n) for n in range(20)))
    dispatch.approve(dispatch.propose())
    assert dispatch.trips()[0].subsidy_fen > 0
    dispatch.tell(RequestWithdrawn(request_id="R0001", version=2, reason="worker-asked"))
    assert dispatch.trips()[0].subsidy_fen == 0
    assert dispatch.balances()["payer:origin_county:522732:2020-spring"].reserved_fen == 0
    assert dispatch.balances()["carrier:C01:2020-spring"].reserved_fen == dispatch.trips()[0].cost_fen


def test_a_trip_whose_last_rider_withdraws_is_cancelled_and_its_money_released(dispatch: Dispatch) -> None:
    dispatch.tell(submitted(1))
    dispatch.approve(dispatch.propose())
    dispatch.tell(RequestWithdrawn(request_id="R0001", version=2, reason="worker-asked"))
    assert [trip.state for trip in dispatch.trips()] == ["cancelled"]
    assert [event.key for event in dispatch.told(TripCancelled)] == [dispatch.trips()[0].trip_id]
    assert {balance.reserved_fen for balance in dispatch.balances().values()} == {0}


def test_a_change_of_day_takes_the_request_off_its_trip_into_its_pool(dispatch: Dispatch) -> None:
    dispatch.tell(submitted(1), submitted(2))
    dispatch.approve(dispatch.propose())
    later = DAY + timedelta(days=3)
    dispatch.tell(amended(1, 2, earliest=later, latest=later))
    row = demand(dispatch)
    assert (row.state, row.trip_id, row.round_id) == ("waiting", None, None)
    assert [rider.riding for rider in dispatch.riders(dispatch.trips()[0].trip_id)] == [False, True]


def test_a_change_that_concerns_no_coach_leaves_the_seat(dispatch: Dispatch) -> None:
    dispatch.tell(submitted(1))
    dispatch.approve(dispatch.propose())
    dispatch.tell(amended(1, 2, category="RELOCATED"))
    assert demand(dispatch).state == "planned"
    assert len(dispatch.told(TripPublished)) == 1


def test_who_withdraws_while_the_round_is_planned_has_no_seat(dispatch: Dispatch) -> None:
    dispatch.tell(submitted(1), submitted(2))
    round_id = dispatch.open()
    dispatch.tell(RequestWithdrawn(request_id="R0001", version=2, reason="worker-asked"))
    dispatch.plan(round_id)
    assert [r.request_id for r in dispatch.riders(dispatch.trips()[0].trip_id)] == ["R0002"]


def test_who_withdraws_from_a_proposal_is_not_published(dispatch: Dispatch) -> None:
    dispatch.tell(submitted(1), submitted(2))
    round_id = dispatch.propose()
    dispatch.tell(RequestWithdrawn(request_id="R0001", version=2, reason="worker-asked"))
    assert dispatch.told(TripPublished) == []
    dispatch.approve(round_id)
    (published,) = dispatch.told(TripPublished)
    assert isinstance(published, TripPublished)
    assert [rider.request_id for rider in published.riders] == ["R0002"]


def test_a_withdrawal_after_departure_leaves_the_trip_as_it_left(dispatch: Dispatch) -> None:
    dispatch.tell(submitted(1), submitted(2))
    dispatch.approve(dispatch.propose())
    (trip,) = dispatch.trips()
    dispatch.depart(trip)
    dispatch.tell(RequestWithdrawn(request_id="R0001", version=2, reason="worker-asked"))
    assert [rider.riding for rider in dispatch.riders(trip.trip_id)] == [True, True]
