"""Shows people's files, masked: a line of a list, and one file with all that is known and where it comes from."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from services.registry.domain.identity import read_phone, read_resident_id, tidy
from services.registry.domain.people.statement import Kind, Verdict, by_kind, weigh
from services.registry.store.assignment import list_assignments
from services.registry.store.consent import list_consents
from services.registry.store.file_list import (
    FileFilters,
    files_within,
    find_files,
    find_household,
    list_classes,
    list_employments,
    list_files,
    list_members,
)
from services.registry.store.files import get_file, is_elsewhere, persons_of
from services.registry.store.merges import list_merges
from services.registry.store.people import resident_id_context
from services.registry.store.register import household_context
from services.registry.store.statements import list_statements, said_of
from services.registry.store.tables import (
    AssignmentRow,
    ClassRow,
    ConsentRow,
    EmploymentRow,
    FileRow,
    MembershipRow,
    MergeRow,
    PersonRow,
    StatementRow,
)
from services.registry.usecases.parts import Parts
from services.registry.usecases.people.contacts import contacts_of
from services.registry.usecases.people.merge import open_reason
from services.registry.usecases.people.say import value_context, value_fingerprint
from services.registry.usecases.place_names import place_name
from services.registry.usecases.show import ERASED
from shared.kernel.clock import local_date
from shared.security import Principal, Vault, mask


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A file in a list; name, ID and phone are masked."""

    person_id: str
    name: str
    resident_id: str
    phone: str
    place_code: str
    place_name: str
    helper_id: str | None
    categories: tuple[str, ...]
    work_area: str | None
    """None: nobody knows of a job today."""


@dataclass(frozen=True, slots=True)
class SaidView:
    """A value that a source gave, masked; `is_open`: it contradicts what stands, and no clerk has weighed it."""

    statement_id: str
    person_id: str
    kind: str
    value: str
    source: str
    as_of: date
    stands: bool
    is_open: bool
    settled_by: str | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class MemberView:
    """Somebody of the household; without a name where they are not of the caller's area."""

    person_id: str | None
    name: str
    relation: str
    has_labour: bool


@dataclass(frozen=True, slots=True)
class MergeView:
    """A merge of this file or into it, with its reason as long as it can be read."""

    person_id: str
    into_id: str
    reason: str | None
    merged_by: str
    merged_at: datetime
    undone_by: str | None
    undone_at: datetime | None


@dataclass(frozen=True)
class PersonView:
    """One file: who it is, and all that is known of all persons it has."""

    line: PersonLine
    file: FileRow
    is_erased: bool
    merged_into: str | None
    """The file that this person is of now, where it is another's."""
    ids: tuple[tuple[str, str], ...]
    """Person and masked resident ID, the file's own first."""
    said: dict[str, list[SaidView]]
    household: str | None
    """Its number in the county's register, masked."""
    members: list[MemberView]
    classes: list[ClassRow]
    employments: list[EmploymentRow]
    assignments: list[AssignmentRow]
    merges: list[MergeView]
    consents: list[ConsentRow]

    @property
    def conflicts(self) -> int:
        """How many values are to be settled."""
        return sum(one.is_open for values in self.said.values() for one in values)


def show_people(
    parts: Parts, principal: Principal, filters: FileFilters, *, page: int, size: int
) -> tuple[list[PersonLine], int]:
    """A page (from 1) of the files of the caller's area, and how many there are."""
    with parts.database.session() as session:
        found, total = list_files(session, principal, filters, offset=(page - 1) * size, limit=size)
        return _lines(session, parts, found), total


def search_people(parts: Parts, principal: Principal, sought: str) -> list[PersonLine]:
    """The files of the caller's area with this whole resident ID, phone or name."""
    text = tidy(sought)
    resident_id, phone = read_resident_id(text), read_phone(text)
    if isinstance(resident_id, str):
        found = {"resident_id": parts.vault.fingerprint(resident_id)}
    elif isinstance(phone, str):
        found = {"said": value_fingerprint(parts.vault, Kind.PHONE, phone)}
    else:
        found = {"said": value_fingerprint(parts.vault, Kind.NAME, text)}
    with parts.database.session() as session:
        return _lines(session, parts, find_files(session, principal, **found))


def show_person(parts: Parts, principal: Principal, person_id: str) -> PersonView:
    """One file of the caller's area. Raises PersonUnknown."""
    with parts.database.session() as session:
        file = get_file(session, principal, person_id)
        person = session.get_one(PersonRow, person_id)
        persons = (
            persons_of(session, [person.file_id])[person.file_id] if person.file_id == person_id else [person]
        )
        ids = [one.id for one in persons]
        merges = list_merges(session, ids)
        is_alone = is_elsewhere(session, principal, [person.file_id])
        [line] = _lines(session, parts, [(file, person)], is_alone=is_alone)
        household, members = _household(session, parts.vault, file)
        keys = {one.id: one.wrapped_key for one in persons}
        return PersonView(
            line=line,
            file=file,
            is_erased=person.wrapped_key is None,
            merged_into=person.file_id if person.file_id != person_id else None,
            ids=tuple((one.id, _masked_id(one, parts.vault)) for one in persons),
            said=_said(list_statements(session, ids), keys, person_id, merges, parts.vault),
            household=household,
            members=_members(session, parts.vault, principal, members),
            classes=list_classes(session, ids),
            employments=list_employments(session, ids),
            assignments=list_assignments(session, person_id),
            merges=[_merge(session, one, parts.vault) for one in merges],
            consents=list_consents(session, ids),
        )


def _lines(
    session: Session,
    parts: Parts,
    found: Sequence[tuple[FileRow, PersonRow]],
    *,
    is_alone: bool = False,
) -> list[PersonLine]:
    """`is_alone`: each by themselves, and nothing of the file that they were merged into, for that is another area's."""
    today = local_date(parts.clock.now())
    persons = persons_of(session, [person.file_id for _, person in found])
    if is_alone:
        persons = {person.file_id: [person] for _, person in found}
    ids = [one.id for whole in persons.values() for one in whole]
    whose = {one.id: file_id for file_id, whole in persons.items() for one in whole}
    contacts = contacts_of(session, parts.vault, [person.id for _, person in found], is_alone=is_alone)
    classes: dict[str, set[str]] = defaultdict(set)
    for row in list_classes(session, ids):
        if row.valid_from <= today and (row.valid_to is None or row.valid_to > today):
            classes[whose[row.person_id]].add(row.category)
    work: dict[str, str] = {}
    for job in list_employments(session, ids):
        if job.valid_from <= today and (job.valid_to is None or job.valid_to > today):
            work.setdefault(whose[job.person_id], job.area_code)
    return [
        PersonLine(
            person_id=person.id,
            name=mask.name(contacts[person.id].name) or (ERASED if person.wrapped_key is None else ""),
            resident_id=_masked_id(person, parts.vault),
            phone=mask.phone(contacts[person.id].phone),
            place_code=file.place_code,
            place_name=place_name(file.place_code),
            helper_id=file.helper_id,
            categories=tuple(sorted(classes[person.file_id])),
            work_area=work.get(person.file_id),
        )
        for file, person in found
    ]


def _masked_id(person: PersonRow, vault: Vault) -> str:
    if person.wrapped_key is None:
        return ERASED
    context = resident_id_context(person.id)
    return mask.resident_id(vault.open(person.wrapped_key, person.resident_id_sealed, context))


def _said(
    rows: Sequence[StatementRow],
    keys: dict[str, bytes | None],
    own_id: str,
    merges: Sequence[MergeRow],
    vault: Vault,
) -> dict[str, list[SaidView]]:
    """By kind: what stands first, then what contradicts it, then the rest, the latest first."""
    joined = max((one.merged_at for one in merges if one.undone_at is None), default=None)
    open_rows = {row.id: row for row in rows if keys[row.person_id] is not None}
    shown: dict[str, list[SaidView]] = {}
    for kind, words in by_kind(said_of(row) for row in open_rows.values()).items():
        verdict = weigh(words, own_id, joined)
        views = [_view(open_rows[one.id], keys, verdict, vault) for one in reversed(words)]
        shown[kind] = sorted(views, key=lambda one: (not one.stands, not one.is_open))
    return shown


def _view(row: StatementRow, keys: dict[str, bytes | None], verdict: Verdict, vault: Vault) -> SaidView:
    key = keys[row.person_id]
    if key is None:
        raise RuntimeError("what an erased person said is not shown")
    return SaidView(
        statement_id=row.id,
        person_id=row.person_id,
        kind=row.kind,
        value=_masked(row.kind, vault.open(key, row.value_sealed, value_context(row.person_id, row.kind))),
        source=row.source,
        as_of=row.as_of,
        stands=row.id == verdict.standing.id,
        is_open=any(row.id == one.id for one in verdict.open),
        settled_by=row.settled_by,
        recorded_at=row.recorded_at,
    )


def _masked(kind: str, value: str) -> str:
    """An education or a wish tells nobody who it is; a name, a phone and an address do."""
    if kind == Kind.PHONE:
        return mask.phone(value)
    if kind == Kind.NAME:
        return mask.name(value)
    if kind == Kind.ADDRESS:
        return value[:6] + "*" * max(0, len(value) - 6)
    return value


def _household(session: Session, vault: Vault, file: FileRow) -> tuple[str | None, list[MembershipRow]]:
    row = find_household(session, file.household_id) if file.household_id else None
    if row is None:
        return None, []
    number = ERASED
    if row.wrapped_key is not None:
        number = mask.household(vault.open(row.wrapped_key, row.number_sealed, household_context(row.id)))
    return number, list_members(session, row.id)


def _members(
    session: Session, vault: Vault, principal: Principal, rows: Sequence[MembershipRow]
) -> list[MemberView]:
    mine = files_within(session, principal, [one.person_id for one in rows])
    contacts = contacts_of(session, vault, mine)
    return [
        MemberView(
            one.person_id if one.person_id in mine else None,
            (mask.name(contacts[one.person_id].name) or ERASED) if one.person_id in mine else ERASED,
            one.relation,
            one.has_labour,
        )
        for one in rows
    ]


def _merge(session: Session, row: MergeRow, vault: Vault) -> MergeView:
    key = session.get_one(PersonRow, row.person_id).wrapped_key
    return MergeView(
        person_id=row.person_id,
        into_id=row.into_id,
        reason=open_reason(row, key, vault),
        merged_by=row.merged_by,
        merged_at=row.merged_at,
        undone_by=row.undone_by,
        undone_at=row.undone_at,
    )
