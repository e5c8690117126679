"""Takes rows of workers into the registry: what is good becomes requests and events, the rest comes back with reasons.

One and the same way for a single request, a batch and a roster file; refuses to know how the rows were read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlmodel import Session

from services.registry.domain.fault import Fault, fault
from services.registry.domain.row import (
    Candidate,
    Faults,
    Row,
    check_row,
    check_together,
    spread_over_parties,
)
from services.registry.store.people import Person, drop_people, hold_people
from services.registry.store.requests import ActiveRequest, NewRequest, find_active, insert_requests
from services.registry.store.tables import RequestRow
from services.registry.usecases.county import enterprises_of, stops_of
from services.registry.usecases.errors import RequestRefused
from services.registry.usecases.people.say import Word, say
from shared.events import RequestSubmitted
from shared.kernel.clock import Clock, local_date
from shared.kernel.ids import derive_id, new_id
from shared.kernel.season import season_of
from shared.messaging import Cause, emit_all
from shared.security import Seal, Vault

SOURCE = "registry"


@dataclass(frozen=True)
class Acceptance:
    """Row number -> request id of what was accepted, row number -> faults of what was not."""

    accepted: dict[int, str]
    refused: dict[int, tuple[Fault, ...]]


@dataclass(frozen=True)
class Sender:
    """For which county rows are sent, by whom (a caller's subject), and by which roster if by one.

    `batch_id` tells families of batches apart.
    """

    county_code: str
    by: str
    batch_id: str
    roster_id: str | None = None


def submit(
    session: Session, rows: Sequence[Row], sender: Sender, *, vault: Vault, clock: Clock, cause: Cause
) -> Acceptance:
    """Accept what can be accepted, in the caller's transaction: people, requests, RequestSubmitted events.

    A party is accepted or refused as a whole. Raises UnknownCounty.
    """
    now = clock.now()
    good, faults = _check(session, rows, sender.county_code, now)
    labels = {row.number: str(row.values.get("party", "")) for row in rows}
    faults = spread_over_parties(faults, labels)
    good = [one for one in good if one.row not in faults]
    fingerprints = {one.row: vault.fingerprint(one.resident_id) for one in good}
    people = hold_people(session, vault, {fingerprints[one.row]: one.resident_id for one in good}, now)
    person_of = {one.row: people[fingerprints[one.row]] for one in good}
    faults |= _check_one_person(good, person_of)
    faults |= _check_active(session, good, person_of, sender.county_code)
    faults = spread_over_parties(faults, labels)
    accepted = [one for one in good if one.row not in faults]
    _drop_unneeded(session, good, accepted, person_of)
    seals = {one.row: vault.seal_of(person_of[one.row].wrapped_key) for one in accepted}
    requests = _requests(accepted, person_of, seals, sender, vault, now)
    insert_requests(session, requests.values())
    _say(session, accepted, requests, person_of, seals, sender, vault, now)
    emit_all(session, map(submitted, requests.values()), source=SOURCE, cause=cause, clock=clock)
    return Acceptance(
        {row: request.id for row, request in requests.items()},
        {row: tuple(found) for row, found in sorted(faults.items())},
    )


def submit_one(
    session: Session, row: Row, sender: Sender, *, vault: Vault, clock: Clock, cause: Cause
) -> str:
    """The id of the request that one row becomes. Raises RequestRefused with all its faults."""
    acceptance = submit(session, [row], sender, vault=vault, clock=clock, cause=cause)
    if acceptance.refused:
        raise RequestRefused(acceptance.refused[row.number])
    return acceptance.accepted[row.number]


def submitted(request: NewRequest) -> RequestSubmitted:
    """The event that tells of a new request, without its person."""
    return RequestSubmitted(**journey(request))


_TOLD = tuple(name for name in RequestSubmitted.model_fields if name != "request_id")
_journey = attrgetter(*_TOLD)


def journey(request: NewRequest | RequestRow) -> dict[str, Any]:
    """What the others may know of a request: the fields of its events."""
    return {"request_id": request.id, **dict(zip(_TOLD, _journey(request), strict=True))}


def _check(
    session: Session, rows: Sequence[Row], county_code: str, now: datetime
) -> tuple[list[Candidate], Faults]:
    stops, enterprises, today = stops_of(county_code), enterprises_of(session), local_date(now)
    faults: Faults = {}
    good: list[Candidate] = []
    for row in rows:
        checked = check_row(row, stops, enterprises, today)
        if isinstance(checked, Candidate):
            good.append(checked)
        else:
            faults[row.number] = list(checked)
    return good, faults | check_together(good)


def _check_one_person(good: Sequence[Candidate], person_of: Mapping[int, Person]) -> Faults:
    """Who is in it twice by two IDs that are known to be one person's."""
    first: dict[str, int] = {}
    faults: Faults = {}
    for one in good:
        earlier = first.setdefault(person_of[one.row].file_id, one.row)
        if earlier != one.row:
            faults[one.row] = [fault("resident_id", "duplicate-row", row=earlier)]
    return faults


def _check_active(
    session: Session, good: Sequence[Candidate], person_of: Mapping[int, Person], county_code: str
) -> Faults:
    """Who already has a request this season; another county's is never described."""
    keys = {one.row: (person_of[one.row].id, season_of(one.window.earliest)) for one in good}
    known = [keys[one.row] for one in good if not person_of[one.row].is_fresh]
    active = find_active(session, known) if known else {}
    return {row: [_active_fault(active[key], county_code)] for row, key in keys.items() if key in active}


def _active_fault(active: ActiveRequest, county_code: str) -> Fault:
    if active.county_code == county_code:
        return fault("resident_id", "already-active", request=active.request_id)
    return fault("resident_id", "active-elsewhere")


def _drop_unneeded(
    session: Session,
    good: Sequence[Candidate],
    accepted: Sequence[Candidate],
    person_of: Mapping[int, Person],
) -> None:
    """People who were met for the first time in a family that was then refused are not kept."""
    needed = {person_of[one.row].id for one in accepted}
    unneeded = {person_of[one.row].id for one in good if person_of[one.row].is_fresh} - needed
    if unneeded:
        drop_people(session, sorted(unneeded))


def _requests(
    accepted: Sequence[Candidate],
    person_of: Mapping[int, Person],
    seals: Mapping[int, Seal],
    sender: Sender,
    vault: Vault,
    now: datetime,
) -> dict[int, NewRequest]:
    sizes: dict[str, int] = {}
    for one in accepted:
        sizes[one.party_label] = sizes.get(one.party_label, 0) + 1
    return {
        one.row: _request(one, person_of[one.row], seals[one.row], sizes[one.party_label], sender, vault, now)
        for one in accepted
    }


def _say(
    session: Session,
    accepted: Sequence[Candidate],
    requests: Mapping[int, NewRequest],
    person_of: Mapping[int, Person],
    seals: Mapping[int, Seal],
    sender: Sender,
    vault: Vault,
    now: datetime,
) -> None:
    """What the rows say of their people is kept beside the requests: the roster's word, or the batch's."""
    today = local_date(now)
    words = [
        Word(f"{requests[one.row].id}-{kind}", person_of[one.row].id, seals[one.row], kind, value, today)
        for one in accepted
        for kind, value in (("name", one.name), ("phone", one.phone))
    ]
    known = [person_of[one.row].id for one in accepted if not person_of[one.row].is_fresh]
    source = f"roster/{sender.roster_id}" if sender.roster_id else f"request/{sender.batch_id}"
    say(session, vault, words, source=source, known=known, at=now)


def _request(
    one: Candidate, person: Person, seal: Seal, party_size: int, sender: Sender, vault: Vault, now: datetime
) -> NewRequest:
    request_id = new_id()
    is_party = bool(one.party_label)
    return NewRequest(
        id=request_id,
        person_id=person.id,
        name_sealed=seal.seal(one.name, name_context(request_id)),
        phone_sealed=seal.seal(one.phone, phone_context(request_id)),
        phone_fingerprint=vault.phone_fingerprint(one.phone),
        season=season_of(one.window.earliest),
        party_id=derive_id(sender.batch_id, one.party_label) if is_party else request_id,
        party_size=party_size if is_party else 1,
        county_code=sender.county_code,
        stop_code=one.stop_code,
        enterprise_id=one.enterprise_id,
        gate_id=one.gate_id,
        earliest=one.window.earliest,
        latest=one.window.latest,
        category=one.category.value,
        organising_mode=one.organising_mode.value,
        organiser_id=one.organiser_id,
        roster_id=sender.roster_id,
        row=one.row if sender.roster_id else None,
        submitted_by=sender.by,
        submitted_at=now,
        changed_at=now,
    )


def name_context(request_id: str) -> str:
    """What a request's sealed name is bound to."""
    return f"request/{request_id}/name"


def phone_context(request_id: str) -> str:
    """What a request's sealed phone is bound to."""
    return f"request/{request_id}/phone"
