"""Routes of what the law lets a person ask of their own data, and of who may see it in full: reveal, accesses, copy, erase."""

import io
import zipfile
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, StringConstraints
from pydantic import Field as Given

from services.registry.api.incoming import Incoming
from services.registry.callers import CauseOf, Clerk, Operator, Page, PartsOf, Size
from services.registry.domain.privacy.reasons import Field, Reason, name_field
from services.registry.intake.book import Sheet, write_book
from services.registry.usecases.erase import erase_person
from services.registry.usecases.privacy.copy import CASES_ARE_TOLD_BY, Cell, Copy, copy_of
from services.registry.usecases.privacy.reveal import Access, reveal, show_accesses
from shared.http.attachment import attachment

router = APIRouter(prefix="/api/people", tags=["privacy"])
Reference = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]


class RevealIn(Incoming):
    """Why a person is to be shown in full, by which document or case, and what of them."""

    reason: Reason
    reference: Reference
    fields: list[Field] = Given(default_factory=lambda: list(Field), min_length=1, max_length=len(Field))


class RevealedOut(BaseModel):
    """What was asked for, in full: several values where a file is of several IDs."""

    person_id: str
    name: list[str] | None = None
    resident_id: list[str] | None = None
    phone: list[str] | None = None


class AccessOut(BaseModel):
    """Who was shown something of a person, when, what and what for."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    who: str
    roles: list[str]
    service: str
    purpose: str
    purpose_zh: str
    purpose_en: str
    fields: list[str]
    reference: str | None


class AccessesOut(BaseModel):
    """A page of the accesses to a person, newest first."""

    items: list[AccessOut]
    page: int
    size: int


class HeadingOut(BaseModel):
    """A column of the copy."""

    key: str
    zh: str
    en: str


class PartOut(BaseModel):
    """A table of the copy."""

    table: str
    zh: str
    en: str
    headings: list[HeadingOut]
    rows: list[list[Cell]]


class CopyOut(BaseModel):
    """All that the registry holds of a person as far as the caller may see it, who was shown any of it, and whom to ask for cases."""

    person_id: str
    made_at: datetime
    cases_zh: str = CASES_ARE_TOLD_BY[0]
    cases_en: str = CASES_ARE_TOLD_BY[1]
    parts: list[PartOut]
    accesses: list[AccessOut]


class ErasedOut(BaseModel):
    """Whose keys are destroyed."""

    person_id: str


@router.post("/{person_id}/reveal")
def reveal_person(
    person_id: str, body: RevealIn, principal: Clerk, parts: PartsOf, cause: CauseOf
) -> RevealedOut:
    """Show one person in full. It is written down who saw what and why, and the person can ask for that."""
    shown = reveal(parts, principal, person_id, body.reason, body.reference, set(body.fields), cause=cause)
    return RevealedOut(
        person_id=person_id, **{str(field): list(values) for field, values in shown.shown.items()}
    )


@router.get("/{person_id}/accesses")
def list_accesses(
    person_id: str, principal: Clerk, parts: PartsOf, page: Page = 1, size: Size = 50
) -> AccessesOut:
    """Who was shown anything of this person, newest first; for the person, when they ask."""
    with parts.database.session() as session:
        found = show_accesses(session, parts, principal, person_id, page=page, size=size)
    return AccessesOut(items=[_access(one) for one in found], page=page, size=size)


@router.get("/{person_id}/copy")
def copy_person(person_id: str, principal: Clerk, parts: PartsOf, cause: CauseOf) -> CopyOut:
    """All that is held of this person, in full, for the person (PIPL article 45); it is written down that it was made."""
    made = copy_of(parts, principal, person_id, cause=cause)
    return CopyOut(
        person_id=made.person_id,
        made_at=made.made_at,
        parts=[
            PartOut(
                table=one.table,
                zh=one.zh,
                en=one.en,
                headings=[HeadingOut(key=key, zh=entry.zh, en=entry.en) for key, entry in one.headings],
                rows=[list(row) for row in one.rows],
            )
            for one in made.parts
        ],
        accesses=[_access(one) for one in made.accesses],
    )


@router.get("/{person_id}/copy.zip", response_class=Response)
def copy_person_as_files(person_id: str, principal: Clerk, parts: PartsOf, cause: CauseOf) -> Response:
    """The same to be handed over: a workbook with Chinese headings, and the documents of the person's cases as they are."""
    made = copy_of(parts, principal, person_id, cause=cause)
    return attachment(f"copy-{person_id}.zip", as_archive(made), "application/zip")


@router.post("/{person_id}/erase")
def erase(person_id: str, principal: Operator, parts: PartsOf, cause: CauseOf) -> ErasedOut:
    """Erase a person for good, with all persons of their file. 409 while a journey of theirs is under way."""
    erase_person(parts, principal, person_id, cause=cause)
    return ErasedOut(person_id=person_id)


def as_archive(copy: Copy) -> bytes:
    """The workbook, and beside it the documents, each by the number that its line in the workbook has."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("copy.xlsx", as_book(copy))
        for one in copy.papers:
            archive.writestr(f"documents/{one.name}", one.content, zipfile.ZIP_STORED)
    return file.getvalue()


def as_book(copy: Copy) -> bytes:
    """A sheet for each table, one of who was shown something, and first whom to ask for cases."""
    accesses = [
        [
            one.at.isoformat(),
            one.who,
            "；".join(one.roles),
            one.service,
            one.purpose_zh,
            "；".join(name_field(field)[0] for field in one.fields),
            one.reference,
        ]
        for one in copy.accesses
    ]
    sheets = [Sheet(one.zh, [entry.zh for _, entry in one.headings], one.rows) for one in copy.parts]
    told = ["时间", "查阅人", "角色", "来源系统", "用途", "查阅内容", "依据文书"]
    note = Sheet("说明", ["说明"], [[CASES_ARE_TOLD_BY[0]]])
    return write_book([note, *sheets, Sheet("查阅记录", told, accesses)])


def _access(one: Access) -> AccessOut:
    return AccessOut.model_validate(one)
