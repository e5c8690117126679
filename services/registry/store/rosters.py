"""Writes and finds rosters and their rows' outcomes; knows cells only as sealed bytes."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, text, update
from sqlmodel import Session, col, select

from services.registry.store.copying import copy_rows
from services.registry.store.tables import RefusedRowRow, RosterRow
from shared.kernel.errors import NotFound
from shared.security import Principal, within


class RosterUnknown(NotFound):
    """There is no roster {roster_id}, or it is not your county's. Check the number, or ask the county bureau that sent it."""

    zh = "没有编号为 {roster_id} 的花名册，或它不属于您的县。请核对编号，或联系报送它的县人社局。"


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of one row: a request, or sealed reasons for refusing it."""

    row: int
    request_id: str | None


_OUTCOMES = text("""
    SELECT row, id FROM travel_request WHERE roster_id = :roster AND NOT :only_refused
    UNION ALL
    SELECT row, NULL FROM refused_row WHERE roster_id = :roster
    ORDER BY 1 OFFSET :offset LIMIT :limit
""")


def find_roster(session: Session, county_code: str, sha256: str) -> RosterRow | None:
    """The roster with exactly these bytes that this county sent before."""
    return session.exec(
        select(RosterRow).where(RosterRow.county_code == county_code, RosterRow.sha256 == sha256)
    ).first()


def insert_roster(session: Session, roster: RosterRow) -> bool:
    """Whether it is new. Another transaction with the same bytes is waited for, and then wins."""
    columns = tuple(RosterRow.model_fields)
    inserted = session.connection().execute(
        text(
            f"INSERT INTO roster ({', '.join(columns)}) VALUES ({', '.join(f':{c}' for c in columns)})"  # noqa: S608 - our own column names
            " ON CONFLICT (county_code, sha256) DO NOTHING RETURNING id"
        ),
        roster.model_dump(),
    )
    return inserted.first() is not None


def close_roster(session: Session, roster_id: str, *, accepted: int, refused: int) -> None:
    """Note how many rows were accepted and refused."""
    session.connection().execute(
        update(RosterRow).where(col(RosterRow.id) == roster_id).values(accepted=accepted, refused=refused)
    )


def insert_refused(session: Session, rows: Iterable[RefusedRowRow]) -> None:
    """All refused rows by one COPY."""
    copy_rows(session, "refused_row", tuple(RefusedRowRow.model_fields), rows)


def get_roster(session: Session, principal: Principal, roster_id: str) -> RosterRow:
    """A roster of the caller's area; raises RosterUnknown."""
    found = session.exec(
        select(RosterRow).where(RosterRow.id == roster_id, within(RosterRow.county_code, principal))
    ).first()
    if found is None:
        raise RosterUnknown(roster_id=roster_id[:40])
    return found


def list_rosters(
    session: Session, principal: Principal, *, offset: int, limit: int
) -> tuple[list[RosterRow], int]:
    """A page of the caller's rosters, newest first, and how many there are."""
    mine = within(RosterRow.county_code, principal)
    total = session.exec(select(func.count()).select_from(RosterRow).where(mine)).one()
    newest = select(RosterRow).where(mine).order_by(col(RosterRow.id).desc())
    return list(session.exec(newest.offset(offset).limit(limit)).all()), total


def list_outcomes(
    session: Session, roster: RosterRow, *, only_refused: bool, offset: int, limit: int
) -> list[RowOutcome]:
    """A page of a roster's rows in the order of the file."""
    page = session.connection().execute(
        _OUTCOMES,
        {"roster": roster.id, "only_refused": only_refused, "offset": offset, "limit": limit},
    )
    return [RowOutcome(row, request_id) for row, request_id in page]


def list_refused(
    session: Session, roster: RosterRow, rows: Iterable[int] | None = None
) -> list[RefusedRowRow]:
    """The refused rows of a roster, all or some, in the order of the file."""
    query = select(RefusedRowRow).where(RefusedRowRow.roster_id == roster.id)
    if rows is not None:
        query = query.where(col(RefusedRowRow.row).in_(list(rows)))
    return list(session.exec(query.order_by(col(RefusedRowRow.row))).all())
