"""Lets a case go on when its worker is erased, and ends it for good once it is over.

Whoever erases may not see cases, and must not learn from what happens that there is one. So an erasure never waits for a
case: the worker is erased at once, as anybody is, and what their office needs for the case, and no more, is sealed anew
under a key of the case's own. Who sees the case sees why it stands apart; nobody else sees anything of it, as before.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from services.registry.store.people import lock_people, resident_id_context
from services.registry.store.privacy.subjects import put_values, rows_on
from services.registry.store.rights import hold_open_cases, kept_apart, part_case
from services.registry.store.statements import NewStatement, insert_statements
from services.registry.store.tables import Base, CaseRow, PersonRow
from services.registry.usecases.people.contacts import Contact
from services.registry.usecases.people.say import value_context
from services.registry.usecases.privacy.contexts import SEALED, context_of
from services.registry.usecases.privacy.destroy import destroy
from services.registry.usecases.rights.known_as import contacts_at_home
from services.registry.usecases.rights.proceed import end_for_good
from shared.kernel.clock import Clock, day_of, local_date
from shared.kernel.ids import new_id
from shared.messaging import Cause
from shared.security import Seal, Vault

BY = "retention"
"""Whose step it is that ends a case which nobody ended."""
SOURCE = "case"
"""Whose word name and phone are of somebody who is known for a case alone."""


def keep_apart(session: Session, vault: Vault, persons: Sequence[PersonRow], at: datetime) -> None:
    """Part every open case from these persons, who are held and about to be erased.

    The log has the moment at which they were; of what is made here no column and no id tells more than the day.
    """
    day = day_of(at)
    by_id = {one.id: one for one in persons}
    cases = [(case, by_id[case.person_id]) for case in hold_open_cases(session, by_id)]
    known = contacts_at_home(session, vault, cases)
    for case, person in cases:
        old, new = person.wrapped_key or b"", vault.new_person_key()
        seals = vault.seal_of(old), vault.seal_of(new)
        one = _person(session, case, person, new, seals, day)
        _say(session, one.id, seals[1], known[case.id], day)
        _seal_anew(session, case, seals)
        part_case(session, case, one.id, day)
        session.flush()


def destroy_ended(session: Session, before: datetime, clock: Clock, limit: int) -> int:
    """Destroy some of them: the key of each, and all that it sealed with it; how many. What nobody ended ends with it."""
    query = select(PersonRow.id).where(*kept_apart(before)).order_by(col(PersonRow.id)).limit(limit)
    ids = session.exec(query).all()
    lock_people(session, ids)
    left = {case.person_id: case for case in hold_open_cases(session, ids)}
    # Asked again: a case in which something was done while we waited for it goes on.
    still = session.exec(select(PersonRow.id).where(col(PersonRow.id).in_(ids), *kept_apart(before))).all()
    for one in sorted(left.keys() & set(still)):
        end_for_good(session, clock, left[one], BY)
    destroy(session, list(lock_people(session, still).values()), clock=clock, cause=Cause.fresh())
    return len(ids)


def _person(
    session: Session,
    case: CaseRow,
    person: PersonRow,
    key: bytes,
    seals: tuple[Seal, Seal],
    day: datetime,
) -> PersonRow:
    """Somebody without file, list or household, whom no ID finds: it is known to the case's readers alone."""
    opened = seals[0].open(person.resident_id_sealed, resident_id_context(person.id))
    own_id = new_id(day)
    made = PersonRow(
        id=own_id,
        file_id=own_id,
        fingerprint=f"case/{case.id}",
        wrapped_key=key,
        resident_id_sealed=seals[1].seal(opened, resident_id_context(own_id)),
        created_at=day,
    )
    session.add(made)
    session.flush()
    return made


def _say(session: Session, person_id: str, seal: Seal, contact: Contact, day: datetime) -> None:
    said = {"name": contact.name, "phone": contact.phone}
    insert_statements(
        session,
        [
            NewStatement(
                id=new_id(day),
                person_id=person_id,
                kind=kind,
                value_fingerprint=f"case/{person_id}/{kind}",
                value_sealed=seal.seal(value, value_context(person_id, kind)),
                source=SOURCE,
                as_of=local_date(day),
                stands=True,
                recorded_at=day,
            )
            for kind, value in said.items()
            if value
        ],
    )


def _seal_anew(session: Session, case: CaseRow, seals: tuple[Seal, Seal]) -> None:
    """Every sealed column of the case and of what hangs on it, found by the tables' own columns."""
    for table, rows in rows_on(session, Base.metadata.tables[str(CaseRow.__tablename__)], case.id):
        primary = [column.name for column in table.primary_key.columns]
        for row in rows:
            fresh = {
                name: _anew(bytes(value), seals, context_of(table.name, name, primary, row))
                for name, value in row.items()
                if name.endswith(SEALED) and value
            }
            if fresh:
                put_values(session, table, row, fresh)
    session.refresh(case)


def _anew(sealed: bytes, seals: tuple[Seal, Seal], context: str) -> bytes:
    return seals[1].seal_bytes(seals[0].open_bytes(sealed, context), context)
