"""Rows of households that have nobody employed: the task to help them, what was done, and each household's own plan."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Index, text
from sqlmodel import Field

from services.registry.store.tables.base import Base, instant, sealed


class ZeroTaskRow(Base, table=True):
    """A household with labour force had nobody employed from `fell_on` on, and it was known on `known_on`, from when the clocks run.

    The latest days are kept as the rules of that day had them. `outcome` says how it ended; a clerk who ends it says
    why in a note sealed under the household's key. A household has one that is open.
    """

    __tablename__: ClassVar[Any] = "zero_task"
    __table_args__ = (
        Index("one_open_zero_task", "household_id", unique=True, postgresql_where=text("outcome IS NULL")),
        Index("zero_task_by_household", "household_id", "fell_on"),
    )

    id: str = Field(primary_key=True)
    household_id: str = Field(foreign_key="household.id")
    fell_on: date
    known_on: date
    help_by: date
    clear_by: date
    opened_by: str
    outcome: str | None = None
    ended_on: date | None = None
    """The day since when somebody is employed, or on which it was closed."""
    closed_on: date | None = None
    closed_by: str | None = None
    by_hand: bool = False
    """A clerk closed it: what the facts say of the same fall opens no other."""
    note_sealed: bytes | None = sealed(nullable=True)


class ZeroHelpRow(Base, table=True):
    """One of "131" was done for a household: the guidance, the first to third job offer, the training.

    What was offered is sealed under the household's key.
    """

    __tablename__: ClassVar[Any] = "zero_help"

    task_id: str = Field(primary_key=True, foreign_key="zero_task.id")
    kind: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    done_on: date
    by: str
    recorded_at: datetime = instant()
    words_sealed: bytes | None = sealed(nullable=True)


class PlanStepRow(Base, table=True):
    """A step of a household's plan (one household, one policy); its words are sealed under the household's key."""

    __tablename__: ClassVar[Any] = "household_step"
    __table_args__ = (Index("step_by_household", "household_id", "id"),)

    id: str = Field(primary_key=True)
    household_id: str = Field(foreign_key="household.id")
    kind: str
    words_sealed: bytes | None = sealed(nullable=True)
    due_on: date | None = None
    planned_by: str
    planned_at: datetime = instant()
    done_on: date | None = None
    done_by: str | None = None
