"""Routes by which our own services ask what money must know of a request's person and of its row; each is logged."""

from fastapi import APIRouter

from services.registry.api.incoming import OriginsIn, PeopleChecksIn
from services.registry.callers import CauseOf, PartsOf, Service
from services.registry.usecases.check_people import check_people, find_origins
from shared.directory import OriginsAnswer, PeopleAnswer

router = APIRouter(tags=["directory"])


@router.post("/api/people-checks")
def check(body: PeopleChecksIn, principal: Service, parts: PartsOf, cause: CauseOf) -> PeopleAnswer:
    """What stands for or against paying for each request's person; never a name, an ID or a phone. Unknown ids are left out."""
    with parts.database.session() as session:
        people = check_people(
            session,
            body.request_ids,
            body.day,
            body.purpose,
            reader=body.reader,
            service=principal.subject,
            vault=parts.vault,
            clock=parts.clock,
            cause=cause,
        )
    return PeopleAnswer(people=people)


@router.post("/api/origins")
def find(body: OriginsIn, principal: Service, parts: PartsOf, cause: CauseOf) -> OriginsAnswer:
    """The roster, its file's sha256 and the row that each request came from. Unknown ids are left out."""
    with parts.database.session() as session:
        origins = find_origins(
            session,
            body.request_ids,
            reader=body.reader,
            service=principal.subject,
            clock=parts.clock,
            cause=cause,
        )
    return OriginsAnswer(origins=origins)
