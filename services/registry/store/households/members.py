"""Finds who belongs to households and when they are employed; a member is a file, of all persons that were merged into it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from services.registry.domain.households.standing import Belonging, Member, Spell
from services.registry.store.tables import EmploymentRow, HouseholdRow, MembershipRow, PersonRow
from shared.database import locked


def households_of(session: Session, person_ids: Iterable[str]) -> list[str]:
    """The households to which any person of the same files ever belonged, by id."""
    given, same = aliased(PersonRow), aliased(PersonRow)
    found = session.exec(
        select(MembershipRow.household_id)
        .join(same, col(same.id) == MembershipRow.person_id)
        .join(given, col(given.file_id) == same.file_id)
        .where(col(given.id).in_(list(person_ids)))
        .distinct()
    )
    return sorted(found)


def hold_households(session: Session, household_ids: Iterable[str]) -> None:
    """Keep these households from being judged by anybody else until the transaction ends; in the order of their ids."""
    rows = select(HouseholdRow).where(col(HouseholdRow.id).in_(list(household_ids)))
    session.exec(locked(rows.order_by(col(HouseholdRow.id)))).all()


def members_of(session: Session, household_ids: Sequence[str]) -> dict[str, dict[str, Member]]:
    """By household, by file: the members with all their spells."""
    belongs: dict[str, dict[str, list[Belonging]]] = {one: defaultdict(list) for one in household_ids}
    found = session.exec(
        select(MembershipRow, PersonRow.file_id)
        .join(PersonRow, col(PersonRow.id) == MembershipRow.person_id)
        .where(col(MembershipRow.household_id).in_(household_ids))
        .order_by(col(MembershipRow.valid_from), col(MembershipRow.person_id))
    )
    for row, file_id in found:
        spell = Belonging(row.valid_from, row.valid_to, row.has_labour)
        belongs[row.household_id][file_id].append(spell)
    works = works_of(session, {file_id for files in belongs.values() for file_id in files})
    return {
        household_id: {
            file_id: Member(
                tuple(spells), tuple(Spell(row.valid_from, row.valid_to) for row in works[file_id])
            )
            for file_id, spells in files.items()
        }
        for household_id, files in belongs.items()
    }


def works_of(session: Session, file_ids: Iterable[str]) -> dict[str, list[EmploymentRow]]:
    """By file: all its employment, oldest first."""
    works: dict[str, list[EmploymentRow]] = defaultdict(list)
    found = session.exec(
        select(EmploymentRow, PersonRow.file_id)
        .join(PersonRow, col(PersonRow.id) == EmploymentRow.person_id)
        .where(col(PersonRow.file_id).in_(list(file_ids)))
        .order_by(col(EmploymentRow.valid_from), col(EmploymentRow.person_id))
    )
    for row, file_id in found:
        works[file_id].append(row)
    return works
