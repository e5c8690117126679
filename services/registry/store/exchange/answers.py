"""Finds the rows that receipts answer, holds them, and writes what the answers do to them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from services.registry.store.tables import ExportRow, ReceiptRow
from shared.security import Principal, within

Place = tuple[str, int]
"""An export and the number of a row in it."""


@dataclass(frozen=True, slots=True)
class Held:
    """A row that was sent, held to the end of the transaction; without a key where its person is erased."""

    place: Place
    person_id: str
    state: str
    wrapped_key: bytes | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What is written at a row."""

    place: Place
    state: str
    reason_sealed: bytes | None


_BY_PLACE = text("""
    SELECT r.export_id, r.row, r.person_id, r.state, p.wrapped_key
    FROM unnest(CAST(:exports AS text[]), CAST(:rows AS int[])) AS asked (export_id, row)
    JOIN exchange_row r ON r.export_id = asked.export_id AND r.row = asked.row
    LEFT JOIN person p ON p.id = r.person_id
    ORDER BY r.export_id, r.row FOR NO KEY UPDATE OF r
""")
_BY_PERSON = text("""
    SELECT r.export_id, r.row, r.person_id, r.state, s.wrapped_key, p.fingerprint
    FROM person p
    JOIN exchange_row r ON r.export_id = :export AND r.person_id IN (p.id, p.file_id)
    LEFT JOIN person s ON s.id = r.person_id
    WHERE p.fingerprint = ANY(:fingerprints)
    ORDER BY r.export_id, r.row, (p.id = r.person_id) FOR NO KEY UPDATE OF r
""")
_WRITE = text("""
    UPDATE exchange_row r SET state = a.state, reason_sealed = a.reason, answered_by = :by, answered_at = :at
    FROM unnest(CAST(:exports AS text[]), CAST(:rows AS int[]), CAST(:states AS text[]), CAST(:reasons AS bytea[]))
        AS a (export_id, row, state, reason)
    WHERE r.export_id = a.export_id AND r.row = a.row
""")
_OPEN = text("SELECT count(*) FROM exchange_row WHERE export_id = ANY(:ids) AND state = 'sent'")


def exports_of(session: Session, principal: Principal, ids: Iterable[str]) -> dict[str, ExportRow]:
    """Those of these exports that are of the caller's area, and drawn up."""
    mine = select(ExportRow).where(
        col(ExportRow.id).in_(list(ids)),
        col(ExportRow.finished_at).is_not(None),
        within(ExportRow.area_code, principal),
    )
    return {row.id: row for row in session.exec(mine)}


def hold_places(session: Session, places: Sequence[Place]) -> dict[Place, Held]:
    """The rows of these numbers, in one order, so that two files never wait for each other in a ring."""
    asked = {"exports": [one[0] for one in places], "rows": [one[1] for one in places]}
    found = session.connection().execute(_BY_PLACE, asked)
    return {
        (export_id, row): Held((export_id, row), person_id, state, None if key is None else bytes(key))
        for export_id, row, person_id, state, key in found
    }


def hold_persons(session: Session, export_id: str, fingerprints: Sequence[str]) -> dict[str, Held]:
    """The rows of an export by the fingerprints of their persons' IDs, also of those merged since."""
    asked = {"export": export_id, "fingerprints": list(fingerprints)}
    return {
        fingerprint: Held((export, row), person_id, state, None if key is None else bytes(key))
        for export, row, person_id, state, key, fingerprint in session.connection().execute(_BY_PERSON, asked)
    }


def write_answers(session: Session, answers: Sequence[Answer], by: str, at: datetime) -> None:
    """All of them by one statement."""
    values = {
        "exports": [one.place[0] for one in answers],
        "rows": [one.place[1] for one in answers],
        "states": [one.state for one in answers],
        "reasons": [one.reason_sealed for one in answers],
    }
    session.connection().execute(_WRITE, values | {"by": by, "at": at})


def count_open(session: Session, export_ids: Sequence[str]) -> int:
    """How many rows of these exports nobody has answered."""
    return int(session.connection().execute(_OPEN, {"ids": list(export_ids)}).scalar_one())


def insert_receipts(session: Session, row: ReceiptRow) -> bool:
    """Whether the file is new. Another transaction with the same bytes is waited for, and then wins."""
    fresh = insert(ReceiptRow).values(row.model_dump()).on_conflict_do_nothing()
    return session.connection().execute(fresh.returning(col(ReceiptRow.id))).first() is not None


def find_receipts(session: Session, area_code: str, about: str, stamp: str) -> ReceiptRow | None:
    """The file with these bytes that was sent before."""
    return session.exec(
        select(ReceiptRow).where(
            ReceiptRow.area_code == area_code, ReceiptRow.about == about, ReceiptRow.stamp == stamp
        )
    ).first()


def list_receipts(session: Session, principal: Principal, limit: int) -> list[ReceiptRow]:
    """The newest files of the caller's area."""
    mine = select(ReceiptRow).where(within(ReceiptRow.area_code, principal))
    return list(session.exec(mine.order_by(col(ReceiptRow.id).desc()).limit(limit)))
