"""Finds what was planned and done for households while somebody belonged to them, and who else ever did."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement as Column
from sqlalchemy import Date, Table, cast, exists, func, or_, select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from services.registry.store.privacy.keys import WRAPPED
from services.registry.store.tables import Base, MembershipRow, PersonRow
from shared.security import Principal, within

_TABLES: Final = Base.metadata.tables
_HOME, _STEP, _TASK, _HELP = (
    _TABLES[name] for name in ("household", "household_step", "zero_task", "zero_help")
)


def rows_of_households(
    session: Session, principal: Principal, person_ids: Sequence[str]
) -> dict[str, list[dict[str, Any]]]:
    """Table -> rows with their household's key: steps of plans and tasks, each only where one of these persons belonged
    to the household while it went on, and what was done in those tasks; of households of the caller's area."""
    planned = cast(func.timezone("Asia/Shanghai", _STEP.c.planned_at), Date)
    steps = _while_there(person_ids, _STEP, planned, _STEP.c.done_on)
    tasks = _while_there(person_ids, _TASK, _TASK.c.fell_on, _TASK.c.closed_on)
    key, mine = _HOME.c.wrapped_key.label(WRAPPED), within(_HOME.c.place_code, principal)
    queries = {
        _STEP: select(*_STEP.c, key).select_from(_STEP.join(_HOME)).where(steps, mine),
        _TASK: select(*_TASK.c, key).select_from(_TASK.join(_HOME)).where(tasks, mine),
        _HELP: select(*_HELP.c, _TASK.c.household_id, key)
        .select_from(_HELP.join(_TASK).join(_HOME))
        .where(tasks, mine),
    }
    execute = session.connection().execute
    return {
        table.name: [dict(row) for row in execute(query.order_by(*table.primary_key.columns)).mappings()]
        for table, query in queries.items()
    }


def others_of(session: Session, household_ids: Sequence[str], person_ids: Sequence[str]) -> list[PersonRow]:
    """All persons of the files that ever belonged to these households, but for those of these persons' own file."""
    files = (
        select_rows(PersonRow.file_id)
        .join(MembershipRow, col(MembershipRow.person_id) == PersonRow.id)
        .where(col(MembershipRow.household_id).in_(household_ids))
    )
    own = select_rows(PersonRow.file_id).where(col(PersonRow.id).in_(person_ids))
    query = select_rows(PersonRow).where(
        col(PersonRow.file_id).in_(files), col(PersonRow.file_id).not_in(own)
    )
    return list(session.exec(query.order_by(col(PersonRow.id))))


def _while_there(
    person_ids: Sequence[str], table: Table, begun: Column[Any], ended: Column[Any]
) -> Column[bool]:
    """That one of these persons belonged to the row's household at some time from when it was begun to when it ended."""
    return exists().where(
        col(MembershipRow.person_id).in_(person_ids),
        col(MembershipRow.household_id) == table.c.household_id,
        or_(col(MembershipRow.valid_to).is_(None), col(MembershipRow.valid_to) > begun),
        or_(ended.is_(None), ended >= MembershipRow.valid_from),
    )
