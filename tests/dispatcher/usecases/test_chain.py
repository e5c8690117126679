"""From a request to settled money, through every use case, on real PostgreSQL."""

from sqlmodel import select

from services.dispatcher.money.ledger import Balance, balances
from services.dispatcher.store.ledger import list_of_trip
from shared.events import RequestPooled, RequestUnserved, TripPublished
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


def test_a_trip_goes_on_with_the_chain_of_its_riders_upload(dispatch: Dispatch) -> None:
    dispatch.tell(*(submitted(n) for n in range(5)))
    dispatch.approve(dispatch.propose())
    with dispatch.database.session() as session:
        chains = session.exec(
            select(outbox.c.correlation_id).where(outbox.c.type == TripPublished.type_name())  # type: ignore[call-overload]
        ).all()
    assert set(chains) == {"test-chain"}, "the approval's own chain would end the upload's"
