"""Writes down who was shown whose full personal data, and finds it for its subject; refuses to hold the data itself."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import Session, col, select

from services.registry.store.tables import (
    AccessRow,
    PersonRow,
    PopulationRefusedRow,
    RefusedLineRow,
    RefusedRowRow,
    RequestRow,
)
from shared.security import Principal, within


def log_access(
    session: Session,
    *,
    subject: str,
    purpose: str,
    request_ids: Sequence[str],
    correlation_id: str,
    at: datetime,
    service: str = "registry",
    person_ids: Iterable[str] = (),
    principal: Principal | None = None,
    fields: Sequence[str] = (),
    place_code: str | None = None,
) -> AccessRow:
    """One entry in the transaction that reads what it tells of; `service` is the one that shows it to `subject`.

    An entry that tells of a case has the place of the office that may know of it.

    Whose requests they are is found here, so that each of those people finds the entry too, with those of `person_ids`.
    """
    people = {*person_ids, *_owners(session, request_ids)}
    row = AccessRow(
        at=at,
        subject=subject,
        service=service,
        purpose=purpose,
        request_ids=list(request_ids),
        correlation_id=correlation_id,
        person_ids=sorted(people),
        roles=sorted(principal.roles) if principal else [],
        fields=list(fields),
        place_code=place_code,
    )
    session.add(row)
    return row


def _owners(session: Session, ids: Sequence[str]) -> set[str]:
    """Whose requests these are; and where an id is a person's own, that person."""
    if not ids:
        return set()
    of_requests = select(RequestRow.person_id).where(col(RequestRow.id).in_(ids)).distinct()
    return {*session.exec(of_requests), *session.exec(select(PersonRow.id).where(col(PersonRow.id).in_(ids)))}


def list_accesses(
    session: Session,
    principal: Principal,
    person_ids: Sequence[str],
    fingerprints: Sequence[str],
    *,
    offset: int,
    limit: int,
) -> list[AccessRow]:
    """A page of the accesses to these people, newest first: also to refused rows that bear their ID, whose rows named
    no person when they were read. What tells of a case is left out where the case is not the caller's to see."""
    of_rosters = select(RefusedRowRow.roster_id, RefusedRowRow.row).where(
        col(RefusedRowRow.fingerprint).in_(fingerprints)
    )
    of_registers = select(PopulationRefusedRow.population_id, PopulationRefusedRow.row).where(
        col(PopulationRefusedRow.fingerprint).in_(fingerprints)
    )
    of_province = select(RefusedLineRow.import_id, RefusedLineRow.row).where(
        col(RefusedLineRow.fingerprint).in_(fingerprints)
    )
    refused = (of_rosters, of_registers, of_province)
    rows = [f"{file_id}#{row}" for query in refused for file_id, row in session.exec(query)]
    theirs = or_(
        col(AccessRow.person_ids).bool_op("&&")(list(person_ids)),
        col(AccessRow.request_ids).bool_op("&&")(rows),
    )
    seen = or_(col(AccessRow.place_code).is_(None), within(AccessRow.place_code, principal))
    newest = (
        select(AccessRow).where(theirs, seen).order_by(col(AccessRow.at).desc(), col(AccessRow.id).desc())
    )
    return list(session.exec(newest.offset(offset).limit(limit)))
