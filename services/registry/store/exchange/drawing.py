"""Finds the export that is to be gone on with, and writes down how far it is."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import ColumnElement, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from services.registry.store.copying import copy_rows
from services.registry.store.exchange.areas import bounds
from services.registry.store.exchange.people import FILES_DUE
from services.registry.store.exchange.sent import NewSent
from services.registry.store.tables import ExportRow
from shared.database import hold

_DRAWING: Final = "registry.drawing"
_COUNT_DUE: Final = text(f"SELECT count(*) {FILES_DUE}")
_IN_IT: Final = text("""
    SELECT person_id FROM exchange_row
    WHERE person_id = ANY(:ids) AND mapping_id = :mapping AND month = :month AND export_id = :export
""")


def keep_erasures_waiting(session: Session) -> None:
    """Until the transaction ends nobody is erased; beside others who draw up. For a transaction of its own, ended last.

    An erasure overwrites the digests of its person's rows, and would not see one that is being written: that would stay, and
    tell for ever whose it was. It cannot be the transaction that reads at one moment, for that moment comes before the wait.
    """
    hold(session, _DRAWING, shared=True)


def wait_for_drawing(session: Session) -> None:
    """Wait for the rows that are being written, and until the transaction ends let none be begun."""
    hold(session, _DRAWING)


def insert_export(session: Session, row: ExportRow) -> bool:
    """Whether it is new. Another transaction that asks for the same is waited for, and then wins."""
    fresh = insert(ExportRow).values(row.model_dump()).on_conflict_do_nothing()
    return session.connection().execute(fresh.returning(col(ExportRow.id))).first() is not None


def find_waiting(session: Session, asked: ExportRow) -> ExportRow | None:
    """The same export, asked for before and not done yet."""
    same = ("area_code", "month", "mapping_id", "only_changed", "reason")
    query = select(ExportRow).where(*(getattr(ExportRow, name) == getattr(asked, name) for name in same))
    return session.exec(query.where(*_open())).first()


def hold_next(session: Session) -> ExportRow | None:
    """The export that has come least far, held to the end; without those at which another worker is.

    So a county's is not kept waiting by a province's that was asked for before.
    """
    query = select(ExportRow).where(*_open()).order_by(col(ExportRow.done), col(ExportRow.id)).limit(1)
    return session.exec(query.with_for_update(key_share=True, skip_locked=True)).first()


def count_due(session: Session, area: str, month: date, until: datetime) -> int:
    """Whose month is due in the area."""
    low, high = bounds(area)
    asked = {"low": low, "high": high, "month": month, "until": until}
    return int(session.connection().execute(_COUNT_DUE, asked).scalar_one())


def those_in_it(session: Session, export: ExportRow, ids: Sequence[str]) -> set[str]:
    """Who of these people has a row in the export already: they moved within the area while it was drawn up."""
    asked = {
        "ids": list(ids),
        "mapping": export.mapping_id,
        "month": export.month,
        "export": export.id,
    }
    return set(session.connection().execute(_IN_IT, asked).scalars())


def insert_rows(session: Session, rows: Sequence[NewSent]) -> None:
    """Rows of an export that is held, by one COPY."""
    copy_rows(session, "exchange_row", NewSent._fields, rows)


def _open() -> tuple[ColumnElement[bool], ...]:
    return (col(ExportRow.finished_at).is_(None), col(ExportRow.failure).is_(None))
