"""Writes and finds registers that were sent in, the pieces of their files, and what became of each row."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from services.registry.store.copying import copy_rows
from services.registry.store.tables import (
    PopulationPieceRow,
    PopulationRefusedRow,
    PopulationRow,
)
from shared.database import Database, locked, try_hold
from shared.kernel.errors import NotFound
from shared.security import Principal, within


class PopulationUnknown(NotFound):
    """There is no register {population_id}, or it was not sent for your area. Check the number, or ask the office that sent it."""

    zh = "没有编号为 {population_id} 的人员登记文件，或它不是以您的辖区名义导入的。请核对编号，或联系导入它的单位。"


class OutcomeLine(NamedTuple):
    """What became of one row: an outcome and its person, or a refusal."""

    row: int
    outcome: str
    person_id: str | None


_LINES = text("""
    SELECT row, outcome, person_id FROM population_outcome
    WHERE population_id = :id AND (CAST(:outcome AS text) IS NULL OR outcome = :outcome)
    UNION ALL
    SELECT row, 'refused', NULL FROM population_refused
    WHERE population_id = :id AND (CAST(:outcome AS text) IS NULL OR :outcome = 'refused')
    ORDER BY 1 OFFSET :offset LIMIT :limit
""")
_FELL = text("""
    SELECT DISTINCT m.household_id FROM population_outcome o JOIN membership m ON m.person_id = o.person_id
    WHERE o.population_id = :id AND o.outcome <> 'unchanged' AND (
        EXISTS (SELECT FROM zero_task z WHERE z.household_id = m.household_id AND z.closed_on IS NULL)
        OR NOT EXISTS (
            SELECT FROM membership n JOIN employment e ON e.person_id = n.person_id
            WHERE n.household_id = m.household_id AND n.valid_to IS NULL AND e.valid_to IS NULL))
    ORDER BY 1
""")


def insert_population(session: Session, row: PopulationRow) -> bool:
    """Whether it is new. Another transaction with the same bytes is waited for, and then wins."""
    fresh = insert(PopulationRow).values(row.model_dump()).on_conflict_do_nothing()
    return session.connection().execute(fresh.returning(col(PopulationRow.id))).first() is not None


def find_population(session: Session, area_code: str, sha256: str) -> PopulationRow | None:
    """The import of exactly these bytes for this area, unless it failed."""
    return session.exec(
        select(PopulationRow).where(
            PopulationRow.area_code == area_code,
            PopulationRow.sha256 == sha256,
            col(PopulationRow.failure).is_(None),
        )
    ).first()


def insert_piece(session: Session, row: PopulationPieceRow) -> None:
    """One piece of a file."""
    session.add(row)
    session.flush()
    session.expunge(row)


def find_piece(session: Session, population_id: str, number: int) -> bytes | None:
    """The sealed piece; None where the file is gone or has no such piece."""
    return session.exec(
        select(PopulationPieceRow.sealed).where(
            PopulationPieceRow.population_id == population_id, PopulationPieceRow.number == number
        )
    ).first()


def drop_pieces(session: Session, population_id: str) -> None:
    """The file is needed no more."""
    session.connection().execute(
        text("DELETE FROM population_piece WHERE population_id = :id"), {"id": population_id}
    )


def hold_import(database: Database, population_id: str) -> AbstractContextManager[bool]:
    """Keep other workers away from an import. It saves work alone: two that are at one import do no harm."""
    return try_hold(database, f"zhida.population.{population_id}")


def population_of(session: Session, population_id: str) -> PopulationRow:
    """The import by our own worker, who knows that it is there."""
    return session.exec(select(PopulationRow).where(PopulationRow.id == population_id)).one()


def lock_population(session: Session, population_id: str) -> PopulationRow | None:
    """The import by our own worker, held to the end."""
    return session.exec(locked(select(PopulationRow).where(PopulationRow.id == population_id))).first()


def list_unfinished(session: Session) -> list[str]:
    """The imports that are not done, oldest first."""
    waiting = select(PopulationRow.id).where(col(PopulationRow.finished_at).is_(None))
    return list(session.exec(waiting.order_by(col(PopulationRow.id))))


def get_population(session: Session, principal: Principal, population_id: str) -> PopulationRow:
    """An import of the caller's area. Raises PopulationUnknown."""
    found = session.exec(
        select(PopulationRow).where(
            PopulationRow.id == population_id, within(PopulationRow.area_code, principal)
        )
    ).first()
    if found is None:
        raise PopulationUnknown(population_id=population_id[:40])
    return found


def list_populations(
    session: Session, principal: Principal, *, offset: int, limit: int
) -> tuple[list[PopulationRow], int]:
    """A page of the caller's imports, newest first, and how many there are."""
    mine = within(PopulationRow.area_code, principal)
    total = session.exec(select(func.count()).select_from(PopulationRow).where(mine)).one()
    newest = select(PopulationRow).where(mine).order_by(col(PopulationRow.id).desc())
    return list(session.exec(newest.offset(offset).limit(limit)).all()), total


def insert_outcomes(session: Session, population_id: str, accepted: Mapping[int, tuple[str, str]]) -> None:
    """What the accepted rows did, by one COPY."""
    rows = (
        _Outcome(population_id, row, outcome, person_id) for row, (outcome, person_id) in accepted.items()
    )
    copy_rows(session, "population_outcome", _Outcome._fields, rows)


class _Outcome(NamedTuple):
    population_id: str
    row: int
    outcome: str
    person_id: str


def insert_refused(session: Session, rows: Iterable[PopulationRefusedRow]) -> None:
    """All refused rows by one COPY."""
    copy_rows(session, "population_refused", tuple(PopulationRefusedRow.model_fields), rows)


def list_refused(
    session: Session, population_id: str, rows: Sequence[int] | None = None
) -> list[PopulationRefusedRow]:
    """The refused rows, all or some, in the order of the file."""
    query = select(PopulationRefusedRow).where(PopulationRefusedRow.population_id == population_id)
    if rows is not None:
        query = query.where(col(PopulationRefusedRow.row).in_(list(rows)))
    return list(session.exec(query.order_by(col(PopulationRefusedRow.row))))


def list_refused_rows(session: Session, population_id: str, after: int = 0) -> set[int]:
    """The numbers of the refused rows."""
    query = select(PopulationRefusedRow.row).where(PopulationRefusedRow.population_id == population_id)
    return set(session.exec(query.where(col(PopulationRefusedRow.row) > after)))


def list_lines(
    session: Session, population_id: str, outcome: str | None, *, offset: int, limit: int
) -> list[OutcomeLine]:
    """A page of what became of the rows, in the order of the file; all, or those with one outcome."""
    found = session.connection().execute(
        _LINES, {"id": population_id, "outcome": outcome, "offset": offset, "limit": limit}
    )
    return [OutcomeLine(*row) for row in found]


def list_fallen(session: Session, population_id: str) -> list[str]:
    """The households touched by an import that may have come to nobody employed, or back, by id."""
    return list(session.connection().execute(_FELL, {"id": population_id}).scalars())


def finish(session: Session, row: PopulationRow, at: datetime, failure: str | None = None) -> None:
    """It is done, or it has failed; its file goes."""
    row.finished_at, row.failure = at, failure
    session.add(row)
    drop_pieces(session, row.id)
