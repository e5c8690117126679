"""Erases a person for good: destroys the keys of all that the registry holds of them, in every county's files.

Nothing waits for it but a journey. What an office still works on, an open case above all, changes neither the answer nor
what is done: a case goes on apart (`privacy.apart`), and a household's task is the household's.
"""

import logging
from collections.abc import Sequence

from sqlmodel import Session

from services.registry.domain.status import UNDER_WAY, WORDS, Status
from services.registry.store.access import log_access
from services.registry.store.facts import hold_requests
from services.registry.store.files import get_file, is_elsewhere, same_file
from services.registry.store.people import lock_people
from services.registry.store.requests import get_request, list_of_persons, requests_of
from services.registry.store.tables import PersonRow
from services.registry.usecases.parts import Parts
from services.registry.usecases.privacy.apart import keep_apart
from services.registry.usecases.privacy.destroy import destroy
from shared.kernel.errors import Conflict
from shared.messaging import Cause
from shared.security import Principal

log = logging.getLogger(__name__)
PURPOSE = "erasure"


class PersonUnderWay(Conflict):
    """This person still has a request under way: {request_id} is {status}. Withdraw it, or wait until the enterprise has confirmed the arrival; then erase again."""

    zh = "此人还有在办需求：{request_id} 为“{status_zh}”。请先撤回该需求，或等企业确认到岗后，再次删除。"


class PersonElsewhere(Conflict):
    """This person also has requests or a file outside your area. Ask an operator of the whole province to erase them."""

    zh = "此人在您的辖区之外还有需求或档案。请由全省的运营人员删除。"


def erase(parts: Parts, principal: Principal, request_id: str, *, cause: Cause) -> None:
    """Erase whose request it is; to erase them twice changes nothing.

    Raises RequestUnknown, PersonElsewhere, PersonUnderWay: who still travels has to be told and met by name.
    """
    with parts.database.session() as session:
        person_id = get_request(session, principal, request_id)[0].person_id
        is_new = _erase(session, parts, principal, person_id, [request_id], cause)
    if is_new:
        log.info("erased a person", extra={"request_id": request_id, "person_id": person_id})


def erase_person(parts: Parts, principal: Principal, person_id: str, *, cause: Cause) -> None:
    """Erase whose file it is. Raises PersonUnknown, and what `erase` raises."""
    with parts.database.session() as session:
        get_file(session, principal, person_id)
        is_new = _erase(session, parts, principal, person_id, [], cause)
    if is_new:
        log.info("erased a person", extra={"person_id": person_id})


def _erase(
    session: Session,
    parts: Parts,
    principal: Principal,
    person_id: str,
    request_ids: Sequence[str],
    cause: Cause,
) -> bool:
    """Erase all persons of the file; whether there was anything left to erase."""
    persons = [one for one in _hold(session, person_id) if one.wrapped_key is not None]
    if not persons:
        return False
    _check(session, principal, [one.id for one in persons])
    keep_apart(session, parts.vault, persons, parts.clock.now())
    destroy(session, persons, clock=parts.clock, cause=cause)
    log_access(
        session,
        subject=principal.subject,
        purpose=PURPOSE,
        request_ids=request_ids,
        person_ids=[one.id for one in persons],
        principal=principal,
        correlation_id=cause.correlation_id,
        at=parts.clock.now(),
    )
    return True


def _hold(session: Session, person_id: str) -> list[PersonRow]:
    """All persons of the file and first their requests, in the order in which whoever follows a journey takes them.

    Held to the end. Where they were merged, parted or sent once more while we waited, all is let go and looked for again.
    """
    while True:
        taking = session.connection().begin_nested()
        persons, requests = _theirs(session, person_id)
        hold_requests(session, sorted(requests))
        lock_people(session, persons)
        session.expire_all()  # what was read before may not be so any more
        if (persons, requests) == _theirs(session, person_id):
            taking.commit()
            return same_file(session, person_id)
        taking.rollback()


def _theirs(session: Session, person_id: str) -> tuple[set[str], set[str]]:
    persons = {one.id for one in same_file(session, person_id)}
    return persons, {one.id for one in requests_of(session, list(persons))}


def _check(session: Session, principal: Principal, person_ids: Sequence[str]) -> None:
    requests, elsewhere = list_of_persons(session, principal, person_ids)
    if elsewhere or is_elsewhere(session, principal, person_ids):
        raise PersonElsewhere()
    for one in requests:
        status = Status(one.status)
        if status in UNDER_WAY:
            raise PersonUnderWay(
                request_id=one.id, status=WORDS[status][1].lower(), status_zh=WORDS[status][0]
            )
