"""Sets how tasks stand that something was recorded on, and what that makes of employment.

What is recorded is a word about the ID it was recorded of. While that is of a merged file, it counts for the file, and
apart for that ID alone: parted again, each is as if nobody had been merged.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlmodel import Session

from services.registry.domain.tracking.outcome import speaking, standing_of
from services.registry.domain.tracking.rules import shipped_rule
from services.registry.domain.tracking.spells import undo
from services.registry.store.files import file_of
from services.registry.store.tables import (
    EmploymentAloneRow,
    EmploymentRow,
    PersonRow,
    TrackingRecordRow,
    TrackingTaskRow,
)
from services.registry.store.tracking.records import (
    TaskKey,
    as_try,
    lock_tasks,
    months_recorded,
    set_standing,
)
from services.registry.store.tracking.spells import SpellTable, save_spells, spells_of
from services.registry.usecases.tracking.effects import say_again, source_of
from services.registry.usecases.tracking.standing import standing_records
from shared.kernel.clock import local_date

Families = Mapping[str, Sequence[PersonRow]]
Recorded = Mapping[date, Sequence[TrackingRecordRow]]
"""By month, what was recorded of the persons in question."""


def settle_months(
    session: Session, families: Families, told: Iterable[TaskKey], fresh: Iterable[str], today: date
) -> dict[str, date]:
    """Settle the months of which something fresh is told, by the ID of which it is; by file, the first day on which its
    employment is not what it was."""
    told, fresh = set(told), frozenset(fresh)
    whose = file_of(families)
    both = {TaskKey(whose[one.person_id], one.month) for one in told} | told
    tasks = lock_tasks(session, both)
    days = {}
    for file_id in sorted({whose[one.person_id] for one in told}):
        family = families[file_id]
        theirs = [one for one in told if whose[one.person_id] == file_id]
        # Read for each file when it is its turn: once spells are saved, all that the session holds is read anew.
        kept = months_recorded(session, [person.id for person in family])
        of_file = [task for key, task in tasks.items() if whose[key.person_id] == file_id]
        _set_tasks(session, file_id, kept, of_file, today)
        day = _retell(session, family, file_id, kept, {one.month for one in theirs}, fresh, EmploymentRow)
        if day:
            days[file_id] = day
        if len(family) > 1:
            for one in theirs:
                alone = [person for person in family if person.id == one.person_id]
                own = months_recorded(session, [one.person_id])
                _retell(session, alone, one.person_id, own, {one.month}, fresh, EmploymentAloneRow)
    session.flush()
    return days


def _set_tasks(
    session: Session, file_id: str, kept: Recorded, tasks: Iterable[TrackingTaskRow], today: date
) -> None:
    """A file's task stands by what was recorded of all its persons, that of who was merged into it by their own."""
    for task in tasks:
        is_of_file = task.person_id == file_id
        rows = [row for row in kept.get(task.month, []) if is_of_file or row.person_id == task.person_id]
        set_standing(session, task, standing_of(map(as_try, rows), shipped_rule(task.month).tries), today)


def set_again(session: Session, persons: Sequence[PersonRow], tasks: Iterable[TrackingTaskRow]) -> None:
    """How these tasks stand by all that was recorded of these persons, as if each record had just come when it came."""
    rows_by_month = months_recorded(session, [one.id for one in persons])
    for task in tasks:
        rows, tries = rows_by_month.get(task.month, []), shipped_rule(task.month).tries
        set_standing(session, task, standing_of([], tries), task.due_on)
        for at in sorted({row.received_at for row in rows}):
            _set_as_of(session, task, rows, at, tries)
    session.flush()


def _set_as_of(
    session: Session, task: TrackingTaskRow, rows: Sequence[TrackingRecordRow], at: datetime, tries: int
) -> None:
    known = [as_try(row) for row in rows if row.received_at <= at]
    set_standing(session, task, standing_of(known, tries), local_date(at))


def _retell(
    session: Session,
    persons: Sequence[PersonRow],
    file_id: str,
    kept: Recorded,
    months: set[date],
    fresh: frozenset[str],
    of: SpellTable,
) -> date | None:
    """Say what the records of these months make of these persons' spells, now that the fresh ones are among them."""
    before = after = spells_of(session, [person.id for person in persons], of)
    since: list[date] = []
    for month in sorted(months):
        rows = kept.get(month, [])
        spoke = speaking(as_try(row) for row in rows if row.id not in fresh)
        speaks = speaking(map(as_try, rows))
        for row in rows:
            if row.id in spoke - speaks:
                after = undo(after, local_date(row.tried_at), source_of(row.id))
        since += [local_date(row.tried_at) for row in rows if row.id in spoke ^ speaks]
    if not since:
        return None
    records = standing_records(session, {file_id: persons})[file_id]
    after = say_again(after, records, file_id, min(since))
    return min(since) if save_spells(session, before, after, of) else None
