"""Opens and finds people's files; every question asked for a caller is narrowed to their area in the SQL.

What a source says of a person is written at the person whose ID the source had, and read for all persons of the file
(`person.file_id`): so two IDs are merged, and parted again (`usecases/people/parting` gives each their own).
"""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import not_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from services.registry.store.tables import FileRow, PersonRow
from shared.kernel.errors import NotFound
from shared.security import Principal, within


class PersonUnknown(NotFound):
    """There is no person {person_id}, or they do not belong to your area. Look them up in the list of your area."""

    zh = "没有编号为 {person_id} 的人员，或其不属于您的辖区。请在本辖区名单中查找。"


def open_files(session: Session, files: Sequence[FileRow]) -> None:
    """Open a file for each person who has none."""
    if files:
        rows = [one.model_dump() for one in files]
        session.connection().execute(insert(FileRow).values(rows).on_conflict_do_nothing())


def get_file(session: Session, principal: Principal, person_id: str) -> FileRow:
    """A file of the caller's area. Raises PersonUnknown."""
    found = session.exec(
        select(FileRow).where(FileRow.person_id == person_id, within(FileRow.place_code, principal))
    ).first()
    if found is None:
        raise PersonUnknown(person_id=person_id[:40])
    return found


def is_elsewhere(session: Session, principal: Principal, person_ids: Sequence[str]) -> bool:
    """Whether one of these people has a file outside the caller's area."""
    outside = select(FileRow.person_id).where(
        col(FileRow.person_id).in_(person_ids), not_(within(FileRow.place_code, principal))
    )
    return session.exec(outside.limit(1)).first() is not None


def same_file(session: Session, person_id: str) -> list[PersonRow]:
    """All persons of the file that this person is of, whoever's file it is."""
    file_id = select(PersonRow.file_id).where(PersonRow.id == person_id).scalar_subquery()
    return list(
        session.exec(select(PersonRow).where(PersonRow.file_id == file_id).order_by(col(PersonRow.id)))
    )


def persons_seen(session: Session, principal: Principal, person_id: str) -> list[PersonRow]:
    """The persons of the file that this person is of, as far as they are the caller's, who has seen that this person is.

    Who was merged into a file of another area leads to nobody there: their own office sees them alone.
    """
    persons = same_file(session, person_id)
    own_id = persons[0].file_id
    if person_id != own_id and is_elsewhere(session, principal, [own_id]):
        return [one for one in persons if one.id == person_id]
    return persons


def file_of(families: Mapping[str, Iterable[PersonRow]]) -> dict[str, str]:
    """Person -> the file that they are put under here."""
    return {person.id: file_id for file_id, persons in families.items() for person in persons}


def persons_of(session: Session, file_ids: Iterable[str]) -> dict[str, list[PersonRow]]:
    """All persons of each file, the file's own first."""
    ids = list(file_ids)
    found: dict[str, list[PersonRow]] = {one: [] for one in ids}
    for row in session.exec(select(PersonRow).where(col(PersonRow.file_id).in_(ids))):
        found[row.file_id].append(row)
    for file_id, persons in found.items():
        persons.sort(key=lambda row: (row.id != file_id, row.id))
    return found
