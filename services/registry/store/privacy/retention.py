"""Destroys by age, a batch at a time: each batch is found by what is still there, so that stopped work goes on by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, CursorResult, exists, literal, or_, text
from sqlmodel import Session, col, select

from services.registry.domain.status import Status
from services.registry.store.privacy.act import Act
from services.registry.store.privacy.counted import COUNTED
from services.registry.store.privacy.subjects import PERSON, subjects
from services.registry.store.tables import PersonRow, RequestRow, StatementRow
from shared.kernel.clock import local_date


def _aged(table: str, instant: str, and_: str = "true") -> str:
    return f"SELECT count(*) FROM {table} WHERE {instant} < :before AND {and_}"  # noqa: S608 - our own names


def _deleted(table: str, where: str) -> str:
    return f"""
        DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} WHERE {where} LIMIT :limit FOR UPDATE SKIP LOCKED))
    """  # noqa: S608 - our own names


def _unsealed(file: str, instant: str, refused: str, refers: str) -> str:
    """A file's name and its refused rows, whose keys are their own."""
    return f"""
        WITH old AS (
            SELECT id FROM {file} WHERE {instant} < :before AND wrapped_key IS NOT NULL LIMIT :limit FOR UPDATE SKIP LOCKED
        ), rows AS (
            UPDATE {refused} SET wrapped_key = NULL, fingerprint = NULL WHERE {refers} IN (SELECT id FROM old)
        )
        UPDATE {file} SET wrapped_key = NULL WHERE id IN (SELECT id FROM old)
    """  # noqa: S608 - our own names


_OLD_LINES = """
    FROM province_refused r JOIN province_import i ON i.id = r.import_id
    WHERE i.imported_at < :before AND r.wrapped_key IS NOT NULL
"""
_OLD_FACTS = "FROM outside_fact f JOIN outside_list l ON l.id = f.list_id WHERE l.loaded_at < :before"
ACTS: Final[Mapping[str, Act]] = {
    "answers": Act(_aged("idempotent_answer", "at"), _deleted("idempotent_answer", "at < :before")),
    "accesses": Act(_aged("access_log", "at"), _deleted("access_log", "at < :before")),
    "rights_links": Act(_aged("rights_link", "expires_at"), _deleted("rights_link", "expires_at < :before")),
    "rosters": Act(
        _aged("roster", "uploaded_at", "wrapped_key IS NOT NULL"),
        _unsealed("roster", "uploaded_at", "refused_row", "roster_id"),
    ),
    "registers": Act(
        _aged("population", "loaded_at", "wrapped_key IS NOT NULL"),
        _unsealed("population", "loaded_at", "population_refused", "population_id"),
    ),
    "province_lines": Act(
        f"SELECT count(*) {_OLD_LINES}",
        f"""
            UPDATE province_refused SET wrapped_key = NULL, fingerprint = NULL
            WHERE ctid = ANY(ARRAY(SELECT r.ctid {_OLD_LINES} LIMIT :limit FOR UPDATE OF r SKIP LOCKED))
        """,  # noqa: S608 - our own names
    ),
    "outside_facts": Act(
        f"SELECT count(*) {_OLD_FACTS}",
        f"""
            WITH told AS (
                UPDATE outside_list SET known_to = NULL WHERE loaded_at < :before AND known_to IS NOT NULL
            )
            DELETE FROM outside_fact
            WHERE ctid = ANY(ARRAY(SELECT f.ctid {_OLD_FACTS} LIMIT :limit FOR UPDATE OF f SKIP LOCKED))
        """,  # noqa: S608 - our own names
    ),
    **COUNTED,
}

_ENDED: Final = (Status.WITHDRAWN, Status.NO_SHOW, Status.REFUSED)
_CARRIED: Final = (Status.ARRIVED, Status.DISPUTED)
_NEVER_CARRIED: Final = (Status.SUBMITTED, Status.UNSERVED, Status.PLANNED, Status.NOTIFIED, Status.BOARDED)


def count_old(session: Session, act: str, before: datetime) -> int:
    """How many there are."""
    found: int = session.connection().execute(text(ACTS[act].count), {"before": before}).scalar_one()
    return found


def destroy_old(session: Session, act: str, before: datetime, limit: int) -> int:
    """Destroy some of them; how many."""
    done: CursorResult[Any] = session.connection().execute(
        text(ACTS[act].destroy), {"before": before, "limit": limit}
    )
    return int(done.scalar_one()) if done.returns_rows else done.rowcount


@dataclass(frozen=True, slots=True)
class Place:
    """How far a pass has come."""

    age: str = "-infinity"
    key: str = ""


def destroy_next(
    session: Session, statement: str, before: datetime, after: Place, limit: int
) -> tuple[int, Place | None]:
    """One step of a pass: how many it has destroyed, and where to go on; None where it has come to the end."""
    asked = {"before": before, "age": after.age, "key": after.key, "limit": limit}
    found = session.connection().execute(text(statement), asked).one_or_none()
    if found is None:
        return 0, None
    return found.gone, Place(found.age, found.key) if found.seen == limit else None


def unsuccessful(before: datetime) -> list[ColumnElement[bool]]:
    """The conditions of a request that came to nothing before then, and is still somebody's."""
    over = col(RequestRow.status).in_(_ENDED) & (col(RequestRow.changed_at) < before)
    never = col(RequestRow.status).in_(_NEVER_CARRIED) & (col(RequestRow.latest) < local_date(before))
    return [or_(over, never), col(RequestRow.person_id) != col(RequestRow.id)]


def carried(before: datetime) -> list[ColumnElement[bool]]:
    """The conditions of a request that was carried before then, and is still somebody's."""
    return [
        col(RequestRow.status).in_(_CARRIED),
        col(RequestRow.latest) < local_date(before),
        col(RequestRow.person_id) != col(RequestRow.id),
    ]


def without_a_file(before: datetime) -> list[ColumnElement[bool]]:
    """The conditions of a person who came before then, and of whom nothing is kept but what they are called."""
    conditions: list[ColumnElement[bool]] = [
        col(PersonRow.wrapped_key).is_not(None),
        col(PersonRow.created_at) < before,
        col(PersonRow.file_id) == col(PersonRow.id),
    ]
    for subject in subjects():
        if subject.parent is None and subject.table.name != StatementRow.__tablename__:
            about = select(literal(1)).where(subject.table.c[PERSON] == PersonRow.id)
            conditions.append(~exists(about))
    return conditions


_ANONYMOUS = text("""
    INSERT INTO person (id, file_id, fingerprint, wrapped_key, resident_id_sealed, created_at)
    SELECT id, id, 'erased/' || id, NULL, '', :at FROM unnest(CAST(:ids AS text[])) AS one (id)
""")
_UNLINKED = (
    text("UPDATE tracking SET request_id = NULL WHERE request_id = ANY(:ids)"),
    text("UPDATE tracking SET opened_by = '' WHERE opened_by = ANY(:ids)"),
    text("UPDATE person_file SET opened_by = '' WHERE opened_by = ANY(:ids)"),
    text(
        "UPDATE employment SET source = 'arrival/' WHERE source = ANY(SELECT 'arrival/' || unnest(CAST(:ids AS text[])))"
    ),
    text("UPDATE rights_case SET request_id = NULL, trip_id = NULL WHERE request_id = ANY(:ids)"),
    text("UPDATE rights_link SET request_id = NULL WHERE request_id = ANY(:ids)"),
)


def make_nobody_s(session: Session, requests: list[RequestRow], at: datetime) -> None:
    """Each of these requests is of a person of its own of whom nothing is known: it counts, and leads to nobody."""
    ids = [one.id for one in requests]
    session.connection().execute(_ANONYMOUS, {"ids": ids, "at": at})
    for one in requests:
        one.person_id, one.name_sealed, one.phone_sealed, one.phone_fingerprint = one.id, b"", b"", None
    session.flush()
    for statement in _UNLINKED:
        session.connection().execute(statement, {"ids": ids})
