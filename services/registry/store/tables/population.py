"""Rows of registers that were sent in: the file until it is done, how far it is, and what became of each row."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Index, text
from sqlmodel import Field

from services.registry.store.tables.base import Base, instant, sealed, texts


class PopulationRow(Base, table=True):
    """A register of people that was sent for an area. `done` is the last row of the sheet that is dealt with.

    The same bytes for the same area are the same import, unless it failed: a file that cannot be read to its end.
    """

    __tablename__: ClassVar[Any] = "population"
    __table_args__ = (
        Index(
            "population_content",
            "area_code",
            "sha256",
            unique=True,
            postgresql_where=text("failure IS NULL"),
        ),
    )

    id: str = Field(primary_key=True)
    area_code: str
    sha256: str
    kind: str
    """`xlsx` or `csv`."""
    file_name_sealed: bytes = sealed()
    layout_sealed: bytes = sealed()
    """Where its columns are, found when it was looked through; the name of a sheet may be anything."""
    wrapped_key: bytes | None = sealed(nullable=True)
    """None once nothing of the file is kept in full."""
    size: int
    rows: int
    """Rows of the sheet, its headings among them."""
    done: int = 0
    fresh: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    loaded_by: str
    loaded_at: datetime = instant()
    finished_at: datetime | None = instant(nullable=True)
    failure: str | None = None
    """The name of the error that ended it."""


class PopulationPieceRow(Base, table=True):
    """A piece of a file that is not done yet, sealed under the import's key."""

    __tablename__: ClassVar[Any] = "population_piece"

    population_id: str = Field(primary_key=True, foreign_key="population.id")
    number: int = Field(primary_key=True)
    sealed: bytes = sealed()


class PopulationOutcomeRow(Base, table=True):
    """What an accepted row did to its person's file: `new`, `changed` or `unchanged`."""

    __tablename__: ClassVar[Any] = "population_outcome"

    population_id: str = Field(primary_key=True)
    row: int = Field(primary_key=True)
    outcome: str
    person_id: str


class PopulationRefusedRow(Base, table=True):
    """A refused row, sealed under a key of its own, found for erasure by the fingerprint of its resident ID."""

    __tablename__: ClassVar[Any] = "population_refused"
    __table_args__ = (Index("population_refused_by_fingerprint", "fingerprint"),)

    population_id: str = Field(primary_key=True, foreign_key="population.id")
    row: int = Field(primary_key=True)
    codes: list[str] = texts()
    fingerprint: str | None = None
    wrapped_key: bytes | None = sealed(nullable=True)
    sealed: bytes = sealed()
