"""Says by what name and phone a case's reader may know its worker: by what their own office has, never by a neighbour's file.

A clerk takes down whoever calls, also somebody whose file another office has. If the case then showed what that file says,
an ID alone would be enough to be told a stranger's name and phone.
"""

from collections.abc import Callable, Sequence

from sqlmodel import Session, col, select

from services.registry.store.tables import CaseRow, FileRow, PersonRow, RequestRow, StatementRow
from services.registry.usecases.people.contacts import Contact
from services.registry.usecases.people.say import value_context
from services.registry.usecases.rights.whose import contacts
from services.registry.usecases.submit import name_context, phone_context
from shared.reference import COUNTY_DIGITS
from shared.security import Principal, Role, Vault, covers


def contacts_of_cases(
    session: Session, vault: Vault, principal: Principal, cases: Sequence[tuple[CaseRow, PersonRow]]
) -> dict[str, Contact]:
    """By case: name and phone in full; empty once erased."""
    return _contacts(session, vault, cases, lambda case, place: _is_near(principal, case, place))


def contacts_at_home(
    session: Session, vault: Vault, cases: Sequence[tuple[CaseRow, PersonRow]]
) -> dict[str, Contact]:
    """By case: name and phone as the county that has the case knows them."""
    return _contacts(session, vault, cases, _is_at_home)


def _contacts(
    session: Session,
    vault: Vault,
    cases: Sequence[tuple[CaseRow, PersonRow]],
    is_near: Callable[[CaseRow, str | None], bool],
) -> dict[str, Contact]:
    wanted = {person.file_id for _, person in cases}
    files = select(FileRow.person_id, FileRow.place_code).where(col(FileRow.person_id).in_(wanted))
    places = dict(session.exec(files).all())
    near = {case.id: person for case, person in cases if is_near(case, places.get(person.file_id))}
    known = contacts(session, vault, {person.id: person for person in near.values()})
    return {
        case.id: known[person.id] if case.id in near else _told_here(session, vault, case, person)
        for case, person in cases
    }


def _is_near(principal: Principal, case: CaseRow, place: str | None) -> bool:
    """Whether the file is the reader's own; for a rights office, whether it is of the county that has the case."""
    if place is not None and principal.has(Role.BUREAU):
        return covers(principal, place)
    return _is_at_home(case, place)


def _is_at_home(case: CaseRow, place: str | None) -> bool:
    return place is not None and place[:COUNTY_DIGITS] == case.place_code[:COUNTY_DIGITS]


def _told_here(session: Session, vault: Vault, case: CaseRow, person: PersonRow) -> Contact:
    """What whoever opened the case was told, else what a request of its county says, else what stands for this ID: a word that
    says what stands already is not kept again."""
    key = person.wrapped_key
    if key is None:
        return Contact()
    found: dict[str, str] = {}
    theirs = select(StatementRow).where(
        StatementRow.person_id == person.id, col(StatementRow.kind).in_(("name", "phone"))
    )
    said = session.exec(
        theirs.order_by(col(StatementRow.recorded_at).desc(), col(StatementRow.id).desc())
    ).all()
    for row in said:
        if row.source == f"clerk/{case.opened_by}":
            found.setdefault(
                row.kind, vault.open(key, row.value_sealed, value_context(row.person_id, row.kind))
            )
    request = session.exec(
        select(RequestRow)
        .where(RequestRow.person_id == person.id, RequestRow.county_code == case.place_code[:COUNTY_DIGITS])
        .order_by(col(RequestRow.id).desc())
    ).first()
    if request is not None:
        found.setdefault("name", vault.open(key, request.name_sealed, name_context(request.id)))
        found.setdefault("phone", vault.open(key, request.phone_sealed, phone_context(request.id)))
    for row in said:
        if row.stands:
            found.setdefault(
                row.kind, vault.open(key, row.value_sealed, value_context(row.person_id, row.kind))
            )
    return Contact(**found)
