"""Routes of people's files: list and search, one file, settle what contradicts, merge and part, consent."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.registry.api.people_shapes import (
    ConsentIn,
    ConsentOut,
    MergeIn,
    MergeOut,
    PersonLineOut,
    PersonOut,
    PersonPage,
    SearchIn,
    StatedOut,
    StateIn,
)
from services.registry.callers import Clerk, Page, PartsOf, Reader, Size
from services.registry.store.file_list import FileFilters
from services.registry.usecases.people.consent import record_consent, withdraw_consent
from services.registry.usecases.people.merge import merge, unmerge
from services.registry.usecases.people.settle import settle_statement, state
from services.registry.usecases.people.show import search_people, show_people, show_person

router = APIRouter(prefix="/api/people", tags=["people"])
Place = Annotated[str | None, Query(pattern=r"^[0-9A-Z]{2,15}$")]


@router.get("")
def list_all(
    principal: Reader,
    parts: PartsOf,
    place: Place = None,
    helper_id: Annotated[str | None, Query(max_length=60)] = None,
    conflicts: bool = False,
    page: Page = 1,
    size: Size = 50,
) -> PersonPage:
    """A page of the files of the caller's area, masked; narrowed to a place, a helper, or what a clerk has to settle."""
    filters = FileFilters(place, helper_id, conflicts)
    lines, total = show_people(parts, principal, filters, page=page, size=size)
    items = [PersonLineOut.model_validate(one) for one in lines]
    return PersonPage(items=items, total=total, page=page, size=size)


@router.post("/search")
def search(sent: SearchIn, principal: Clerk, parts: PartsOf) -> list[PersonLineOut]:
    """The files of the caller's area with this whole resident ID, phone or name; masked, twenty at most."""
    found = search_people(parts, principal, sent.sought)
    return [PersonLineOut.model_validate(one) for one in found]


@router.get("/{person_id}")
def get_one(person_id: str, principal: Reader, parts: PartsOf) -> PersonOut:
    """One file with all that is known and where it comes from, masked."""
    return PersonOut.of(show_person(parts, principal, person_id))


@router.post("/{person_id}/statements")
def add_statement(person_id: str, sent: StateIn, principal: Clerk, parts: PartsOf) -> StatedOut:
    """Say what is true of a person; it stands from then on, and what others said is kept."""
    return StatedOut(statement_id=state(parts, principal, person_id, sent.kind, sent.value))


@router.post("/{person_id}/statements/{statement_id}/settle")
def settle(person_id: str, statement_id: str, principal: Clerk, parts: PartsOf) -> StatedOut:
    """Let one of several values stand; the others are kept, and no longer contradict it."""
    return StatedOut(statement_id=settle_statement(parts, principal, person_id, statement_id).id)


@router.post("/{person_id}/merge")
def merge_into(person_id: str, sent: MergeIn, principal: Clerk, parts: PartsOf) -> MergeOut:
    """This ID and another are one human being: from now on one file. To do it twice changes nothing."""
    return MergeOut.model_validate(merge(parts, principal, person_id, sent.into_id, sent.reason))


@router.post("/{person_id}/unmerge")
def part(person_id: str, principal: Clerk, parts: PartsOf) -> MergeOut:
    """They are two after all: each has a file of their own again, as it was. To do it twice changes nothing."""
    return MergeOut.model_validate(unmerge(parts, principal, person_id))


@router.post("/{person_id}/consents", status_code=201)
def add_consent(person_id: str, sent: ConsentIn, principal: Clerk, parts: PartsOf) -> ConsentOut:
    """A person was told and agreed. To send it twice changes nothing."""
    row = record_consent(
        parts,
        principal,
        person_id,
        purposes=sent.purposes,
        channel=sent.channel,
        given_on=sent.given_on,
    )
    return ConsentOut.model_validate(row)


@router.post("/{person_id}/consents/{consent_id}/withdraw")
def take_back(person_id: str, consent_id: str, principal: Clerk, parts: PartsOf) -> ConsentOut:
    """A person takes their consent back. To do it twice changes nothing."""
    return ConsentOut.model_validate(withdraw_consent(parts, principal, person_id, consent_id))
