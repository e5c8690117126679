"""What people do to trips and their money, for the tests of the audit; no word of theirs is checked here."""

from datetime import date

from services.dispatcher.domain.contract import Contract
from services.dispatcher.money.books import ledger
from services.dispatcher.money.books.voucher import Act, Voucher
from services.dispatcher.money.rules.subsidy import Cut
from services.dispatcher.store import ledger as books
from services.dispatcher.store.tables import TripRow
from services.dispatcher.store.trips import get_trip
from services.dispatcher.usecases import bill_trip
from services.dispatcher.usecases.sign_contract import sign_contracts
from shared.kernel.ids import new_id
from shared.messaging import Cause
from tests.dispatcher.dispatch import PROVINCE, Dispatch

SEASON = "2020-spring"


def sign(dispatch: Dispatch, trip: TripRow, price_fen: int, number: str = "HT-1") -> None:
    """Record a charter contract."""
    contract = Contract(
        trip_id=trip.trip_id,
        contract_no=number,
        charterer_id="522732",
        plate="贵J12345",
        plate_prefecture_code="522700",
        signed_on=date(2020, 2, 23),
        price_fen=price_fen,
    )
    with dispatch.database.session() as session:
        sign_contracts(session, PROVINCE, [contract], Cause.fresh(), dispatch.clock)


def pay(dispatch: Dispatch, trip: TripRow, payer: str, claimant: str, fen: int) -> None:
    """Pay a claim of one line."""
    with dispatch.database.session() as session:
        known = books.list_of_trip(session, trip.trip_id)
        made = ledger.pay(trip.trip_id, payer, claimant, fen, known, rule=trip.policy, cause="paid")
        _book(dispatch, trip, Act.PAY, made)


def recover(dispatch: Dispatch, trip: TripRow, fen: int) -> None:
    """Take back of the trip's first payment."""
    with dispatch.database.session() as session:
        known = books.list_of_trip(session, trip.trip_id)
        payment = next(t for t in known if t.kind == ledger.Kind.PAY)
        _book(dispatch, trip, Act.RECOVER, ledger.recover(payment, fen, known, cause="recovered"))


def _book(dispatch: Dispatch, trip: TripRow, act: Act, made: ledger.Transfer) -> None:
    payer, claimant = (made.debit, made.credit) if act is Act.PAY else (made.credit, made.debit)
    line = {"trip_id": trip.trip_id, "payer": payer, "claimant": claimant, "fen": made.amount_fen}
    facts = {"claim_id": "K1", "lines": [line]}
    voucher = Voucher(new_id(), act, SEASON, made.cause, "finance", facts, (made,), claim_id="K1")
    with dispatch.database.session() as session:
        books.append(session, voucher, trip.county_code, dispatch.clock.now())


def cut(dispatch: Dispatch, trip: TripRow, payer: str, claimant: str, fen: int) -> None:
    """Let a claim not have so much of a trip."""
    one = Cut(payer, claimant, fen, "clawback", "K1")
    with dispatch.database.session() as session:
        row = get_trip(session, trip.trip_id)
        row.cuts = [*row.cuts, vars(one)]
        bill_trip.settle_trip(session, row, Cause.fresh(), dispatch.clock.now())
