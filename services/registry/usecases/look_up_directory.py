"""Shows full names and phones to our own services, for a purpose and a reader that are written down."""

from collections.abc import Sequence

from sqlmodel import Session

from services.registry.store.access import log_access
from services.registry.store.people import resident_id_context
from services.registry.store.requests import list_of_people
from services.registry.usecases.submit import name_context, phone_context
from shared.directory import Contact
from shared.kernel.clock import Clock
from shared.messaging import Cause
from shared.security import Vault


def look_up_directory(
    session: Session,
    request_ids: Sequence[str],
    purpose: str,
    *,
    reader: str,
    service: str,
    vault: Vault,
    clock: Clock,
    cause: Cause,
) -> dict[str, Contact]:
    """The contact of each request that exists and whose person is not erased; the look-up is logged with it."""
    contacts = {}
    for request, person in list_of_people(session, request_ids):
        key = person.wrapped_key or b""
        resident_id = vault.open(key, person.resident_id_sealed, resident_id_context(person.id))
        contacts[request.id] = Contact(
            name=vault.open(key, request.name_sealed, name_context(request.id)),
            phone=vault.open(key, request.phone_sealed, phone_context(request.id)),
            resident_id_tail=resident_id[-4:],
        )
    log_access(
        session,
        subject=reader,
        service=service,
        purpose=purpose,
        request_ids=sorted(contacts),
        correlation_id=cause.correlation_id,
        at=clock.now(),
    )
    return contacts
