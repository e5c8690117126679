"""The one route by which names and phones leave the registry: to our own services, for a purpose, logged."""

from fastapi import APIRouter

from services.registry.api.incoming import DirectoryIn
from services.registry.callers import CauseOf, PartsOf, Service
from services.registry.usecases.look_up_directory import look_up_directory
from shared.directory import ContactModel, DirectoryAnswer

router = APIRouter(prefix="/api/directory", tags=["directory"])


@router.post("")
def look_up(body: DirectoryIn, principal: Service, parts: PartsOf, cause: CauseOf) -> DirectoryAnswer:
    """The contacts of requests; those that are unknown or erased are left out."""
    with parts.database.session() as session:
        contacts = look_up_directory(
            session,
            body.request_ids,
            body.purpose,
            reader=body.reader,
            service=principal.subject,
            vault=parts.vault,
            clock=parts.clock,
            cause=cause,
        )
    return DirectoryAnswer(
        contacts={
            key: ContactModel(name=one.name, phone=one.phone, resident_id_tail=one.resident_id_tail)
            for key, one in contacts.items()
        }
    )
