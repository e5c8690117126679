"""Rows of workers' cases: what is said in them is sealed under the worker's key. No other table points here."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, Index, text
from sqlmodel import Field

from services.registry.store.tables.base import Base, instant, sealed, texts


class CaseRow(Base, table=True):
    """A worker's case as it stands. Its id says nothing: not when it was opened, nor of whom.

    `handler_area` is the division of the rights office that it was handed to, `is_accepted` whether that office has
    taken it. `due_on` is the first of the days by which something must have happened.
    """

    __tablename__: ClassVar[Any] = "rights_case"
    __table_args__ = (
        Index("case_by_place", "place_code", "due_on"),
        Index("case_by_handler", "handler_area", "due_on"),
        Index("case_by_person", "person_id"),
        Index("case_kept_apart", "erasure_asked_at", postgresql_where=text("erasure_asked_at IS NOT NULL")),
    )

    id: str = Field(primary_key=True)
    opening: str = Field(unique=True)
    """By what it was opened: the same opening again is the same case."""
    person_id: str = Field(foreign_key="person.id")
    place_code: str
    case_type: str
    state: str
    channel: str
    """How it came in: `link`, `phone` or `helper`."""
    opened_by: str
    opened_at: datetime = instant()
    known_on: date
    is_employed: bool
    employed_until: date | None = None
    enterprise_id: str | None = None
    request_id: str | None = None
    trip_id: str | None = None
    claimed_fen: int | None = Field(default=None, sa_column=Column(BigInteger))
    facts_sealed: bytes = sealed()
    handler_area: str | None = None
    is_accepted: bool = False
    due_on: date | None = None
    outcome: str | None = None
    outcome_fen: int | None = Field(default=None, sa_column=Column(BigInteger))
    decided_on: date | None = None
    closed_at: datetime | None = instant(nullable=True)
    erasure_asked_at: datetime | None = instant(nullable=True)
    """The worker was erased on that day, of which no more than its beginning stands here: the case goes on under a key of its own
    (`person_id` is nobody but this case's), and is destroyed once it is over."""


class CaseStepRow(Base, table=True):
    """One thing that was done in a case, from which state to which. Only added."""

    __tablename__: ClassVar[Any] = "rights_step"

    case_id: str = Field(primary_key=True, foreign_key="rights_case.id")
    number: int = Field(primary_key=True)
    act: str
    from_state: str
    to_state: str
    day: date
    by: str
    at: datetime = instant()
    note_sealed: bytes | None = sealed(nullable=True)


class CaseClockRow(Base, table=True):
    """One clock of a case, by the rules in force when it began; `pauses` are `FIRST/NEXT`, or `FIRST/` as long as it stands."""

    __tablename__: ClassVar[Any] = "rights_clock"

    case_id: str = Field(primary_key=True, foreign_key="rights_case.id")
    number: int = Field(primary_key=True)
    kind: str
    rules: str
    begins_on: date
    extension: int = 0
    pauses: list[str] = texts()
    due_on: date | None = None
    is_provisional: bool = False
    ended_on: date | None = None


class CaseDocumentRow(Base, table=True):
    """A document of a case; name and content are sealed under the worker's key."""

    __tablename__: ClassVar[Any] = "rights_document"
    __table_args__ = (Index("document_once", "case_id", "stamp", unique=True),)

    id: str = Field(primary_key=True)
    case_id: str = Field(foreign_key="rights_case.id")
    stamp: str
    """The same for the same bytes, told by the installation's key alone."""
    sha256_sealed: bytes = sealed()
    media: str
    size: int
    name_sealed: bytes = sealed()
    content_sealed: bytes = sealed()
    added_by: str
    added_at: datetime = instant()


class CaseConsentRow(Base, table=True):
    """The worker was told what it is for and agreed that what they say is used to pursue the case (PIPL article 29).

    It stands with the case and not with the person's other consents, which more may see than may know of the case.
    """

    __tablename__: ClassVar[Any] = "rights_consent"

    case_id: str = Field(primary_key=True, foreign_key="rights_case.id")
    notice_version: str
    channel: str
    """As the case came in: `link`, `phone` or `helper`."""
    given_on: date
    obtained_by: str
    recorded_at: datetime = instant()


class CasePastRow(Base, table=True):
    """How many cases of a type were opened in a place's month, of those that have had their time."""

    __tablename__: ClassVar[Any] = "rights_past"

    place_code: str = Field(primary_key=True)
    month: date = Field(primary_key=True)
    case_type: str = Field(primary_key=True)
    cases: int


class RightsLinkRow(Base, table=True):
    """A link by which a worker opens a case, by its name; whose it is stands here alone and not in the link."""

    __tablename__: ClassVar[Any] = "rights_link"

    jti: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    place_code: str
    request_id: str | None = None
    """What the worker is asked whether it is about: a request that whoever made the link may see."""
    made_by: str
    made_at: datetime = instant()
    expires_at: datetime = instant()
    device: str | None = None
    """A fingerprint of the one device that opened it."""
    opened_at: datetime | None = instant(nullable=True)
