"""Writes and finds the tasks of households that have nobody employed; what a caller sees is narrowed to their area in the SQL."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from services.registry.store.tables import (
    FileRow,
    HouseholdRow,
    MembershipRow,
    PersonRow,
    PlanStepRow,
    ZeroHelpRow,
    ZeroTaskRow,
)
from shared.database import locked
from shared.kernel.errors import NotFound
from shared.security import Principal, Role, within


def open_tasks_of(session: Session, household_ids: Sequence[str]) -> dict[str, ZeroTaskRow]:
    """By household: its open task, as it is now. The caller holds the households."""
    found = session.exec(
        select(ZeroTaskRow)
        .where(col(ZeroTaskRow.household_id).in_(household_ids), col(ZeroTaskRow.outcome).is_(None))
        .execution_options(populate_existing=True)
    )
    return {row.household_id: row for row in found}


def closed_by_hand(session: Session, household_ids: Sequence[str]) -> dict[str, date]:
    """By household: the last fall for which a clerk closed a task."""
    found = session.exec(
        select(ZeroTaskRow.household_id, func.max(ZeroTaskRow.fell_on))
        .where(col(ZeroTaskRow.household_id).in_(household_ids), col(ZeroTaskRow.by_hand))
        .group_by(ZeroTaskRow.household_id)
    )
    return dict(found.all())


class ZeroTaskUnknown(NotFound):
    """There is no task {task_id}, or it is not yours. Look it up in the list of households with nobody employed."""

    zh = "没有编号为 {task_id} 的零就业任务，或您无权查看。请在零就业家庭清单中查找。"


class HouseholdUnknown(NotFound):
    """There is no household {household_id}, or it is not yours. Look it up in the lists of your area."""

    zh = "没有编号为 {household_id} 的家庭，或您无权查看。请在本辖区清单中查找。"


def visible(principal: Principal) -> ColumnElement[bool]:
    """The households of a caller: a helper's those of people who are theirs to help, an office's those of its area."""
    if not principal.has(Role.HELPER):
        return within(HouseholdRow.place_code, principal)
    member = (
        select(MembershipRow.household_id)
        .join(PersonRow, col(PersonRow.id) == MembershipRow.person_id)
        .join(FileRow, col(FileRow.person_id) == PersonRow.file_id)
        .where(col(MembershipRow.valid_to).is_(None), FileRow.helper_id == principal.subject)
    )
    return col(HouseholdRow.id).in_(member)


def get_household(
    session: Session, principal: Principal, household_id: str, *, hold: bool = False
) -> HouseholdRow:
    """A household of the caller's, held to the end if it is to be changed. Raises HouseholdUnknown."""
    query = select(HouseholdRow).where(HouseholdRow.id == household_id, visible(principal))
    found = session.exec(locked(query) if hold else query).first()
    if found is None:
        raise HouseholdUnknown(household_id=household_id[:40])
    return found


def hold_task(session: Session, principal: Principal, task_id: str) -> tuple[ZeroTaskRow, HouseholdRow]:
    """A task of the caller's and its household, which is held, so that nothing ends the task meanwhile. Raises ZeroTaskUnknown."""
    of_task = select(ZeroTaskRow.household_id).where(ZeroTaskRow.id == task_id)
    mine = select(HouseholdRow).where(col(HouseholdRow.id).in_(of_task), visible(principal))
    household = session.exec(locked(mine)).first()
    if household is None:
        raise ZeroTaskUnknown(task_id=task_id[:40])
    found = select(ZeroTaskRow).where(ZeroTaskRow.id == task_id)
    return session.exec(found.execution_options(populate_existing=True)).one(), household


def list_open(
    session: Session, principal: Principal, *, area: str = "", offset: int, limit: int
) -> tuple[list[tuple[ZeroTaskRow, HouseholdRow]], int]:
    """A page of the open tasks that are the caller's, the latest first, and how many there are."""
    mine = (
        select(ZeroTaskRow, HouseholdRow)
        .join(HouseholdRow, col(HouseholdRow.id) == ZeroTaskRow.household_id)
        .where(
            col(ZeroTaskRow.outcome).is_(None),
            visible(principal),
            col(HouseholdRow.place_code).startswith(area, autoescape=True),
        )
    )
    total = session.exec(select(func.count()).select_from(mine.subquery())).one()
    ordered = mine.order_by(col(ZeroTaskRow.clear_by), col(ZeroTaskRow.id))
    return list(session.exec(ordered.offset(offset).limit(limit)).all()), total


def count_open(session: Session, principal: Principal, day: date) -> tuple[int, int]:
    """How many open tasks are the caller's, and how many of them are past the day to clear."""
    late = col(ZeroTaskRow.clear_by) < day
    query = (
        select(func.count(), func.count().filter(late))
        .select_from(ZeroTaskRow)
        .join(HouseholdRow, col(HouseholdRow.id) == ZeroTaskRow.household_id)
        .where(col(ZeroTaskRow.outcome).is_(None), visible(principal))
    )
    every, past = session.exec(query).one()
    return every, past


def list_tasks(session: Session, household_id: str) -> list[ZeroTaskRow]:
    """A household's tasks, the newest first."""
    mine = select(ZeroTaskRow).where(ZeroTaskRow.household_id == household_id)
    return list(session.exec(mine.order_by(col(ZeroTaskRow.id).desc())))


def helps_of(session: Session, task_ids: Sequence[str]) -> dict[str, list[ZeroHelpRow]]:
    """By task: what was done."""
    helps: dict[str, list[ZeroHelpRow]] = {one: [] for one in task_ids}
    found = select(ZeroHelpRow).where(col(ZeroHelpRow.task_id).in_(task_ids))
    for row in session.exec(found.order_by(col(ZeroHelpRow.kind), col(ZeroHelpRow.number))):
        helps[row.task_id].append(row)
    return helps


def list_plan(session: Session, household_id: str) -> list[PlanStepRow]:
    """The steps of a household's plan, as they were planned."""
    mine = select(PlanStepRow).where(PlanStepRow.household_id == household_id)
    return list(session.exec(mine.order_by(col(PlanStepRow.id))))
