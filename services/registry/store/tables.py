"""Knows the registry's rows. A name, a resident ID or a phone is only ever bytes sealed under a key that can be destroyed.

Instants are aware UTC. County codes are six digits (GB/T 2260, edition of spring 2020).
"""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, DateTime, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel


class Base(SQLModel, registry=registry()):
    """The base of this service's tables, so that two services' tables meet in no registry."""


def _instant() -> Any:
    return Field(sa_column=Column(DateTime(timezone=True), nullable=False))


def _sealed(nullable: bool = False) -> Any:
    return Field(sa_column=Column(LargeBinary, nullable=nullable))


def _texts() -> Any:
    return Field(sa_column=Column(ARRAY(Text), nullable=False))


class PersonRow(Base, table=True):
    """One worker, found by a keyed fingerprint of the resident ID. Without `wrapped_key` they are erased."""

    __tablename__: ClassVar[Any] = "person"

    id: str = Field(primary_key=True)
    fingerprint: str = Field(unique=True)
    wrapped_key: bytes | None = _sealed(nullable=True)
    resident_id_sealed: bytes = _sealed()
    created_at: datetime = _instant()


class RosterRow(Base, table=True):
    """One uploaded file and its outcome. The same bytes from the same county are the same roster.

    Offices name files after people: the file's name is sealed, until its key is destroyed by age.
    """

    __tablename__: ClassVar[Any] = "roster"
    __table_args__ = (Index("roster_content", "county_code", "sha256", unique=True),)

    id: str = Field(primary_key=True)
    county_code: str
    file_name_sealed: bytes = _sealed()
    sha256: str
    accepted: int
    refused: int
    wrapped_key: bytes | None = _sealed(nullable=True)
    uploaded_by: str
    uploaded_at: datetime = _instant()


class RefusedRowRow(Base, table=True):
    """A row that was not accepted: its cells and reasons, sealed under a key of its own; codes for counting.

    Found by the fingerprint of its resident ID where that could be read. Without `wrapped_key` it is erased.
    """

    __tablename__: ClassVar[Any] = "refused_row"
    __table_args__ = (Index("refused_by_fingerprint", "fingerprint"),)

    roster_id: str = Field(primary_key=True, foreign_key="roster.id")
    row: int = Field(primary_key=True)
    codes: list[str] = _texts()
    fingerprint: str | None = None
    wrapped_key: bytes | None = _sealed(nullable=True)
    sealed: bytes = _sealed()


class RequestRow(Base, table=True):
    """One worker's wish to travel in one season. Name and phone are as this bureau wrote them."""

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
    )

    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    name_sealed: bytes = _sealed()
    phone_sealed: bytes = _sealed()
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
    status: str
    version: int
    roster_id: str | None = Field(default=None, foreign_key="roster.id")
    row: int | None = None
    trip_id: str | None = None
    withdrawn_reason: str | None = None
    submitted_at: datetime = _instant()
    changed_at: datetime = _instant()


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
    at: datetime = _instant()


class EnterpriseRow(Base, table=True):
    """An enterprise that takes workers, by its unified social credit code. `email` is a role mailbox."""

    __tablename__: ClassVar[Any] = "enterprise"

    id: str = Field(primary_key=True)
    name: str
    email: str | None = None
    version: int
    changed_at: datetime = _instant()


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


class AnswerRow(Base, table=True):
    """The first answer to an idempotency key of one caller, sealed, for a fault may quote what was sent; kept for days."""

    __tablename__: ClassVar[Any] = "idempotent_answer"

    principal: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    body_fingerprint: str
    wrapped_key: bytes = _sealed()
    sealed: bytes | None = _sealed(nullable=True)
    at: datetime = _instant()


class AccessRow(Base, table=True):
    """Who was shown whose full personal data or had it erased, when and what for (PIPL articles 51 and 55)."""

    __tablename__: ClassVar[Any] = "access_log"

    id: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True, autoincrement=True))
    at: datetime = _instant()
    subject: str
    service: str
    purpose: str
    request_ids: list[str] = _texts()
    correlation_id: str
