"""Takes requests and gates from the registry's events into pools; plans nobody.

A request can be told before its enterprise is: it joins its pool when the gate becomes known.
"""

from sqlmodel import Session, select

from services.dispatcher.domain.demand import DemandState
from services.dispatcher.domain.pool import Pool
from services.dispatcher.store.demand import find_demand, get_gates, list_without_pool
from services.dispatcher.store.tables import DemandRow, EnterpriseRow, GateRow
from services.dispatcher.store.trips import get_trip
from services.dispatcher.usecases import SOURCE
from services.dispatcher.usecases.amend_trip import take_off
from shared.database import locked
from shared.events import (
    EnterpriseRegistered,
    RequestAmended,
    RequestPooled,
    RequestSubmitted,
    RequestWithdrawn,
)
from shared.kernel.clock import Clock
from shared.messaging import Cause, emit, emit_all

_TRAVEL = (
    "season",
    "party_id",
    "party_size",
    "county_code",
    "stop_code",
    "enterprise_id",
    "gate_id",
    "earliest",
    "latest",
)
"""What decides which coach a request can ride: when one of these changes, its seat no longer fits."""

_REST = ("category", "organising_mode", "version")


def take_request(
    session: Session, event: RequestSubmitted | RequestAmended, cause: Cause, clock: Clock
) -> bool:
    """Put a new or changed request where it belongs; False for news that is older than what is known.

    A change of journey takes the request off the trip it is planned on, while that trip has not left.
    """
    row = find_demand(session, event.request_id)
    if row is not None and row.version >= event.version:
        return False
    if row is None:
        row = DemandRow(
            request_id=event.request_id,
            state=DemandState.WAITING.value,
            correlation_id=cause.correlation_id,
            **{name: getattr(event, name) for name in (*_TRAVEL, *_REST)},
        )
        session.add(row)
        session.flush()
        _join_pool(session, row, cause, clock)
        return True
    moved = any(getattr(row, name) != getattr(event, name) for name in _TRAVEL)
    for name in (*_TRAVEL, *_REST):
        setattr(row, name, getattr(event, name))
    if moved and _let_go(session, row, cause, clock):
        _join_pool(session, row, cause, clock)
    return True


def withdraw_request(session: Session, event: RequestWithdrawn, cause: Cause, clock: Clock) -> bool:
    """Take a request back, and off its trip while that has not left; False for older news."""
    row = find_demand(session, event.request_id)
    if row is None or row.version >= event.version:
        return False
    row.version = event.version
    _let_go(session, row, cause, clock)
    row.state = DemandState.WITHDRAWN.value
    return True


def take_enterprise(session: Session, event: EnterpriseRegistered, cause: Cause, clock: Clock) -> bool:
    """Know an enterprise and its gates, and pool the requests that waited for them; False for older news."""
    known = select(EnterpriseRow).where(EnterpriseRow.enterprise_id == event.enterprise_id)
    row = session.exec(locked(known)).one_or_none()
    if row is not None and row.version >= event.version:
        return False
    session.merge(EnterpriseRow(enterprise_id=event.enterprise_id, version=event.version, name=event.name))
    for gate in event.gates:
        session.merge(GateRow(enterprise_id=event.enterprise_id, **gate.model_dump()))
    session.flush()
    pooled = []
    prefectures = {gate.gate_id: gate.prefecture_code for gate in event.gates}
    for demand in list_without_pool(session, prefectures):
        demand.pool_id = Pool(demand.county_code, prefectures[demand.gate_id]).id
        pooled.append(_pooled(demand))
    emit_all(session, pooled, source=SOURCE, cause=cause, clock=clock)
    return True


def _join_pool(session: Session, row: DemandRow, cause: Cause, clock: Clock) -> None:
    gate = get_gates(session, [row.gate_id]).get(row.gate_id)
    row.pool_id = Pool(row.county_code, gate.prefecture_code).id if gate else None
    if gate is not None:
        emit(session, _pooled(row), source=SOURCE, cause=cause, clock=clock)


def _pooled(row: DemandRow) -> RequestPooled:
    row.told += 1
    return RequestPooled(request_id=row.request_id, version=row.told, pool_id=row.pool_id or "")


def _let_go(session: Session, row: DemandRow, cause: Cause, clock: Clock) -> bool:
    """Free the request from its round and its trip; False where its coach has left already."""
    on = row.trip_id
    if on is not None and not take_off(session, get_trip(session, on), row.request_id, cause, clock):
        return False
    row.state = DemandState.WAITING.value
    row.round_id = row.trip_id = None
    return True
