"""Rows of monthly tracking: who is followed from when, whose task that is in a month, and what came of each try.

Tasks carry no foreign key: a month of a million of them is made in seconds, and a person's row is never deleted.
"""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Column, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.registry.store.tables.base import Base, instant


class TrackingRow(Base, table=True):
    """A person is followed from a day on, because they arrived (`request_id`) or because a clerk said so.

    `displaced` are the spells of employment that the arrival cut or replaced, to be put back if it is taken back;
    `displaced_alone` those of the person's own, which are others where the person is of a merged file.
    """

    __tablename__: ClassVar[Any] = "tracking"
    __table_args__ = (
        Index("tracking_by_request", "request_id", unique=True),
        Index("tracking_by_person", "person_id", "opened_on"),
        Index("tracking_by_end", "closed_on", "id", postgresql_where=text("closed_on IS NOT NULL")),
        Index(
            "tracking_taken_back", "taken_back_at", "id", postgresql_where=text("taken_back_at IS NOT NULL")
        ),
    )

    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    request_id: str | None = Field(default=None, foreign_key="travel_request.id")
    enterprise_id: str | None = None
    area_code: str | None = None
    """Where they went to: the prefecture of the gate."""
    opened_on: date
    closed_on: date | None = None
    opened_at: datetime = instant()
    opened_by: str
    """A request's id, or a caller's subject."""
    taken_back_at: datetime | None = instant(nullable=True)
    displaced: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))
    displaced_alone: list[dict[str, Any]] = Field(
        default_factory=list, sa_column=Column(JSONB, nullable=False, server_default=text("'[]'"))
    )


class TrackingMonthRow(Base, table=True):
    """A month whose tasks are made, and on which day that was last done."""

    __tablename__: ClassVar[Any] = "tracking_month"

    month: date = Field(primary_key=True)
    made_on: date


class TrackingTaskRow(Base, table=True):
    """A followed file in one month, by the person whose file it is; whose list it was on when it was made, and how it stands.

    `record_id` is the record that stands; `outcome` is None while the task is open.
    """

    __tablename__: ClassVar[Any] = "tracking_task"
    __table_args__ = (
        Index("task_by_helper", "helper_id", "month"),
        Index("task_by_place", "month", "place_code"),
        Index("task_open", "month", "due_on", postgresql_where=text("outcome IS NULL")),
    )

    month: date = Field(primary_key=True)
    person_id: str = Field(primary_key=True)
    helper_id: str | None = None
    place_code: str
    due_on: date
    outcome: str | None = None
    record_id: str | None = None
    tries: int = 0
    done_on: date | None = None


class TrackingPastRow(Base, table=True):
    """How many tasks of a month came out as what (`''` as nothing) in a place, of those that have had their time."""

    __tablename__: ClassVar[Any] = "tracking_past"

    month: date = Field(primary_key=True)
    place_code: str = Field(primary_key=True)
    outcome: str = Field(primary_key=True)
    due_on: date = Field(primary_key=True)
    tasks: int


class TrackingRecordRow(Base, table=True):
    """What one try found, under an id that the device made; never changed, so none is lost and none counts twice.

    "The same employer" is kept with the employer that it meant.
    """

    __tablename__: ClassVar[Any] = "tracking_record"
    __table_args__ = (
        Index("record_by_task", "person_id", "month"),
        Index("record_by_age", "month", "id"),
    )

    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    month: date
    outcome: str
    enterprise_id: str | None = None
    area_code: str | None = None
    wage_band: str | None = None
    tried_at: datetime = instant()
    recorded_at: datetime = instant()
    received_at: datetime = instant()
    recorded_by: str
    digest: str
    """Of what was sent, to tell the same from something else under the same id."""
