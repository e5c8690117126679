"""Shows one person in full, for a reason that is written down with it, and lists for a person who was shown what of theirs."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from services.registry.domain.privacy.reasons import REVEAL, Field, Reason, name_purpose
from services.registry.store.access import list_accesses, log_access
from services.registry.store.files import get_file, persons_seen
from services.registry.store.people import resident_id_context
from services.registry.store.tables import AccessRow, PersonRow
from services.registry.usecases.parts import Parts
from services.registry.usecases.people.contacts import contacts_of
from shared.kernel.errors import Gone
from shared.messaging import Cause
from shared.security import Principal, Vault


class FileErased(Gone):
    """The personal data of this person has been erased. There is nothing left to show."""

    zh = "此人的个人信息已被删除，没有可显示的内容。"


@dataclass(frozen=True, slots=True)
class Revealed:
    """What was asked for of one person, in full; of several persons of a file, each ID and what stands of each."""

    person_id: str
    shown: dict[Field, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Access:
    """One access, for the person whose data it was to."""

    at: datetime
    who: str
    roles: tuple[str, ...]
    service: str
    purpose: str
    purpose_zh: str
    purpose_en: str
    fields: tuple[str, ...]
    reference: str | None


def reveal(
    parts: Parts,
    principal: Principal,
    person_id: str,
    reason: Reason,
    reference: str,
    fields: Collection[Field],
    *,
    cause: Cause,
) -> Revealed:
    """These fields of a person of the caller's area, once it is written down who saw them and what for.

    That somebody was shown for a case is told to that office and those above it: a smaller one may not know of the case.
    Raises PersonUnknown, FileErased.
    """
    with parts.database.session() as session:
        persons = living(session, principal, person_id)
        shown = {field: _values(session, parts.vault, persons, field) for field in Field if field in fields}
        row = log_access(
            session,
            subject=principal.subject,
            purpose=f"{REVEAL}{reason}",
            request_ids=[],
            person_ids=[one.id for one in persons],
            principal=principal,
            fields=sorted(shown),
            place_code=_office(session, principal, person_id) if reason is Reason.RIGHTS else None,
            correlation_id=cause.correlation_id,
            at=parts.clock.now(),
        )
        session.flush()
        row.reference_sealed = parts.vault.seal(_key(persons, row), reference, reference_context(row))
    return Revealed(person_id, shown)


def show_accesses(
    session: Session, parts: Parts, principal: Principal, person_id: str, *, page: int, size: int
) -> list[Access]:
    """A page (from 1) of all accesses to a person of the caller's area, newest first. Raises PersonUnknown."""
    get_file(session, principal, person_id)
    persons = persons_seen(session, principal, person_id)
    return accesses_of(session, parts.vault, principal, persons, offset=(page - 1) * size, limit=size)


def accesses_of(
    session: Session,
    vault: Vault,
    principal: Principal,
    persons: list[PersonRow],
    *,
    offset: int,
    limit: int,
) -> list[Access]:
    """The accesses to any of these persons that the caller may know of, newest first."""
    ids, fingerprints = [one.id for one in persons], [one.fingerprint for one in persons]
    rows = list_accesses(session, principal, ids, fingerprints, offset=offset, limit=limit)
    return [_access(row, persons, vault) for row in rows]


def living(session: Session, principal: Principal, person_id: str) -> list[PersonRow]:
    """The persons of a file of the caller's area who are not erased, its own first. Raises PersonUnknown, FileErased."""
    get_file(session, principal, person_id)
    persons = [one for one in persons_seen(session, principal, person_id) if one.wrapped_key is not None]
    if not persons:
        raise FileErased()
    return sorted(persons, key=lambda one: (one.id != person_id, one.id))


def reference_context(row: AccessRow) -> str:
    """What the sealed reference of an access is bound to."""
    return f"access/{row.id}/reference"


def _office(session: Session, principal: Principal, person_id: str) -> str:
    """The area by which the caller answers for this person."""
    place = get_file(session, principal, person_id).place_code
    return next(area for area in principal.areas if area and place.startswith(area))


def _values(session: Session, vault: Vault, persons: list[PersonRow], field: Field) -> tuple[str, ...]:
    """What stands of each person, each once."""
    if field is Field.RESIDENT_ID:
        found = [
            vault.open(one.wrapped_key or b"", one.resident_id_sealed, resident_id_context(one.id))
            for one in persons
        ]
    else:
        is_alone = all(one.id != one.file_id for one in persons)
        contacts = contacts_of(session, vault, [one.id for one in persons], is_alone=is_alone)
        found = [getattr(contacts[one.id], field) for one in persons]
    return tuple(dict.fromkeys(one for one in found if one))


def _key(persons: list[PersonRow], row: AccessRow) -> bytes:
    """The key of the first person that the access names; none where that is not one of these any more, for files are parted."""
    keys = {one.id: one.wrapped_key for one in persons}
    return keys.get(row.person_ids[0] if row.person_ids else "") or b""


def _access(row: AccessRow, persons: list[PersonRow], vault: Vault) -> Access:
    zh, en = name_purpose(row.purpose)
    key, reference = _key(persons, row), None
    if row.reference_sealed is not None and key:
        reference = vault.open(key, row.reference_sealed, reference_context(row))
    return Access(
        row.at,
        row.subject,
        tuple(row.roles),
        row.service,
        row.purpose,
        zh,
        en,
        tuple(row.fields),
        reference,
    )
