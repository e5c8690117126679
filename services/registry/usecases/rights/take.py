"""A clerk or a helper opens a case for a worker who calls or comes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlmodel import Session

from services.registry.domain.fault import Fault
from services.registry.domain.rights.complaint import Complaint, read_complaint
from services.registry.store.rights import writable
from services.registry.usecases.parts import Parts
from services.registry.usecases.rights.documents import Sent
from services.registry.usecases.rights.errors import CaseNotTaken, WhoNotNamed
from services.registry.usecases.rights.open_case import Opening, open_case
from services.registry.usecases.rights.whose import (
    Caller,
    Whose,
    about,
    by_file,
    by_request,
    take_down,
)
from shared.kernel.clock import local_date
from shared.security import Principal, Role

_UNCONFIRMED = Fault(
    "confirmed",
    "confirmed",
    "没有确认本人同意",
    "It is not confirmed that the worker agrees",
    "本人知情并同意后勾选确认一项",
    "Tick it once the worker knows what it is for and agrees",
)


@dataclass(frozen=True)
class Taken:
    """What was said, by whom or about whom; `client_id` is chosen by whoever sends it, and the same again is the same case."""

    client_id: str
    said: Mapping[str, str]
    person_id: str = ""
    request_id: str = ""
    caller: Caller | None = None
    enterprise: str = ""
    sent: Sequence[Sent] = field(default=())


def take_case(parts: Parts, principal: Principal, taken: Taken) -> str:
    """The case's number.

    Raises WhoNotNamed, PersonUnknown, RequestUnknown, CaseNotTaken, PlaceNotYours, EnterpriseNotKnown, RequestNotTheirs,
    PersonErased, and what documents raise.
    """
    complaint = complaint_of(parts, taken.said)
    person_id, request_id = writable(taken.person_id), writable(taken.request_id)
    taken = replace(taken, person_id=person_id, request_id=request_id)
    with parts.database.session() as session:
        whose = _whose(session, parts, principal, taken)
        opening = Opening(
            whose.person_id,
            whose.place_code,
            "helper" if principal.has(Role.HELPER) else "phone",
            principal.subject,
            f"{principal.subject}/{writable(taken.client_id)}",
            about(
                session,
                whose.person_id,
                enterprise=taken.enterprise,
                request_id=taken.request_id,
                principal=principal,
            ),
        )
        return open_case(session, parts, opening, complaint, taken.sent).id


def complaint_of(parts: Parts, said: Mapping[str, str]) -> Complaint:
    """What was said, which the worker agrees to be used for it (`confirmed`). Raises CaseNotTaken with all faults."""
    read = read_complaint(said, local_date(parts.clock.now()))
    faults = () if isinstance(read, Complaint) else read
    if said.get("confirmed") != "yes":
        faults = (*faults, _UNCONFIRMED)
    if faults or not isinstance(read, Complaint):
        raise CaseNotTaken(faults)
    return read


def _whose(session: Session, parts: Parts, principal: Principal, taken: Taken) -> Whose:
    if taken.caller is not None and not taken.person_id and principal.has(Role.BUREAU):
        return take_down(session, parts, principal, taken.caller)
    if taken.person_id and taken.caller is None:
        return by_file(session, principal, taken.person_id)
    if taken.request_id and taken.caller is None and principal.has(Role.BUREAU):
        return by_request(session, principal, taken.request_id)
    raise WhoNotNamed()
