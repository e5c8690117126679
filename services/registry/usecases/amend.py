"""Changes a request that is not planned yet; what a family must share changes for all of it."""

from collections.abc import Mapping

from sqlmodel import Session

from services.registry.domain.fault import fault
from services.registry.domain.row import Candidate, Row, check_row
from services.registry.domain.status import AMENDABLE, WORDS, Status
from services.registry.store.people import lock_people, resident_id_context
from services.registry.store.requests import find_active, lock_party
from services.registry.store.tables import PersonRow, RequestRow
from services.registry.usecases.county import enterprises_of, stops_of
from services.registry.usecases.errors import NotAmendable, PersonErased, RequestRefused
from services.registry.usecases.submit import SOURCE, journey, name_context, phone_context
from shared.events import RequestAmended
from shared.kernel.clock import Clock, local_date
from shared.kernel.season import season_of
from shared.messaging import Cause, emit_all
from shared.security import Principal, Vault

SHARED = ("stop_code", "enterprise_id", "gate_id", "earliest", "latest", "season")
"""A family boards, leaves and travels as one."""


def amend(
    session: Session,
    principal: Principal,
    request_id: str,
    changes: Mapping[str, str],
    *,
    vault: Vault,
    clock: Clock,
    cause: Cause,
) -> RequestRow:
    """The request with `changes` (roster field -> new text) checked by the rules of a new one.

    Who travels cannot change, so neither can name and resident ID. Raises RequestUnknown, NotAmendable,
    RequestRefused, PersonErased.
    """
    members = lock_party(session, principal, request_id)
    request = members[0]
    person = lock_people(session, [member.person_id for member in members])[request.person_id]
    for member in members:
        status = Status(member.status)
        if status not in AMENDABLE:
            raise NotAmendable(status=WORDS[status][1].lower(), status_zh=WORDS[status][0])
    if person.wrapped_key is None:
        raise PersonErased()
    row = Row(1, _as_row(request, person, person.wrapped_key, vault) | dict(changes))
    checked = check_row(row, stops_of(request.county_code), enterprises_of(session), local_date(clock.now()))
    if not isinstance(checked, Candidate):
        raise RequestRefused(checked)
    _check_season(session, members, season_of(checked.window.earliest))
    changed = _write(request, members, checked, changes, person.wrapped_key, vault)
    for member in changed:
        member.version += 1
        member.changed_at = clock.now()
    session.add_all(members)
    session.flush()
    emit_all(
        session, [RequestAmended(**journey(m)) for m in changed], source=SOURCE, cause=cause, clock=clock
    )
    return request


def _as_row(request: RequestRow, person: PersonRow, key: bytes, vault: Vault) -> dict[str, str]:
    return {
        "name": vault.open(key, request.name_sealed, name_context(request.id)),
        "resident_id": vault.open(key, person.resident_id_sealed, resident_id_context(person.id)),
        "phone": vault.open(key, request.phone_sealed, phone_context(request.id)),
        "stop": request.stop_code,
        "enterprise": request.enterprise_id,
        "gate": request.gate_id,
        "earliest": request.earliest.isoformat(),
        "latest": request.latest.isoformat(),
        "category": request.category,
        "organising_mode": request.organising_mode,
        "organiser": request.organiser_id or "",
    }


def _check_season(session: Session, members: list[RequestRow], season: str) -> None:
    """A window that moves into another season must not meet another request there. Raises RequestRefused."""
    moving = [(member.person_id, season) for member in members if member.season != season]
    for active in find_active(session, moving).values():
        if active.county_code == members[0].county_code:
            raise RequestRefused((fault("earliest", "already-active", request=active.request_id),))
        raise RequestRefused((fault("earliest", "active-elsewhere"),))


def _write(
    request: RequestRow,
    members: list[RequestRow],
    checked: Candidate,
    changes: Mapping[str, str],
    key: bytes,
    vault: Vault,
) -> list[RequestRow]:
    """Set the new values; gives the requests that changed for the others to know."""
    before = {member.id: journey(member) for member in members}
    if "phone" in changes:
        request.phone_sealed = vault.seal(key, checked.phone, phone_context(request.id))
        request.phone_fingerprint = vault.phone_fingerprint(checked.phone)
    request.category, request.organising_mode = checked.category.value, checked.organising_mode.value
    request.organiser_id = checked.organiser_id
    request.stop_code, request.enterprise_id = checked.stop_code, checked.enterprise_id
    request.gate_id = checked.gate_id
    request.earliest, request.latest = checked.window.earliest, checked.window.latest
    request.season = season_of(request.earliest)
    for member in members:
        for field in SHARED:
            setattr(member, field, getattr(request, field))
    return [member for member in members if journey(member) != before[member.id]]
