"""Writes and finds what was sent: exports, their rows, and what of a person's month is acknowledged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from services.registry.store.exchange.areas import bounds
from services.registry.store.tables import ExportRow, PersonRow, SentRow
from shared.kernel.errors import NotFound
from shared.security import Principal, within

PIECE: Final = 2000


class ExportUnknown(NotFound):
    """There is no export {export_id}, or it is not your area's. Check the number, or ask the bureau that made it."""

    zh = "没有编号为 {export_id} 的导出，或它不属于您的辖区。请核对编号，或联系导出的单位。"


class NewSent(NamedTuple):
    """A row that is sent now: the columns of `SentRow` at a fraction of the price."""

    export_id: str
    row: int
    mapping_id: str
    month: date
    person_id: str
    place_code: str
    change: str
    digest: str
    prior_token: str | None
    state: str


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The row of a person's month that the other system has taken last, in the order in which the exports were ready."""

    digest: str
    change: str
    token: str


@dataclass(frozen=True, slots=True)
class Gone:
    """Somebody who is acknowledged for the area and belongs to it no more; without a key where they are erased."""

    person_id: str
    place_code: str
    prior_token: str
    wrapped_key: bytes | None
    resident_id_sealed: bytes | None


_ACKNOWLEDGED = text("""
    SELECT DISTINCT ON (r.person_id) r.person_id, r.digest, r.change, r.export_id || '-' || r.row
    FROM exchange_row r JOIN exchange_export e ON e.id = r.export_id
    WHERE r.mapping_id = :mapping AND r.month = :month AND r.person_id = ANY(:ids) AND r.state = 'accepted'
    ORDER BY r.person_id, e.finished_at DESC, e.id DESC
""")
_GONE = text("""
    WITH left_area AS (
        SELECT DISTINCT r.person_id FROM exchange_row r
        WHERE r.mapping_id = :mapping AND r.place_code >= :low AND r.place_code < :high AND r.state = 'accepted'
          AND NOT EXISTS (
            SELECT FROM person_file f JOIN person p ON p.id = f.person_id
            WHERE f.person_id = r.person_id AND f.place_code >= :low AND f.place_code < :high
              AND p.file_id = p.id AND p.wrapped_key IS NOT NULL)
          AND NOT EXISTS (
            SELECT FROM exchange_row n
            WHERE n.person_id = r.person_id AND n.mapping_id = :mapping AND n.export_id = :export)
    ), last AS (
        SELECT DISTINCT ON (r.person_id) r.person_id, r.place_code, r.change, r.export_id || '-' || r.row AS token
        FROM exchange_row r JOIN left_area USING (person_id) JOIN exchange_export e ON e.id = r.export_id
        WHERE r.mapping_id = :mapping AND r.state = 'accepted'
        ORDER BY r.person_id, e.finished_at DESC, e.id DESC
    )
    SELECT l.person_id, l.place_code, l.token, p.wrapped_key, p.resident_id_sealed
    FROM last l LEFT JOIN person p ON p.id = l.person_id
    WHERE l.change = 'report' AND l.place_code >= :low AND l.place_code < :high
    ORDER BY l.place_code, l.person_id
""")


def resident_ids_sealed(session: Session, ids: Sequence[str]) -> dict[str, tuple[bytes, bytes]]:
    """Person id -> key and sealed number; without those who are erased."""
    found = session.exec(
        select(PersonRow.id, PersonRow.wrapped_key, PersonRow.resident_id_sealed).where(
            col(PersonRow.id).in_(ids)
        )
    )
    return {id_: (key, sealed) for id_, key, sealed in found if key is not None}


def get_export(session: Session, principal: Principal, export_id: str) -> ExportRow:
    """An export of the caller's area. Raises ExportUnknown."""
    found = session.exec(
        select(ExportRow).where(ExportRow.id == export_id, within(ExportRow.area_code, principal))
    ).first()
    if found is None:
        raise ExportUnknown(export_id=export_id[:40])
    return found


def list_exports(
    session: Session, principal: Principal, *, offset: int, limit: int
) -> tuple[list[ExportRow], int]:
    """A page of the exports of the caller's area, newest first, and how many there are."""
    mine = within(ExportRow.area_code, principal)
    total = session.exec(select(func.count()).select_from(ExportRow).where(mine)).one()
    newest = select(ExportRow).where(mine).order_by(col(ExportRow.id).desc())
    return list(session.exec(newest.offset(offset).limit(limit)).all()), total


def acknowledged(
    session: Session, mapping_id: str, month: date, ids: Sequence[str]
) -> dict[str, Acknowledged]:
    """By person: what is acknowledged of their month, whichever area sent it."""
    asked = {"mapping": mapping_id, "month": month, "ids": list(ids)}
    return {id_: Acknowledged(*rest) for id_, *rest in session.connection().execute(_ACKNOWLEDGED, asked)}


def gone_from(session: Session, mapping_id: str, area: str, export_id: str) -> list[Gone]:
    """All who are acknowledged for the area and have left it, by place; without those who have a row in this export."""
    low, high = bounds(area)
    asked = {"mapping": mapping_id, "low": low, "high": high, "export": export_id}
    found = session.connection().execute(_GONE, asked)
    return [
        Gone(id_, place, token, *(None if one is None else bytes(one) for one in sealed))
        for id_, place, token, *sealed in found
    ]


def read_sent(session: Session, export_id: str, *, after: int) -> list[SentRow]:
    """The next piece of an export's rows, in order, after a row."""
    query = select(SentRow).where(SentRow.export_id == export_id, col(SentRow.row) > after)
    return list(session.exec(query.order_by(col(SentRow.row)).limit(PIECE)))
