"""Queries on the ledger, which only grows; computes no subsidy."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, false, func, literal, or_, union_all
from sqlmodel import Session, col, select

from services.dispatcher.money.ledger import Kind, Transfer
from services.dispatcher.store.tables import TransferRow, TripRow
from shared.security import OFFICES, Principal, Role, within

_FIELDS = (
    "id",
    "number",
    "kind",
    "debit",
    "credit",
    "amount_fen",
    "trip_id",
    "rule",
    "cause",
    "answers",
    "corrects",
)


def visible(principal: Principal) -> ColumnElement[bool]:
    """Offices see their area's transfers; a carrier or an enterprise sees those of its own account."""
    rules: list[ColumnElement[bool]] = [false()]
    if principal.has(*OFFICES):
        rules.append(within(TransferRow.county_code, principal))
    for role in (Role.CARRIER, Role.ENTERPRISE):
        if principal.has(role) and principal.organisation:
            prefix = f"{role}:{principal.organisation}:"
            rules += [
                col(TransferRow.debit).startswith(prefix, autoescape=True),
                col(TransferRow.credit).startswith(prefix, autoescape=True),
            ]
    return or_(*rules)


def list_of_trip(session: Session, trip_id: str) -> list[Transfer]:
    """All transfers of a trip in the order in which they were made, for money's functions."""
    query = select(TransferRow).where(TransferRow.trip_id == trip_id)
    rows = session.exec(query.order_by(col(TransferRow.recorded_at), col(TransferRow.number)))
    return [
        Transfer(**{name: getattr(row, name) for name in _FIELDS} | {"kind": Kind(row.kind)}) for row in rows
    ]


def append(session: Session, trip: TripRow, transfers: Iterable[Transfer], at: datetime) -> None:
    """Add transfers of a trip. Adding one twice fails, for its id is its idempotency key."""
    session.flush()
    session.add_all(
        TransferRow(
            **{name: getattr(transfer, name) for name in _FIELDS} | {"kind": transfer.kind.value},
            season=trip.season,
            county_code=trip.county_code,
            recorded_at=at,
        )
        for transfer in transfers
    )
    session.flush()


def list_transfers(
    session: Session,
    principal: Principal,
    *,
    account: str | None = None,
    trip_id: str | None = None,
    season: str | None = None,
    limit: int = 1000,
) -> list[TransferRow]:
    """A statement: the caller's transfers, latest first."""
    query = select(TransferRow).where(*_filters(principal, account, trip_id, season))
    query = query.order_by(
        col(TransferRow.recorded_at).desc(), TransferRow.trip_id, TransferRow.debit, col(TransferRow.number)
    )
    return list(session.exec(query.limit(limit)))


def list_balances(
    session: Session,
    principal: Principal,
    *,
    account: str | None = None,
    trip_id: str | None = None,
    season: str | None = None,
) -> list[dict[str, Any]]:
    """Reserved and settled fen of every account in the caller's transfers, by account."""
    filters = _filters(principal, account, trip_id, season)
    ends = union_all(
        *(
            select(
                col(end).label("account"), TransferRow.kind, TransferRow.amount_fen, TransferRow.answers
            ).where(*filters)
            for end in (TransferRow.debit, TransferRow.credit)
        )
    ).subquery()
    zero = literal(0, Integer)
    answered = ends.c.answers.is_not(None)
    reserved = case(
        (ends.c.kind == Kind.RESERVE.value, ends.c.amount_fen), (answered, -ends.c.amount_fen), else_=zero
    )
    settled = case(
        (ends.c.kind == Kind.SETTLE.value, ends.c.amount_fen),
        (ends.c.kind == Kind.CORRECT.value, -ends.c.amount_fen),
        else_=zero,
    )
    query = select(ends.c.account, func.sum(reserved), func.sum(settled)).group_by(ends.c.account)
    if account is not None:
        query = query.where(ends.c.account == account)
    return [
        {"account": name, "reserved_fen": int(pending), "settled_fen": int(posted)}
        for name, pending, posted in session.execute(query.order_by(ends.c.account))
    ]


def _filters(
    principal: Principal, account: str | None, trip_id: str | None, season: str | None
) -> list[ColumnElement[bool]]:
    filters: list[ColumnElement[bool]] = [visible(principal)]
    if account is not None:
        filters.append(or_(col(TransferRow.debit) == account, col(TransferRow.credit) == account))
    if trip_id is not None:
        filters.append(col(TransferRow.trip_id) == trip_id)
    if season is not None:
        filters.append(col(TransferRow.season) == season)
    return filters
