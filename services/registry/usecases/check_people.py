"""Says what stands for or against paying for people, to our own services, without saying who they are; logged."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from sqlmodel import Session

from services.registry.domain.identity import age_on, find_birth_date, read_resident_id
from services.registry.domain.outside import OutsideKind
from services.registry.store.access import log_access
from services.registry.store.checks import (
    count_phone_sharers,
    find_listed_to,
    list_sources,
    list_with_people,
    others_of,
)
from services.registry.store.files import persons_of
from services.registry.store.outside import facts_about
from services.registry.store.people import resident_id_context
from services.registry.store.tables import OutsideFactRow, PersonRow
from shared.directory import Employment, Origin, OtherRequest, PersonCheck
from shared.kernel.clock import Clock
from shared.messaging import Cause
from shared.security import Vault


def check_people(
    session: Session,
    request_ids: Sequence[str],
    day: date,
    purpose: str,
    *,
    reader: str,
    service: str,
    vault: Vault,
    clock: Clock,
    cause: Cause,
) -> dict[str, PersonCheck]:
    """What is known against the person of each request that exists; the look-up is logged with it."""
    found = list_with_people(session, request_ids)
    facts: dict[str, list[OutsideFactRow]] = defaultdict(list)
    files = persons_of(session, {person.file_id for _, person in found})
    file_of = {one.fingerprint: one.file_id for persons in files.values() for one in persons}
    for fact in facts_about(session, list(file_of)):
        facts[file_of[fact.fingerprint]].append(fact)
    others = others_of(session, request_ids)
    sharers = count_phone_sharers(session, request_ids)
    listed_to = find_listed_to(session, request_ids)
    checks = {
        request.id: _check(
            person,
            day,
            vault,
            files[person.file_id],
            facts[person.file_id],
            others.get(request.id, []),
            sharers.get(request.id),
            listed_to.get(request.id),
        )
        for request, person in found
    }
    log_access(
        session,
        subject=reader,
        service=service,
        purpose=purpose,
        request_ids=sorted(checks),
        correlation_id=cause.correlation_id,
        at=clock.now(),
    )
    return checks


def find_origins(
    session: Session, request_ids: Sequence[str], *, reader: str, service: str, clock: Clock, cause: Cause
) -> dict[str, Origin]:
    """Roster, file and row of each request that exists; logged as `trace`."""
    origins = {
        request.id: Origin(
            county_code=request.county_code,
            uploaded_at=request.submitted_at,
            uploaded_by=request.submitted_by,
            roster_id=roster.id if roster else None,
            sha256=roster.sha256 if roster else None,
            row=request.row,
        )
        for request, roster in list_sources(session, request_ids)
    }
    log_access(
        session,
        subject=reader,
        service=service,
        purpose="trace",
        request_ids=sorted(origins),
        correlation_id=cause.correlation_id,
        at=clock.now(),
    )
    return origins


def _check(
    person: PersonRow,
    day: date,
    vault: Vault,
    whole: Sequence[PersonRow],
    facts: Sequence[OutsideFactRow],
    others: Sequence[OtherRequest],
    sharers: int | None,
    listed_to: str | None,
) -> PersonCheck:
    resident_id = None
    if person.wrapped_key is not None:
        context = resident_id_context(person.id)
        resident_id = vault.open(person.wrapped_key, person.resident_id_sealed, context)
    return PersonCheck(
        person=person.file_id,
        erased=resident_id is None,
        age=age_on(resident_id, day) if resident_id and find_birth_date(resident_id) else None,
        resident_id_valid=read_resident_id(resident_id) == resident_id if resident_id else None,
        phone_shared_by=sharers,
        other_requests=tuple(others),
        allowance=_allowance(facts, day.year),
        deceased_on=_deceased_on(facts),
        employed=_employed(facts),
        employment_known_to=listed_to,
        also=tuple(one.id for one in whole if one.id != person.file_id),
    )


def _allowance(facts: Sequence[OutsideFactRow], year: int) -> str | None:
    """The source of the first of the year that was loaded; another list that says the same again adds nothing."""
    for one in facts:
        if one.kind == OutsideKind.ALLOWANCE and one.period.startswith(f"{year}"):
            return one.source or ""
    return None


def _deceased_on(facts: Sequence[OutsideFactRow]) -> date | None:
    """The earliest day that any list gives."""
    days = [one.period for one in facts if one.kind == OutsideKind.DECEASED]
    return date.fromisoformat(min(days)) if days else None


def _employed(facts: Sequence[OutsideFactRow]) -> tuple[Employment, ...]:
    told = {(one.period, one.enterprise_id or "") for one in facts if one.kind == OutsideKind.EMPLOYMENT}
    return tuple(Employment(enterprise_id, month) for month, enterprise_id in sorted(told))
