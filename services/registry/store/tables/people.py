"""Rows of people: who they are, where they live and with whom, what they may be, where they work, and who helps them."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Column, DateTime, Index, text
from sqlmodel import Field

from services.registry.store.tables.base import Base, instant, sealed, texts


class PersonRow(Base, table=True):
    """One resident ID, found by its keyed fingerprint. Without `wrapped_key` the person is erased.

    `file_id` is the person whose file this is: their own, until a clerk finds that two IDs are one human being.
    """

    __tablename__: ClassVar[Any] = "person"
    __table_args__ = (
        Index("person_by_file", "file_id"),
        Index("merged_person", "file_id", postgresql_where=text("id <> file_id")),
    )

    id: str = Field(primary_key=True)
    file_id: str
    fingerprint: str = Field(unique=True)
    wrapped_key: bytes | None = sealed(nullable=True)
    resident_id_sealed: bytes = sealed()
    created_at: datetime = instant()


class FileRow(Base, table=True):
    """A person's file as it stands now: where they belong, who helps them. One of the registered population, or opened by an arrival."""

    __tablename__: ClassVar[Any] = "person_file"
    __table_args__ = (
        Index("file_by_place", "place_code", "person_id"),
        Index("file_by_household", "household_id"),
        Index("file_by_helper", "helper_id"),
    )

    person_id: str = Field(primary_key=True, foreign_key="person.id")
    place_code: str
    household_id: str | None = Field(default=None, foreign_key="household.id")
    helper_id: str | None = Field(default=None, foreign_key="helper.id")
    opened_at: datetime = instant()
    opened_by: str
    """An import's id, a request's id, or a caller's subject."""
    known_to: date | None = None
    """The latest day of which a register has told how things stood; what an older one says changes nothing since."""


class MergeRow(Base, table=True):
    """A clerk's word that two IDs are one human being, until it is taken back; then both files are as they were."""

    __tablename__: ClassVar[Any] = "person_merge"
    __table_args__ = (
        Index("one_standing_merge", "person_id", unique=True, postgresql_where=text("undone_at IS NULL")),
        Index("merge_by_into", "into_id"),
    )

    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    into_id: str = Field(foreign_key="person.id")
    reason_sealed: bytes = sealed()
    """In a clerk's own words, under the key of `person_id`."""
    merged_by: str
    merged_at: datetime = instant()
    undone_by: str | None = None
    undone_at: datetime | None = instant(nullable=True)


class StatementRow(Base, table=True):
    """What a source says of a person: a name, a phone, an education. All are kept; one of each kind stands.

    `value_fingerprint` tells equal values without opening them. `settled_by` is the clerk who chose it over others.
    Whoever writes one holds the person's row, so neither a foreign key nor a unique one is paid for with every row of
    every roster.
    """

    __tablename__: ClassVar[Any] = "statement"
    __table_args__ = (
        Index("statement_by_person", "person_id"),
        Index("one_stands", "person_id", "kind", unique=True, postgresql_where=text("stands")),
        Index("sought_by", "value_fingerprint", postgresql_where=text("kind IN ('name', 'phone')")),
    )

    id: str = Field(primary_key=True)
    """What said it, and the kind: `REQUEST-name`, `IMPORT-17-phone`, or a fresh one."""
    person_id: str
    kind: str
    value_fingerprint: str
    value_sealed: bytes = sealed()
    source: str
    """`roster/ID`, `import/ID`, `tracking/ID` or `clerk/SUBJECT`."""
    as_of: date
    stands: bool
    settled_by: str | None = None
    settled_at: datetime | None = instant(nullable=True)
    recorded_at: datetime = instant()


class HouseholdRow(Base, table=True):
    """A household by its number in the register, which is kept as a keyed fingerprint and sealed under the household's key."""

    __tablename__: ClassVar[Any] = "household"
    __table_args__ = (
        Index("household_by_place", "place_code", postgresql_ops={"place_code": "text_pattern_ops"}),
    )

    id: str = Field(primary_key=True)
    fingerprint: str = Field(unique=True)
    wrapped_key: bytes | None = sealed(nullable=True)
    number_sealed: bytes = sealed()
    place_code: str
    source: str
    created_at: datetime = instant()


class MembershipRow(Base, table=True):
    """A person belongs to a household for a spell; `has_labour`: counts as labour force in it."""

    __tablename__: ClassVar[Any] = "membership"
    __table_args__ = (
        Index(
            "membership_by_household",
            "household_id",
            "valid_from",
            postgresql_include=["valid_to", "person_id", "has_labour"],
        ),
    )

    person_id: str = Field(primary_key=True, foreign_key="person.id")
    valid_from: date = Field(primary_key=True)
    valid_to: date | None = None
    household_id: str = Field(foreign_key="household.id")
    relation: str
    has_labour: bool
    source: str


class ClassRow(Base, table=True):
    """A person is of a class (relocated, lifted out of poverty ...) for a spell, by the office's list that says so."""

    __tablename__: ClassVar[Any] = "person_class"

    person_id: str = Field(primary_key=True, foreign_key="person.id")
    category: str = Field(primary_key=True)
    valid_from: date = Field(primary_key=True)
    valid_to: date | None = None
    source: str


class Employment(Base):
    """The columns of a spell in which a person is employed."""

    person_id: str = Field(primary_key=True, foreign_key="person.id")
    valid_from: date = Field(primary_key=True)
    valid_to: date | None = None
    enterprise_id: str | None = None
    area_code: str
    source: str


class EmploymentRow(Employment, table=True):
    """A person is employed for a spell; two spells of one person do not overlap.

    `area_code` is where: a prefecture's or county's division code; `enterprise_id` is None where no registered one is named.
    """

    __tablename__: ClassVar[Any] = "employment"
    __table_args__ = (
        Index("one_employment_goes_on", "person_id", unique=True, postgresql_where=text("valid_to IS NULL")),
        Index(
            "employment_by_enterprise",
            "enterprise_id",
            "valid_from",
            postgresql_where=text("enterprise_id IS NOT NULL"),
        ),
    )


class EmploymentAloneRow(Employment, table=True):
    """Where a person of a merged file would be said to work had nobody been merged: by the words about this ID alone.

    Every word about one of them is said twice while the merge stands: of the file, whose spells are `employment` as
    everybody's are, and here. Parted, each goes on from here.
    """

    __tablename__: ClassVar[Any] = "employment_alone"


class HelperRow(Base, table=True):
    """A named helper (帮扶责任人): an official, by the id that is also the subject they sign in with."""

    __tablename__: ClassVar[Any] = "helper"
    __table_args__ = (Index("helper_by_place", "place_code"),)

    id: str = Field(primary_key=True)
    place_code: str
    wrapped_key: bytes | None = sealed(nullable=True)
    name_sealed: bytes = sealed()
    phone_sealed: bytes = sealed()
    registered_at: datetime = instant()


class AssignmentRow(Base, table=True):
    """Who helped a person from when to when."""

    __tablename__: ClassVar[Any] = "assignment"

    person_id: str = Field(primary_key=True, foreign_key="person.id")
    since: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    helper_id: str = Field(foreign_key="helper.id")
    by: str


class ConsentRow(Base, table=True):
    """A person was told what is done with their data and agreed to what is sensitive of it (PIPL articles 29 and 30)."""

    __tablename__: ClassVar[Any] = "consent"
    __table_args__ = (Index("consent_by_person", "person_id"),)

    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    notice_version: str
    purposes: list[str] = texts()
    channel: str
    given_on: date
    obtained_by: str
    recorded_at: datetime = instant()
    withdrawn_at: datetime | None = instant(nullable=True)
