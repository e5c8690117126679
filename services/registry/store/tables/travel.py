"""Rows of rosters, travel requests, enterprises, and what other offices' lists say."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.registry.store.tables.base import Base, instant, sealed, texts


class RosterRow(Base, table=True):
    """One uploaded file and its outcome. The same bytes from the same county are the same roster.

    Offices name files after people: the file's name is sealed, until its key is destroyed by age.
    """

    __tablename__: ClassVar[Any] = "roster"
    __table_args__ = (Index("roster_content", "county_code", "sha256", unique=True),)

    id: str = Field(primary_key=True)
    county_code: str
    file_name_sealed: bytes = sealed()
    sha256: str
    accepted: int
    refused: int
    wrapped_key: bytes | None = sealed(nullable=True)
    uploaded_by: str
    uploaded_at: datetime = instant()


class RefusedRowRow(Base, table=True):
    """A row that was not accepted: its cells and reasons, sealed under a key of its own; codes for counting.

    Found by the fingerprint of its resident ID where that could be read. Without `wrapped_key` it is erased.
    """

    __tablename__: ClassVar[Any] = "refused_row"
    __table_args__ = (Index("refused_by_fingerprint", "fingerprint"),)

    roster_id: str = Field(primary_key=True, foreign_key="roster.id")
    row: int = Field(primary_key=True)
    codes: list[str] = texts()
    fingerprint: str | None = None
    wrapped_key: bytes | None = sealed(nullable=True)
    sealed: bytes = sealed()


class RequestRow(Base, table=True):
    """One worker's wish to travel in one season. Name and phone are as this bureau wrote them.

    `phone_fingerprint` tells who shares a phone; an erased person's is None.
    """

    __tablename__: ClassVar[Any] = "travel_request"
    __table_args__ = (
        Index(
            "one_active_request",
            "person_id",
            "season",
            unique=True,
            postgresql_where=text("status <> 'withdrawn'"),
        ),
        Index("request_by_county", "county_code", "id"),
        Index("request_by_roster", "roster_id", "row"),
        Index("request_by_party", "party_id"),
        Index("request_by_trip", "trip_id"),
        Index("request_by_person", "person_id"),
        Index("request_by_phone", "season", "phone_fingerprint"),
        Index("request_by_organiser", "organiser_id", postgresql_where=text("organiser_id IS NOT NULL")),
    )

    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    name_sealed: bytes = sealed()
    phone_sealed: bytes = sealed()
    phone_fingerprint: str | None = None
    season: str
    party_id: str
    party_size: int
    county_code: str
    stop_code: str
    enterprise_id: str
    gate_id: str
    earliest: date
    latest: date
    category: str
    organising_mode: str
    organiser_id: str | None = None
    """The agency that organised the journey, by its credit code."""
    status: str
    version: int
    roster_id: str | None = Field(default=None, foreign_key="roster.id")
    row: int | None = None
    trip_id: str | None = None
    withdrawn_reason: str | None = None
    submitted_by: str
    submitted_at: datetime = instant()
    changed_at: datetime = instant()


class FactRow(Base, table=True):
    """The newest of its kind that another service told about a request and one round, pool or trip."""

    __tablename__: ClassVar[Any] = "request_fact"
    __table_args__ = (Index("fact_by_about", "about", "kind"),)

    request_id: str = Field(primary_key=True, foreign_key="travel_request.id")
    kind: str = Field(primary_key=True)
    about: str = Field(primary_key=True)
    value: str
    order: str
    version: int
    detail: dict[str, str] = Field(sa_column=Column(JSONB, nullable=False))
    at: datetime = instant()


class EnterpriseRow(Base, table=True):
    """An enterprise that takes workers, by its unified social credit code. `email` is a role mailbox."""

    __tablename__: ClassVar[Any] = "enterprise"

    id: str = Field(primary_key=True)
    name: str
    email: str | None = None
    version: int
    changed_at: datetime = instant()


class GateRow(Base, table=True):
    """One door of an enterprise; degrees, WGS-84."""

    __tablename__: ClassVar[Any] = "gate"
    __table_args__ = (Index("gate_name", "enterprise_id", "name", unique=True),)

    id: str = Field(primary_key=True)
    enterprise_id: str = Field(foreign_key="enterprise.id")
    name: str
    town_code: str
    prefecture_code: str
    lon: float
    lat: float


class OutsideListRow(Base, table=True):
    """A list about people that another office keeps, as one office loaded it. The same bytes from the same area are the same list.

    One that was wrong is withdrawn: its facts are gone, and it may be loaded again.
    """

    __tablename__: ClassVar[Any] = "outside_list"
    __table_args__ = (
        Index(
            "outside_content",
            "kind",
            "area_code",
            "sha256",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: str = Field(primary_key=True)
    kind: str
    area_code: str
    sha256: str
    accepted: int
    refused: int
    known_to: str | None = None
    """The latest month of an employment list, as long as its facts are kept."""
    loaded_by: str
    loaded_at: datetime = instant()
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = instant(nullable=True)


class OutsideFactRow(Base, table=True):
    """What one row of such a list says of whoever has a resident ID of that fingerprint, known to the registry or not.

    `period` is the year, month or day that it speaks of (ISO). No other trace of the person is kept.
    """

    __tablename__: ClassVar[Any] = "outside_fact"
    __table_args__ = (Index("outside_by_fingerprint", "fingerprint"),)

    list_id: str = Field(primary_key=True, foreign_key="outside_list.id")
    row: int = Field(primary_key=True)
    fingerprint: str
    kind: str
    period: str
    enterprise_id: str | None = None
    source: str | None = None
    amount_fen: int | None = None
    months: int | None = None


class AnswerRow(Base, table=True):
    """The first answer to an idempotency key of one caller, sealed, for a fault may quote what was sent; kept for days."""

    __tablename__: ClassVar[Any] = "idempotent_answer"

    principal: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    body_fingerprint: str
    wrapped_key: bytes = sealed()
    sealed: bytes | None = sealed(nullable=True)
    at: datetime = instant()


class AccessRow(Base, table=True):
    """Who was shown whose full personal data, had them checked or traced, or had it erased, when and what for (PIPL articles 51 and 55)."""

    __tablename__: ClassVar[Any] = "access_log"
    __table_args__ = (
        Index("access_by_person", "person_ids", postgresql_using="gin"),
        Index("access_by_request", "request_ids", postgresql_using="gin"),
        Index("access_by_time", "at"),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True, autoincrement=True))
    at: datetime = instant()
    subject: str
    service: str
    purpose: str
    request_ids: list[str] = texts()
    correlation_id: str
    person_ids: list[str] = texts()
    """Whose data it were, so that each of them can ask for it."""
    roles: list[str] = texts()
    fields: list[str] = texts()
    """Which kinds of data were shown; none where that follows from `purpose`."""
    reference_sealed: bytes | None = sealed(nullable=True)
    """The document or case that the reader named, under the key of the first of `person_ids`."""
    place_code: str | None = None
    """Where the entry tells of a case: the place of the office that it is told to, and to those above it."""
