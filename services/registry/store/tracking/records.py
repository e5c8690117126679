"""Finds the tasks that a caller may record on, keeps every record, and sets how a task stands."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from services.registry.domain.tracking.outcome import Finding, TaskStanding, Try
from services.registry.store.files import file_of
from services.registry.store.tables import PersonRow, TrackingRecordRow, TrackingTaskRow
from services.registry.store.tracking.lists import prefixes
from shared.database import locked
from shared.security import Principal, Role


@dataclass(frozen=True, slots=True)
class TaskKey:
    """A file's task in a month."""

    person_id: str
    month: date


@dataclass(frozen=True, slots=True)
class Asked:
    """Which task a record is about, and when it was made."""

    person_id: str
    month: date
    recorded_at: datetime


_OPEN_TO_HELPER = """
    (f.helper_id = :subject OR (
        SELECT a.helper_id FROM assignment a
        WHERE a.person_id = f.person_id AND a.since <= asked.recorded_at ORDER BY a.since DESC LIMIT 1) = :subject)
"""
_OPEN_TO_BUREAU = "f.place_code LIKE ANY(:areas)"
_FIND = """
    SELECT asked.number, k.person_id, k.month
    FROM unnest(CAST(:people AS text[]), CAST(:months AS date[]), CAST(:ats AS timestamptz[]))
         WITH ORDINALITY AS asked (person_id, month, recorded_at, number)
    JOIN person p ON p.id = asked.person_id AND p.wrapped_key IS NOT NULL
    JOIN tracking_task k ON k.month = asked.month AND k.person_id IN (p.file_id, p.id)
    JOIN person_file f ON f.person_id = k.person_id
    WHERE {condition}
    ORDER BY asked.number, (k.person_id = p.file_id) DESC
"""


def find_tasks(session: Session, principal: Principal, asked: Sequence[Asked]) -> list[TaskKey | None]:
    """The task of each, where it is the caller's to record: a helper's own list, a bureau's area.

    A list that was handed over is still the former helper's for what they recorded before, and not after.
    """
    is_helper = principal.has(Role.HELPER)
    statement = _FIND.format(condition=_OPEN_TO_HELPER if is_helper else _OPEN_TO_BUREAU)
    who = {"subject": principal.subject} if is_helper else {"areas": prefixes(principal)}
    values = {
        "people": [one.person_id for one in asked],
        "months": [one.month for one in asked],
        "ats": [one.recorded_at for one in asked],
    }
    found: dict[int, TaskKey] = {}
    for number, person_id, month in session.connection().execute(text(statement), values | who):
        found.setdefault(number, TaskKey(person_id, month))
    return [found.get(number) for number in range(1, len(asked) + 1)]


def known_records(session: Session, ids: Iterable[str]) -> dict[str, TrackingRecordRow]:
    """Those of the records that are kept already."""
    rows = session.exec(select(TrackingRecordRow).where(col(TrackingRecordRow.id).in_(list(ids))))
    return {row.id: row for row in rows}


def keep_record(session: Session, row: TrackingRecordRow) -> bool:
    """Keep a record; False where one of its id is kept already."""
    kept = insert(TrackingRecordRow).values(row.model_dump()).on_conflict_do_nothing()
    found = session.connection().execute(kept.returning(col(TrackingRecordRow.id)))
    return found.first() is not None


def lock_tasks(session: Session, keys: Iterable[TaskKey]) -> dict[TaskKey, TrackingTaskRow]:
    """These tasks, held to the end. The caller holds the persons' rows."""
    pairs = [(key.month, key.person_id) for key in keys]
    mine = select(TrackingTaskRow).where(
        tuple_(col(TrackingTaskRow.month), col(TrackingTaskRow.person_id)).in_(pairs)
    )
    ordered = mine.order_by(col(TrackingTaskRow.month), col(TrackingTaskRow.person_id))
    return {TaskKey(row.person_id, row.month): row for row in session.exec(locked(ordered))}


def records_of(session: Session, person_ids: Iterable[str]) -> dict[TaskKey, list[TrackingRecordRow]]:
    """All records by the person they are of, and the month."""
    found: dict[TaskKey, list[TrackingRecordRow]] = defaultdict(list)
    rows = select(TrackingRecordRow).where(col(TrackingRecordRow.person_id).in_(list(person_ids)))
    for row in session.exec(rows.order_by(col(TrackingRecordRow.recorded_at), col(TrackingRecordRow.id))):
        found[TaskKey(row.person_id, row.month)].append(row)
    return found


def records_by_file(
    session: Session, families: Mapping[str, Iterable[PersonRow]]
) -> dict[TaskKey, list[TrackingRecordRow]]:
    """All records of these files' persons, by the file and the month."""
    whose = file_of(families)
    found: dict[TaskKey, list[TrackingRecordRow]] = defaultdict(list)
    for key, rows in records_of(session, whose).items():
        found[TaskKey(whose[key.person_id], key.month)] += rows
    return found


def months_recorded(session: Session, person_ids: Iterable[str]) -> dict[date, list[TrackingRecordRow]]:
    """All records of these persons together by month."""
    found: dict[date, list[TrackingRecordRow]] = defaultdict(list)
    for key, rows in records_of(session, person_ids).items():
        found[key.month] += rows
    return found


def as_try(row: TrackingRecordRow) -> Try:
    """A record as the rules see it."""
    return Try(row.id, Finding(row.outcome), row.tried_at, row.recorded_at)


def set_standing(session: Session, task: TrackingTaskRow, standing: TaskStanding, day: date) -> None:
    """How the task stands now, and on which day it was first done."""
    task.outcome, task.record_id, task.tries = standing.outcome, standing.record_id, standing.tries
    task.done_on = None if standing.outcome is None else task.done_on or day
    session.add(task)
