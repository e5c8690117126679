"""From a request to settled money, through every use case, on real PostgreSQL."""

import pytest
from sqlmodel import select

from services.dispatcher.money.books.ledger import Balance, balances
from services.dispatcher.store.ledger import list_of_trip
from services.dispatcher.store.tables import RoundRow
from shared.events import RequestPooled, RequestUnserved, TripPublished
from shared.logs import current_correlation
from shared.messaging.tables import outbox
from tests.dispatcher.dispatch import Dispatch, submitted

CARRIER = "carrier:C01:2020-spring"


def test_requests_become_trips_and_arrivals_settle_them(dispatch: Dispatch) -> None:
    dispatch.tell(*(submitted(n) for n in range(48)))
    assert len(dispatch.told(RequestPooled)) == 48
    dispatch.approve(dispatch.propose())
    published = dispatch.told(TripPublished)
    assert sorted(r.request_id for t in published for r in t.riders) == [f"R{n:04d}" for n in range(48)]
    assert dispatch.told(RequestUnserved) == []
    for trip in dispatch.trips():
        dispatch.confirm(trip)
    for trip in dispatch.trips():
        assert trip.state == "settled"
        with dispatch.database.session() as session:
            at = balances(list_of_trip(session, trip.trip_id))
        assert at[CARRIER] == Balance(settled_fen=trip.cost_fen)
        assert {b.reserved_fen for b in at.values()} == {0}
        assert sum(b.settled_fen for a, b in at.items() if a.startswith("payer:")) == trip.subsidy_fen


def test_a_trip_goes_on_with_the_chain_by_which_most_of_its_riders_came(dispatch: Dispatch) -> None:
    for chain, first, end in (("a-few", 0, 2), ("most", 2, 5)):
        dispatch.tell(*(submitted(n) for n in range(first, end)), chain=chain)
    dispatch.approve(dispatch.propose())
    with dispatch.database.session() as session:
        chains = session.exec(
            select(outbox.c.correlation_id).where(outbox.c.type == TripPublished.type_name())  # type: ignore[call-overload]
        ).all()
    assert set(chains) == {"most"}, "the approval's own chain would end the upload's"
    [trip] = dispatch.told(TripPublished)
    assert {rider.request_id: rider.correlation_id for rider in trip.riders} == {
        f"R{n:04d}": "a-few" if n < 2 else "most" for n in range(5)
    }


def test_what_the_planner_logs_is_in_the_chain_of_its_round(
    dispatch: Dispatch, caplog: pytest.LogCaptureFixture
) -> None:
    chains = []
    caplog.handler.addFilter(
        lambda record: chains.append((record.getMessage(), current_correlation())) or True
    )
    with caplog.at_level("INFO", logger="services.dispatcher"):
        dispatch.tell(submitted(1))
        round_id = dispatch.propose()
    with dispatch.database.session() as session:
        round_chain = session.get_one(RoundRow, round_id).correlation_id
    assert ("round proposed", round_chain) in chains
