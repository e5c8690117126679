"""A contract commits what a trip's approval promised, at the price agreed, and the money keeps to it whatever happens then."""

from collections import Counter
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select

from services.dispatcher.domain.contract import Contract
from services.dispatcher.money.books.ledger import Balance
from services.dispatcher.store.ledger import BudgetShort
from services.dispatcher.store.tables import ContractRow, TripRow, VoucherRow
from services.dispatcher.usecases.amend_trip import cancel_trip
from services.dispatcher.usecases.sign_contract import sign_contracts
from shared.events import Outcome, RequestWithdrawn
from shared.messaging import Cause
from shared.security import Principal, Role
from tests.dispatcher.dispatch import Dispatch, submitted
from tests.dispatcher.usecases.test_amendments import POOL, ask, take

COUNTY, PREFECTURE = (
    f"payer:{payer}:2020-spring" for payer in ("origin_county:522732", "origin_prefecture:522700")
)
ENTERPRISE = "enterprise:91330500MA28C0DE01:2020-spring"
CARRIER = "carrier:C01:2020-spring"
SIGNER = Principal("carrier-office", frozenset({Role.CARRIER}), (), "C01")


@pytest.fixture
def trip(dispatch: Dispatch) -> TripRow:
    """One approved coach with 24 riders."""
    dispatch.tell(*(submitted(n, stop_code="522732001") for n in range(24)))
    dispatch.approve(dispatch.propose())
    (only,) = dispatch.trips()
    return only


def contract(trip_id: str, price_fen: int, **changes: Any) -> Contract:
    said = {
        "trip_id": trip_id,
        "contract_no": "HT-1",
        "charterer_id": "522732",
        "price_fen": price_fen,
        "plate": "贵J12345",
        "plate_prefecture_code": "522700",
        "signed_on": date(2020, 2, 23),
    }
    return Contract.model_validate(said | changes)


def sign(dispatch: Dispatch, *contracts: Contract) -> int:
    with dispatch.database.session() as session:
        cause = Cause("chain", caller=SIGNER.subject)
        return sign_contracts(session, SIGNER, contracts, cause, dispatch.clock)


def row_of(dispatch: Dispatch, trip_id: str) -> ContractRow:
    with dispatch.database.session() as session:
        return session.get_one(ContractRow, trip_id)


def standing(dispatch: Dispatch) -> dict[str, Balance]:
    """What the parties of the trips have in their stages, of those that have anything."""
    return {account: one for account, one in dispatch.balances().items() if any(vars(one).values())}


def test_what_was_promised_is_committed_at_the_price_agreed_and_settled_by_arrivals(
    dispatch: Dispatch, trip: TripRow
) -> None:
    public_fen = min(trip.cost_fen // 2, 1_000_000)
    assert dispatch.balances()[COUNTY] == Balance(reserved_fen=public_fen - public_fen // 2)
    assert sign(dispatch, contract(trip.trip_id, 1_000_003)) == 1
    # Half of 10,000.03 yuan is 5,000.015; the half fen is the enterprise's, and the odd fen of 5,000.01 the county's.
    parts = Counter({COUNTY: 250_001, PREFECTURE: 250_000, ENTERPRISE: 500_002, CARRIER: 1_000_003})
    assert standing(dispatch) == {one: Balance(committed_fen=fen) for one, fen in sorted(parts.items())}
    (signed,) = dispatch.trips()
    assert (signed.cost_fen, signed.subsidy_fen, signed.version) == (1_000_003, 500_001, trip.version + 1)
    row = row_of(dispatch, trip.trip_id)
    assert (row.tariff_fen, row.price_fen, row.recorded_by) == (trip.cost_fen, 1_000_003, "carrier-office")
    dispatch.depart(trip)
    dispatch.confirm(trip)
    assert standing(dispatch) == {one: Balance(settled_fen=fen) for one, fen in sorted(parts.items())}
    with dispatch.database.session() as session:
        vouchers = session.exec(
            select(VoucherRow).where(VoucherRow.trip_id == trip.trip_id).order_by(VoucherRow.id)
        )
        said = [(one.actor, one.facts["committed"], one.facts["run"]["charter_fen"]) for one in vouchers]
    assert said[1:] == [("carrier-office", True, 1_000_003), ("zhida", True, 1_000_003)]


def test_what_is_disputed_stays_committed(dispatch: Dispatch, trip: TripRow) -> None:
    sign(dispatch, contract(trip.trip_id, trip.cost_fen))
    dispatch.depart(trip)
    riders = dispatch.riders(trip.trip_id)
    dispatch.tell(dispatch.arrival(riders[0], Outcome.DISPUTED))
    dispatch.tell(*(dispatch.arrival(rider, Outcome.ARRIVED) for rider in riders[1:]))
    (settled,) = dispatch.trips()
    held_fen = sum(line["held_fen"] for line in settled.lines)
    carrier = dispatch.balances()[CARRIER]
    assert held_fen > 0
    assert carrier == Balance(committed_fen=held_fen, settled_fen=trip.cost_fen - held_fen)


def test_a_contract_that_comes_after_the_settlement_corrects_it(dispatch: Dispatch, trip: TripRow) -> None:
    dispatch.depart(trip)
    dispatch.confirm(trip)
    sign(dispatch, contract(trip.trip_id, 1_000_000))
    (after,) = dispatch.trips()
    assert (after.state, after.cost_fen) == ("settled", 1_000_000)
    assert dispatch.balances()[CARRIER] == Balance(settled_fen=1_000_000)
    assert dispatch.balances()[COUNTY] == Balance(settled_fen=250_000)


def test_the_same_again_changes_nothing_and_a_supplementary_contract_replaces_the_first(
    dispatch: Dispatch, trip: TripRow
) -> None:
    first = contract(trip.trip_id, 1_000_000)
    assert sign(dispatch, first) == 1
    trips, moved = dispatch.trips(), dispatch.transfers()
    assert sign(dispatch, first) == 0
    assert (dispatch.trips(), dispatch.transfers()) == (trips, moved)
    assert sign(dispatch, contract(trip.trip_id, 1_200_000, contract_no="HT-1-补1", plate="贵J54321")) == 1
    assert dispatch.balances()[CARRIER] == Balance(committed_fen=1_200_000)
    row = row_of(dispatch, trip.trip_id)
    assert (row.contract_no, row.plate, row.tariff_fen) == ("HT-1-补1", "贵J54321", trip.cost_fen)


def test_cancelling_gives_back_what_was_committed(dispatch: Dispatch, trip: TripRow) -> None:
    sign(dispatch, contract(trip.trip_id, 1_000_000))
    with dispatch.database.session() as session:
        cancel_trip(session, trip.trip_id, "暴雪封路", Cause.fresh(), dispatch.clock)
    assert standing(dispatch) == {}


def test_a_seat_that_is_taken_away_leaves_the_price_as_agreed(dispatch: Dispatch, trip: TripRow) -> None:
    sign(dispatch, contract(trip.trip_id, 1_000_000))
    dispatch.tell(RequestWithdrawn(request_id="R0003", version=2, reason="ill"))
    assert dispatch.trips()[0].cost_fen == 1_000_000
    assert dispatch.balances()[CARRIER] == Balance(committed_fen=1_000_000)


def test_an_amendment_keeps_the_price_until_another_contract_is_recorded(
    dispatch: Dispatch, trip: TripRow
) -> None:
    sign(dispatch, contract(trip.trip_id, 1_000_000))
    dispatch.tell(*(RequestWithdrawn(request_id=f"R{n:04d}", version=2, reason="ill") for n in range(7)))
    amendment = ask(dispatch, trip.round_id)
    (change,) = amendment.difference["trips"]
    assert (change["coach_before"], change["coach_after"], change["more_fen"]) == ("49", "39", 0)
    assert amendment.difference["cost_after_fen"] == 1_000_000
    take(dispatch, amendment)
    (after,) = dispatch.trips()
    assert (after.pool_id, after.coach_type, after.cost_fen) == (POOL, "39", 1_000_000)
    assert dispatch.balances()[CARRIER] == Balance(committed_fen=1_000_000)
    tariff_fen = row_of(dispatch, trip.trip_id).tariff_fen
    assert tariff_fen == sum(after.price.values()) < trip.cost_fen
    sign(dispatch, contract(trip.trip_id, tariff_fen, contract_no="HT-1-补1"))
    assert dispatch.balances()[CARRIER] == Balance(committed_fen=tariff_fen)


def test_a_price_beyond_the_budget_is_refused_whole_before_the_coach_arrives(
    dispatch: Dispatch,
) -> None:
    dispatch.load_policy(version=2, cap_vehicle_fen=None)
    dispatch.tell(*(submitted(n) for n in range(24)))
    dispatch.approve(dispatch.propose())
    (trip,) = dispatch.trips()
    before, moved = dispatch.trips(), dispatch.transfers()
    with dispatch.database.session() as session:
        session.execute(text("UPDATE account SET limit_fen = reserved_fen WHERE account LIKE 'payer:%'"))
    with pytest.raises(BudgetShort):
        sign(dispatch, contract(trip.trip_id, trip.cost_fen + 100))
    assert (dispatch.trips(), dispatch.transfers()) == (before, moved)
    with dispatch.database.session() as session:
        assert session.get(ContractRow, trip.trip_id) is None
