"""Records charter contracts: from then on a trip costs what its contract says, and its money is committed."""

from collections.abc import Sequence

from sqlmodel import Session

from services.dispatcher.domain.contract import Contract
from services.dispatcher.domain.trip import RUNNING, TripState
from services.dispatcher.store.claims import is_claimed
from services.dispatcher.store.tables import ContractRow, TripRow
from services.dispatcher.store.trips import find_contract, get_trip, list_riders
from services.dispatcher.usecases import bill_trip
from shared.kernel.clock import Clock
from shared.kernel.errors import Conflict
from shared.messaging import Cause
from shared.security import Principal


class TripNotRunning(Conflict):
    """Trip {trip_id} is {state}, so no contract can be recorded for it. Record it while the trip is approved, departed or settled."""

    zh = "班次 {trip_id} 的状态为 {state}，不能登记合同。请在班次已批准、已发车或已结算时登记。"


class ContractTaken(Conflict):
    """Contract {contract_no} of trip {trip_id} is recorded already and says something else. Give a supplementary contract a number of its own."""

    zh = "班次 {trip_id} 的合同 {contract_no} 已登记且内容不同。补充合同请使用自己的编号。"


class TripClaimed(Conflict):
    """Money for trip {trip_id} has been claimed by contract {contract_no}. Have the claim returned, then record the other contract."""

    zh = "班次 {trip_id} 已按合同 {contract_no} 申报资金。请先退回申报，再登记新合同。"


def sign_contracts(
    session: Session, principal: Principal, contracts: Sequence[Contract], cause: Cause, clock: Clock
) -> int:
    """Record contracts of the caller's trips; how many said something new.

    Raises NoSuchTrip, also for a neighbour's, TripNotRunning, ContractTaken, TripClaimed, BudgetShort.
    """
    in_order = sorted(
        contracts, key=lambda contract: contract.trip_id
    )  # so no two wait for each other's trips
    return sum(_sign(session, principal, contract, cause, clock) for contract in in_order)


def _sign(session: Session, principal: Principal, contract: Contract, cause: Cause, clock: Clock) -> bool:
    get_trip(session, contract.trip_id, principal)
    trip = get_trip(session, contract.trip_id)
    if trip.state not in RUNNING:
        raise TripNotRunning(trip_id=trip.trip_id, state=trip.state)
    known = find_contract(session, trip.trip_id)
    if known is not None:
        if _says(known) == contract:
            return False
        if known.contract_no == contract.contract_no:
            return _file(known, contract)
        if is_claimed(session, trip.trip_id):
            raise TripClaimed(trip_id=trip.trip_id, contract_no=known.contract_no)
    row = ContractRow(
        **contract.model_dump(),
        tariff_fen=known.tariff_fen if known else trip.cost_fen,
        recorded_by=principal.subject,
        recorded_at=clock.now(),
    )
    session.merge(row)
    session.flush()
    trip.cost_fen = contract.price_fen
    _bill(session, trip, cause, clock)
    return True


def _says(row: ContractRow) -> Contract:
    return Contract(**row.model_dump(include=set(Contract.model_fields)))


def _file(known: ContractRow, contract: Contract) -> bool:
    """A contract is signed first and filed later; all else of it stands. Raises ContractTaken."""
    if (
        known.filed_at is not None
        or _says(known).model_copy(update={"filed_at": contract.filed_at}) != contract
    ):
        raise ContractTaken(trip_id=contract.trip_id, contract_no=contract.contract_no)
    known.filed_at = contract.filed_at
    return True


def _bill(session: Session, trip: TripRow, cause: Cause, clock: Clock) -> None:
    if trip.state == TripState.SETTLED or trip.waits_for is not None:
        bill_trip.settle_trip(session, trip, cause, clock.now())
        return
    riders = list_riders(session, [trip.trip_id]).get(trip.trip_id, [])
    bill_trip.bill_as_booked(bill_trip.get_policy(session, trip.policy), trip, riders)
    trip.version += 1
    bill_trip.reserve(session, trip, cause, clock.now())
