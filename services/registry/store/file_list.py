"""Lists and finds people's files; a file of several persons is one line, and every question is narrowed to the caller's area."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, not_, or_, text
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from services.registry.domain.people.statement import LATEST_STANDS
from services.registry.store.tables import (
    ClassRow,
    EmploymentRow,
    FileRow,
    HouseholdRow,
    MembershipRow,
    PersonRow,
    StatementRow,
)
from shared.security import Principal, within

_FOUND_MAX = 20


@dataclass(frozen=True, slots=True)
class FileFilters:
    """What a list of files is narrowed to; None does not narrow."""

    place: str | None = None
    """A beginning of place codes."""
    helper_id: str | None = None
    conflicts: bool = False
    """Only those of whom sources say different things that no clerk has weighed."""


def list_files(
    session: Session, principal: Principal, filters: FileFilters, *, offset: int, limit: int
) -> tuple[list[tuple[FileRow, PersonRow]], int]:
    """A page of the files of the caller's area by place, and how many there are; of erased people there is none."""
    conditions = _narrowed(principal, filters)
    joined = select(FileRow, PersonRow).join(PersonRow, col(PersonRow.id) == FileRow.person_id)
    counted = select(func.count()).select_from(FileRow)
    total = session.exec(
        counted.join(PersonRow, col(PersonRow.id) == FileRow.person_id).where(*conditions)
    ).one()
    page = joined.where(*conditions).order_by(col(FileRow.place_code), col(FileRow.person_id))
    return [(file, person) for file, person in session.exec(page.offset(offset).limit(limit))], total


def find_files(
    session: Session, principal: Principal, *, resident_id: str | None = None, said: str | None = None
) -> list[tuple[FileRow, PersonRow]]:
    """The files of the caller's area whose person has this ID, or of whom this name or phone is said; by fingerprints."""
    sought: list[ColumnElement[bool]] = []
    if resident_id is not None:
        sought.append(col(PersonRow.fingerprint) == resident_id)
    if said is not None:
        words = select(StatementRow.person_id).where(
            StatementRow.value_fingerprint == said, text("kind IN ('name', 'phone')")
        )
        sought.append(col(PersonRow.id).in_(words))
    if not sought:
        return []
    files = select(PersonRow.file_id).where(or_(*sought))
    found = session.exec(
        select(FileRow, PersonRow)
        .join(PersonRow, col(PersonRow.id) == FileRow.person_id)
        .where(
            col(FileRow.person_id).in_(files),
            col(PersonRow.wrapped_key).is_not(None),
            within(FileRow.place_code, principal),
        )
        .order_by(col(FileRow.person_id))
        .limit(_FOUND_MAX)
    )
    return [(file, person) for file, person in found]


def _narrowed(principal: Principal, filters: FileFilters) -> list[ColumnElement[bool]]:
    conditions = [
        within(FileRow.place_code, principal),
        col(PersonRow.file_id) == PersonRow.id,
        col(PersonRow.wrapped_key).is_not(None),
    ]
    if filters.place:
        conditions.append(col(FileRow.place_code).startswith(filters.place, autoescape=True))
    if filters.helper_id:
        conditions.append(col(FileRow.helper_id) == filters.helper_id)
    if filters.conflicts:
        conditions.append(_contradicted())
    return conditions


def _contradicted() -> ColumnElement[bool]:
    other, standing = aliased(StatementRow), aliased(StatementRow)
    weighed = col(standing.settled_at)
    return exists().where(
        col(other.person_id) == col(FileRow.person_id),
        not_(col(other.stands)),
        col(other.kind).not_in(LATEST_STANDS),
        col(standing.person_id) == col(other.person_id),
        col(standing.kind) == col(other.kind),
        col(standing.stands),
        or_(weighed.is_(None), col(other.recorded_at) > weighed),
    )


def list_classes(session: Session, person_ids: Sequence[str]) -> list[ClassRow]:
    """All spells of classes of these persons, the latest first."""
    theirs = select(ClassRow).where(col(ClassRow.person_id).in_(list(person_ids)))
    return list(session.exec(theirs.order_by(col(ClassRow.valid_from).desc(), col(ClassRow.category))))


def list_employments(session: Session, person_ids: Sequence[str]) -> list[EmploymentRow]:
    """All spells of employment of these persons, the latest first."""
    theirs = select(EmploymentRow).where(col(EmploymentRow.person_id).in_(list(person_ids)))
    return list(session.exec(theirs.order_by(col(EmploymentRow.valid_from).desc())))


def list_members(session: Session, household_id: str) -> list[MembershipRow]:
    """Who belongs to a household now."""
    now = select(MembershipRow).where(
        MembershipRow.household_id == household_id, col(MembershipRow.valid_to).is_(None)
    )
    return list(session.exec(now.order_by(col(MembershipRow.valid_from), col(MembershipRow.person_id))))


def find_household(session: Session, household_id: str) -> HouseholdRow | None:
    """A household by its id, for whoever may see one of its members."""
    return session.get(HouseholdRow, household_id)


def files_within(session: Session, principal: Principal, person_ids: Sequence[str]) -> set[str]:
    """Those of these persons whose files are of the caller's area."""
    mine = select(FileRow.person_id).where(
        col(FileRow.person_id).in_(list(person_ids)), within(FileRow.place_code, principal)
    )
    return set(session.exec(mine))
