"""Writes and finds what sources say of people; knows values only as fingerprints and sealed bytes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlmodel import Session, col, select

from services.registry.domain.people.statement import Said
from services.registry.store.copying import copy_rows
from services.registry.store.tables import StatementRow
from shared.database import locked
from shared.kernel.errors import NotFound


class StatementUnknown(NotFound):
    """There is no statement {statement_id} about this person. Open the person's page again, and choose one that is there."""

    zh = "此人没有编号为 {statement_id} 的记录。请重新打开此人的档案，从中选择。"


@dataclass(frozen=True, slots=True)
class NewStatement:
    """A statement that is not stored yet: the columns of `StatementRow` at a fraction of the price."""

    id: str
    person_id: str
    kind: str
    value_fingerprint: str
    value_sealed: bytes
    source: str
    as_of: date
    stands: bool
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a statement when another one comes."""

    id: str
    value_fingerprint: str
    source: str
    as_of: date
    stands: bool
    is_settled: bool


_COLUMNS = tuple(NewStatement.__slots__)
_KEPT = text("""
    SELECT person_id, kind, id, value_fingerprint, source, as_of, stands, settled_at IS NOT NULL
    FROM statement WHERE person_id = ANY(:ids)
""")
_STEP_DOWN = text("UPDATE statement SET stands = false WHERE id = ANY(:ids)")


def list_kept(session: Session, person_ids: Sequence[str]) -> dict[tuple[str, str], list[Kept]]:
    """All that is kept of these persons, by person and kind."""
    kept: dict[tuple[str, str], list[Kept]] = defaultdict(list)
    for person_id, kind, *rest in session.connection().execute(_KEPT, {"ids": list(person_ids)}):
        kept[person_id, kind].append(Kept(*rest))
    return kept


def insert_statements(session: Session, rows: Iterable[NewStatement], replaced: Sequence[str] = ()) -> None:
    """All rows by one COPY, once the statements of the ids `replaced` stand no more."""
    if replaced:
        session.connection().execute(_STEP_DOWN, {"ids": list(replaced)})
    copy_rows(session, "statement", _COLUMNS, rows)


def list_statements(session: Session, person_ids: Iterable[str]) -> list[StatementRow]:
    """All statements of these persons, in the order they were recorded."""
    mine = select(StatementRow).where(col(StatementRow.person_id).in_(list(person_ids)))
    return list(session.exec(mine.order_by(col(StatementRow.recorded_at), col(StatementRow.id))))


def lock_statement(session: Session, person_ids: Sequence[str], statement_id: str) -> StatementRow:
    """A statement about one of these persons, held to the end. Raises StatementUnknown."""
    mine = select(StatementRow).where(
        StatementRow.id == statement_id, col(StatementRow.person_id).in_(list(person_ids))
    )
    found = session.exec(locked(mine)).first()
    if found is None:
        raise StatementUnknown(statement_id=statement_id[:40])
    return found


def let_stand(session: Session, row: StatementRow, by: str, at: datetime) -> None:
    """This one stands for its person, by a clerk's word, and no other of its kind."""
    session.connection().execute(
        text(
            "UPDATE statement SET stands = false"
            " WHERE person_id = :person AND kind = :kind AND stands AND id <> :id"
        ),
        {"person": row.person_id, "kind": row.kind, "id": row.id},
    )
    session.connection().execute(
        text("UPDATE statement SET stands = true, settled_by = :by, settled_at = :at WHERE id = :id"),
        {"id": row.id, "by": by, "at": at},
    )
    session.expire_all()


def said_of(row: StatementRow) -> Said:
    """A stored statement as the rules see it."""
    return Said(
        row.id,
        row.person_id,
        row.kind,
        row.value_fingerprint,
        row.as_of,
        row.stands,
        row.recorded_at,
        row.settled_at,
    )
