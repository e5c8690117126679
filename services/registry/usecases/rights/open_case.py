"""Opens a case: for somebody with a file or a request, for who calls and has neither, or by the worker's own link.

The same opening again is the same case, whoever's connection was lost.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlmodel import Session

from services.registry.domain.people.consent import NOTICE_VERSION
from services.registry.domain.rights.case import Note, State
from services.registry.domain.rights.clocks import begin_limit, find_rules
from services.registry.domain.rights.complaint import Complaint
from services.registry.intake.rights_rules import list_rules
from services.registry.store.people import lock_people
from services.registry.store.rights import find_opened, insert_case
from services.registry.store.tables import CaseConsentRow, CaseRow, PersonRow
from services.registry.usecases.errors import PersonErased
from services.registry.usecases.parts import Parts
from services.registry.usecases.rights import clocks
from services.registry.usecases.rights.documents import Sent, keep_documents
from services.registry.usecases.rights.steps import facts_context, key_of, write_step
from shared.kernel.clock import local_date

_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""None that is taken for another over the phone."""

Way = Literal["link", "phone", "helper"]


@dataclass(frozen=True)
class About:
    """What a case is about besides what is said: all may be unknown."""

    enterprise_id: str | None = None
    request_id: str | None = None
    trip_id: str | None = None


@dataclass(frozen=True)
class Opening:
    """Whose case, from where, how it came in and by whom; `key` names this opening and no other."""

    person_id: str
    place_code: str
    way: Way
    by: str
    key: str
    about: About


def open_case(
    session: Session, parts: Parts, opening: Opening, complaint: Complaint, sent: Sequence[Sent] = ()
) -> CaseRow:
    """The case, in the caller's transaction. Raises PersonErased, and what documents raise."""
    person = lock_people(session, [opening.person_id]).get(opening.person_id)
    if person is None:
        raise PersonErased()
    case = _case(parts, opening, complaint, person)
    if not insert_case(session, case):
        known = find_opened(session, opening.key)
        if known is None:
            raise RuntimeError("a case that was in the way is gone")
        return known
    case = find_opened(session, opening.key) or case  # as the session keeps it
    day = local_date(case.opened_at)
    write_step(session, parts, case, person, Note.OPEN, from_state=case.state, day=day, by=opening.by)
    session.add(_consent(case))
    limit = begin_limit(
        find_rules(list_rules(), complaint.known_on),
        complaint.case_type,
        complaint.known_on,
        is_employed=complaint.is_employed,
        employed_until=complaint.employed_until,
    )
    if limit is not None:
        clocks.begin(session, case, limit)
    keep_documents(session, parts, case, person, sent, opening.by)
    return case


def _consent(case: CaseRow) -> CaseConsentRow:
    """That the worker agreed when it was opened, whoever opened it: nobody gets so far who has not said so."""
    return CaseConsentRow(
        case_id=case.id,
        notice_version=NOTICE_VERSION,
        channel=case.channel,
        given_on=local_date(case.opened_at),
        obtained_by=case.opened_by,
        recorded_at=case.opened_at,
    )


def _case(parts: Parts, opening: Opening, complaint: Complaint, person: PersonRow) -> CaseRow:
    case_id = "R" + "".join(secrets.choice(_SIGNS) for _ in range(11))
    return CaseRow(
        id=case_id,
        opening=opening.key,
        person_id=person.id,
        place_code=opening.place_code,
        case_type=complaint.case_type,
        state=State.OPENED,
        channel=opening.way,
        opened_by=opening.by,
        opened_at=parts.clock.now(),
        known_on=complaint.known_on,
        is_employed=complaint.is_employed,
        employed_until=complaint.employed_until,
        enterprise_id=opening.about.enterprise_id,
        request_id=opening.about.request_id,
        trip_id=opening.about.trip_id,
        claimed_fen=complaint.claimed_fen,
        facts_sealed=parts.vault.seal(key_of(person), complaint.facts, facts_context(case_id)),
    )
