"""Rows of the exchange with the provincial system: mappings, what was sent, how it was answered, what was taken from its files.

What was sent is kept as keyed digests: a file is made anew from what is known, never kept. Rows that were sent carry no
foreign key to a person: a month of a million of them is written in one COPY, and a person's row is never deleted.
"""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Column as SqlColumn
from sqlalchemy import Index, Text, text
from sqlmodel import Field

from services.registry.store.tables.base import Base, instant, sealed, texts


class MappingRow(Base, table=True):
    """A version of the column mapping that an operator added; the presets are not here."""

    __tablename__: ClassVar[Any] = "exchange_mapping"

    id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    document: str = Field(sa_column=SqlColumn(Text, nullable=False))
    added_by: str
    added_at: datetime = instant()


class ExportRow(Base, table=True):
    """A file of one area's month that was asked for: how far it is drawn up, how many rows, why, by whom."""

    __tablename__: ClassVar[Any] = "exchange_export"
    __table_args__ = (
        Index("export_by_area", "area_code", "id"),
        Index(
            "export_waits",
            "area_code",
            "month",
            "mapping_id",
            "only_changed",
            "reason",
            unique=True,
            postgresql_where=text("finished_at IS NULL AND failure IS NULL"),
        ),
    )

    id: str = Field(primary_key=True)
    mapping_id: str
    mapping_version: int
    area_code: str
    month: date
    only_changed: bool
    reason: str
    rows: int = 0
    removals: int = 0
    left_out: int = 0
    """People of the area whose row was not drawn up, for it is acknowledged as it is."""
    withheld: int = 0
    """Rows in which a column is empty because its person has not agreed, or not any more, that it is told."""
    exported_by: str
    exported_at: datetime = instant()
    due: int | None = None
    """People to go through; None until that is counted."""
    done: int = 0
    done_place: str = ""
    done_to: str = ""
    """The place and the person after whom it goes on."""
    finished_at: datetime | None = instant(nullable=True)
    """From here on it counts as sent, and its answers are waited for."""
    failure: str | None = None
    """The name of the error that ended it."""


class SentRow(Base, table=True):
    """A row of an export: whose month, a keyed digest of what it says, and the answer to it.

    `mapping_id` and `month` are the export's, so that the newest row of a person's month is found without it.
    """

    __tablename__: ClassVar[Any] = "exchange_row"
    __table_args__ = (
        Index("sent_by_person", "person_id", "mapping_id", "month", "export_id"),
        Index("sent_by_place", "mapping_id", "month", "place_code"),
    )

    export_id: str = Field(primary_key=True, foreign_key="exchange_export.id")
    row: int = Field(primary_key=True)
    mapping_id: str
    month: date
    person_id: str
    place_code: str
    change: str
    digest: str
    prior_token: str | None = None
    state: str
    reason_sealed: bytes | None = sealed(nullable=True)
    """Why it was refused, in their words, under the person's key."""
    answered_by: str | None = None
    """The receipt file's id."""
    answered_at: datetime | None = instant(nullable=True)


class ReceiptRow(Base, table=True):
    """A file of answers and its outcome. The same bytes from the same area, about the same export, are the same file."""

    __tablename__: ClassVar[Any] = "exchange_receipt"
    __table_args__ = (Index("receipt_content", "area_code", "about", "stamp", unique=True),)

    id: str = Field(primary_key=True)
    area_code: str
    about: str
    """The export that was named for it; empty where its rows bear their numbers."""
    stamp: str
    mapping_id: str
    mapping_version: int
    accepted: int
    refused: int
    unchanged: int
    unmatched: int
    received_by: str
    received_at: datetime = instant()


class ProvinceImportRow(Base, table=True):
    """A file of the provincial system that was taken in, and its outcome. The same bytes from the same area are the same file."""

    __tablename__: ClassVar[Any] = "province_import"
    __table_args__ = (Index("province_content", "area_code", "mapping_id", "stamp", unique=True),)

    id: str = Field(primary_key=True)
    area_code: str
    stamp: str
    mapping_id: str
    mapping_version: int
    fresh: int
    changed: int
    unchanged: int
    conflicts: int
    refused: int
    imported_by: str
    imported_at: datetime = instant()


class RefusedLineRow(Base, table=True):
    """A line of such a file that was not taken: its cells and reasons, sealed under a key of its own; codes for counting."""

    __tablename__: ClassVar[Any] = "province_refused"
    __table_args__ = (Index("province_refused_by_fingerprint", "fingerprint"),)

    import_id: str = Field(primary_key=True, foreign_key="province_import.id")
    row: int = Field(primary_key=True)
    codes: list[str] = texts()
    fingerprint: str | None = None
    wrapped_key: bytes | None = sealed(nullable=True)
    sealed: bytes = sealed()


class ProvinceStateRow(Base, table=True):
    """What the provincial system says of a person's month, where ours says nothing or something else (`differs`).

    It never replaces what a helper recorded: it is a second source beside it.
    """

    __tablename__: ClassVar[Any] = "province_state"
    __table_args__ = (Index("state_by_month", "month", "differs"),)

    person_id: str = Field(primary_key=True, foreign_key="person.id")
    month: date = Field(primary_key=True)
    import_id: str = Field(primary_key=True, foreign_key="province_import.id")
    employed: bool
    outcome: str | None = None
    enterprise_id: str | None = None
    area_code: str | None = None
    wage_band: str | None = None
    employer_sealed: bytes | None = sealed(nullable=True)
    """The employer's name in their words, under the person's key."""
    differs: bool
    counts_alone: bool | None = None
    """Of a merged file's person: whether it would be kept beside what we know of this ID alone; if not, it goes when they part."""
    differs_alone: bool | None = None
    """Of a merged file's person: whether it differs from what we would know of this ID alone."""
