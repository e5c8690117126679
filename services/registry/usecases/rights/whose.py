"""Finds whose case it is, within the caller's own: by file, by request, or as somebody who calls and is taken down.

Whoever is not the caller's is answered as whoever does not exist. Somebody who calls is taken down in the caller's
own area, whatever another office holds of them, and nothing of that is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, func, or_, select

from services.registry.domain.fault import Fault, fault
from services.registry.domain.identity import read_name, read_phone, read_resident_id, tidy
from services.registry.store.files import PersonUnknown, get_file, open_files
from services.registry.store.people import hold_people
from services.registry.store.requests import get_request
from services.registry.store.rights import writable
from services.registry.store.tables import FileRow, PersonRow, RequestRow, StatementRow
from services.registry.usecases.county import county_of, enterprises_of, stops_of
from services.registry.usecases.parts import Parts
from services.registry.usecases.people.contacts import Contact, contacts_of
from services.registry.usecases.people.say import Word, say, value_fingerprint
from services.registry.usecases.rights.errors import (
    CaseNotTaken,
    EnterpriseNotKnown,
    PlaceNotYours,
    RequestNotTheirs,
)
from services.registry.usecases.rights.open_case import About
from services.registry.usecases.submit import name_context, phone_context
from shared.kernel.clock import local_date
from shared.kernel.ids import new_id
from shared.reference import COUNTY_DIGITS, UnknownStop, get_stop
from shared.security import Principal, Role, Vault, covers, within


@dataclass(frozen=True)
class Whose:
    """A person and the place whose labour office has their case."""

    person_id: str
    place_code: str
    request_id: str | None = None
    """The request by which they were found."""


@dataclass(frozen=True)
class Caller:
    """Who calls, as they were written down."""

    name: str
    resident_id: str
    phone: str
    place: str


def by_file(session: Session, principal: Principal, person_id: str) -> Whose:
    """Somebody of the caller's area, or of a helper's list. Raises PersonUnknown."""
    person_id = writable(person_id)
    if principal.has(Role.BUREAU):
        return Whose(person_id, get_file(session, principal, person_id).place_code)
    query = select(FileRow).where(FileRow.person_id == person_id, FileRow.helper_id == principal.subject)
    found = session.exec(query).first()
    if found is None:
        raise PersonUnknown(person_id=person_id[:40])
    return Whose(person_id, found.place_code)


def by_request(session: Session, principal: Principal, request_id: str) -> Whose:
    """Who sent a request of the caller's county; their file's place where they have one there. Raises RequestUnknown."""
    request, person = get_request(session, principal, writable(request_id))
    file = session.exec(
        select(FileRow).where(FileRow.person_id == person.file_id, within(FileRow.place_code, principal))
    ).first()
    return Whose(request.person_id, file.place_code if file else request.stop_code, request.id)


def take_down(session: Session, parts: Parts, principal: Principal, caller: Caller) -> Whose:
    """Somebody who calls: a file of theirs, if they have none, and what they said of themselves.

    Raises CaseNotTaken with all faults, PlaceNotYours.
    """
    place = _place(principal, caller.place)
    checked = {
        "name": read_name(tidy(caller.name)),
        "resident_id": read_resident_id(caller.resident_id),
        "phone": read_phone(caller.phone),
        "place": place,
    }
    faults = [one for one in checked.values() if isinstance(one, Fault)]
    if faults:
        raise CaseNotTaken(faults)
    good = {key: str(value) for key, value in checked.items()}
    now = parts.clock.now()
    fingerprint = parts.vault.fingerprint(good["resident_id"])
    person = hold_people(session, parts.vault, {fingerprint: good["resident_id"]}, now)[fingerprint]
    file = FileRow(
        person_id=person.file_id, place_code=good["place"], opened_at=now, opened_by=principal.subject
    )
    open_files(session, [file])
    said = [
        Word(new_id(), person.id, parts.vault.seal_of(person.wrapped_key), kind, good[kind], local_date(now))
        for kind in ("name", "phone")
    ]
    known = [] if person.is_fresh else [person.id]
    say(session, parts.vault, said, source=f"clerk/{principal.subject}", known=known, at=now)
    return Whose(person.id, good["place"])


def about(
    session: Session, person_id: str, *, enterprise: str, request_id: str, principal: Principal | None
) -> About:
    """What the case is about. Raises EnterpriseNotKnown, RequestNotTheirs."""
    request = None
    if request_id:
        query = select(RequestRow).where(RequestRow.id == request_id, RequestRow.person_id == person_id)
        if principal is not None and principal.has(Role.BUREAU):
            query = query.where(within(RequestRow.county_code, principal))
        request = session.exec(query).first()
        if request is None:
            raise RequestNotTheirs(field="request_id")
    enterprise_id = request.enterprise_id if request else None
    if enterprise.strip():
        found = enterprises_of(session).find(tidy(enterprise))
        if isinstance(found, Fault):
            raise EnterpriseNotKnown(field="enterprise")
        enterprise_id = found.enterprise_id
    return About(enterprise_id, request_id or None, request.trip_id if request else None)


def find_people(
    session: Session, vault: Vault, principal: Principal, *, resident_id: str, phone: str
) -> list[Whose]:
    """Those of the caller's area with a file whose ID or phone this is; at most 20, by id."""
    persons = select(PersonRow.file_id)
    if resident_id.strip():
        read = read_resident_id(resident_id)
        number = "" if isinstance(read, Fault) else read
        persons = persons.where(PersonRow.fingerprint == vault.fingerprint(number))
    else:
        read = read_phone(phone)
        number = "" if isinstance(read, Fault) else read
        said = select(StatementRow.person_id).where(
            StatementRow.kind == "phone",
            StatementRow.value_fingerprint == value_fingerprint(vault, "phone", number),
        )
        wrote = select(RequestRow.person_id).where(
            RequestRow.phone_fingerprint == vault.phone_fingerprint(number)
        )
        persons = persons.where(or_(col(PersonRow.id).in_(said), col(PersonRow.id).in_(wrote)))
    query = select(FileRow).where(col(FileRow.person_id).in_(persons), within(FileRow.place_code, principal))
    files = session.exec(query.order_by(col(FileRow.person_id)).limit(20))
    return [Whose(file.person_id, file.place_code) for file in files]


def request_for(session: Session, principal: Principal, whose: Whose) -> str | None:
    """The request that the caller may ask this person about: that by which they were found, else their newest of the
    caller's area; of a helper, of the county of the file. What a neighbour wrote down is told to nobody here."""
    if whose.request_id is not None:
        return whose.request_id
    near = (
        within(RequestRow.county_code, principal)
        if principal.has(Role.BUREAU)
        else col(RequestRow.county_code) == whose.place_code[:COUNTY_DIGITS]
    )
    newest = select(func.max(RequestRow.id)).where(RequestRow.person_id == whose.person_id, near)
    return session.exec(newest).one()


def latest_requests(
    session: Session, person_ids: list[str], principal: Principal | None = None
) -> dict[str, RequestRow]:
    """The newest request of each person who has one: of the caller's area, where it is for a caller."""
    newest = select(func.max(RequestRow.id)).where(col(RequestRow.person_id).in_(person_ids))
    if principal is not None:
        newest = newest.where(within(RequestRow.county_code, principal))
    query = select(RequestRow).where(col(RequestRow.id).in_(newest.group_by(col(RequestRow.person_id))))
    return {row.person_id: row for row in session.exec(query)}


def contacts(
    session: Session, vault: Vault, persons: Mapping[str, PersonRow], principal: Principal | None = None
) -> dict[str, Contact]:
    """Name and phone of each, in full: as they stand, else as their newest request has them; empty once erased."""
    found = dict(contacts_of(session, vault, persons))
    lacking = [one for one, contact in found.items() if not contact.name or not contact.phone]
    for person_id, request in latest_requests(session, lacking, principal).items() if lacking else ():
        key, known = persons[person_id].wrapped_key, found[person_id]
        if key is not None:
            found[person_id] = Contact(
                known.name or vault.open(key, request.name_sealed, name_context(request.id)),
                known.phone or vault.open(key, request.phone_sealed, phone_context(request.id)),
            )
    return found


def _place(principal: Principal, text: str) -> str | Fault:
    text = tidy(text)
    try:
        code = get_stop(text).code
    except UnknownStop:
        if not text:
            return fault("place", "required", zh="住地", en="the place")
        return stops_of(county_of(principal, None)).find(text)
    if not covers(principal, code):
        raise PlaceNotYours(areas=", ".join(principal.areas) or "-")
    return code
