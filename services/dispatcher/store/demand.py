"""Queries on requests, gates and enterprises; decides nothing about them."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, or_, update
from sqlmodel import Session, col, select

from services.dispatcher.domain.demand import DemandState
from services.dispatcher.store.tables import DemandRow, EnterpriseRow, GateRow
from shared.database import locked
from shared.security import Principal, within


def find_demand(session: Session, request_id: str) -> DemandRow | None:
    """The request, locked until the transaction ends."""
    return session.exec(locked(select(DemandRow).where(DemandRow.request_id == request_id))).one_or_none()


def list_demand(session: Session, request_ids: Iterable[str]) -> list[DemandRow]:
    """Those of the requests that are known, locked, in the order of their ids."""
    query = select(DemandRow).where(col(DemandRow.request_id).in_(list(request_ids)))
    return list(session.exec(locked(query.order_by(DemandRow.request_id))))


def list_without_pool(session: Session, gate_ids: Iterable[str]) -> list[DemandRow]:
    """Requests that wait for these gates to become known, locked."""
    query = (
        select(DemandRow)
        .where(col(DemandRow.gate_id).in_(list(gate_ids)), col(DemandRow.pool_id).is_(None))
        .where(DemandRow.state == DemandState.WAITING)
        .order_by(DemandRow.request_id)
    )
    return list(session.exec(locked(query)))


def hold_for_round(session: Session, round_id: str, day: date, area: str) -> int:
    """Give a round every waiting request of the area whose window has the day and that no round holds."""
    held = session.execute(
        update(DemandRow)
        .where(
            col(DemandRow.state) == DemandState.WAITING.value,
            col(DemandRow.round_id).is_(None),
            col(DemandRow.pool_id).is_not(None),
            col(DemandRow.earliest) <= day,
            col(DemandRow.latest) >= day,
            col(DemandRow.county_code).startswith(area, autoescape=True),
        )
        .values(round_id=round_id)
    )
    return int(held.rowcount)  # type: ignore[attr-defined]


def list_held(session: Session, round_id: str, *, lock: bool = False) -> list[DemandRow]:
    """The waiting requests that a round holds, by pool and id; locked in that order where asked."""
    query = (
        select(DemandRow)
        .where(DemandRow.round_id == round_id, DemandRow.state == DemandState.WAITING)
        .order_by(col(DemandRow.pool_id), DemandRow.request_id)
    )
    return list(session.exec(locked(query) if lock else query))


def free_from_round(session: Session, round_id: str) -> None:
    """Let the requests that still wait in a round go, for the next round."""
    session.execute(
        update(DemandRow)
        .where(col(DemandRow.round_id) == round_id, col(DemandRow.state) == DemandState.WAITING.value)
        .values(round_id=None, trip_id=None)
    )


def list_pools(session: Session, principal: Principal) -> list[dict[str, Any]]:
    """Every pool of the caller's area with its waiting workers and their first and last days."""
    query = (
        select(
            DemandRow.pool_id,
            func.count(),
            func.min(DemandRow.earliest),
            func.max(DemandRow.latest),
        )
        .where(DemandRow.state == DemandState.WAITING, col(DemandRow.pool_id).is_not(None))
        .where(within(DemandRow.county_code, principal))
        .group_by(col(DemandRow.pool_id))
        .order_by(func.count().desc(), col(DemandRow.pool_id))
    )
    return [
        {"pool_id": pool_id, "waiting": waiting, "earliest": earliest, "latest": latest}
        for pool_id, waiting, earliest, latest in session.exec(query)
    ]


def count_waiting(session: Session, principal: Principal, day: date | None) -> int:
    """How many of the caller's area no round holds and could leave on a day, or on any."""
    query = (
        select(func.count())
        .where(DemandRow.state == DemandState.WAITING, col(DemandRow.pool_id).is_not(None))
        .where(col(DemandRow.round_id).is_(None), within(DemandRow.county_code, principal))
    )
    if day is not None:
        query = query.where(DemandRow.earliest <= day, DemandRow.latest >= day)
    return session.exec(query).one()


def get_gates(session: Session, gate_ids: Iterable[str]) -> dict[str, GateRow]:
    """The gates by id; those that are not known are missing."""
    query = select(GateRow).where(col(GateRow.gate_id).in_(set(gate_ids)))
    return {gate.gate_id: gate for gate in session.exec(query)}


def get_enterprise_names(session: Session, enterprise_ids: Iterable[str]) -> dict[str, str]:
    """Enterprise id -> name, of those that are known."""
    query = select(EnterpriseRow).where(col(EnterpriseRow.enterprise_id).in_(set(enterprise_ids)))
    return {row.enterprise_id: row.name for row in session.exec(query)}


def count_ready(session: Session, party_ids: Sequence[str], round_id: str) -> dict[str, int]:
    """How many of each family the round holds, or need no coach any more (planned or withdrawn)."""
    query = (
        select(DemandRow.party_id, func.count())
        .where(col(DemandRow.party_id).in_(party_ids))
        .where(or_(col(DemandRow.round_id) == round_id, col(DemandRow.state) != DemandState.WAITING.value))
        .group_by(DemandRow.party_id)
    )
    return dict(session.exec(query).all())
