"""Erases a person for good: destroys the keys of all that the registry holds of them, in every county's files."""

import logging

from sqlmodel import Session

from services.registry.domain.status import UNDER_WAY, WORDS, Status
from services.registry.store.access import log_access
from services.registry.store.people import erase_person, lock_people
from services.registry.store.requests import get_request, list_of_person
from services.registry.store.rosters import erase_refused
from shared.database import Database
from shared.kernel.clock import Clock
from shared.kernel.errors import Conflict
from shared.messaging import Cause
from shared.security import Principal

log = logging.getLogger(__name__)


class PersonUnderWay(Conflict):
    """This person still has a request under way: {request_id} is {status}. Withdraw it, or wait until the enterprise has confirmed the arrival; then erase again."""

    zh = "此人还有在办需求：{request_id} 为“{status_zh}”。请先撤回该需求，或等企业确认到岗后，再次删除。"


class PersonElsewhere(Conflict):
    """This person also has requests outside your area. Ask an operator of the whole province to erase them."""

    zh = "此人在您的辖区之外还有需求。请由全省的运营人员删除。"


def erase(database: Database, principal: Principal, request_id: str, *, clock: Clock, cause: Cause) -> None:
    """Erase whose request it is; to erase them twice changes nothing.

    Raises RequestUnknown, PersonElsewhere, PersonUnderWay: who still travels has to be told and met by name.
    """
    with database.session() as session:
        person_id = _erase(session, principal, request_id)
        if person_id is None:
            return
        log_access(
            session,
            subject=principal.subject,
            purpose="erasure",
            request_ids=[request_id],
            correlation_id=cause.correlation_id,
            at=clock.now(),
        )
    # Also the list of what has to be erased again from a database that is restored: deploy/README.md reads it.
    log.info("erased a person", extra={"request_id": request_id, "person_id": person_id})


def _erase(session: Session, principal: Principal, request_id: str) -> str | None:
    """The person's id; None where they are erased already."""
    request, _ = get_request(session, principal, request_id)
    person = lock_people(session, [request.person_id])[request.person_id]
    if person.wrapped_key is None:
        return None
    requests, elsewhere = list_of_person(session, principal, person.id)
    if elsewhere:
        raise PersonElsewhere()
    for one in requests:
        status = Status(one.status)
        if status in UNDER_WAY:
            raise PersonUnderWay(
                request_id=one.id, status=WORDS[status][1].lower(), status_zh=WORDS[status][0]
            )
    erase_refused(session, person.fingerprint)
    erase_person(session, person.id)
    return person.id
