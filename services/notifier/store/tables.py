"""Knows the notifier's rows; refuses to hold anything personal: a worker is a request id here."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Column, DateTime, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel


class Base(SQLModel, registry=registry()):
    """The base of this service's tables, so that two services' tables meet in no registry."""


def _instant(nullable: bool = False) -> Any:
    return Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=nullable))


def _json() -> Any:
    return Field(sa_column=Column(JSONB, nullable=False))


class TripRow(Base, table=True):
    """A trip as the dispatcher last told it (`version`), and how far it is."""

    __tablename__: ClassVar[Any] = "trip"

    trip_id: str = Field(primary_key=True)
    version: int
    season: str
    day: date = Field(index=True)
    county_code: str = Field(index=True)
    prefecture_code: str
    carrier_id: str = Field(index=True)
    carrier_name: str
    coach_type: str
    seats_approved: int
    drivers: int
    stops: list[dict[str, Any]] = _json()
    departs_at: datetime = _instant()
    arrives_at: datetime = _instant()
    state: str
    departed_at: datetime | None = _instant(nullable=True)


class RiderRow(Base, table=True):
    """One request's seat on a trip, what the escort marked and what the enterprise said; its `note` is sealed.

    `riding` is false once the seat was taken away; the row stays, for what was told and confirmed before.
    `version` counts what we have told others about this rider; `erased`: of this person no word is kept any more.
    """

    __tablename__: ClassVar[Any] = "rider"
    __table_args__ = (
        Index("rider_enterprise", "enterprise_id", "trip_id"),
        Index("rider_request", "request_id"),
    )

    trip_id: str = Field(sa_column=Column(Text, ForeignKey("trip.trip_id"), primary_key=True))
    request_id: str = Field(primary_key=True)
    party_id: str
    stop_code: str
    enterprise_id: str
    gate_id: str
    correlation_id: str
    """The chain of the upload that the request came by."""
    riding: bool = True
    presence: str = "expected"
    marked_at: datetime | None = _instant(nullable=True)
    outcome: str | None = None
    reason: str | None = None
    note: bytes | None = None
    erased: bool = False
    first_answered_at: datetime | None = _instant(nullable=True)
    version: int = 0


class CancellationRow(Base, table=True):
    """A trip that does not run, from `version` on; kept for a publication of it that is heard of later."""

    __tablename__: ClassVar[Any] = "cancellation"

    trip_id: str = Field(primary_key=True)
    version: int


class WithdrawalRow(Base, table=True):
    """A request that was taken back: it rides no trip, however late that trip is heard of."""

    __tablename__: ClassVar[Any] = "withdrawal"

    request_id: str = Field(primary_key=True)
    version: int


class OrganisationRow(Base, table=True):
    """A carrier's or an enterprise's name and role mailbox, as last told; never a person's mailbox."""

    __tablename__: ClassVar[Any] = "organisation"

    audience: str = Field(primary_key=True)
    ref: str = Field(primary_key=True)
    version: int
    name: str
    email: str | None = None


class NoticeRow(Base, table=True):
    """One notice: what was said to whom, and what became of it. Its id is the provider's idempotency key.

    `body` has the place of a link, not the link. `attempts` counts tries; `handed_over` once one may have reached somebody; `latest` marks
    the last word to this recipient on this trip, `known_before` one whose recipient had heard of it already;
    `next_at` is when it is due, or until when a sender holds it.
    """

    __tablename__: ClassVar[Any] = "notice"
    __table_args__ = (
        Index("notice_due", "medium", "next_at", postgresql_where=text("state = 'pending'")),
        Index("notice_trip", "trip_id"),
        Index("notice_recipient", "recipient_ref"),
        Index("notice_newest", "created_at", "notice_id"),
    )

    notice_id: str = Field(primary_key=True)
    trip_id: str
    county_code: str
    audience: str
    recipient_ref: str
    medium: str
    kind: str
    facts: dict[str, Any] = _json()
    subject: str
    body: str
    state: str
    fault: str | None = None
    attempts: int = 0
    created_at: datetime = _instant()
    next_at: datetime = _instant()
    expires_at: datetime = _instant()
    link_expires_at: datetime = _instant()
    sent_at: datetime | None = _instant(nullable=True)
    latest: bool = True
    known_before: bool = False
    handed_over: bool = False
    correlation_id: str
    cause_id: str | None = None


class SubscriptionRow(Base, table=True):
    """Where an organisation takes webhooks. The signing secret follows from the keyring and `generation`."""

    __tablename__: ClassVar[Any] = "subscription"

    organisation: str = Field(primary_key=True)
    url: str
    generation: str
    created_at: datetime = _instant()


class OpenedLinkRow(Base, table=True):
    """A link that was opened, and the mark of the device that did: nobody else opens it again."""

    __tablename__: ClassVar[Any] = "opened_link"

    jti: str = Field(primary_key=True)
    purpose: str
    trip_id: str
    device: str
    opened_at: datetime = _instant()
